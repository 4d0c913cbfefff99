"""One sink with its backlog: batches, retries with back-off, and an account of what came of every record."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from random import random

from .complaints import Complaints, in_words
from .errors import SinkFailed
from .sinks import Event, Sink

BATCH = 500  # of a sink that does not say its own
ATTEMPTS = 10  # at one batch; then it is lost
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 30.0
_NAP_S = 0.0002
_RECORD_BYTES, _NAME_BYTES = 1_536, 8  # names are shared by all records
_AT_A_TIME = 20  # batches, before the journal's buffer is looked at again


class Pending:
    """An event that some sinks have not settled yet, and roughly the octets that it takes up."""

    __slots__ = ("event", "is_lost", "left", "size_bytes")

    def __init__(self, event: Event, sinks: int) -> None:
        self.event, self.left, self.is_lost = event, sinks, False
        self.size_bytes = size_of(event)


class Outlet:
    """Hands events to one sink, in order. Only the writer's thread uses it.

    Args:
        backlog: How many events may wait here; what comes to a full one is lost.
        waiting_bytes: How many octets they may take up, roughly.
        settle: Is told of every event once, and whether it was lost here.
    """

    def __init__(
        self,
        sink: Sink,
        backlog: int,
        waiting_bytes: int,
        settle: Callable[[Pending, bool], None],
        clock_s: Callable[[], float],
    ) -> None:
        self._sink, self._backlog, self._settle, self._clock_s = sink, backlog, settle, clock_s
        self._left_bytes = waiting_bytes
        self._batch: int = getattr(sink, "batch", BATCH)
        self._waiting: deque[Pending] = deque()
        self._attempts = 0  # at the batch at hand
        self._failures = 0  # since the last success
        self._not_before_s = float("-inf")
        self._complaints = Complaints(_called(sink), clock_s)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, pending: Pending) -> None:
        """Let an event wait for its batch."""
        if len(self._waiting) >= self._backlog or pending.size_bytes > self._left_bytes:
            self._settle(pending, True)
            self._complaints.say("its backlog is full, and records are lost")
        else:
            self._waiting.append(pending)
            self._left_bytes -= pending.size_bytes

    def forward(self) -> None:
        """Write what waits, a bounded number of batches, unless it is too early to try again."""
        for _ in range(_AT_A_TIME):
            if not self._waiting or self._clock_s() < self._not_before_s:
                return
            self._forward_batch()
            if self._waiting:
                nap()

    def hurry(self) -> None:
        """Let the next attempt be at once."""
        self._not_before_s = float("-inf")

    def abandon(self) -> None:
        """Lose what still waits, and close the sink."""
        self._settle_first(len(self._waiting), is_lost=True)
        error = attempt(self._sink.close)
        if error is not None:
            self._complaints.say(in_words(error))

    def _forward_batch(self) -> None:
        events = [each.event for each in islice(self._waiting, self._batch)]
        error = attempt(lambda: self._sink.write(events))
        if error is None:
            self._settle_first(len(events), is_lost=False)
            self._attempts = self._failures = 0
            return
        self._failures += 1
        self._attempts += 1
        taken = min(error.taken, len(events)) if isinstance(error, SinkFailed) else 0
        self._settle_first(taken, is_lost=False)
        if taken:
            self._attempts = 1
        if not _may_pass(error):
            self._settle_first(len(events) - taken, is_lost=True)
            self._attempts = 0
        else:
            if self._attempts >= ATTEMPTS:
                self._settle_first(len(events) - taken, is_lost=True)
                self._attempts = 0
            self._not_before_s = self._clock_s() + _wait_s(self._failures)
        self._complaints.say(in_words(error))

    def _settle_first(self, number: int, *, is_lost: bool) -> None:
        for _ in range(number):
            pending = self._waiting.popleft()
            self._left_bytes += pending.size_bytes
            self._settle(pending, is_lost)


def _called(sink: Sink) -> str:
    """The sink as the log calls it: its kind, and where it writes if it says so."""
    name = getattr(sink, "name", None)
    return f"{type(sink).__name__} `{name}`" if isinstance(name, str) else type(sink).__name__


def size_of(event: Event) -> int:
    """Roughly the octets of memory that an event takes up."""
    record = event.record
    lists = sum(len(value) for value in record.values() if isinstance(value, list))
    return _RECORD_BYTES + _NAME_BYTES * lists + len(record.get("inputs", ""))


def nap() -> None:
    """Let other threads run: those who serve must not wait for a burst of records. Sleeping for 0 s would not do."""
    time.sleep(_NAP_S)


def attempt(work: Callable[[], None]) -> Exception | None:
    """Do `work`, and return what it raised: the outermost edge of the writer's thread, which must not end."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - a sink may be anybody's; a failure is counted and logged
        return error
    return None


def _may_pass(error: Exception) -> bool:
    """Whether another attempt may succeed."""
    return not error.is_final if isinstance(error, SinkFailed) else isinstance(error, OSError)


def _wait_s(failures: int) -> float:
    longest: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures - 1, 20))
    return longest * (0.5 + random() / 2)  # noqa: S311 - so that servers do not come back all at once


def all_settled(outlets: Sequence[Outlet]) -> bool:
    """Whether nothing waits any more."""
    return not any(map(len, outlets))
