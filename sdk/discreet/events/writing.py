"""The writer: from what was offered to records, and on to the sinks. All of it in one thread."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from .complaints import Complaints, in_words
from .holding import Held
from .outlets import Outlet, Pending, all_settled, attempt
from .records import Detail, Exposed, decision_record, exposure_record, sealed_inputs
from .sinks import Event, Sink
from .words import Words

if TYPE_CHECKING:
    from discreet.runtime import Decision, Evaluator
    from discreet.visitors import Sealer
    from discreet_consent import Permitted

    # With the octets that it takes up, where it was weighed.
    Offered: TypeAlias = tuple["Served", tuple[Decision | Exposed, ...], "Visit", str, int]

_NAP_S = 0.02


class Served(Protocol):
    """A bundle in service; `discreet.serving.Served` is one."""

    @property
    def evaluator(self) -> Evaluator: ...


class Visit(Protocol):
    """A visitor at one instant; `discreet.visitors.Visit` is one."""

    @property
    def permitted(self) -> Permitted: ...

    @property
    def now_s(self) -> float: ...


class Writer:
    """Builds records and hands them to every sink. Only one thread uses it.

    Records without the analytics grant are held, among others of their kind, and then let go together: see `Held`.

    Attributes:
        written: Records that every sink took.
        failed: Records that could not be built, or that a sink lost.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        detail: Detail,
        sealer: Sealer | None,
        words_of: Callable[[Evaluator], Words],
        *,
        backlog: int,
        waiting_bytes: int,
        hold_s: float,
        clock_s: Callable[[], float],
        wall_s: Callable[[], float],
    ) -> None:
        self._detail, self._sealer, self._words_of = detail, sealer, words_of
        self._held = Held(hold_s, backlog, clock_s, wall_s)
        self._crowd = max(1, backlog // 2)
        self._outlets = [Outlet(sink, backlog, waiting_bytes, self._settle, clock_s) for sink in sinks]
        self._complaints = Complaints("a record cannot be made", clock_s)
        self.written = self.failed = 0

    def take(self, offered: Offered) -> None:
        """Build the records of one visit."""
        served, made, visit, surface, _ = offered
        records: list[tuple[dict[str, Any], bool]] = []
        error = attempt(lambda: self._build(served, made, visit, surface, records))
        if error is not None:
            self._complaints.say(in_words(error))
        self.failed += len(made) - len(records)
        tallies: list[Event] = []
        for record, is_detailed in records:
            event = Event(os.urandom(16).hex(), record)
            if is_detailed:
                self._deliver(event)
            else:
                tallies.append(event)
        self.failed += self._held.add(tallies)
        if self._held.is_crowded or any(len(each) >= self._crowd for each in self._outlets):
            self.turn()

    def turn(self) -> None:
        """Let go what was held long enough, and write what waits."""
        for event in self._held.ripe():
            self._deliver(event)
        for outlet in self._outlets:
            outlet.forward()

    def finish(self, timeout_s: float) -> None:
        """Write everything, as far as it goes in so many seconds; then lose the rest and close the sinks."""
        for outlet in self._outlets:
            outlet.hurry()
            outlet.forward()
        for event in self._held.all():
            self._deliver(event)
        end_s = time.monotonic() + timeout_s
        while True:
            for outlet in self._outlets:
                outlet.forward()
            if all_settled(self._outlets) or time.monotonic() >= end_s:
                break
            time.sleep(_NAP_S)
        for outlet in self._outlets:
            outlet.abandon()

    def _build(
        self,
        served: Served,
        made: Sequence[Decision | Exposed],
        visit: Visit,
        surface: str,
        records: list[tuple[dict[str, Any], bool]],
    ) -> None:
        words, now_s = self._words_of(served.evaluator), visit.now_s
        ranks: dict[str, int] = {}
        for each in made:
            if isinstance(each, Exposed):
                grants = visit.permitted.grants
                is_allowed = self._detail.is_allowed(grants)
                record = exposure_record(each, words, grants, now_s, surface, is_detailed=is_allowed)
            else:
                rank = ranks[each.placement] = ranks.get(each.placement, 0) + 1
                is_allowed = self._detail.is_allowed(each.permitted.grants)
                record = decision_record(each, rank, words, now_s, surface, is_detailed=is_allowed)
                if is_allowed and self._sealer is not None:
                    inputs = sealed_inputs(each, rank, words, now_s, surface, self._sealer)
                    record |= {} if inputs is None else {"inputs": inputs}
            records.append((record, is_allowed))

    def _deliver(self, event: Event) -> None:
        pending = Pending(event, len(self._outlets))
        for outlet in self._outlets:
            outlet.add(pending)
        if not self._outlets:
            self.written += 1

    def _settle(self, pending: Pending, is_lost: bool) -> None:
        pending.left -= 1
        pending.is_lost |= is_lost
        if pending.left == 0:
            if pending.is_lost:
                self.failed += 1
            else:
                self.written += 1
