"""Retries: later and later, a bounded number of times, and every event settled once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from discreet.events import CloudEventsSink, Event, JsonLinesSink, Sink, SinkFailed
from discreet.events.outlets import ATTEMPTS, LONGEST_WAIT_S, Outlet, Pending
from support.journals import Kept


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Settled:
    """Who hears what came of events."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.lost: list[str] = []

    def __call__(self, pending: Pending, is_lost: bool) -> None:
        (self.lost if is_lost else self.written).append(pending.event.id)


def outlet_of(
    sink: Sink, count: int = 3, backlog: int = 100, waiting_bytes: int = 1_000_000
) -> tuple[Outlet, Settled, Clock]:
    """An outlet with so many events waiting, called 0, 1, 2..."""
    settled, clock = Settled(), Clock()
    outlet = Outlet(sink, backlog, waiting_bytes, settled, clock)
    for number in range(count):
        outlet.add(Pending(Event(str(number), {}), 1))
    return outlet, settled, clock


def ids(events: Sequence[Event]) -> list[str]:
    return [each.id for each in events]


def test_a_failure_that_may_pass_is_tried_again_later() -> None:
    sink = Kept([SinkFailed("busy")])
    outlet, settled, clock = outlet_of(sink)

    outlet.forward()
    outlet.forward()  # at the same instant: too early
    assert (settled.written, settled.lost, len(sink.failures)) == ([], [], 0)
    clock.now_s += 1
    outlet.forward()

    assert settled.written == ids(sink.events) == ["0", "1", "2"]
    assert settled.lost == []


def test_attempts_come_later_and_later_and_end() -> None:
    sink = Kept([OSError(28, "No space left on device")] * 99)
    outlet, settled, clock = outlet_of(sink)
    waits: list[float] = []
    began = clock.now_s

    while not settled.lost:
        left = len(sink.failures)
        outlet.forward()
        if len(sink.failures) < left:
            waits.append(clock.now_s - began)
            began = clock.now_s
        clock.now_s += 0.05

    assert len(waits) == ATTEMPTS
    assert settled.lost == ["0", "1", "2"]
    assert waits[1] < waits[4] < waits[8] <= LONGEST_WAIT_S + 0.1


@pytest.mark.parametrize("failure", [SinkFailed("refused", is_final=True), ZeroDivisionError()])
def test_a_failure_that_will_not_pass_loses_its_batch_only(failure: Exception) -> None:
    sink = Kept([failure], batch=2)
    outlet, settled, _ = outlet_of(sink)

    outlet.forward()

    assert (settled.lost, settled.written) == (["0", "1"], ["2"])


def test_what_was_taken_before_a_failure_does_not_come_again() -> None:
    sink = Kept([SinkFailed("full", taken=2)])
    outlet, settled, clock = outlet_of(sink)

    outlet.forward()
    assert settled.written == ["0", "1"]
    clock.now_s += 60
    outlet.forward()

    assert ids(sink.events) == settled.written == ["0", "1", "2"]


def test_a_full_backlog_loses_what_comes() -> None:
    outlet, settled, _ = outlet_of(Kept(), count=5, backlog=2)

    assert settled.lost == ["2", "3", "4"]
    outlet.forward()
    assert settled.written == ["0", "1"]


def test_the_log_hears_of_it_once_a_minute_and_without_contents(caplog: pytest.LogCaptureFixture) -> None:
    sink = Kept([ValueError("canary-51aa")] * 3)
    outlet, _, clock = outlet_of(sink, count=0)
    with caplog.at_level(logging.WARNING, "discreet.events"):
        for _ in range(3):
            outlet.add(Pending(Event("canary-51aa", {"placement": "canary-51aa"}), 1))
            outlet.forward()
            clock.now_s += 31

    assert [each.getMessage() for each in caplog.records] == ["Kept: ValueError", "Kept: ValueError"]


def test_the_log_says_where_a_sink_writes_and_no_credential(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = JsonLinesSink(tmp_path / "log")
    (tmp_path / "log").mkdir()
    outlet, _, _ = outlet_of(file)
    with caplog.at_level(logging.WARNING, "discreet.events"):
        outlet.forward()

    assert [each.getMessage() for each in caplog.records] == [
        f"JsonLinesSink `{tmp_path}/log`: is a directory"
    ]
    assert CloudEventsSink("https://h.example:8/in?key=canary-51aa").name == "https://h.example:8/in"


def test_what_waits_in_the_end_is_lost_and_the_sink_closed() -> None:
    sink = Kept([SinkFailed("busy")])
    outlet, settled, _ = outlet_of(sink)
    outlet.forward()

    outlet.abandon()

    assert settled.lost == ["0", "1", "2"]
    assert sink.is_closed
    assert len(outlet) == 0
