"""Instruction counts: what is compared, and that the counting process does its work."""

from __future__ import annotations

import pytest

from benchmarks import instructions
from benchmarks.instructions import FLOOR, KINDS, TOLERANCE, ratios, table, too_slow, verdict


def test_what_is_kept_are_multiples_of_the_floor() -> None:
    assert ratios({FLOOR: 5_000.0, "decide-10": 60_000.0}) == {"decide-10": 12.0}


def test_only_a_run_beyond_the_tolerance_is_slower() -> None:
    kept = {"decide-10": 10.0, "decide-100": 10.0, "load-10": 10.0}
    now = {
        "decide-10": 10 * (1 + TOLERANCE) - 0.01,
        "decide-100": 10 * (1 + TOLERANCE) + 0.01,
        "load-10": 5.0,
    }

    assert list(too_slow(now, kept)) == ["decide-100"]


def test_a_run_that_is_not_kept_yet_is_not_slower() -> None:
    assert too_slow({"decide-10": 10.0}, {}) == {}


def test_the_verdict_says_how_to_accept() -> None:
    assert "--write" in verdict({}, known=False)[0]
    slower = verdict({"decide-10": 0.055}, known=True)
    assert slower[0] == "decide-10 takes 5.5% more than is kept"
    assert "--write" in slower[1]
    assert verdict({}, known=True) == ["no run takes 3% more than is kept"]


def test_the_table_shows_what_is_kept_beside_what_is_counted() -> None:
    shown = table({FLOOR: 5_000.0, "decide-10": 60_000.0, "load-10": 5e6}, {"decide-10": 10.0})

    assert "| decide-10 | 60,000 | 12.00 | 10.00 | +20.0% |" in shown
    assert "| load-10 | 5,000,000 | 1000.00 | | |" in shown


def test_every_kept_run_is_one_that_is_counted() -> None:
    kept = instructions.read_kept()

    assert kept
    assert {kind for column in kept.values() for kind in column} <= set(KINDS)


@pytest.mark.slow
@pytest.mark.skipif(bool(instructions.why_not()), reason=instructions.why_not())
def test_the_same_run_takes_the_same_instructions() -> None:
    once, again = (instructions.count([FLOOR], visitors=20)[FLOOR] for _ in range(2))

    assert once > 1_000
    assert once == pytest.approx(again, rel=0.001)
