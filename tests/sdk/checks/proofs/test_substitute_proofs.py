"""Substitutes share the raw value, and permission decides which of them is known."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.checks.proofs import Want
from support.oracle_questions import LIMITED, PROFILED, who


def _with(kind: str, by: dict[str, Any], *, own: str = LIMITED, exact: str = PROFILED) -> dict[str, Any]:
    return {
        "x": {"type": kind, "provenance": "first_party", "purposes": [exact]},
        "coarse": {"coarsens": "x", "by": by, "purposes": [own]},
    }


BANDS, TENTHS = _with("number", {"bands": [0, 18, 65]}), _with("number", {"decimals": 1})
TWO, NET = _with("string", {"characters": 2}), _with("string", {"network": True})


@pytest.mark.parametrize(
    ("attributes", "when"),
    [
        (BANDS, "coarse == 20"),
        (BANDS, "coarse >= 18 and x < 18"),
        (BANDS, "coarse == 18 and x >= 65"),
        (BANDS, "x == 17 and coarse != 0"),
        (TENTHS, "x == 0.25 and coarse < 0.3"),
        (TENTHS, "coarse == 0.3 and x < 0.2"),
        (TENTHS, "coarse == 0.25"),
        (TWO, 'coarse == "abc"'),
        (TWO, 'starts_with(coarse, "ab") and not starts_with(x, "a")'),
        (TWO, 'contains(coarse, "b") and starts_with(x, "acb")'),
        (TWO, 'ends_with(coarse, "b") and x == "abc" and coarse != "ab"'),
        (NET, 'coarse == "192.0.2.7"'),
        (NET, 'coarse == "192.0.2.0" and starts_with(x, "192.0.3.")'),
        (NET, 'x == "nowhere" and known(coarse)'),
    ],
)
def test_what_no_raw_value_can_be_is_a_contradiction(attributes: dict[str, Any], when: str) -> None:
    assert who(attributes, when) is None


@pytest.mark.parametrize(
    ("attributes", "when"),
    [
        (BANDS, "coarse == 18 and x > 60"),
        (BANDS, "x < 0 and unknown(coarse)"),
        (TENTHS, "coarse == 0.3 and x < 0.26 and x != 0.25"),
        (TENTHS, "x > 1e300 and coarse > 1"),
        (TWO, 'coarse == "ab" and x != "ab"'),
        (TWO, 'coarse == "a" and known(x)'),
        (TWO, 'contains(coarse, "b") and starts_with(x, "a") and not starts_with(x, "b")'),
        (TWO, 'coarse not in ["ab", "ac"] and starts_with(x, "a")'),
        (NET, 'coarse == "192.0.2.0" and x != "192.0.2.1"'),
        (NET, 'coarse == "2001:db8:1::"'),
        (NET, "known(x) and unknown(coarse)"),
    ],
)
def test_a_raw_value_is_found_for_all_at_once(attributes: dict[str, Any], when: str) -> None:
    visitor = who(attributes, when)

    assert visitor is not None
    assert [*visitor.attributes] == ["x"]


def test_a_substitute_under_the_same_purpose_is_known_with_the_exact_one() -> None:
    alike = _with("number", {"bands": [0, 18]}, own=PROFILED)

    assert who(alike, "x >= 1 and unknown(coarse)") is None
    assert who(_with("number", {"bands": [0, 18]}), "x >= 1 and unknown(coarse)") is not None


def test_an_essential_substitute_cannot_be_withheld() -> None:
    essential = _with("number", {"bands": [0, 18]}, own="essential.service")

    assert who(essential, "x >= 1 and unknown(coarse)") is None
    visitor = who(essential, "coarse == 18")
    assert visitor is not None
    assert visitor.purposes == ()


def test_only_a_known_child_lets_us_know_the_substitute_and_that_purpose_but_not_the_exact_value() -> None:
    attributes = {
        **_with("number", {"bands": [0, 18]}, own="essential.service"),
        "hour": {"type": "number", "provenance": "contextual", "purposes": [PROFILED]},
    }

    visitor = who(attributes, "hour >= 1 and coarse == 18 and unknown(x)")

    assert visitor is not None
    assert visitor.contextual_only
    assert visitor.consent().contextual_only
    assert visitor.as_json()["contextual_only"] is True


def test_the_least_consent_permits_the_coarse_value_alone() -> None:
    visitor = who(BANDS, "coarse == 18")

    assert visitor is not None
    assert visitor.purposes == (LIMITED,)
    assert who(BANDS, "coarse == 18", Want.TRUE, granted=[PROFILED]) is None
