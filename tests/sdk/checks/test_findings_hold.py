"""On 50 random models no visitor of a crowd contradicts a finding, and each witness meets what it is said to meet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import pytest

import discreet
from discreet.checks import CHECKS, Finding, check_models
from discreet.model import models_from_dicts
from support.model_pairs import PAIRS, crowds, pair
from support.products import evaluator_of
from support.vectors.cases import NOW_S
from support.witnesses import decided, permitted

VISITORS = 10_000  # of each model
ALL = range(PAIRS)
_PLACEMENT = re.compile(r"`(web\.\d)`")


@dataclass
class Met:
    """What a crowd has met: the offers that won and their contents by placement, and the stages."""

    offers: Mapping[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    shown: Mapping[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    stages: set[str] = field(default_factory=set[str])


@cache
def reviewed(number: int) -> tuple[tuple[Finding, ...], discreet.Evaluator]:
    document = pair(number).old
    return check_models(models_from_dicts([document]), now_ms=NOW_S * 1000), evaluator_of([document])


def met(evaluator: discreet.Evaluator) -> Met:
    found = Met()
    for crowd in crowds(VISITORS):
        table = evaluator.decide_batch(crowd.batch, crowd.consents, crowd.placement, now_s=crowd.now_s)
        offers, reasons, stages = (table.column(name).to_pylist() for name in ("offer", "reason", "stage"))
        won = {offer for offer, reason in zip(offers, reasons, strict=True) if reason == "matched"}
        found.offers[crowd.placement].update(won)
        found.shown[crowd.placement].update(offers)
        found.stages.update(stages)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", ALL)
def test_nobody_in_a_crowd_contradicts_a_finding(number: int) -> None:
    pytest.importorskip("numpy")
    pytest.importorskip("pyarrow")
    found, evaluator = reviewed(number)
    crowd = met(evaluator)
    for each in found:
        if each.code in ("D201", "D202"):
            assert each.subject not in crowd.stages, str(each)
        elif each.code == "D301":
            lost = _PLACEMENT.findall(each.message.partition(":")[0])
            assert not any(each.subject in crowd.offers[placement] for placement in lost), str(each)
        elif each.code == "D101":
            assert not any(each.subject in won for won in crowd.offers.values()), str(each)


@pytest.mark.parametrize("number", ALL)
def test_a_witness_of_an_offer_that_never_wins_is_eligible_and_gets_another(number: int) -> None:
    found, evaluator = reviewed(number)
    for each in found:
        if each.code != "D301":
            continue
        assert each.witness is not None
        (placement, *_) = _PLACEMENT.findall(each.message.partition(":")[0])
        visitor = permitted(evaluator, each.witness)
        ranked = evaluator.decide_top(placement, visitor, 99, now_s=each.witness.now_s)
        names = [decision.offer for decision in ranked]
        assert each.subject in names[1:]
        assert f"`{names[0]}`" in each.message


@pytest.mark.parametrize("number", ALL)
def test_a_witness_of_a_stage_has_reached_it(number: int) -> None:
    found, evaluator = reviewed(number)
    stages = [each.id for each in models_from_dicts([pair(number).old])[0].stages]
    for each in found:
        if each.code in ("D202", "D203"):
            assert each.witness is not None
            stage = next(iter(decided(evaluator, each.witness).values())).stage
            assert stages.index(stage) >= stages.index(each.subject) + (each.code == "D202")


def test_nothing_is_left_undecided_and_most_checks_find_something() -> None:
    codes = {each.code for number in ALL for each in reviewed(number)[0]}

    assert "D902" not in codes
    assert codes <= CHECKS.keys()
    assert codes >= {"D101", "D103", "D104", "D105", "D301", "D303", "D401", "D403"}
