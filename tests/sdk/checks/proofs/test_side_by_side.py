"""Two journeys over one numbering: one visitor is asked of both, whatever each declares."""

from __future__ import annotations

from typing import Any

import pytest

import discreet_consent
from discreet.checks.proofs import Every, Holds, Prover, Requirement, Visitor, Want, side_by_side
from discreet.model import models_from_dicts
from discreet.runtime import kleene
from support.oracle_questions import LIMITED, NOW_MS, PROFILED, document, journeys


def _declared(kind: str, **other: Any) -> dict[str, Any]:
    return {"type": kind, "provenance": "first_party", "purposes": [PROFILED], **other}


def _who(
    old: dict[str, Any], new: dict[str, Any], before: str, after: str, wants: tuple[Want, Want]
) -> Visitor | None:
    """A visitor of whom `before` is as wanted where `x` is declared as `old`, and `after` where it is as `new`."""
    sides = side_by_side(journeys({"x": old}, it=before), journeys({"x": new}, it=after))
    asked: list[Requirement] = [
        Holds(side.rules[0].condition("it").tree, want) for side, want in zip(sides, wants, strict=True)
    ]
    visitor = Prover(sides, now_ms=NOW_MS).find(Every(asked))
    if visitor is not None:
        for declared, when, want in ((old, before, wants[0]), (new, after, wants[1])):
            assert _really(declared, when, visitor) in _allowed(want)
    return visitor


def _allowed(want: Want) -> set[bool | None]:
    return {truth for bit, truth in ((1, True), (2, False), (4, None)) if want.value & bit}


def _really(declared: dict[str, Any], when: str, visitor: Visitor) -> bool | None:
    """The truth for this visitor, worked out with `permit` and kleene from the one side alone."""
    (model,) = models_from_dicts([document({"x": declared}, it=when)])
    about = journeys({"x": declared}, it=when)
    catalogue = discreet_consent.Catalogue(model.attributes)
    permitted = discreet_consent.permit(visitor.given(), catalogue, visitor.consent(), visitor.now_s)
    visit = kleene.Visit(permitted.values, visitor.now_s * 1000, about.conditions)
    return visit.truth(about.rules[0].condition("it").tree)


TRUE_THEN_NOT = (Want.TRUE, Want.NOT_TRUE)
NOT_THEN_TRUE = (Want.NOT_TRUE, Want.TRUE)
BOTH = (Want.TRUE, Want.TRUE)


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "wants", "can"),
    [
        (_declared("number"), _declared("number"), "x > 1", "x >= 1", TRUE_THEN_NOT, False),
        (_declared("number"), _declared("number"), "x > 1", "x >= 1", NOT_THEN_TRUE, True),
        (_declared("number"), _declared("number", purposes=[LIMITED]), "x > 1", "x > 1", TRUE_THEN_NOT, True),
        (
            _declared("number"),
            _declared("number", purposes=["personalize"]),
            "x > 1",
            "x > 1",
            NOT_THEN_TRUE,
            False,
        ),
        (_declared("number"), _declared("number", sensitive="health"), "x > 1", "x > 1", TRUE_THEN_NOT, True),
        (
            _declared("number"),
            _declared("number", sensitive="health"),
            "x > 1",
            "x > 1",
            NOT_THEN_TRUE,
            False,
        ),
        (_declared("number", retention="1d"), _declared("number"), "x > 1", "x > 1", NOT_THEN_TRUE, True),
        (_declared("number", retention="1d"), _declared("number"), "x > 1", "x > 1", TRUE_THEN_NOT, False),
        (_declared("string"), _declared("string", lower=True), 'x == "AB"', 'x == "ab"', BOTH, True),
        (
            _declared("string"),
            _declared("string", lower=True),
            'x == "AB"',
            'x == "ab"',
            TRUE_THEN_NOT,
            False,
        ),
        (_declared("string"), _declared("string", lower=True), 'x == "ab"', 'x == "ab"', NOT_THEN_TRUE, True),
        (_declared("string"), _declared("number"), "known(x)", "known(x)", BOTH, False),
        (_declared("string"), _declared("number"), "known(x)", "known(x)", TRUE_THEN_NOT, True),
        (_declared("number"), _declared("datetime"), "x == 0", 'x == "1970-01-01"', BOTH, True),
        (_declared("string"), _declared("datetime"), 'x == "2026-03-01"', 'x == "2026-03-01"', BOTH, True),
        (_declared("string"), _declared("datetime"), 'x == "soon"', "known(x)", BOTH, False),
        (_declared("datetime"), _declared("string"), "known(x)", "known(x)", TRUE_THEN_NOT, True),
    ],
)
def test_one_visitor_of_two_declarations(
    old: dict[str, Any], new: dict[str, Any], before: str, after: str, wants: tuple[Want, Want], can: bool
) -> None:
    assert (_who(old, new, before, after, wants) is not None) is can


def test_an_observation_says_its_age_only_where_it_matters() -> None:
    visitor = _who(_declared("number", retention="1d"), _declared("number"), "x > 1", "x > 1", NOT_THEN_TRUE)

    assert visitor is not None
    assert visitor.attributes == {"x": {"value": 2, "observed": "2026-02-28T11:59:59.500Z"}}


def test_what_both_say_is_one_tree() -> None:
    old, new = side_by_side(
        journeys({"x": "number", "y": "string"}, it="x > 1"),
        journeys({"a": "number", "x": "number"}, it="x > 1"),
    )

    assert old.rules[0].condition("it").tree is new.rules[0].condition("it").tree
    assert old.rules[0].condition("it").number != new.rules[0].condition("it").number
    assert old.attributes == new.attributes
