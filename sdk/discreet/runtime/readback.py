"""Reading back what an index says: the tests of a clause, as condition trees.

A condition that is a plain conjunction of tests travels in the index only. Here its tests come out again, for
explaining and for straight-line source: one tree per attribute and kind of question, in the catalogue's order. They
are true, false and unknown of the same visitors as what the author wrote. Source: spec/bundle-format.md, "Conditions
that the index says".
"""

from __future__ import annotations

import math

from . import kleene as k
from .index import CLOCK, DAYS, PREFIXES, SUBSTRINGS, SUFFIXES, EqualSlot, MembersSlot, NumberSlot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from .index import Index, Slot
    from .kleene import Tree

    Interval: TypeAlias = tuple[float, float]  # low <= value < high

_TEXTS: Mapping[int, int] = {PREFIXES: k.STARTS_WITH, SUFFIXES: k.ENDS_WITH, SUBSTRINGS: k.CONTAINS}
_EVERYWHERE = (-math.inf, math.inf)


class Readback:
    """Reads the clauses of one index back; for one occasion, as it keeps the rows in a form that is quick to ask."""

    __slots__ = ("_asking", "_bytes", "_index")

    def __init__(self, index: Index) -> None:
        self._index = index
        self._asking = [_bytes(asking(index, slot), index.bits) for slot in index.slots]
        self._bytes: dict[int, list[bytes]] = {}

    def tests(self, bit: int) -> list[Tree]:
        """What the clause asks of attributes: trees of which all must hold."""
        found: list[Tree] = []
        for number, slot in self._asked(bit):
            if slot.kind != CLOCK:
                found += self._trees(number, slot, bit)
        return found

    def tree(self, bit: int) -> Tree | None:
        """The tests as one tree; None for a clause that asks nothing of attributes."""
        tests = self.tests(bit)
        if not tests:
            return None
        return tests[0] if len(tests) == 1 else [k.ALL, *tests]

    def windows(self, bit: int) -> list[Interval] | None:
        """When the clause holds: intervals of epoch milliseconds, of which one must; None for one that always does."""
        for number, slot in self._asked(bit):
            if isinstance(slot, NumberSlot) and slot.kind == CLOCK:
                return self._intervals(number, slot, bit)
        return None

    def attributes(self, bit: int) -> frozenset[int]:
        """The numbers of the attributes that the clause asks for."""
        return frozenset(slot.attribute for _, slot in self._asked(bit) if slot.kind != CLOCK)

    def _asked(self, bit: int) -> Iterator[tuple[int, Slot]]:
        for number, slot in enumerate(self._index.slots):
            if _has(self._asking[number], bit):
                yield number, slot

    def _rows(self, number: int, rows: Sequence[int]) -> list[bytes]:
        """The rows of a slot as bytes, made once."""
        if number not in self._bytes:
            self._bytes[number] = [_bytes(row, self._index.bits) for row in rows]
        return self._bytes[number]

    def _trees(self, number: int, slot: Slot, bit: int) -> list[Tree]:
        if (slot.absent >> bit) & 1:
            return [[k.UNKNOWN, slot.attribute]]
        if isinstance(slot, EqualSlot):
            return [self._equal(number, slot, bit)]
        if isinstance(slot, NumberSlot):
            return _numbers(slot, self._intervals(number, slot, bit))
        return self._members(number, slot, bit)

    def _equal(self, number: int, slot: EqualSlot, bit: int) -> Tree:
        keys = [key for key in slot.rows if key is not None]
        others = (slot.other >> bit) & 1 == 1
        rows = self._rows(number, [slot.rows[key] for key in keys])
        named = [key for key, row in zip(keys, rows, strict=True) if _has(row, bit) != others]
        if slot.sparse is not None:
            named += [key for key in slot.sparse.places if bit in slot.sparse.bits(key)]
        if True in named and False in named:
            return _never(slot.attribute) if others else [k.KNOWN, slot.attribute]
        if not named and not others:
            return _never(slot.attribute)
        return _values(slot.attribute, sorted(named), others)

    def _intervals(self, number: int, slot: NumberSlot, bit: int) -> list[Interval]:
        for checked, lows, highs in self._index.checks.of(bit):
            if checked == number:
                return [(slot.ends[low], slot.ends[high]) for low, high in zip(lows, highs, strict=True)]
        edges = (-math.inf, *slot.breaks, math.inf)
        runs: list[Interval] = []
        for cell, row in enumerate(self._rows(number, slot.rows)):
            if _has(row, bit):
                low = runs.pop()[0] if runs and runs[-1][1] == edges[cell] else edges[cell]
                runs.append((low, edges[cell + 1]))
        return runs

    def _members(self, number: int, slot: MembersSlot, bit: int) -> list[Tree]:
        keys = [*slot.wanted, *slot.unwanted]
        rows = self._rows(number, [*slot.wanted.values(), *slot.unwanted.values()])
        having = [_has(row, bit) for row in rows]
        split = len(slot.wanted)
        wanted = [key for key, has in zip(keys[:split], having[:split], strict=True) if has]
        unwanted = [key for key, has in zip(keys[split:], having[split:], strict=True) if has]
        if slot.sparse is not None:
            wanted += [key for key in slot.sparse.places if bit in slot.sparse.bits(key)]
        groups = [wanted] if wanted else []
        for checked, numbers, places in self._index.checks.of(bit):
            if checked == number:
                groups = _grouped(numbers, [slot.keys[place] for place in places])
        if not groups and not (slot.base >> bit) & 1:
            return [_never(slot.attribute)]
        found = [*_wanted(slot, groups), *_unwanted(slot, unwanted)]
        return found or [[k.KNOWN, slot.attribute]]


def asking(index: Index, slot: Slot) -> int:
    """The clauses that ask for the slot's attribute: those that not every answer lets through."""
    return ((1 << index.bits) - 1) & ~(slot.absent & slot.second)


def _bytes(row: int, bits: int) -> bytes:
    return row.to_bytes((bits + 7) // 8, "little")


def _has(row: bytes, bit: int) -> bool:
    return (row[bit >> 3] >> (bit & 7)) & 1 == 1


def _never(attribute: int) -> Tree:
    """What no value satisfies: equal to one of none."""
    return [k.AMONG, attribute, []]


def _values(attribute: int, named: list[str] | list[bool], others: bool) -> Tree:
    if not named:
        return [k.KNOWN, attribute]
    if len(named) == 1:
        return [k.COMPARE, attribute, k.UNEQUAL if others else k.EQUAL, named[0]]
    among: Tree = [k.AMONG, attribute, named]
    return [k.NOT, among] if others else among


def _grouped(numbers: Sequence[int], keys: Sequence[str]) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for number, key in zip(numbers, keys, strict=True):
        groups.setdefault(number, []).append(key)
    return list(groups.values())


def _wanted(slot: MembersSlot, groups: Sequence[list[str]]) -> list[Tree]:
    """One of every group: the groups of one key together, as the author would say it."""
    text = _TEXTS.get(slot.kind)
    if text is not None:
        tests: list[list[Tree]] = [[[text, slot.attribute, key] for key in group] for group in groups]
        return [each[0] if len(each) == 1 else [k.SOME, *each] for each in tests]
    every = [group[0] for group in groups if len(group) == 1]
    some: list[Tree] = [[k.INCLUDES_SOME, slot.attribute, group] for group in groups if len(group) > 1]
    if len(every) > 1:
        return [[k.INCLUDES_ALL, slot.attribute, every], *some]
    return [*([k.INCLUDES_SOME, slot.attribute, [key]] for key in every), *some]


def _unwanted(slot: MembersSlot, keys: list[str]) -> list[Tree]:
    text = _TEXTS.get(slot.kind)
    if text is not None:
        return [[k.NOT, [text, slot.attribute, key]] for key in keys]
    return [[k.NOT, [k.INCLUDES_SOME, slot.attribute, keys]]] if keys else []


# The operations on a number, and on the days since an instant: comparing, and being among some.
_OF_NUMBER, _OF_DAYS = (k.COMPARE, k.AMONG), (k.DAYS_COMPARE, k.DAYS_AMONG)


def _numbers(slot: NumberSlot, intervals: Sequence[Interval]) -> list[Tree]:
    """The tests that say: in one of the ascending `intervals`."""
    asks, attribute = (_OF_DAYS if slot.kind == DAYS else _OF_NUMBER), slot.attribute
    if list(intervals) == [_EVERYWHERE]:
        return [[k.KNOWN, attribute]]
    if all(map(_is_point, intervals)):
        return [_points(asks, attribute, [low for low, _ in intervals], wanted=True)]
    gaps = _gaps(intervals)
    if gaps and all(map(_is_point, gaps)):
        return [_points(asks, attribute, [low for low, _ in gaps], wanted=False)]
    if len(intervals) == 1:
        return _between(asks, attribute, intervals[0])
    parts = [_between(asks, attribute, each) for each in intervals]
    return [[k.SOME, *(each[0] if len(each) == 1 else [k.ALL, *each] for each in parts)]]


def _is_point(interval: Interval) -> bool:
    return interval[0] > -math.inf and interval[1] == math.nextafter(interval[0], math.inf)


def _gaps(intervals: Sequence[Interval]) -> list[Interval]:
    edges = [-math.inf, *(end for interval in intervals for end in interval), math.inf]
    return [
        (low, high) for low, high in zip(edges[::2], edges[1::2], strict=True) if low < high
    ]  # what lies between one's end and the next one's beginning


def _points(asks: tuple[int, int], attribute: int, points: Sequence[float], *, wanted: bool) -> Tree:
    literals = [literal(point) for point in points]
    if len(literals) == 1:
        return [asks[0], attribute, k.EQUAL if wanted else k.UNEQUAL, literals[0]]
    among: Tree = [asks[1], attribute, literals]
    return among if wanted else [k.NOT, among]


def _between(asks: tuple[int, int], attribute: int, interval: Interval) -> list[Tree]:
    """One or two comparisons; of two ways to say an end, the one with the shorter number."""
    low, high = interval
    found: list[Tree] = []
    if low > -math.inf:
        found.append([asks[0], attribute, *_shorter((k.AT_LEAST, low), (k.MORE, _before(low)))])
    if high < math.inf:
        found.append([asks[0], attribute, *_shorter((k.LESS, high), (k.AT_MOST, _before(high)))])
    return found


def _before(end: float) -> float:
    return math.nextafter(end, -math.inf)


def _shorter(one: tuple[int, float], other: tuple[int, float]) -> tuple[int, float]:
    finite = [each for each in (one, other) if math.isfinite(each[1])]
    sign, number = min(finite, key=lambda each: len(repr(literal(each[1]))))
    return sign, literal(number)


def literal(number: float) -> float:
    """A double as it stands in a tree: a whole number up to 2^53 as an integer."""
    return int(number) if number.is_integer() and abs(number) <= 2**53 else number
