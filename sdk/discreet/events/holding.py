"""Holding back: records that may not tell the time wait, so that their place in the log does not tell it."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Sequence

from .records import hour_of
from .sinks import Event

CROWD = 5  # visits of which records must wait, so that none of them stands out
MOST_HELD = 1_000  # records of a crowd, before they are let go at once
_LATE_S = 10.0  # after an hour, for its last records to come here
_FINE = 1 << 53


class Held:
    """Records without the analytics grant: let go together, sorted, when enough of them wait.

    When that is, no record begins: every `hold_s` seconds, from an instant that each process draws by lot, it is looked
    at what waits. Those of at least `CROWD` visits go. Fewer wait on, until the hour in which they were made is over,
    which they tell themselves. Else their neighbours, which may have an exact clock, would tell when they were made,
    and which of them belong together.

    Args:
        hold_s: Between two looks; 0: nothing is held.
        most: Records that may wait here.
        clock_s: For the looks.
        wall_s: Unix seconds, by which an hour ends.
    """

    def __init__(
        self, hold_s: float, most: int, clock_s: Callable[[], float], wall_s: Callable[[], float]
    ) -> None:
        self._hold_s, self._most, self._clock_s, self._wall_s = hold_s, most, clock_s, wall_s
        self._phase = secrets.randbelow(_FINE) / _FINE
        self._visits: list[Sequence[Event]] = []
        self._number = 0
        self._look = self._looks()

    @property
    def is_crowded(self) -> bool:
        """Whether so many wait that the next look would be too late."""
        enough = min(MOST_HELD, max(1, self._most // 2))
        return self._number >= enough and len(self._visits) >= CROWD

    def add(self, events: Sequence[Event]) -> int:
        """Hold the records of one visit; how many of them there is no room for."""
        taken = events[: self._most - self._number]
        if taken:
            self._visits.append(taken)
            self._number += len(taken)
        return len(events) - len(taken)

    def ripe(self) -> list[Event]:
        """What may go now."""
        if self._hold_s == 0 or self.is_crowded:
            return self.all()
        look = self._looks()
        if look == self._look:
            return []
        self._look = look
        return self.all() if len(self._visits) >= CROWD else self._of_former_hours()

    def all(self) -> list[Event]:
        """Everything, sorted; nothing waits any more."""
        visits, self._visits, self._number = self._visits, [], 0
        return _sorted(visits)

    def _of_former_hours(self) -> list[Event]:
        hour = hour_of(self._wall_s() - _LATE_S) or ""
        over = [each for each in self._visits if _hour(each) < hour]
        self._visits = [each for each in self._visits if not _hour(each) < hour]
        self._number -= sum(map(len, over))
        return _sorted(over)

    def _looks(self) -> int:
        """The number of looks so far."""
        return math.floor(self._clock_s() / self._hold_s + self._phase) if self._hold_s else 0


def _hour(visit: Sequence[Event]) -> str:
    """In which hour a visit was; after all others, where it had no clock."""
    return visit[0].record.get("hour") or "~"


def _sorted(visits: Sequence[Sequence[Event]]) -> list[Event]:
    events = [event for visit in visits for event in visit]
    return sorted(events, key=lambda each: [str(value) for value in each.record.values()])
