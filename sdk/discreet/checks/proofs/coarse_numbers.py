"""Which exact numbers have a coarse value in some intervals: by bisection, as coarsening is monotone."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from .intervals import EVERYWHERE, MOST, Interval, Intervals, first_double, joined, last_double, overlap

if TYPE_CHECKING:
    from discreet_consent import Attribute
    from discreet_consent.coarsening import Coarsening


def exact_numbers(attribute: Attribute, intervals: Intervals) -> Intervals:
    """The normal forms x of the exact attribute whose value of `attribute`, x itself or coarser, is in `intervals`."""
    return intervals if attribute.coarsens is None else _before(attribute.coarsens, intervals)


def numbers_known(attribute: Attribute) -> Intervals:
    """The normal forms of the exact attribute of which `attribute` has a value at all."""
    return EVERYWHERE if attribute.coarsens is None else _domain(attribute.coarsens)


@lru_cache(maxsize=4_096)
def _before(coarsens: Coarsening, intervals: Intervals) -> Intervals:
    if coarsens.method == "bands":
        return _in_bands(cast("tuple[float, ...]", coarsens.parameter), intervals)
    ((lowest, highest),) = _domain(coarsens)
    found: list[Interval] = []
    for low, high in intervals:
        first = first_double(lambda each, low=low: coarsens.coarser(each) >= low, lowest, highest)  # type: ignore[misc]  # bound here
        last = last_double(lambda each, high=high: coarsens.coarser(each) <= high, lowest, highest)  # type: ignore[misc]  # bound here
        if first is not None and last is not None and first <= last:
            found.append((first, last))
    return joined(found)


def _in_bands(bounds: tuple[float, ...], intervals: Intervals) -> Intervals:
    ends = [*(math.nextafter(each, -math.inf) for each in bounds[1:]), MOST]
    return joined([
        (float(low), high)
        for low, high in zip(bounds, ends, strict=True)
        if overlap(((float(low), float(low)),), intervals)
    ])  # fmt: skip


@lru_cache(maxsize=256)
def _domain(coarsens: Coarsening) -> Intervals:
    if coarsens.method == "bands":
        return ((float(cast("tuple[float, ...]", coarsens.parameter)[0]), MOST),)
    least = first_double(lambda each: each >= 0 or coarsens.coarser(each) is not None, -MOST, MOST)
    most = last_double(lambda each: each <= 0 or coarsens.coarser(each) is not None, -MOST, MOST)
    return () if least is None or most is None else ((least, most),)
