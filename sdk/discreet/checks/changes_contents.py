"""Offers that both sides show to the same visitor, who reads something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .changes_found import ContentChange, Unproven
from .changes_ladders import shows
from .printed import Readings, Said
from .proofs import Either, Every, Undecided

if TYPE_CHECKING:
    from .changes_found import Consents
    from .changes_search import Comparison
    from .proofs import Journeys, Requirement, Rules, Visitor

_MOST_TRIES = 4  # visitors with least consents for whom both texts happen to be the same


def content_changes(
    shared: Sequence[tuple[str, Rules, Rules]], old: Journeys, new: Journeys, comparison: Comparison
) -> Iterator[ContentChange]:
    """The offers of which somebody reads something else, each once, with all placements where it is so.

    Args:
        shared: The placements of both sides, each with its models.
    """
    places: dict[tuple[str, str, str], list[str]] = {}
    sides = {(one.id, other.id): (one, other) for _, one, other in shared}
    for placement, one, other in shared:
        there = _may_show(other, placement)
        for offer in _may_show(one, placement):
            if offer in there:
                places.setdefault((offer, one.id, other.id), []).append(placement)
    for done, ((offer, one_id, other_id), placements) in enumerate(places.items()):
        comparison.progress("comparing contents", done, len(places))
        one, other = sides[one_id, other_id]
        readings = Readings(Said(one.offer(offer).content, old), Said(other.offer(offer).content, new))
        change = _Compared(offer, one, other, readings, comparison).at(placements) if readings.where else None
        if change is not None:
            yield change


def _may_show(rules: Rules, placement: str) -> dict[str, None]:
    placed = rules.placement(placement)
    numbers = [offer for _, offer in placed.ranked] + [placed.fallback]
    return dict.fromkeys(rules.offers[number].id for number in numbers)


@dataclass(frozen=True, slots=True)
class _Compared:
    """An offer of two models, and what is read of it on both sides."""

    offer: str
    one: Rules
    other: Rules
    readings: Readings
    comparison: Comparison

    def at(self, placements: Sequence[str]) -> ContentChange | None:
        """The change, if somebody is shown the offer at one of `placements` and reads something else."""
        where: list[str] = []
        found: list[tuple[Visitor, Every]] = []
        for placement in placements:
            try:
                first = self.readings.find(self.comparison.prover, self._shown(placement))
            except Undecided:
                self.comparison.doubt(Unproven(placement, "old", self.offer))
                continue
            if first is not None:
                where.append(placement)
                found.append(first)
        if not found:
            return None
        witness, consents = self._least(*found[0])
        return ContentChange(self.offer, tuple(where), self._fields(where), witness, consents)

    def _shown(self, placement: str) -> Requirement:
        return Every((shows(self.one, placement, self.offer), shows(self.other, placement, self.offer)))

    def _fields(self, where: Sequence[str]) -> tuple[str, ...]:
        """The keys under which somebody reads something else."""
        shown = Either(tuple(map(self._shown, where)))
        keys = tuple(self.readings.where)
        return keys if len(keys) == 1 else tuple(key for key in keys if self._may_differ(key, shown))

    def _may_differ(self, key: str, shown: Requirement) -> bool:
        try:
            return self.readings.find(self.comparison.prover, shown, (key,)) is not None
        except Undecided:
            return True

    def _least(self, witness: Visitor, asked: Every) -> tuple[Visitor, Consents]:
        """Somebody under one of the least consents who reads something else, and these consents."""
        for _ in range(_MOST_TRIES):
            least, consents = self.comparison.least(asked, witness)
            if self.readings.differing(least, self.readings.where):
                return least, consents
            asked = self.readings.without(asked, least)
        return witness, None
