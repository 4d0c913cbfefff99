"""Whether the models of one bundle agree on what one visitor is told: exclusive offers, one offer's content, promises.

Asked of one visitor at one instant under one consent, over all placements of all models together. A placement shows one
offer: what `top` beyond the first would show is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from discreet.model import Place
from discreet.model.progress import Progress, unheard

from .changes_ladders import shows
from .codes import found
from .printed import Readings, Said
from .proofs import Either, Every, Undecided, eligible, falls_back, negated

if TYPE_CHECKING:
    from discreet.model import Model, Offer

    from .findings import Finding
    from .proofs import Journeys, Prover, Requirement, Rules, Visitor


def disagreements(
    models: Sequence[Model], journeys: Journeys, prover: Prover, progress: Progress = unheard
) -> Iterator[Finding]:
    """D501, D502 and D503, each with a visitor who shows it; D902 for an offer of which it could not be decided.

    Args:
        models: The models of which `journeys` and `prover` are.
    """
    offers = [
        _Said(model, journeys.model(model.id), offer, _slots(model, offer))
        for model in models
        for offer in model.offers
    ]
    questions = [*_exclusive(offers), *_contents(offers, journeys), *_promises(offers, models, journeys)]
    for done, question in enumerate(questions):
        progress("comparing channels", done, len(questions))
        finding = question.asked_of(prover)
        if finding is not None:
            yield finding
    progress("comparing channels", len(questions), len(questions))


@dataclass(frozen=True, slots=True)
class _Said:
    """An offer in a model, and the placements that can show it."""

    model: Model
    rules: Rules
    offer: Offer
    slots: tuple[str, ...]

    @property
    def place(self) -> Place:
        return self.offer.place or self.model.place or Place(f"<{self.model.id}>", 1, 1)

    def shown(self, slot: str) -> Requirement:
        return shows(self.rules, slot, self.offer.id)


@dataclass(frozen=True, slots=True)
class _Question:
    """What nobody may fulfil, and what is said of whoever does. `ways` are places with what one fulfils there."""

    code: str
    of: tuple[_Said, ...]
    ways: tuple[tuple[str, Requirement], ...]
    message: str  # `{way}` and `{keys}` stand for the way, and for what `readings` finds
    suggestion: str
    readings: Readings | None = None  # where they must also read something else

    def asked_of(self, prover: Prover) -> Finding | None:
        first = self.of[0]
        try:
            witness = self._witness(prover)
        except Undecided:
            message = f"whether {self._about()} is too much to decide"
            return self._found("D902", first.offer.id, message, None)
        if witness is None:
            return None
        way = next(where for where, each in self.ways if prover.holds(each, witness))
        keys = () if self.readings is None else self.readings.differing(witness, self.readings.where)
        said = self.message.format(way=way, keys=", ".join(f"`{key}`" for key in keys))
        return self._found(self.code, first.offer.id, said, witness)

    def _witness(self, prover: Prover) -> Visitor | None:
        asked = Either(tuple(each for _, each in self.ways))
        if self.readings is None:
            return prover.find(asked)
        found = self.readings.find(prover, asked)
        return None if found is None else found[0]

    def _about(self) -> str:
        return f"{self.code} holds of {_named(self.of)}"

    def _found(self, code: str, subject: str, message: str, witness: Visitor | None) -> Finding:
        return found(
            code,
            self.of[0].place,
            subject,
            message,
            witness=witness,
            also=tuple(each.place for each in self.of[1:] if each.place != self.of[0].place),
            suggestion=None if witness is None else self.suggestion,
            models=tuple(dict.fromkeys(each.model.id for each in self.of)),
        )


def _slots(model: Model, offer: Offer) -> tuple[str, ...]:
    """The placements of the model that can show the offer, in the model's order."""
    return tuple(
        each.id for each in model.placements if each.id in offer.placements or each.fallback == offer.id
    )


def _named(offers: Iterable[_Said]) -> str:
    return " and ".join(dict.fromkeys(f"`{each.offer.id}`" for each in offers))


def _exclusive(offers: Sequence[_Said]) -> Iterator[_Question]:
    """Offers of different ids in one group, each pair of ids once."""
    groups: dict[str, dict[str, list[_Said]]] = {}
    for each in offers:
        if each.offer.exclusive is not None and each.slots:
            groups.setdefault(each.offer.exclusive, {}).setdefault(each.offer.id, []).append(each)
    for group, by_id in groups.items():
        for one, other in combinations(by_id.values(), 2):
            ways = tuple(_together(one, other))
            if ways:
                yield _Question(
                    "D501",
                    (*one, *other),
                    ways,
                    f"{_named((*one, *other))} exclude each other (`{group}`), and one visitor sees both, {{way}}",
                    "give one of them a condition that the other excludes, or place them where only one can show",
                )


def _contents(offers: Sequence[_Said], journeys: Journeys) -> Iterator[_Question]:
    """Offers of one id in two models that somebody may read otherwise under a key that both have."""
    by_id: dict[str, list[_Said]] = {}
    for each in offers:
        by_id.setdefault(each.offer.id, []).append(each)
    for name, said in by_id.items():
        for one, other in combinations(said, 2):
            shared = one.offer.content.keys() & other.offer.content.keys()
            both = ({key: each.offer.content[key] for key in shared} for each in (one, other))
            readings = Readings(*(Said(content, journeys) for content in both))
            ways = tuple(_together([one], [other])) if readings.where else ()
            if ways:
                yield _Question(
                    "D502",
                    (one, other),
                    ways,
                    f"`{name}` differs in {{keys}} between `{one.model.id}` and `{other.model.id}`, "
                    "and one visitor sees both, {way}",
                    "say it once, in a file that both include, or under two ids",
                    readings,
                )


def _together(one: Sequence[_Said], other: Sequence[_Said]) -> Iterator[tuple[str, Requirement]]:
    """Every two placements of which the one can show the one and the other the other."""
    for left in one:
        for right in other:
            for a in left.slots:
                for b in right.slots:
                    if a != b:
                        yield f"at `{a}` and at `{b}`", Every((left.shown(a), right.shown(b)))


def _promises(offers: Sequence[_Said], models: Sequence[Model], journeys: Journeys) -> Iterator[_Question]:
    """Offers that are promised elsewhere, where the channel is one of the models'."""
    by_channel = {model.channel: model for model in models}
    for said in offers:
        for channel in said.offer.promises:
            model = by_channel.get(channel)
            if model is None or not said.slots:
                continue
            kept = _kept(said.offer.id, model, journeys.model(model.id))
            broken = [negated(each) for each in kept]
            ways = tuple((f"at `{slot}`", Every((said.shown(slot), *broken))) for slot in said.slots)
            cannot = "has no such offer" if not kept else "cannot show it to them"
            yield _Question(
                "D503",
                (said, *(each for each in offers if each.model is model and each.offer.id == said.offer.id)),
                ways,
                f"`{said.offer.id}` promises `{channel}` to a visitor who sees it {{way}}, "
                f"and `{model.id}` {cannot}",
                f"let `{model.id}` offer it to all who are promised it, or promise less",
            )


def _kept(name: str, model: Model, rules: Rules) -> list[Requirement]:
    """In which ways the model can show an offer of that id: it is eligible, or serves as a fallback."""
    offer = next((each for each in model.offers if each.id == name), None)
    if offer is None:
        return []
    ways: list[Requirement] = [eligible(rules, name)] if offer.placements else []
    return ways + [falls_back(rules, each.id) for each in model.placements if each.fallback == name]
