"""Numbers of whole columns: their cells between breakpoints, and exact intervals. Needs the extra `offline`."""

from __future__ import annotations

import numpy as np

from ..index import ClockSlot, DaysSlot, NumberSlot
from ..kleene import MS_PER_DAY
from .facts import Numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ..bundle import CompiledModel
    from .facts import Cells, Doubles, Facts, Flags

_FINEST = 1 << 12  # bins of a ruler: small enough for a processor's cache
_MOST_IN_A_BIN = 4
_NOWHERE = -1  # the place of an unknown number: in no interval


def readings(slot: NumberSlot, fact: Numbers, now_ms: float) -> Doubles:
    """The numbers about which a slot asks; without meaning where they are unknown."""
    return (now_ms - fact.values) / MS_PER_DAY if isinstance(slot, DaysSlot) else fact.values


class Ruler:
    """Finds cells between ascending breakpoints, as `bisect_right` does, for whole columns.

    The span of the breakpoints is cut into bins so fine that each holds few. A bin is worked out by operations that
    never turn an order around: a breakpoint in a lower bin is below the value, one in a higher bin above it, and only
    those in the value's own bin are left to compare with.
    """

    __slots__ = ("_below", "_breaks", "_next", "_scale")

    def __init__(self, breaks: Sequence[float]) -> None:
        self._breaks = np.array(breaks, np.float64)
        self._scale = 0.0
        self._below: Cells = np.zeros(1, np.intp)
        self._next: list[Doubles] = []
        for bins in (_FINEST, 4 * _FINEST, 16 * _FINEST) if len(breaks) > 1 else ():
            if not self._scale:
                self._cut(bins)

    def _cut(self, bins: int) -> None:
        first, last = self._breaks[0], self._breaks[-1]
        with np.errstate(over="ignore"):
            scale = float(bins / (last - first))
        if not 0 < scale < np.inf:
            return
        places = ((self._breaks - first) * scale).astype(np.intp)
        most = int(np.bincount(places).max())
        if most > _MOST_IN_A_BIN:
            return
        self._below = np.searchsorted(places, np.arange(places[-1] + 1), side="left")
        beyond = np.concatenate((self._breaks, np.full(most, np.inf)))
        self._next = [beyond[self._below + place] for place in range(most)]
        self._scale = scale

    def cells(self, values: Doubles) -> Cells:
        """For each value the number of breakpoints that are at most it."""
        if not self._scale:
            return np.searchsorted(self._breaks, values, side="right")
        offsets = np.clip(values, self._breaks[0], self._breaks[-1])
        offsets -= self._breaks[0]
        offsets *= self._scale
        bins = offsets.astype(np.intp)
        cells: Cells = np.take(self._below, bins)
        for breaks in self._next:
            cells += values >= np.take(breaks, bins)
        return cells


class Intervals:
    """The checks of those clauses for which one interval of each number is all that is left to test.

    Args:
        sure: By the length of the bits up to a clause's: whether nothing is left to test.

    Attributes:
        simple: By that length: whether these intervals are all that is left.
    """

    __slots__ = ("_slots", "simple")

    def __init__(self, model: CompiledModel, sure: Flags) -> None:
        self.simple = ~sure
        self.simple[: 1 + model.clauses.first] = False
        self._slots: dict[int, tuple[NumberSlot, Ruler, NDArray[np.int32], NDArray[np.int32]]] = {}
        slots, offers = model.index.slots, model.clauses.offers
        for length in np.flatnonzero(self.simple).tolist():
            checks = list(model.index.checks.of(length - 1))
            is_simple = offers[length - 1 - model.clauses.first] not in model.offers.trees and all(
                isinstance(slots[number], NumberSlot)
                and not isinstance(slots[number], ClockSlot)
                and len(lows) == 1
                for number, lows, _ in checks
            )
            self.simple[length] = is_simple
            for number, lows, highs in checks if is_simple else ():
                slot = slots[number]
                if isinstance(slot, NumberSlot):
                    self._add(number, slot, length, lows[0], highs[0])

    def _add(self, number: int, slot: NumberSlot, length: int, low: int, high: int) -> None:
        if number not in self._slots:
            lows = np.full(len(self.simple), _NOWHERE, np.int32)  # an interval that holds everything
            highs = np.full(len(self.simple), len(slot.ends) + 1, np.int32)
            self._slots[number] = (slot, Ruler(slot.ends[1:-1]), lows, highs)
        _, _, lows, highs = self._slots[number]
        lows[length], highs[length] = low, high

    def places(self, facts: Mapping[int, Facts], rows: int, now_ms: float) -> Sequence[Cells]:
        """For each number with intervals, where among all their ends it lies in each row."""
        found: list[Cells] = []
        for slot, ruler, _, _ in self._slots.values():
            fact = facts.get(slot.attribute)
            if isinstance(fact, Numbers):
                places = ruler.cells(readings(slot, fact, now_ms))
                found.append(places if fact.known is None else np.where(fact.known, places, _NOWHERE))
            else:
                found.append(np.full(rows, _NOWHERE, np.intp))
        return found

    def hold(self, lengths: Cells, places: Sequence[Cells], rows: Cells) -> Flags:
        """Whether the intervals of one clause for each row hold its numbers."""
        held = np.ones(len(rows), np.bool_)
        for (_, _, lows, highs), place in zip(self._slots.values(), places, strict=True):
            at = place[rows]
            held &= (lows[lengths] <= at) & (at < highs[lengths])
        return held
