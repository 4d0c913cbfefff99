"""The least consents under which an offer shows: by hand, and against the consent matrix."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from discreet.checks.matrix import Matrix, matrix_of
from discreet.checks.proofs import Prover, Requirement, Undecided, journeys_of
from discreet.checks.remaining import remaining
from discreet.cli.scenario_run import throw_away_evaluator
from discreet.model import Model
from discreet_consent.purposes import is_granted
from support.compiled import document, offer
from support.example_models import EXAMPLES, example, sound

NOW_MS = 0.0  # a matrix from 1970 on is one of all times that these models know
PROFILED, LIMITED, STORAGE = (
    "personalize.content.profiled",
    "personalize.content.limited",
    "functional.storage",
)


def least(*models: Model) -> dict[tuple[str, str], tuple[frozenset[str], ...]]:
    journeys = journeys_of(models)
    prover = Prover(journeys, now_ms=NOW_MS)
    return {pair: sets for rules in journeys.rules for pair, sets in remaining(prover, rules).items()}


def test_an_offer_has_the_least_sets_of_purposes_by_which_it_shows() -> None:
    attributes = {
        "n": {"type": "number", "provenance": "first_party", "purposes": [PROFILED, STORAGE]},
        "m": {"type": "number", "provenance": "contextual", "purposes": [LIMITED]},
        "h": {"type": "number", "provenance": "declared", "purposes": [LIMITED], "sensitive": "health"},
    }
    offers = (
        offer("either", when="n > 1 or m > 1", priority=3),
        offer("ill", when="h > 1", priority=2),
        offer("never", when="n > 9", priority=1),
        offer("strangers", when="unknown(n)", waive="withdrawal", priority=-1),
    )
    (model,) = sound(document(*offers, attributes=attributes))

    assert least(model) == {
        ("p", "either"): ({LIMITED}, {STORAGE, PROFILED}),
        ("p", "ill"): ({LIMITED, "sensitive:health"},),
        ("p", "never"): (),
        ("p", "strangers"): (set(),),
        ("p", "none"): ({STORAGE, PROFILED},),
    }


class Doubtful(Prover):
    """A prover that settles every second question only."""

    asked = 0

    def least_consents(self, requirement: Requirement) -> tuple[frozenset[str], ...]:
        self.asked += 1
        if self.asked % 2:
            raise Undecided
        return super().least_consents(requirement)


def test_what_was_not_settled_of_a_competing_fallback_is_left_out() -> None:
    always = offer("always")
    (model,) = sound(document(always, placements={"p": {"fallback": "always"}, "q": {"fallback": "none"}}))
    journeys = journeys_of([model])

    # It always wins, which was not settled, and so never shows as a fallback, which was: not "never shown".
    assert ("p", "always") not in remaining(Doubtful(journeys, now_ms=NOW_MS), journeys.rules[0])


def test_an_offer_that_always_shows_leaves_nothing_to_the_fallback() -> None:
    (model,) = sound(document(offer("always")))

    assert least(model) == {("p", "always"): (frozenset(),), ("p", "none"): ()}


def test_a_fallback_that_competes_is_told_of_once() -> None:
    competing = {"id": "none", "placements": ["p"], "content": {"title": "none"}}
    (model,) = sound(document() | {"offers": [competing]})

    assert least(model) == {("p", "none"): (frozenset(),)}


def matrix(models: tuple[Model, ...]) -> Matrix:
    journeys = journeys_of(models)
    return matrix_of(throw_away_evaluator(models), journeys, Prover(journeys, now_ms=NOW_MS), now_ms=NOW_MS)


def within(least: Collection[str], granted: Collection[str]) -> bool:
    return all(key in granted or is_granted(key, granted) for key in least)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_offer_shows_under_a_consent_exactly_when_one_of_its_sets_is_within(name: str) -> None:
    sets = least(*example(name))
    for row in matrix(example(name)).rows:
        shown = {(cell.placement, offer) for cell in row.cells for offer in cell.offers}
        by_sets = {pair for pair, each in sets.items() if any(within(one, row.granted) for one in each)}
        assert shown == by_sets
