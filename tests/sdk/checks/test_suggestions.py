"""Suggested scenarios: they see all that can be seen, they pass as they are, and what they miss nobody sees."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from discreet.checks.coverage import Aspect, Coverage, Point, Seen, Watch
from discreet.checks.proofs import Prover, Visitor, journeys_of
from discreet.checks.suggestions import Found, Suggestion, suggest, visitors_for
from discreet.checks.suggestions_text import HEADER, as_yaml, name_of, scenarios_of
from discreet.cli.scenario_run import (
    ScenarioResult,
    consent_of,
    permitted_of,
    run_scenarios,
    throw_away_evaluator,
)
from discreet.model import Model, read_scenarios
from discreet_consent import Consent
from support.compiled import document, offer
from support.example_models import EXAMPLES, example, sound
from support.near_literals import NearLiterals
from support.small_random_models import random_document

NOW_MS = 1_782_864_000_000.0  # 2026-07-01


def suggested(models: tuple[Model, ...]) -> tuple[Found, tuple[Suggestion, ...]]:
    evaluator, journeys = throw_away_evaluator(models), journeys_of(models)
    watch = Watch(evaluator)
    found = visitors_for(watch.points, journeys, Prover(journeys, now_ms=NOW_MS))
    return found, suggest(found, evaluator, watch)


def read_back(
    suggestions: tuple[Suggestion, ...], models: tuple[Model, ...], folder: Path
) -> tuple[tuple[ScenarioResult, ...], Coverage]:
    """What came of the written scenarios, and what they see."""
    path = folder / "suggested.yaml"
    path.write_text(as_yaml(suggestions), "utf-8")
    evaluator = throw_away_evaluator(models)
    scenarios = read_scenarios(path, models)
    visits = (
        Seen(each.placement, permitted_of(evaluator, each, consent_of(each)), each.now_s)
        for each in scenarios
    )
    return run_scenarios(evaluator, scenarios), Watch(evaluator).coverage(visits)


@pytest.mark.parametrize("name", EXAMPLES)
def test_suggestions_for_an_example_pass_and_see_everything_that_can_be_seen(
    name: str, tmp_path: Path
) -> None:
    found, suggestions = suggested(example(name))
    results, coverage = read_back(suggestions, example(name), tmp_path)

    assert [result.scenario.name for result in results if not result.passed] == []
    assert len(results) == len(suggestions) < len(coverage.points) / 2
    assert {*coverage.missing} == found.impossible | found.of_children
    assert not found.undecided


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_random_visitor_sees_what_is_said_to_be_impossible(name: str) -> None:
    models = example(name)
    found, _ = suggested(models)
    assert_nobody_sees(found.impossible, models, name, 300)


def assert_nobody_sees(
    impossible: frozenset[Point], models: tuple[Model, ...], seed: str, visitors: int
) -> None:
    from discreet.checks.matrix import consent_of as granting
    from discreet.checks.matrix import keys_of

    evaluator, dice = throw_away_evaluator(models), Random(seed)  # noqa: S311 - chosen, not secret
    watch, keys = Watch(evaluator), keys_of(evaluator.catalogue)
    near = NearLiterals(journeys_of(models), NOW_MS, seed)
    seen: set[Point] = set()
    for raw in near.visitors(visitors, NOW_MS):
        granted = keys if dice.random() < 0.5 else [key for key in keys if dice.random() < 0.6]
        stated = granting(granted, (), keys)
        child = dice.random() < 0.2
        consent = Consent(stated.purposes, sensitive=stated.sensitive, contextual_only=child)
        permitted = evaluator.permit(raw, consent, now_s=NOW_MS / 1000)
        for placement in evaluator.placements:
            seen |= watch.seen(Seen(placement, permitted, NOW_MS / 1000))
    assert seen & impossible == set()
    assert seen


@pytest.mark.parametrize("seed", range(25))
def test_suggestions_for_a_random_model_pass_and_see_everything_that_can_be_seen(
    seed: int, tmp_path: Path
) -> None:
    models = sound(random_document(seed))
    found, suggestions = suggested(models)
    results, coverage = read_back(suggestions, models, tmp_path)

    assert [result.scenario.name for result in results if not result.passed] == []
    assert {*coverage.missing} == found.impossible | found.of_children
    assert not found.undecided
    assert_nobody_sees(found.impossible, models, f"random {seed}", 300)


def test_visitors_are_put_together_only_where_both_still_see_what_they_saw() -> None:
    limited, profiled = "personalize.content.limited", "personalize.content.profiled"
    models = sound(
        document(
            attributes={
                "n": {"type": "number", "provenance": "first_party", "purposes": [profiled]},
                "m": {"type": "number", "provenance": "first_party", "purposes": [limited]},
                "round": {"coarsens": "n", "by": {"decimals": 0}, "purposes": [limited]},
            },
            conditions={
                "exact": {"says": "Only the exact number is known", "when": "known(n) and unknown(round)"},
                "many": {"says": "There are many", "when": "m > 1"},
            },
        )
    )
    found, suggestions = suggested(models)
    seen = {str(point) for each in suggestions for point in each.sees}

    assert seen == {str(point) for point in found.visitors}
    true = {"condition `exact` true", "condition `many` true"}
    assert not any(true <= {str(point) for point in each.sees} for each in suggestions)


def test_what_only_a_known_child_sees_is_said_and_not_suggested() -> None:
    profiled = "personalize.content.profiled"
    models = sound(
        document(
            offer("exact", when="known(n)", priority=2),
            offer("for_a_child", when="known(round) and known(c)", priority=1),
            attributes={
                "n": {"type": "number", "provenance": "first_party", "purposes": [profiled]},
                "c": {"type": "number", "provenance": "contextual", "purposes": [profiled]},
                "round": {"coarsens": "n", "by": {"decimals": 0}, "purposes": ["essential.service"]},
            },
        )
    )
    found, suggestions = suggested(models)

    assert [str(point) for point in found.of_children] == ["offer `for_a_child`"]
    assert {each.offer for each in suggestions} == {"none", "exact"}


def test_scenarios_are_named_in_words_each_once() -> None:
    visitor = Visitor({}, (), (), NOW_MS)

    def one(aspect: Aspect, subject: str, truth: bool | None = None, says: str = "") -> Suggestion:
        point = Point(aspect, ("m",), subject, truth, says)
        return Suggestion("p", visitor, "it", "matched", "first", (point,))

    assert name_of(one(Aspect.OFFER, "it")) == "p shows it at first"
    assert name_of(one(Aspect.FALLBACK, "p")) == "p falls back to it"
    assert name_of(one(Aspect.STAGE, "first")) == "A visitor has come as far as first"
    assert name_of(one(Aspect.CONDITION, "c", False, "They came.")) == "Not so: They came"
    named = scenarios_of([one(Aspect.OFFER, "it"), one(Aspect.OFFER, "it")], ["p shows it at first"])
    assert [each["name"] for each in named] == ["p shows it at first (2)", "p shows it at first (3)"]


HARD = (
    "true",
    "null",
    "1e3",
    "a: b",
    "#",
    "'",
    '"',
    "\\",
    "\n\t",
    "\x00\x7f\x85",
    "\u2028\ufeff",
    "\U0001f600",
    " a ",
    "-",
)


@pytest.mark.parametrize("text", HARD, ids=ascii)
def test_any_text_can_stand_in_a_suggestion(text: str, tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "model": "m", "channel": "web", "stages": [{"id": "1e3"}], "placements": {"0": {"fallback": "true"}},
        "attributes": {"s": {"type": "string", "provenance": "contextual", "purposes": ["essential.service"]}},
        "conditions": {"c": {"says": f"So {text}.", "when": f"s == {text!r} or ends_with(s, {text + 'x'!r})"}},
        "offers": [{"id": "true", "content": {}}, {"id": "2", "content": {}, "placements": ["0"], "when": "c"}],
    }  # fmt: skip
    models = sound(document)
    found, suggestions = suggested(models)
    results, coverage = read_back(suggestions, models, tmp_path)

    assert all(result.passed for result in results)
    assert (coverage.missing, found.impossible) == ((), frozenset())


def test_a_file_of_suggestions_says_that_nobody_has_agreed() -> None:
    _, suggestions = suggested(example("starter"))
    text = as_yaml(suggestions)

    assert text.startswith(HEADER)
    assert text.count("# to be agreed on; sees ") == len(suggestions)
    assert as_yaml(()) == ""


def test_what_cannot_be_proven_in_time_is_neither_possible_nor_impossible() -> None:
    models = example("shop")
    watch, journeys = Watch(throw_away_evaluator(models)), journeys_of(models)
    hasty = visitors_for(watch.points, journeys, Prover(journeys, now_ms=NOW_MS, budget=1))
    patient = visitors_for(watch.points, journeys, Prover(journeys, now_ms=NOW_MS))

    assert hasty.undecided
    assert hasty.impossible <= patient.impossible
    assert hasty.visitors.keys() | hasty.impossible | hasty.undecided == {*watch.points}
