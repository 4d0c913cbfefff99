"""The journal: one bounded append on the hot path, and a thread that does the rest."""

from __future__ import annotations

import atexit
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING
from weakref import WeakSet

from .errors import EventsRefused
from .outlets import nap
from .records import ANALYTICS, Detail, Exposed
from .sinks import Sink
from .weighing import weight_of
from .words import Words
from .writing import Served, Visit, Writer

if TYPE_CHECKING:
    from discreet.runtime import Decision, Evaluator
    from discreet.visitors import Sealer

    from .writing import Offered

CAPACITY = 10_000
WAITING_BYTES = 64 * 1024 * 1024
HOLD_S = 60.0
_POLL_S = 0.1
_AT_A_TIME = 4  # calls, before whoever serves may run
_EXIT_S = 2.0  # for what still waits when the process ends
_MOST_WORDS = 8  # bundles whose words are remembered
_UNWEIGHED = 64  # calls that may wait before weighing them is worth its time

_journals: WeakSet[Journal] = WeakSet()


class Journal:
    """Records decisions and exposures, as far as each visitor agreed: docs/events.md.

    `decided` and `exposed` never block and never raise; what comes when the buffer is full is dropped and counted.
    Records are built and written in a thread of the journal's own, which begins with the first record, and anew in a
    forked child, where nothing is written again that was offered before.

    Args:
        sinks: Where the records go. A failing one is tried again and counted; it never reaches whoever serves.
        purpose: The data use that the detail of a record needs. One that visitors can refuse.
        sealer: With it, what a decision was made from is recorded too, sealed, so that it can be replayed.
        capacity: How many calls may wait in the buffer, how many records before each sink, and how many are held.
        waiting_bytes: How many octets what waits in the buffer may take up, roughly, and what waits before each sink.
        hold_s: How often it is looked at records without the grant, which are held so that their place in the log
            tells no time: see `Held`. 0: they are not held, and it does.
        clock_s: For back-off and holding; the clock of the records is the visits'.
        wall_s: Unix seconds, by which an hour ends.
    Raises:
        EventsRefused: `purpose` is none that a visitor can refuse, or a number makes no sense.
    """

    _thread: threading.Thread | None
    _words: dict[str, Words]

    def __init__(
        self,
        sinks: Sequence[Sink],
        *,
        purpose: str = ANALYTICS,
        sealer: Sealer | None = None,
        capacity: int = CAPACITY,
        waiting_bytes: int = WAITING_BYTES,
        hold_s: float = HOLD_S,
        clock_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        if capacity < 1 or waiting_bytes < 1 or not 0 <= hold_s < math.inf:
            raise EventsRefused(
                "a journal needs room for one record at least, and holds records 0 seconds or more"
            )
        self._sinks, self._detail, self._sealer = tuple(sinks), Detail(purpose), sealer
        self._capacity, self._waiting_bytes, self._hold_s = capacity, waiting_bytes, hold_s
        self._clock_s, self._wall_s = clock_s, wall_s
        self._is_closed = False
        self.renew()
        _journals.add(self)

    def decided(self, served: Served, decisions: Collection[Decision], visit: Visit, *, surface: str) -> None:
        """Record decisions that were made together for one visitor.

        Args:
            surface: Where they were asked for: a word of the caller's own, of letters, digits and `_.:/-`. Never
                anything that a visitor sent.
        """
        made = tuple(decisions)
        number = len(made)
        if not number:
            return
        # No call may stand between reading a counter and storing it: that is where threads take turns.
        self._offered += number
        waiting = len(self._buffer)
        if waiting >= self._room:
            self._dropped += number
            return
        weight = 0
        if waiting >= _UNWEIGHED:
            weight = self._weigh(visit, number)
            if weight == 0:
                self._dropped += number
                return
            self._bytes_in += weight
        self._buffer.append((served, made, visit, surface, weight))
        if self._thread is None:
            self.start()

    def exposed(self, served: Served, exposures: Collection[Exposed], visit: Visit, *, surface: str) -> None:
        """Record offers that were really seen.

        What the bundle in `served` cannot have shown is counted as `unknown` and not offered: pages report it, and what
        a page says may be anything.
        """
        offers = self._words_of(served.evaluator).offers
        shown = tuple(
            each
            for each in exposures
            if type(each.placement) is str and type(each.offer) is str
            if each.offer in offers.get(each.placement, ())
        )
        number, unknown = len(shown), len(exposures) - len(shown)
        self._unknown += unknown
        if not number:
            return
        self._offered += number
        waiting = len(self._buffer)
        if waiting >= self._room:
            self._dropped += number
            return
        weight = 0
        if waiting >= _UNWEIGHED:
            weight = self._weigh(visit, number)
            if weight == 0:
                self._dropped += number
                return
            self._bytes_in += weight
        self._buffer.append((served, shown, visit, surface, weight))
        if self._thread is None:
            self.start()

    @property
    def counts(self) -> dict[str, int]:
        """What came of the records of this process: `offered` is the sum of `written`, `dropped` (the buffer was full,
        or the journal closed), `failed` (a sink lost it) and `waiting`. `unknown` exposures were never offered.
        """
        written, failed = self._writer.written, self._writer.failed
        dropped, offered = self._dropped, self._offered
        return {
            "offered": offered,
            "written": written,
            "dropped": dropped,
            "failed": failed,
            "waiting": max(0, offered - written - dropped - failed),
            "unknown": self._unknown,
        }

    def start(self) -> None:
        """Begin to write; a closed journal is open again. Without this call the first record does it."""
        with self._lock:
            self._is_closed = False
            self._room = self._capacity
            if self._thread is None:
                self._stop.clear()
                self._thread = threading.Thread(target=self._run, name="discreet-events", daemon=True)
                self._thread.start()

    def close(self, timeout_s: float = 5.0) -> bool:
        """Write what waits, and close the sinks; what comes later is dropped. Returns whether it came to an end.

        Args:
            timeout_s: So long sinks are tried; then what they did not take is lost, and counted as failed.
        """
        with self._lock:
            self._is_closed = True
            self._room = 0  # the hot path has one comparison, and this makes it fail
            thread = self._thread
            self._timeout_s = timeout_s
            self._stop.set()
        if thread is None:
            return True
        thread.join(timeout_s + 1.0)
        return not thread.is_alive()

    def renew(self) -> None:
        """In a forked child: begin with nothing offered. What waits is the parent's to write."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = None
        self._timeout_s = 0.0
        self._buffer: deque[Offered] = deque()
        self._room = 0 if self._is_closed else self._capacity
        self._offered = self._dropped = self._unknown = 0
        self._bytes_in = self._bytes_out = (
            0  # of calls that were weighed; one for who offers, one for the writer
        )
        self._words = {}
        self._writer = Writer(
            self._sinks,
            self._detail,
            self._sealer,
            self._words_of,
            backlog=self._capacity,
            waiting_bytes=self._waiting_bytes,
            hold_s=self._hold_s,
            clock_s=self._clock_s,
            wall_s=self._wall_s,
        )

    def _run(self) -> None:
        while not self._stop.wait(_POLL_S):
            self._drain()
            self._writer.turn()
        self._drain()
        self._writer.finish(self._timeout_s)
        with self._lock:
            self._thread = None
            goes_on = not self._is_closed
        if goes_on:  # it was started again while this came to its end
            self.start()

    def _drain(self) -> None:
        """Take what waits now; what comes meanwhile waits for the next turn."""
        buffer = self._buffer
        for number in range(1, len(buffer) + 1):
            offered = buffer.popleft()
            self._bytes_out += offered[-1]
            self._writer.take(offered)
            if number % _AT_A_TIME == 0 and not self._stop.is_set():
                nap()

    def _weigh(self, visit: Visit, number: int) -> int:
        """The weight of a call; 0 where there is no room for it."""
        weight = weight_of(visit, number)
        return weight if self._bytes_in - self._bytes_out + weight <= self._waiting_bytes else 0

    def _words_of(self, evaluator: Evaluator) -> Words:
        words = self._words.get(evaluator.bundle.digest)
        if words is None:
            words = Words(evaluator)
            if len(self._words) >= _MOST_WORDS:
                self._words = {}
            self._words[evaluator.bundle.digest] = words
        return words


def _in_a_forked_child() -> None:
    for journal in [*_journals]:
        journal.renew()


def _at_exit() -> None:
    for journal in [*_journals]:
        journal.close(_EXIT_S)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_a_forked_child)
atexit.register(_at_exit)
