"""Checks: what is left to test of a clause that the index only narrows down. Source: spec/bundle-format.md."""

from __future__ import annotations

from itertools import accumulate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .index import Slot


class Checks:
    """The checks of one index, in four columns of one length, ascending by (bit, slot, low).

    A check of a number's slot is an interval of its `ends`, and one of a clause's intervals must hold the number; a
    check of a set's slot is a group and one key of it, and of every group the set must have one.
    """

    __slots__ = ("_bits", "_highs", "_lows", "_numbers", "_size", "_slots", "_starts")

    def __init__(
        self,
        size: int,
        slots: Sequence[Slot],
        bits: Sequence[int],
        numbers: Sequence[int],
        lows: Sequence[int],
        highs: Sequence[int],
    ) -> None:
        """`size` is the number of bits of the index."""
        self._size = size
        self._slots = slots
        self._bits = bits
        self._numbers = numbers
        self._lows = lows
        self._highs = highs
        self._starts: Sequence[int] | None = None  # for each bit, its first check; once somebody asks

    def bits(self) -> list[int]:
        """The clauses that have checks, ascending."""
        return list(dict.fromkeys(self._bits))

    def _places(self) -> Sequence[int]:
        """For each bit its first check, and the first of the next bit."""
        if self._starts is None:  # two threads may both get here: the same list, made twice
            counts = [0] * (self._size + 1)
            for bit in self._bits:
                counts[bit + 1] += 1
            self._starts = list(accumulate(counts))
        return self._starts

    def of(self, bit: int) -> Iterator[tuple[int, Sequence[int], Sequence[int]]]:
        """For each slot that must look again at the clause `bit`: its number, and its checks' lows and highs."""
        starts, numbers = self._starts or self._places(), self._numbers
        at, end = starts[bit], starts[bit + 1]
        while at < end:
            number, after = numbers[at], at + 1
            while after < end and numbers[after] == number:
                after += 1
            yield number, self._lows[at:after], self._highs[at:after]
            at = after

    def hold(self, bit: int, values: Sequence[Any], now_ms: float, found: dict[int, Any]) -> bool:
        """Whether everything holds that the index did not test of the clause `bit`, which it let through.

        Args:
            found: What was found of this visitor at this instant before, by the number of a slot; it is filled.
        """
        starts, numbers = self._starts or self._places(), self._numbers
        at, end = starts[bit], starts[bit + 1]
        while at < end:
            number, after = numbers[at], at + 1
            while after < end and numbers[after] == number:
                after += 1
            slot = self._slots[number]
            if number not in found:
                found[number] = slot.found(values, now_ms)
            if not slot.confirms(self._lows[at:after], self._highs[at:after], found[number]):
                return False
            at = after
        return True
