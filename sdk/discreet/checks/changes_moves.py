"""What differs between two ladders: on which rungs somebody can stand on one side, and not so on the other.

A rung is *kept* when it holds on both sides for the same visitors, and all kept rungs are in the same order on both. So
whoever stands on rungs that lead to different outcomes stands, on one side at least, on one that is not kept: if both
were, the better of the two would be the first on both sides. They are also in the *region*: a stage or an offer that
says something else is true of them on one side only, or something holds for them that moved, came or went. For all
others the same rungs hold in the same order. Hence only what rungs that are not kept lead to has to be asked for, and
only of the region, and nothing is missed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .proofs import Either, Every, Holds, Want, Within, negated, reached

if TYPE_CHECKING:
    from .changes_alike import Likeness
    from .changes_ladders import Ladder, Rung
    from .proofs import Requirement, Rules

_MOST_PARTS = 16  # of a region that narrows the search; a larger one would only make it longer


@dataclass(frozen=True, slots=True)
class Moves:
    """The outcomes of rungs that are not kept, of the old side and of the new one, and the region."""

    leave: Set[str]
    arrive: Set[str]
    region: Requirement


def moves(old: Ladder, new: Ladder, likeness: Likeness) -> Moves:
    """What differs between two ladders. Nobody outside the region comes to another outcome."""
    at_old, at_new = ({_key(rung): place for place, rung in enumerate(each.rungs)} for each in (old, new))
    common = [key for key in at_old if key in at_new]
    rising = _rising([at_new[key] for key in common])
    in_order = {key for index, key in enumerate(common) if index in rising}
    changed = {key: _changes(key, old.rules, new.rules, likeness) for key in in_order}
    kept = {key for key, changes in changed.items() if not changes}
    regions: dict[object, Requirement] = {
        what: region for changes in changed.values() for what, region in changes.items()
    }
    for side, ladder in enumerate((old, new)):
        for rung in ladder.rungs:
            if _key(rung) not in in_order:
                regions[side, rung.offer or rung.stage] = _tried(ladder.rules, rung)
    return Moves(
        {rung.outcome for rung in old.rungs if _key(rung) not in kept},
        {rung.outcome for rung in new.rungs if _key(rung) not in kept},
        Either(tuple(regions.values())) if len(regions) <= _MOST_PARTS else Every(()),
    )


def _key(rung: Rung) -> tuple[str, str]:
    return rung.stage, rung.offer


def _changes(key: tuple[str, str], old: Rules, new: Rules, likeness: Likeness) -> dict[object, Requirement]:
    """The stage and the offer of a rung of both sides, where they hold for others on the new one, and for whom."""
    stage, offer = key
    found: dict[object, Requirement] = {}
    if stage and not likeness.same(old.stage(stage).tree, new.stage(stage).tree):
        found["stage", stage] = _either_or(reached(old, stage), reached(new, stage))
    if stage and offer:
        one, other = old.offer(offer), new.offer(offer)
        window = (one.from_ms, one.until_ms) == (other.from_ms, other.until_ms)
        if not window or not likeness.same(one.tree, other.tree):
            found["offer", offer] = _either_or(_asked(old, offer), _asked(new, offer))
    return found


def _tried(rules: Rules, rung: Rung) -> Requirement:
    """Who may stand on a rung that moved, came or went."""
    if not rung.stage:
        return Every(())
    return _asked(rules, rung.offer) if rung.offer else reached(rules, rung.stage)


def _asked(rules: Rules, offer: str) -> Requirement:
    """An offer's condition and window, in whatever stage."""
    one = rules.offer(offer)
    asked: list[Requirement] = [] if one.tree is None else [Holds(one.tree, Want.TRUE)]
    return Every((*asked, Within(one.from_ms, one.until_ms)))


def _either_or(one: Requirement, other: Requirement) -> Requirement:
    return Either((Every((one, negated(other))), Every((negated(one), other))))


def _rising(numbers: Sequence[int]) -> Set[int]:
    """The indices of a longest rising subsequence."""
    ends: list[int] = []  # the smallest last number of a rising run, by its length
    at: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(at[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        at[length : length + 1] = [index]
    return set(_back(at[-1] if at else -1, before))


def _back(index: int, before: Sequence[int]) -> Iterator[int]:
    while index >= 0:
        yield index
        index = before[index]
