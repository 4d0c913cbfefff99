"""What is asked of an instant, by itself and by the days since then; and how instants are written."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from discreet.runtime import kleene as k
from discreet_consent.values import MAX_EPOCH_MS

from .intervals import (
    EVERYWHERE,
    Interval,
    Intervals,
    compared,
    first_double,
    last_double,
    outside,
    overlap,
    points,
)

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree

_EVER: Intervals = ((-MAX_EPOCH_MS, MAX_EPOCH_MS),)
_DAYS = (k.DAYS_COMPARE, k.DAYS_AMONG)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # what ISO 8601 can write, in whole milliseconds


@dataclass(frozen=True, slots=True)
class Instants:
    """An instant within `intervals` since which so many days passed as `days` says; neither is empty."""

    intervals: Intervals = _EVER
    days: Intervals = EVERYWHERE

    def tested(self, leaf: Tree, wanted: bool) -> Instants | None:
        asked = compared(leaf[2], leaf[3]) if leaf[0] in (k.COMPARE, k.DAYS_COMPARE) else points(leaf[2])
        asked = asked if wanted else outside(asked)
        if leaf[0] in _DAYS:
            narrowed = replace(self, days=overlap(self.days, asked))
        else:
            narrowed = replace(self, intervals=overlap(self.intervals, asked))
        return narrowed if narrowed.days and narrowed.intervals else None

    def both(self, other: Instants) -> Instants | None:
        """This and another."""
        narrowed = Instants(overlap(self.intervals, other.intervals), overlap(self.days, other.days))
        return narrowed if narrowed.days and narrowed.intervals else None

    @property
    def asks_the_clock(self) -> bool:
        """Whether it is about days since."""
        return self.days != EVERYWHERE

    def at(self, now_ms: float) -> Intervals:
        """The instants that are so when the clock shows `now_ms`."""
        if not self.asks_the_clock:
            return self.intervals
        found = [since for days in self.days if (since := _since(days, now_ms)) is not None]
        return overlap(self.intervals, found[::-1])  # the more days, the earlier

    def value(self) -> float:
        """One that is so whatever the clock shows, of those that do not ask it."""
        return likely(self.intervals, 0.0)


def days_since(now_ms: float, instant_ms: float) -> float:
    """As conditions see it."""
    return (now_ms - instant_ms) / k.MS_PER_DAY


@lru_cache(maxsize=16_384)
def _since(days: Interval, now_ms: float) -> Interval | None:
    low, high = days
    first = first_double(lambda each: days_since(now_ms, each) <= high, -MAX_EPOCH_MS, MAX_EPOCH_MS)
    last = last_double(lambda each: days_since(now_ms, each) >= low, -MAX_EPOCH_MS, MAX_EPOCH_MS)
    return None if first is None or last is None or first > last else (first, last)


def likely(intervals: Intervals, near_ms: float) -> float:
    """One of the instants: near `near_ms`, a whole day if there is one, else a whole hour, minute, ..."""
    low, high = min(intervals, key=lambda each: max(each[0] - near_ms, near_ms - each[1], 0.0))
    best = min(max(near_ms, low), high)
    for step in (86_400_000, 3_600_000, 60_000, 1_000, 1):
        below, above = (best // step) * step, -(-best // step) * step
        for each in (below, above):
            if low <= each <= high:
                return float(each)
    return best


def iso(instant_ms: float) -> str:
    """An instant in whole milliseconds from the year 1 to 9999, in ISO 8601 and UTC."""
    moment = _EPOCH + datetime.timedelta(milliseconds=int(instant_ms))
    if moment.time() == datetime.time():
        return f"{moment.date().isoformat()}T00:00Z"
    precision = "minutes" if moment.second == moment.microsecond == 0 else "seconds"
    precision = "milliseconds" if moment.microsecond else precision
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def written(instant_ms: float) -> str | float:
    """An instant as an attribute's value is written: ISO 8601 where that can say it, else epoch milliseconds."""
    if instant_ms.is_integer() and FIRST_MS <= instant_ms <= LAST_MS:
        return iso(instant_ms)
    return int(instant_ms) if instant_ms.is_integer() else instant_ms
