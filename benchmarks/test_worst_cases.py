"""The worst cases once, small: that they say what they claim, and that the answers are right."""

from __future__ import annotations

import dataclasses
import json

import pytest

from benchmarks import growth
from benchmarks.worst_cases import CONSENT, TOP, WorstCase, built, caller, measure_worst, table
from benchmarks.worst_drawing import FALLBACK, NOW_S, PLACEMENT, Case
from benchmarks.worst_models import CASES
from support.reference import reference_top

SMALL = 12  # offers
GUESTS = 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_matches_as_many_as_it_says_and_decides_as_the_slow_reference_does(case: Case) -> None:
    drawn = case.draw(max(SMALL, case.few // 5))
    evaluator = built(drawn).evaluator
    won = 0
    for visitor in drawn.visitors[:GUESTS]:
        permitted = evaluator.permit(visitor, CONSENT, now_s=NOW_S)
        asked = ([drawn.document], PLACEMENT, visitor, CONSENT.purposes, NOW_S)
        best = [each.offer for each in reference_top(*asked, TOP, expires_s=NOW_S + 1)]
        top = evaluator.decide_top(PLACEMENT, permitted, TOP, now_s=NOW_S)
        page = evaluator.decide_all(permitted, now_s=NOW_S)

        assert not permitted.malformed
        assert evaluator.decide(PLACEMENT, permitted, now_s=NOW_S).offer == best[0]
        assert [each.offer for each in top] == best
        assert {each.offer for each in page.values()} == {best[0]}  # all offers compete for every placement
        won += best[0] != FALLBACK
    if case.matched is not None:
        assert won == case.matched * min(GUESTS, len(drawn.visitors))


def test_a_case_is_measured_and_written_down() -> None:
    heard: list[str] = []
    (case,) = measure_worst(True, heard.append, ["top 64, all match"])

    assert case.times > 0
    assert case.p99_us >= case.us > 0
    assert case.matched == 1.0
    assert WorstCase(**json.loads(json.dumps(dataclasses.asdict(case)))) == case
    assert "top 64, all match" in table([case])
    assert heard == ["top 64, all match: 200 offers"]


def test_top_64_and_fifty_placements_are_what_they_say() -> None:
    calls = {case.call: case for case in CASES if case.matched == 1.0}
    for call, expected in (("top 64", 64), ("all placements", 50)):
        drawn = calls[call].draw(calls[call].few)  # type: ignore[index] # the names of calls
        assert len(caller(built(drawn).evaluator, calls[call].call)(drawn.visitors[0])) == expected  # type: ignore[index]


def test_nothing_is_kept_of_visitors() -> None:
    kept = growth.measure_memory_kept(True, lambda _: None)

    assert kept.decisions == 20_000
    assert kept.nothing, growth.kept_line(kept)


def test_strangers_are_ever_new() -> None:
    guests = growth.strangers()
    names = [frozenset(next(guests)) for _ in range(500)]

    assert len(set(names)) == 500
