"""The clock of a proof: a whole number of epoch milliseconds from the year 1 to 9999, as `--now` can say it.

Windows narrow it; `days_since` ties it to instants. What conditions see is `shown`: the doubles that the evaluator
makes of it, which need not be whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from .doubt import Doubt
from .instants import FIRST_MS, LAST_MS, Instants, days_since

Ticks: TypeAlias = tuple[
    tuple[int, int], ...
]  # disjoint ascending ranges of milliseconds, both ends included

ALWAYS: Ticks = ((FIRST_MS, LAST_MS),)
_MAX_PAIRS = 4_096
_FEW = 64  # milliseconds that are tried one by one


def shown(tick: int) -> float:
    """The clock as conditions see it: decided at tick / 1000 seconds, and in milliseconds again."""
    return tick / 1000 * 1000


@lru_cache(maxsize=16_384)
def window(from_ms: float | None, until_ms: float | None) -> Ticks:
    """The ticks at which a window is open."""
    low = FIRST_MS if from_ms is None else _first(lambda tick: shown(tick) >= from_ms)
    high = LAST_MS if until_ms is None else _first(lambda tick: shown(tick) >= until_ms) - 1
    return ((low, high),) if low <= high else ()


def besides(ticks: Ticks) -> Ticks:
    """All the other ticks."""
    gaps: list[tuple[int, int]] = []
    start = FIRST_MS
    for low, high in ticks:
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    return tuple(gaps) if start > LAST_MS else (*gaps, (start, LAST_MS))


def shared(one: Ticks, other: Ticks) -> Ticks:
    """What two runs of ticks share."""
    return tuple(
        (max(low, start), min(high, end))
        for low, high in one
        for start, end in other
        if max(low, start) <= min(high, end)
    )


def nearest(ticks: Ticks, near: float) -> int:
    """Of ticks, of which there are some, the one nearest to `near`, which need be none."""
    at = round(near)
    return min((min(max(at, low), high) for low, high in ticks), key=lambda each: abs(each - at))


def meeting(ticks: Ticks, asked: Sequence[Instants], near: float) -> int | None:
    """A tick at which each of `asked` has an instant, near `near` where that is one; None when there is none.

    Raises:
        Doubt: rounding hides whether there is one.
    """
    for each in asked:
        if each.asks_the_clock:
            ticks = shared(ticks, _able(each))
    if not ticks:
        return None
    if not any(each.asks_the_clock for each in asked):
        return nearest(ticks, near)
    for tick in _tries(ticks, near):
        if all(each.at(shown(tick)) for each in asked):
            return tick
    if sum(high - low + 1 for low, high in ticks) <= _FEW:
        return None
    raise Doubt("days since an instant that doubles hardly say")


def _able(asked: Instants) -> Ticks:
    """The ticks outside of which `asked` has no instant; within, only rounding may leave none."""
    if len(asked.intervals) * len(asked.days) > _MAX_PAIRS:
        raise Doubt("too many days since an instant")
    found: list[tuple[int, int]] = []
    for early, late in asked.intervals:
        for least, most in asked.days:
            low = _first(lambda tick, early=early, least=least: days_since(shown(tick), early) >= least)  # type: ignore[misc]  # bound here
            high = _first(lambda tick, late=late, most=most: days_since(shown(tick), late) > most) - 1  # type: ignore[misc]  # bound here
            if low <= high:
                found.append((low, high))
    return _joined(found)


def _joined(ranges: Sequence[tuple[int, int]]) -> Ticks:
    runs: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if runs and low <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], high))
        else:
            runs.append((low, high))
    return tuple(runs)


def _tries(ticks: Ticks, near: float) -> Iterator[int]:
    yield nearest(ticks, near)
    for low, high in sorted(ticks, key=lambda each: max(each[0] - near, near - each[1], 0)):
        if high - low < _FEW:
            yield from range(low, high + 1)
        else:
            yield from ((low + high) // 2, low, high, *range(low, high, (high - low) // 16))


def _first(holds: Callable[[int], bool]) -> int:
    """The first tick of which a test holds that, once it holds, holds of all later ones; else one behind the last."""
    ticks = range(FIRST_MS, LAST_MS + 1)
    return FIRST_MS + bisect_left(ticks, True, key=holds)
