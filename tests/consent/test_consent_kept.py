"""A consent that is kept, copied, compared and asked at strange times, and what a catalogue keeps of consents."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from discreet_consent import Attribute, AttributeType, Catalogue, Consent, Observed, Provenance, permit
from support.naming import named

PROFILED, LIMITED = "personalize.content.profiled", "personalize.content.limited"
WHOLE: dict[str, Any] = {
    "purposes": [PROFILED],
    "sensitive": ["health"],
    "contextual_only": True,
    "reasons": ("consented",),
    "regime": "gdpr_opt_in",
    "resolved_s": 1_000,
    "expires_s": 2_000,
}
COPIES: list[Callable[[Consent], Consent]] = [
    copy.copy,
    copy.deepcopy,
    lambda each: pickle.loads(pickle.dumps(each)),  # noqa: S301 - our own bytes
]
MANY = 4_096


def declare(name: str, *purposes: str, **more: Any) -> Attribute:
    return Attribute(name, AttributeType.NUMBER, Provenance.FIRST_PARTY, purposes, **more)


@pytest.mark.parametrize("again", COPIES)
def test_a_copy_has_every_part(again: Callable[[Consent], Consent]) -> None:
    copied = again(Consent(**WHOLE))

    assert {name: getattr(copied, name) for name in WHOLE} == {
        **WHOLE, "purposes": {PROFILED}, "sensitive": {"health"},
    }  # fmt: skip
    assert copied.grants_at(1_999) == (frozenset({PROFILED}), frozenset({"health"}), True)
    assert copied.grants_at(2_000) == (frozenset(), frozenset(), True)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("purposes", [LIMITED]), ("sensitive", []), ("contextual_only", False), ("reasons", ()),
        ("regime", "uk_opt_in"), ("resolved_s", 1_001), ("resolved_s", None), ("expires_s", 2_001), ("expires_s", None),
    ],
)  # fmt: skip
def test_consents_that_differ_in_one_part_are_not_equal(part: str, other: Any) -> None:
    assert Consent(**{**WHOLE, part: other}) != Consent(**WHOLE)
    assert Consent(**WHOLE) == Consent(**WHOLE)


@pytest.mark.parametrize("now_s", [float("nan"), float("inf"), float("-inf"), True, "now", [], 1j], ids=named)
def test_at_a_clock_that_is_no_number_a_consent_that_expires_grants_nothing(now_s: Any) -> None:
    expiring = Consent([PROFILED], resolved_s=0, expires_s=2_000)
    facts = Catalogue([declare("visits", PROFILED), declare("cart", "essential")])
    permitted = permit({"visits": 3, "cart": 1}, facts, expiring, now_s)

    assert permitted.known() == {"cart"}
    assert expiring.purposes_at(now_s) == frozenset()


@pytest.mark.parametrize("now_s", [float("nan"), float("inf"), float("-inf"), True, "now", [], 1j], ids=named)
def test_at_a_clock_that_is_no_number_an_old_value_is_not_fresh(now_s: Any) -> None:
    facts = Catalogue([declare("visits", PROFILED, retention_s=10**6)])
    permitted = permit({"visits": Observed(3, at_s=0)}, facts, Consent.granting(PROFILED), now_s)

    assert permitted.stale == {"visits"}
    assert permitted.get("visits") is None


def test_a_catalogue_remembers_a_bounded_number_of_sets_of_grants() -> None:
    facts = Catalogue([declare("visits", PROFILED)])
    for number in range(MANY + 10):
        permit({}, facts, Consent.granting(f"analytics.{number}"))
        assert len(facts.plans) <= MANY

    assert len(facts.plans) == 10, (
        "when it was full all were forgotten, and later ones are remembered like them"
    )
    assert permit({"visits": 3}, facts, Consent.granting(PROFILED, "collect")).get("visits") == 3
    assert permit({"visits": 3}, facts, Consent.granting("collect")).get("visits") is None


def test_under_a_catalogue_that_declares_it_a_name_is_no_stranger() -> None:
    both = Catalogue([declare("visits", PROFILED), declare("size", PROFILED)])
    permitted = permit(
        {"visits": 3, "size": 44}, Catalogue([declare("visits", PROFILED)]), Consent.granting(PROFILED)
    )
    moved = permitted.under(both)

    assert permitted.undeclared == {"size"}
    assert (moved.undeclared, moved.withheld) == (frozenset(), frozenset())
    assert moved.known() == {"visits"}  # what was not read then is not known now
