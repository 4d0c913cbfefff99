"""Consents in proofs: the least one, exactly one, what is never permitted and what always is."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from discreet.checks.proofs import Prover, Want
from discreet_consent import Consent
from support.oracle_questions import LIMITED, NOW_MS, PROFILED, holding, journeys, who

ATTRIBUTES: dict[str, Any] = {
    "hour": {"type": "number", "provenance": "contextual", "purposes": [LIMITED]},
    "visits": {"type": "number", "provenance": "first_party", "purposes": [PROFILED, "functional.storage"]},
    "ill": {"type": "boolean", "provenance": "declared", "purposes": [PROFILED], "sensitive": "health"},
    "all": {"type": "boolean", "provenance": "declared", "purposes": ["personalize.content"]},
    "basket": {"type": "number", "provenance": "first_party", "purposes": ["essential.service"]},
    "bought_data": {"type": "number", "provenance": "third_party", "purposes": ["analytics"]},
}
STORED = frozenset((PROFILED, "functional.storage"))


def test_a_witness_grants_no_more_than_it_needs() -> None:
    visitor = who(ATTRIBUTES, "visits >= 1 and ill and basket > 2")

    assert visitor is not None
    assert visitor.purposes == ("functional.storage", PROFILED)
    assert visitor.sensitive == ("health",)
    assert visitor.consent() == Consent.granting("functional.storage", PROFILED, sensitive=["health"])


def test_what_covers_another_purpose_is_granted_alone() -> None:
    visitor = who(ATTRIBUTES, "all and hour > 2")

    assert visitor is not None
    assert visitor.purposes == ("personalize.content",)


def test_what_is_essential_needs_no_grant() -> None:
    visitor = who(ATTRIBUTES, "basket > 2", granted=[])

    assert visitor is not None
    assert (visitor.attributes, visitor.purposes) == ({"basket": 3}, ())


@pytest.mark.parametrize(
    ("granted", "can"),
    [
        ([PROFILED], False),
        ([PROFILED, "sensitive:health"], True),
        (["personalize", "sensitive:health"], True),
        (["sensitive:health"], False),
    ],
)
def test_under_exactly_one_consent(granted: list[str], can: bool) -> None:
    visitor = who(ATTRIBUTES, "ill", granted=granted)

    assert (visitor is not None) is can
    if visitor is not None:
        assert {*visitor.purposes, *(f"sensitive:{each}" for each in visitor.sensitive)} == {*granted}


def test_only_what_is_knowable_may_be_known() -> None:
    assert who(ATTRIBUTES, "hour > 2 or visits > 1", knowable=["hour"]) is not None
    assert who(ATTRIBUTES, "visits > 1", knowable=["hour"]) is None
    with pytest.raises(ValueError, match="no consent permits exactly"):
        who(ATTRIBUTES, "all", knowable=["all"])  # whoever grants that grants the hour too


def test_the_least_consents_are_all_of_them() -> None:
    about = journeys(
        ATTRIBUTES, it="hour > 2 or visits > 1 or ill or (hour > 1 and ill)", sure="basket > 1 or ill"
    )
    prover = Prover(about, now_ms=NOW_MS)

    assert {*prover.least_consents(holding(about))} == {
        frozenset((LIMITED,)),
        STORED,
        frozenset((PROFILED, "sensitive:health")),
    }
    assert prover.least_consents(holding(about, "sure")) == (frozenset(),)
    assert prover.least_consents(holding(about, want=Want.NOT_TRUE)) == (frozenset(),)


def test_a_less_general_purpose_is_less() -> None:
    about = journeys(ATTRIBUTES, it="all or hour > 2", only="all and hour > 2")
    prover = Prover(about, now_ms=NOW_MS)

    assert prover.least_consents(holding(about)) == (frozenset((LIMITED,)),)
    assert prover.least_consents(holding(about, "only")) == (frozenset(("personalize.content",)),)


def test_of_what_nobody_fulfils_there_is_no_consent() -> None:
    about = journeys(ATTRIBUTES, it="hour > 2 and hour < 1")

    assert Prover(about, now_ms=NOW_MS).least_consents(holding(about)) == ()


def test_a_witness_says_its_command() -> None:
    visitor = who(ATTRIBUTES, "visits >= 1 and ill")

    assert visitor is not None
    assert shlex.split(visitor.command("shop.bundle", "home.hero")) == [
        "discreet", "decide", "shop.bundle", "--trust", "RING", "--placement", "home.hero",
        "--attributes", '{"ill": true, "visits": 1}', "--grant", "functional.storage", "--grant", PROFILED,
        "--grant-sensitive", "health", "--now", "2026-03-01T12:00Z",
    ]  # fmt: skip
