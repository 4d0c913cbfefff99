"""The journal: nothing waits for it, nothing is lost uncounted, and a forked child writes nothing twice."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.events import Event, EventsRefused, Journal, JsonLinesSink, SinkFailed
from support.journals import AGREED, PERSONAL_ONLY, Kept, decided, lines, shop, visit_to
from support.system import wait_until

SHOP = shop()
VISIT = visit_to(SHOP, {"n": 5})
DECISIONS = decided(SHOP, VISIT)


class Stuck:
    """A sink that takes nothing until it is let go."""

    def __init__(self) -> None:
        self.entered, self.free = threading.Event(), threading.Event()
        self.events: list[Event] = []

    def write(self, events: Sequence[Event], /) -> None:
        self.entered.set()
        self.free.wait(30)
        self.events += events

    def close(self) -> None:
        pass


def adds_up(counts: dict[str, int]) -> bool:
    return counts["offered"] == sum(counts[name] for name in ("written", "dropped", "failed", "waiting"))


def test_records_are_written_without_being_asked_for() -> None:
    sink = Kept()
    journal = Journal([sink])
    journal.decided(SHOP, DECISIONS, VISIT, surface="test")

    wait_until(lambda: len(sink.events) == 2, "the records are written")
    assert journal.counts == {
        "offered": 2, "written": 2, "dropped": 0, "failed": 0, "waiting": 0, "unknown": 0,
    }  # fmt: skip
    assert journal.close()
    assert sink.is_closed


def test_a_full_buffer_drops_what_comes_and_counts_it() -> None:
    sink = Stuck()
    journal = Journal([sink], capacity=4)
    journal.decided(SHOP, DECISIONS[:1], VISIT, surface="test")
    assert sink.entered.wait(30)

    for _ in range(10):
        journal.decided(SHOP, DECISIONS, VISIT, surface="test")

    assert journal.counts == {
        "offered": 21, "written": 0, "dropped": 12, "failed": 0, "waiting": 9, "unknown": 0,
    }  # fmt: skip
    sink.free.set()
    assert journal.close()
    counts = journal.counts
    assert adds_up(counts)
    assert (counts["written"], len(sink.events), counts["waiting"]) == (9, 9, 0)


def test_what_comes_after_the_end_is_dropped_and_a_new_start_opens_again() -> None:
    sink = Kept()
    journal = Journal([sink])
    assert journal.close()
    journal.decided(SHOP, DECISIONS, VISIT, surface="test")
    assert journal.counts["dropped"] == 2

    journal.start()
    journal.decided(SHOP, DECISIONS, VISIT, surface="test")
    assert journal.close()

    assert journal.counts["written"] == len(sink.events) == 2


def test_no_decision_is_no_record() -> None:
    journal = Journal([Kept()])
    journal.decided(SHOP, [], VISIT, surface="test")
    journal.exposed(SHOP, [], VISIT, surface="test")

    assert set(journal.counts.values()) == {0}


def test_the_counts_of_many_threads_add_up() -> None:
    sink = Kept()
    journal = Journal([sink], capacity=300)

    def offer(_: int) -> None:
        for _ in range(400):
            journal.decided(SHOP, DECISIONS, VISIT, surface="test")

    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(offer, range(6)))
    assert journal.close()

    counts = journal.counts
    assert counts["offered"] == 6 * 400 * 2
    assert counts["written"] == len(sink.events)
    assert adds_up(counts)
    assert counts["waiting"] == 0


@given(
    calls=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30),
    failures=st.lists(st.sampled_from(["final", "some", "device", "bug"]), max_size=8),
    capacity=st.integers(1, 20),
)
def test_every_record_comes_to_one_end(
    calls: list[tuple[int, bool]], failures: list[str], capacity: int
) -> None:
    kinds: dict[str, Exception] = {
        "final": SinkFailed("no", is_final=True), "some": SinkFailed("some", taken=1, is_final=True),
        "device": OSError(28, "no space left"), "bug": ZeroDivisionError("of somebody else"),
    }  # fmt: skip
    sink = Kept([kinds[each] for each in failures], batch=3)
    journal = Journal([sink, Kept()], capacity=capacity)
    agreed, not_agreed = VISIT, visit_to(SHOP, {"n": 5}, PERSONAL_ONLY)
    for number, agrees in calls:
        visit = agreed if agrees else not_agreed
        journal.decided(SHOP, DECISIONS[:1] * number, visit, surface="test")
    assert journal.close(0.0)

    counts = journal.counts
    assert counts["offered"] == sum(number for number, _ in calls)
    assert adds_up(counts)
    assert counts["waiting"] == 0
    assert counts["written"] <= len(sink.events)


def test_a_failing_sink_takes_nothing_from_the_others_and_reaches_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = Kept([ZeroDivisionError("canary-0d3e")] * 99)
    good = Kept()
    journal = Journal([bad, good])
    with caplog.at_level(logging.WARNING, "discreet.events"):
        for _ in range(5):
            journal.decided(SHOP, DECISIONS, VISIT, surface="test")
            wait_until(lambda: journal.counts["waiting"] == 0, "the records are settled")
        assert journal.close()

    assert len(good.events) == 10
    assert journal.counts["failed"] == 10
    assert [each.getMessage() for each in caplog.records] == ["Kept: ZeroDivisionError"]


def test_what_cannot_become_a_record_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    sink = Kept()
    journal = Journal([sink])
    nonsense: Any = object()
    journal.decided(SHOP, [*DECISIONS, nonsense], VISIT, surface="test")
    with caplog.at_level(logging.WARNING, "discreet.events"):
        assert journal.close()

    assert (journal.counts["written"], journal.counts["failed"]) == (2, 1)
    assert [each.getMessage() for each in caplog.records] == ["a record cannot be made: AttributeError"]


def test_records_without_the_grant_do_not_tell_when_they_were_made() -> None:
    sink = Kept()
    journal = Journal([sink], clock_s=lambda: 0.0)  # no look at them is due
    shy = [visit_to(SHOP, {"n": number}, PERSONAL_ONLY) for number in (5, 0, 5, 0)]
    for visit in shy:
        journal.decided(SHOP, decided(SHOP, visit), visit, surface="test")
        journal.decided(SHOP, DECISIONS, VISIT, surface="test")
    wait_until(lambda: len(sink.events) == 8, "the records with detail are written")
    assert all("now_s" in each for each in sink.records)
    assert journal.counts["waiting"] == 8

    assert journal.close()

    held = sink.records[8:]
    assert [each["offer"] for each in held] == [
        "many",
        "many",
        "none",
        "none",
        "none",
        "none",
        "none",
        "none",
    ]
    assert held == sorted(held, key=lambda each: [str(value) for value in each.values()])


def test_held_records_are_let_go_in_time() -> None:
    sink = Kept()
    journal = Journal([sink], hold_s=0)
    visit = visit_to(SHOP, {}, PERSONAL_ONLY)
    journal.decided(SHOP, decided(SHOP, visit), visit, surface="test")

    wait_until(lambda: len(sink.events) == 2, "they are let go")
    assert journal.close()


def test_closing_gives_up_on_a_sink_that_does_not_return() -> None:
    sink = Stuck()
    journal = Journal([sink])
    journal.decided(SHOP, DECISIONS, VISIT, surface="test")
    assert sink.entered.wait(30)

    assert not journal.close(0.0)
    assert journal.counts["waiting"] == 2
    sink.free.set()
    wait_until(lambda: journal.counts["waiting"] == 0, "the sink is free")
    assert journal.close()


def test_a_start_while_the_end_is_not_over_goes_on_afterwards() -> None:
    sink = Stuck()
    journal = Journal([sink])
    journal.decided(SHOP, DECISIONS, VISIT, surface="test")
    assert sink.entered.wait(30)
    assert not journal.close(0.0)

    journal.start()
    journal.decided(SHOP, DECISIONS, VISIT, surface="test")
    sink.free.set()

    wait_until(lambda: journal.counts["written"] == 4, "it goes on")
    assert journal.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"capacity": 0},
        {"waiting_bytes": 0},
        {"hold_s": -1},
        {"hold_s": float("nan")},
        {"hold_s": float("inf")},
    ],
)
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(EventsRefused):
        Journal([], **wrong)


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        ("analytics.nope", "`analytics.nope` is no data use; did you mean `analytics`?"),
        ("essential.service", "`essential.service` is not a data use that a visitor can refuse"),
    ],
)
def test_a_purpose_that_makes_no_sense_is_told_with_the_nearest(purpose: str, said: str) -> None:
    with pytest.raises(EventsRefused) as refused:
        Journal([], purpose=purpose)

    assert str(refused.value) == said


FORKING = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@FORKING
def test_a_forked_child_writes_its_own_and_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    journal = Journal([JsonLinesSink(path)])
    one, other = (visit_to(SHOP, {"n": 5}, AGREED, VISIT.now_s + each) for each in (1, 2))
    for _ in range(50):
        journal.decided(SHOP, DECISIONS, one, surface="parent")  # some are still waiting when it forks
    child = os.fork()
    if child == 0:
        status = 1
        try:
            journal.decided(SHOP, DECISIONS, other, surface="child")
            ended = journal.close()
            status = 0 if ended and journal.counts["written"] == journal.counts["offered"] == 2 else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert journal.close()

    assert os.waitstatus_to_exitcode(status) == 0
    assert journal.counts["written"] == journal.counts["offered"] == 100
    surfaces = [each["surface"] for each in lines(path)]
    assert (surfaces.count("parent"), surfaces.count("child")) == (100, 2)


ENDING = """
import sys
from discreet.events import JsonLinesSink, Journal
from support.journals import PERSONAL_ONLY, decided, shop, visit_to

serving = shop()
visit = visit_to(serving, {}, PERSONAL_ONLY)
journal = Journal([JsonLinesSink(sys.argv[1])], hold_s=3_600)
journal.decided(serving, decided(serving, visit), visit, surface="test")
"""


def test_a_process_that_ends_writes_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    subprocess.run(
        [sys.executable, "-c", ENDING, str(path)],
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert len(lines(path)) == 2


def test_offering_does_not_wait_for_a_sink() -> None:
    sink = Stuck()
    journal = Journal([sink], capacity=100)
    journal.decided(SHOP, DECISIONS, VISIT, surface="test")
    assert sink.entered.wait(30)

    for _ in range(20_000):
        journal.decided(SHOP, DECISIONS, VISIT, surface="test")

    assert sink.events == []  # it is still stuck
    sink.free.set()
    assert journal.close()
    assert adds_up(journal.counts)
