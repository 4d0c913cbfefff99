"""Intervals of doubles, exactly: closed at both ends, for between two doubles there are finitely many others."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from discreet.runtime import kleene as k

Interval: TypeAlias = tuple[float, float]  # low <= value <= high, finite
Intervals: TypeAlias = tuple[Interval, ...]  # disjoint, ascending, no two of them neighbours

MOST = sys.float_info.max
EVERYWHERE: Intervals = ((-MOST, MOST),)


def overlap(one: Sequence[Interval], other: Sequence[Interval]) -> Intervals:
    """What two ascending runs of intervals share."""
    shared: list[Interval] = []
    first = second = 0
    while first < len(one) and second < len(other):
        (low, high), (start, end) = one[first], other[second]
        if max(low, start) <= min(high, end):
            shared.append((max(low, start), min(high, end)))
        if high < end:
            first += 1
        else:
            second += 1
    return tuple(shared)


def outside(intervals: Sequence[Interval]) -> Intervals:
    """The finite doubles in none of the ascending `intervals`."""
    gaps: list[Interval] = []
    start = -MOST
    for low, high in intervals:
        if start < low:
            gaps.append((start, math.nextafter(low, -math.inf)))
        start = math.nextafter(high, math.inf)
    if start <= MOST:
        gaps.append((start, MOST))
    return tuple(gaps)


def joined(intervals: Sequence[Interval]) -> Intervals:
    """The union of intervals in any order."""
    runs: list[Interval] = []
    for low, high in sorted(intervals):
        if runs and low <= math.nextafter(runs[-1][1], math.inf):
            runs[-1] = (runs[-1][0], max(runs[-1][1], high))
        else:
            runs.append((low, high))
    return tuple(runs)


def points(literals: Sequence[float]) -> Intervals:
    """The doubles that equal one of `literals`."""
    return joined([(float(each) + 0.0, float(each) + 0.0) for each in literals])


def compared(sign: int, literal: float) -> Intervals:
    """The doubles that a comparison with `literal` is true of."""
    return _COMPARED[sign](float(literal) + 0.0)


def _below(edge: float) -> Intervals:
    return ((-MOST, math.nextafter(edge, -math.inf)),) if edge > -MOST else ()


def _above(edge: float) -> Intervals:
    return ((math.nextafter(edge, math.inf), MOST),) if edge < MOST else ()


_COMPARED: Mapping[int, Callable[[float], Intervals]] = {
    k.EQUAL: lambda edge: ((edge, edge),),
    k.UNEQUAL: lambda edge: outside(((edge, edge),)),
    k.LESS: _below,
    k.AT_MOST: lambda edge: ((-MOST, edge),),
    k.MORE: _above,
    k.AT_LEAST: lambda edge: ((edge, MOST),),
}


def ordinal(number: float) -> int:
    """The place of a finite double among all of them, in their order; zero has 0."""
    (bits,) = struct.unpack("<q", struct.pack("<d", number))
    return int(bits) if bits >= 0 else -(int(bits) & 0x7FFF_FFFF_FFFF_FFFF)


def double(place: int) -> float:
    """The double at a place: the reverse of `ordinal`."""
    (number,) = struct.unpack("<d", struct.pack("<q", abs(place)))
    return float(number) if place >= 0 else -float(number)


def first_double(holds: Callable[[float], bool], low: float, high: float) -> float | None:
    """The least double from `low` to `high` of which a test holds that, once it holds, holds of all above."""
    place = _turn(holds, ordinal(low), ordinal(high))
    return double(place) if place <= ordinal(high) else None


def last_double(holds: Callable[[float], bool], low: float, high: float) -> float | None:
    """The greatest double from `low` to `high` of which a test holds that, once it fails, fails of all above."""
    place = _turn(lambda each: not holds(each), ordinal(low), ordinal(high)) - 1
    return double(place) if place >= ordinal(low) else None


def _turn(holds: Callable[[float], bool], start: int, end: int) -> int:
    """The first place from `start` on at which the test holds; one behind `end` when it never does."""
    while start <= end:
        middle = (start + end) // 2
        if holds(double(middle)):
            end = middle - 1
        else:
            start = middle + 1
    return start


def simplest(intervals: Sequence[Interval]) -> float:
    """A number in one of the intervals that people like to read: whole if there is one, and short."""
    return min(map(_simplest, intervals), key=lambda each: (not each.is_integer(), abs(each), each < 0))


def _simplest(interval: Interval) -> float:
    low, high = interval
    if low <= 0 <= high:
        return 0.0
    if high < 0:
        return -_simplest((-high, -low))
    whole = float(math.ceil(low))
    if whole <= high:
        return whole
    for digits in range(1, 18):
        rounded = round(low, digits)
        candidates = (rounded, round(rounded + 10.0**-digits, digits))
        found = [each for each in candidates if low <= each <= high]
        if found:
            return found[0]
    return low
