"""Decisions under OpenFeature's names: keys, types, reasons, what is no flag."""

from __future__ import annotations

import json
from typing import Any

import pytest

from discreet.adapters.flags import REASONS, Flags
from discreet.runtime import Evaluator, Reason
from discreet_consent import Consent, Observed
from support.compiled import document
from support.edge import BUNDLE, NOW_S, PLACEMENTS, PROFILED, STORAGE, edge_evaluator
from support.products import evaluator_of

EVALUATOR = edge_evaluator()
EVERYTHING = Consent.granting("personalize.content", STORAGE)
KNOWN: dict[str, Any] = {"country": "IT", "interests": ["running"], "first_name": "Ada"}


def one(key: str, attributes: dict[str, Any] | None = None, now_s: float = NOW_S) -> Any:
    permitted = EVALUATOR.permit(attributes or {}, EVERYTHING, now_s=now_s)
    return Flags(EVALUATOR).one(key, permitted, now_s=now_s)


def test_a_placement_is_an_object_with_the_offer_for_its_variant() -> None:
    flag = one("home.hero", KNOWN)

    assert flag.value == {"title": "New shoes, Ada", "rate": 10.0, "image": "shoes.avif", "dark": True}
    assert (flag.variant, flag.reason) == ("spring_shoes", "TARGETING_MATCH")
    assert flag.metadata == {
        "bundle": "edge-shop",
        "version": 12,
        "digest": EVALUATOR.bundle.digest,
        "stage": "discover",
    }


@pytest.mark.parametrize(
    ("field", "value"), [("title", "Welcome"), ("rate", 1.0), ("dark", False), ("image", "hero.avif")]
)
def test_a_field_keeps_its_value_and_its_type(field: str, value: object) -> None:
    flag = one(f"home.hero/{field}")

    assert (flag.value, type(flag.value)) == (value, type(value))
    assert flag.reason == "DEFAULT"


def test_a_whole_double_stays_a_double_in_json() -> None:
    assert json.dumps(one("home.hero/rate", KNOWN).as_dict()["value"]) == "10.0"


@pytest.mark.parametrize(
    "key",
    ["nowhere", "nowhere/title", "home.hero/nothing", "home.hero/", "/title", "", "/", "home.aside/tags",
     "home.aside/note"],
)  # fmt: skip
def test_what_is_no_flag_is_none(key: str) -> None:
    assert one(key) is None


def test_a_placement_that_depends_on_nothing_is_static_until_the_bundle_expires() -> None:
    assert one("page.footer").reason == one("page.footer/count").reason == "STATIC"
    assert one("page.footer", now_s=BUNDLE["expires_s"]).reason == "DISABLED"


def test_a_placement_that_depends_on_the_hour_alone_is_not_static() -> None:
    sale = {"id": "sale", "placements": ["p"], "content": {}, "valid": {"until": "2030-01-01T00:00:00Z"}}
    evaluator = evaluator_of([document(sale)])

    flag = Flags(evaluator).one("p", evaluator.permit({}, EVERYTHING), now_s=evaluator.bundle.created_s)

    assert flag is not None
    assert (flag.variant, flag.reason) == ("sale", "TARGETING_MATCH")


def test_every_reason_has_a_name_of_openfeature() -> None:
    assert set(REASONS) == set(Reason)


def test_all_are_each_placement_followed_by_its_plain_fields() -> None:
    permitted = EVALUATOR.permit(KNOWN, EVERYTHING, now_s=NOW_S)
    flags = Flags(EVALUATOR)

    every = flags.all(permitted, now_s=NOW_S)

    assert [flag.key for flag in every if "/" not in flag.key] == list(PLACEMENTS)
    assert [flag.key for flag in every[:5]] == [
        "home.hero", "home.hero/title", "home.hero/rate", "home.hero/image", "home.hero/dark"
    ]  # fmt: skip
    assert [each.as_dict() for each in every] == [
        flag.as_dict() for each in every if (flag := flags.one(each.key, permitted, now_s=NOW_S)) is not None
    ]


def test_the_value_is_in_no_repr() -> None:
    assert "Ada" not in repr(one("home.hero/title", KNOWN))


def test_withdrawal_shows_the_fallback() -> None:
    attributes = {"purchases": Observed(3, at_s=NOW_S)}
    variants = [
        _variant(EVALUATOR, attributes, consent) for consent in (EVERYTHING, Consent.granting(PROFILED))
    ]

    assert variants == ["thanks", "welcome"]


def _variant(evaluator: Evaluator, attributes: dict[str, Any], consent: Consent) -> str:
    flag = Flags(evaluator).one("home.hero", evaluator.permit(attributes, consent, now_s=NOW_S), now_s=NOW_S)
    assert flag is not None
    return flag.variant
