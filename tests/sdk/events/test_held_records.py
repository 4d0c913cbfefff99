"""Records without the analytics grant: when they come to the log does not tell when they were made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest

from discreet.events import Event, Journal
from discreet.events.holding import CROWD, MOST_HELD, Held
from discreet.events.records import hour_of
from support.compiled import NOW_S
from support.journals import PERSONAL_ONLY, Kept, decided, shop, visit_to
from support.system import wait_until

HOLD_S, HOUR_S = 60.0, 3_600
STEP_S = 0.5


@dataclass
class Clock:
    """A clock that is moved by hand; it begins with an hour."""

    now_s: float = 1_000 * HOUR_S

    def __call__(self) -> float:
        return self.now_s


def has(sink: Kept, number: int) -> bool:
    return len(sink.events) == number


def held(clock: Clock, most: int = 10_000) -> Held:
    return Held(HOLD_S, most, clock, clock)


def tallies(now_s: float, number: int = 1) -> list[Event]:
    return [Event(str(each), {"offer": "none", "hour": hour_of(now_s)}) for each in range(number)]


def let_go_at(made: Held, clock: Clock, visits_at_s: list[float], until_s: float) -> list[tuple[float, int]]:
    """When how many records go, when visits come at these instants after now."""
    began_s, came, gone = clock.now_s, sorted(visits_at_s), list[tuple[float, int]]()
    while clock.now_s < began_s + until_s:
        clock.now_s += STEP_S
        while came and came[0] <= clock.now_s - began_s:
            came.pop(0)
            made.add(tallies(clock.now_s))
        if ripe := made.ripe():
            gone.append((clock.now_s - began_s, len(ripe)))
    return gone


@pytest.mark.parametrize("lone_s", [1.0, 9.0, 17.0, 59.0, 600.0, 3_000.0, 3_599.0])
def test_a_lone_visitors_record_goes_when_its_hour_is_over_whenever_it_was_made(lone_s: float) -> None:
    clock = Clock()

    ((gone_s, number),) = let_go_at(held(clock), clock, [lone_s], HOUR_S + 2 * HOLD_S)

    assert number == 1
    assert HOUR_S < gone_s <= HOUR_S + 10 + HOLD_S + STEP_S


def test_a_crowd_goes_at_the_next_look_and_no_visit_says_when_that_is() -> None:
    found: set[float] = set()
    for last_s in (121.0, 140.0, 150.0):
        clock = Clock()
        made = held(clock)
        made._phase, made._look = 0.5, int(clock() / HOLD_S + 0.5)  # pyright: ignore[reportPrivateUsage]  # looks at 30, 90, 150, 210
        ((gone_s, number),) = let_go_at(made, clock, [100.0, 101.0, 102.0, 103.0, last_s], 400)
        assert number == CROWD
        found.add(gone_s)

    assert found == {150.0}


def test_fewer_visits_than_a_crowd_wait_on_however_many_records_they_have() -> None:
    clock = Clock()
    made = held(clock)
    for _ in range(CROWD - 1):
        made.add(tallies(clock(), MOST_HELD))
    clock.now_s += 10 * HOLD_S

    assert not made.is_crowded
    assert made.ripe() == []


def test_the_end_of_an_hour_lets_go_what_was_made_in_it_and_not_what_came_after_it() -> None:
    clock = Clock(1_000 * HOUR_S - 1)
    made = held(clock)
    made.add(tallies(clock()))
    clock.now_s += 2
    made.add(tallies(clock()))

    assert [number for _, number in let_go_at(made, clock, [], HOUR_S)] == [1]
    assert [number for _, number in let_go_at(made, clock, [], 3 * HOLD_S)] == [1]


def test_a_large_crowd_does_not_wait_for_a_look() -> None:
    clock = Clock()
    made = held(clock)
    for _ in range(MOST_HELD):
        made.add(tallies(clock()))

    assert len(made.ripe()) == MOST_HELD
    assert made.ripe() == []


def test_what_waits_is_bounded() -> None:
    made = held(Clock(), most=10)

    assert [made.add(tallies(0, 4)) for _ in range(4)] == [0, 0, 2, 4]
    assert len(made.all()) == 10


def test_no_two_processes_look_at_the_same_instants() -> None:
    phases = {held(Clock())._phase for _ in range(20)}  # pyright: ignore[reportPrivateUsage]

    assert len(phases) == 20
    assert all(0 <= each < 1 for each in phases)


def test_a_journal_holds_a_lone_visitor_until_the_hour_is_over() -> None:
    clock, sink, serving = Clock(NOW_S // HOUR_S * HOUR_S), Kept(), shop()
    journal = Journal([sink], clock_s=clock, wall_s=clock)
    visit = visit_to(serving, {}, PERSONAL_ONLY)
    journal.decided(serving, decided(serving, visit), visit, surface="test")
    for _ in range(3):
        clock.now_s += HOLD_S
        taken = visit_to(serving, {"n": 5})
        written = len(sink.events) + 2
        journal.decided(serving, decided(serving, taken), taken, surface="test")
        wait_until(partial(has, sink, written), "one who agreed is written")
    assert all("now_s" in each for each in sink.records)

    clock.now_s += HOUR_S
    wait_until(lambda: len(sink.events) == 8, "the hour is over")
    assert journal.close()
