"""From a decoded bundle to the rules that proofs reason about: what is served, read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discreet.runtime import kleene as k
from discreet.runtime.clauses import descending
from discreet.runtime.content import Template
from discreet.runtime.readback import Readback

from .rules import ConditionRules, Journeys, OfferRules, PlacementRules, Rules, StageRules
from .trees import Joint

if TYPE_CHECKING:
    from discreet.runtime.bundle import Bundle, CompiledModel
    from discreet.runtime.clauses import Clauses
    from discreet.runtime.kleene import Tree


def journeys_of_bundle(bundle: Bundle) -> Journeys:
    """The rules of a decoded bundle. It knows no places, and not which conditions are segments.

    Of an offer that never competes, the condition did not travel. Of one that can never be eligible, nothing is
    ranked. Ranks among offers that share no stage are made up.
    """
    joint = Joint()
    rules = tuple(_ModelRules(model, bundle, joint).rules() for model in bundle.models)
    attributes = bundle.catalogue.attributes
    return Journeys(
        attributes, tuple(joint.conditions), rules, tuple(range(len(attributes))), bundle.catalogue
    )


class _ModelRules:
    def __init__(self, model: CompiledModel, bundle: Bundle, joint: Joint) -> None:
        self._model = model
        self._names = [each.name for each in bundle.catalogue]
        self._joint = joint
        self._first = joint.add([each.tree for each in model.conditions])
        self._bits = _best_bits(model.clauses)

    def rules(self) -> Rules:
        model = self._model
        return Rules(
            id=model.id,
            channel=model.channel,
            stages=tuple(
                StageRules(name, number, self._joint.tree(tree, self._first))
                for number, (name, tree) in enumerate(zip(model.stages, model.stage_trees, strict=True))
            ),
            conditions=tuple(
                ConditionRules(
                    each.id, self._first + number, each.says, self._joint.conditions[self._first + number]
                )
                for number, each in enumerate(model.conditions)
            ),
            offers=self._offers(),
            placements=self._placements(),
        )

    def _offers(self) -> tuple[OfferRules, ...]:
        model = self._model
        readback = Readback(model.index)
        bit_of = {offer: bit for (_, offer), bit in self._bits.items()}
        ranks = {offer: rank for rank, offer in enumerate(dict.fromkeys(offer for _, offer in self._bits))}
        placed: dict[int, list[str]] = {}
        for placement in model.placements.values():
            for offer in placement.competing:
                placed.setdefault(offer, []).append(placement.id)
        waived = model.certificate.waived
        return tuple(
            OfferRules(
                id=offer.id,
                number=offer.number,
                stages=offer.stages,
                tree=self._joint.tree(self._tree(offer.number, offer.stages, bit_of, readback), self._first),
                from_ms=offer.window[0],
                until_ms=offer.window[1],
                priority_rank=ranks.get(offer.number, len(ranks) + offer.number),
                placements=tuple(placed.get(offer.number, ())),
                content=self._content(model.offers.contents.unfilled(offer.number)),
                waives=offer.id in waived,
            )
            for offer in model.offers
        )

    def _tree(
        self, offer: int, stages: tuple[int, ...], bit_of: dict[int, int], readback: Readback
    ) -> Tree | None:
        own = self._model.offers.trees.get(offer)
        if own is not None or not stages:
            return own
        return (
            readback.tree(bit_of[offer]) if offer in bit_of else [k.SOME]
        )  # without a clause it never holds

    def _placements(self) -> tuple[PlacementRules, ...]:
        found: list[PlacementRules] = []
        for number, placement in enumerate(self._model.placements.values()):
            competing = frozenset(placement.competing)
            ranked = tuple(pair for pair in self._bits if pair[1] in competing)
            found.append(PlacementRules(placement.id, number, placement.fallback, ranked))
        return tuple(found)

    def _content(self, value: Any) -> Any:
        """Content as the author wrote it."""
        if isinstance(value, str):
            return _braced(value)
        if isinstance(value, Template):
            parts = (
                _braced(part) if isinstance(part, str) else f"{{{self._names[part[0]]}|{part[1]}}}"
                for part in value.parts
            )
            return "".join(parts)
        if isinstance(value, dict):
            return {key: self._content(each) for key, each in value.items()}
        return [self._content(each) for each in value] if isinstance(value, list) else value


def _best_bits(clauses: Clauses) -> dict[tuple[int, int], int]:
    """For each stage with each of its offers the best clause, best first; a stage that nothing enters has none."""
    _, in_first = clauses.stages(0)
    rows = {0: in_first}
    for bit in range(clauses.first):
        stage, row = clauses.stages(1 << bit)
        rows.setdefault(stage, row & ~in_first)
    best: dict[tuple[int, int], int] = {}
    for stage in sorted(rows, reverse=True):
        for bit in descending(rows[stage]):
            best.setdefault((stage, clauses.offers[bit - clauses.first]), bit)
    return best


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
