"""On 50 random pairs of models the difference is true and whole: what it says comes about, and nothing else does."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

import discreet
from discreet.checks.changes import Difference, difference
from discreet.checks.proofs import journeys_of
from discreet.model import models_from_dicts
from discreet_consent import Consent
from support.model_pairs import MUTATIONS, PAIRS, crowds, pair
from support.products import evaluator_of
from support.vectors.cases import NOW_S
from support.witnesses import decided

VISITORS = 100_000  # of each pair
CHUNK = 5  # pairs of one test; those of one chunk are compared in one process
ALL = [
    pytest.param(
        range(first, first + CHUNK),
        id=f"pairs {first} to {first + CHUNK - 1}",
        marks=pytest.mark.xdist_group(f"model pairs {first}"),
    )
    for first in range(0, PAIRS, CHUNK)
]

Sides = tuple[discreet.Evaluator, discreet.Evaluator]


@cache
def compared(number: int) -> tuple[Difference, Sides]:
    """The difference of a pair, and real evaluators of both sides."""
    both = pair(number)
    old, new = ((journeys_of(models_from_dicts([each]))) for each in (both.old, both.new))
    return difference(old, new, now_ms=NOW_S * 1000), (evaluator_of([both.old]), evaluator_of([both.new]))


@pytest.mark.slow
@pytest.mark.parametrize("numbers", ALL)
def test_every_change_that_is_reported_comes_about(numbers: range) -> None:
    for number in numbers:
        found, sides = compared(number)
        for change in found.winners:
            old, new = (decided(side, change.witness)[change.placement] for side in sides)
            said = [(each.offer, each.fallback) for each in (change.was, change.becomes)]
            assert [(each.offer, each.reason.value == "fallback") for each in (old, new)] == said, number
        for content in found.contents:
            old, new = (decided(side, content.witness)[content.placements[0]] for side in sides)
            assert (old.offer, new.offer) == (content.offer, content.offer), number
            assert old.content != new.content, number
        for stage in found.stages:
            old, new = (next(iter(decided(side, stage.witness).values())) for side in sides)
            assert (old.stage, new.stage) == (stage.was, stage.becomes), number


@pytest.mark.slow
@pytest.mark.parametrize("numbers", ALL)
def test_a_witness_grants_no_more_than_it_takes(numbers: range) -> None:
    """It grants one of the least consents, and with one purpose less it does not meet the change.

    There is none for what only known children meet.
    """
    for number in numbers:
        found, sides = compared(number)
        for change in found.winners:
            witness = change.witness
            granted = frozenset((*witness.purposes, *(f"sensitive:{each}" for each in witness.sensitive)))
            assert change.consents is not None
            if not change.consents:
                assert witness.contextual_only, number
                continue
            assert any(each <= granted for each in change.consents), number
            assert not any(one < other for one in change.consents for other in change.consents), number
            for each in witness.purposes:
                less = Consent(set(witness.purposes) - {each}, sensitive=witness.sensitive)
                shown = [
                    side.decide(
                        change.placement,
                        side.permit(witness.given(), less, now_s=witness.now_s),
                        now_s=witness.now_s,
                    ).offer
                    for side in sides
                ]
                assert shown != [change.was.offer, change.becomes.offer], number


@pytest.mark.slow
@pytest.mark.parametrize("numbers", ALL)
def test_a_crowd_finds_no_change_that_was_missed(numbers: range) -> None:
    pytest.importorskip("numpy")
    pytest.importorskip("pyarrow")
    met = 0
    for number in numbers:
        found, sides = compared(number)
        assert found.proven, number
        reported = {(each.placement, each.was.offer, each.becomes.offer) for each in found.winners}
        stages = {(each.was, each.becomes) for each in found.stages}
        seen, moved = crowd_meets(sides)
        met += len(seen)
        assert not seen - reported, number
        assert not moved - stages, number
    assert met >= 1


def crowd_meets(sides: Sides) -> tuple[set[tuple[str, str, str]], set[tuple[str, str]]]:
    """The changes of winners, by placement, and of stages that some visitor of the crowd meets."""
    seen: set[tuple[str, str, str]] = set()
    moved: set[tuple[str, str]] = set()
    for crowd in crowds(VISITORS):
        old, new = (
            side.decide_batch(crowd.batch, crowd.consents, crowd.placement, now_s=crowd.now_s)
            for side in sides
        )
        offers, stages = (
            {*zip(*(side.column(field).to_pylist() for side in (old, new)), strict=True)}
            for field in ("offer", "stage")
        )
        seen |= {(crowd.placement, was, becomes) for was, becomes in offers if was != becomes}
        moved |= {(was, becomes) for was, becomes in stages if was != becomes}
    return seen, moved


def test_the_pairs_make_every_sort_of_change() -> None:
    made = Counter(change for number in range(PAIRS) for change in pair(number).changes)

    assert set(made) == set(MUTATIONS)
    assert min(made.values()) >= 3


def test_the_same_dice_make_the_same_pairs() -> None:
    assert pair(3) is not pair.__wrapped__(3)
    assert pair(3) == pair.__wrapped__(3)
