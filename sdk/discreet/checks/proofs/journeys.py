"""From sound models to the rules that proofs reason about, by the compiler that serves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from discreet.compiler import compile_models
from discreet.model.progress import Progress, unheard
from discreet_consent import Catalogue

from .rules import ConditionRules, Journeys, OfferRules, PlacementRules, Rules, StageRules
from .trees import Joint

if TYPE_CHECKING:
    from discreet.compiler.program import ModelProgram
    from discreet.model import Model


def journeys_of(models: Sequence[Model], progress: Progress = unheard) -> Journeys:
    """The rules of sound models of one bundle: their trees as the compiler makes them.

    Raises:
        ModelError: the models do not compile.
    """
    program = compile_models(models, progress)
    catalogue = Catalogue(program.attributes)
    joint = Joint()
    rules = tuple(
        _ModelRules(model, compiled, joint).rules()
        for model, compiled in zip(models, program.models, strict=True)
    )
    own = tuple(range(len(program.attributes)))
    return Journeys(
        program.attributes, tuple(joint.conditions), rules, own, catalogue, tuple(_ranges(models, catalogue))
    )


def _ranges(
    models: Sequence[Model], catalogue: Catalogue
) -> Iterator[tuple[int, float | None, float | None]]:
    found = {(name, *ends) for model in models for name, ends in model.ranges.items()}
    for name, low, high in sorted(found, key=str):
        yield catalogue.slots[name], low, high


class _ModelRules:
    def __init__(self, model: Model, compiled: ModelProgram, joint: Joint) -> None:
        self._model = model
        self._compiled = compiled
        self._joint = joint
        self._first = joint.add([tree for _, _, tree in compiled.conditions])

    def rules(self) -> Rules:
        offers = self._offers()
        return Rules(
            id=self._model.id,
            channel=self._model.channel,
            stages=self._stages(),
            conditions=self._conditions(),
            offers=offers,
            placements=self._placements(offers),
        )

    def _conditions(self) -> tuple[ConditionRules, ...]:
        said = {each.id: each for each in self._model.conditions}
        return tuple(
            ConditionRules(
                name,
                self._first + number,
                says,
                self._joint.conditions[self._first + number],
                said[name].segment,
                said[name].place,
            )
            for number, (name, says, _) in enumerate(self._compiled.conditions)
        )

    def _stages(self) -> tuple[StageRules, ...]:
        return tuple(
            StageRules(name, number, self._joint.tree(tree, self._first), said.place)
            for number, ((name, tree), said) in enumerate(
                zip(self._compiled.stages, self._model.stages, strict=True)
            )
        )

    def _offers(self) -> tuple[OfferRules, ...]:
        order = sorted(self._model.offers, key=lambda offer: (-offer.priority, offer.id))
        ranks = {offer.id: rank for rank, offer in enumerate(order)}
        return tuple(
            OfferRules(
                id=offer.id,
                number=number,
                stages=compiled.stages,
                tree=self._joint.tree(compiled.tree, self._first),
                from_ms=compiled.from_ms,
                until_ms=compiled.until_ms,
                priority_rank=ranks[offer.id],
                placements=offer.placements,
                content=offer.content,
                waives=compiled.waives,
                place=offer.place,
            )
            for number, (offer, compiled) in enumerate(
                zip(self._model.offers, self._compiled.offers, strict=True)
            )
        )

    def _placements(self, offers: Sequence[OfferRules]) -> tuple[PlacementRules, ...]:
        return tuple(
            PlacementRules(
                compiled.id,
                number,
                compiled.fallback,
                ranked([offers[offer] for offer in compiled.offers]),
                said.place,
            )
            for number, (compiled, said) in enumerate(
                zip(self._compiled.placements, self._model.placements, strict=True)
            )
        )


def ranked(offers: Sequence[OfferRules]) -> tuple[tuple[int, int], ...]:
    """Each of the offers with each of its stages, best first: the further stage, then the better rank."""
    pairs = [(-stage, offer.priority_rank, offer.number) for offer in offers for stage in offer.stages]
    return tuple((-stage, number) for stage, _, number in sorted(pairs))
