"""On 500 random models the prover and an independent SAT solver agree, and every witness is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import pytest

pytest.importorskip("pysat", reason="the oracle needs python-sat")

from discreet import Decision, Evaluator
from discreet.checks.proofs import (
    ConditionRules,
    Either,
    Every,
    Holds,
    Prover,
    Requirement,
    Rules,
    Visitor,
    Want,
    Within,
    falls_back,
    furthest,
    journeys_of,
    negated,
    reached,
    wins,
)
from discreet.cli.scenario_run import throw_away_evaluator
from discreet.model import Model, models_from_dicts
from support.oracle import Oracle
from support.oracle_models import NOW_MS, small_model

MODELS, CHUNKS = 500, 10


@dataclass(frozen=True)
class Question:
    """The same question for both; and what a witness's decision must be like, where one is asked about."""

    name: str
    requirement: Requirement
    expected: Callable[[], bool]
    placement: str = ""
    seen: Callable[[Decision], bool] = lambda _: True


def _of_conditions(model: Model, rules: Rules, oracle: Oracle) -> Iterator[Question]:
    whens = {each.id: each.when for each in model.conditions}
    for each in rules.conditions:
        true, false = oracle.node(whens[each.id])
        yield Question(f"{each.id} true", Holds(each.tree, Want.TRUE), partial(oracle.can, true))
        yield Question(f"{each.id} false", Holds(each.tree, Want.FALSE), partial(oracle.can, false))
    for one, other in combinations(rules.conditions, 2):
        a, b = whens[one.id], whens[other.id]
        yield Question(
            f"{one.id} differs from {other.id}",
            _differ(one, other),
            partial(oracle.can_differ, a, b),
        )


def _differ(one: ConditionRules, other: ConditionRules) -> Requirement:
    return Either(
        tuple(
            Every((Holds(first.tree, want), Holds(second.tree, but)))
            for first, second in ((one, other), (other, one))
            for want, but in ((Want.TRUE, Want.NOT_TRUE), (Want.FALSE, Want.NOT_FALSE))
        )
    )


def _of_stages(rules: Rules, oracle: Oracle) -> Iterator[Question]:
    for stage in rules.stages:
        number = stage.number
        yield Question(
            f"{stage.id} reached",
            reached(rules, stage),
            partial(oracle.can, oracle.reached(number)),
        )
        yield Question(
            f"{stage.id} furthest",
            furthest(rules, stage),
            partial(oracle.can, oracle.furthest(number)),
            "hero",
            lambda decision, name=stage.id: decision.stage == name,  # type: ignore[misc]  # bound here
        )


def _of_offers(model: Model, rules: Rules, oracle: Oracle) -> Iterator[Question]:
    for slot in (each.id for each in rules.placements):
        yield Question(
            f"{slot} falls back",
            falls_back(rules, slot),
            partial(oracle.can, oracle.falls_back(slot)),
            slot,
            lambda decision: decision.reason.value == "fallback",
        )
        for offer in model.offers:
            won = oracle.wins(slot, offer)
            yield Question(
                f"{offer.id} wins {slot}",
                wins(rules, slot, offer.id),
                partial(oracle.can, won),
                slot,
                lambda decision, name=offer.id: decision.offer == name,  # type: ignore[misc]  # bound here
            )
            yield Question(
                f"{offer.id} does not win {slot}",
                negated(wins(rules, slot, offer.id)),
                partial(oracle.can, -won),
            )


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_prover_and_the_oracle_agree_on_random_models(chunk: int) -> None:
    size = MODELS // CHUNKS
    for seed in range(chunk * size, (chunk + 1) * size):
        (model,) = models = models_from_dicts([small_model(seed)])
        oracle = Oracle(model, NOW_MS)
        journeys = journeys_of(models)
        rules = journeys.model("m")
        evaluator = throw_away_evaluator(models)
        prover = Prover(journeys, now_ms=0)
        for question in (
            *_of_conditions(model, rules, oracle),
            *_of_stages(rules, oracle),
            *_of_offers(model, rules, oracle),
        ):
            found = prover.find(Every((Within(NOW_MS, NOW_MS + 1), question.requirement)))
            assert (found is not None) is question.expected(), (seed, question.name)
            if found is not None and question.placement:
                assert question.seen(_decided(evaluator, found, question.placement)), (seed, question.name)


def _decided(evaluator: Evaluator, visitor: Visitor, placement: str) -> Decision:
    permitted = evaluator.permit(visitor.given(), visitor.consent(), now_s=visitor.now_s)
    return evaluator.decide(placement, permitted, now_s=visitor.now_s)
