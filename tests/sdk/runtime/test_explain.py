"""An explanation says what was asked and what would have told, in the author's words and never with a value."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from discreet import Explanation
from discreet_consent import Consent, Observed
from support.compiled import (
    ATTRIBUTES,
    BUNDLE,
    EVERYTHING,
    NOTHING,
    NOW_S,
    OTHER_PURPOSE,
    PURPOSE,
    evaluator,
    offer,
    permitted,
)

CANARY = "canary-7b1f"
SHOP = evaluator(
    offer("near", when='buyer and s == "a"', priority=1),
    offer("far", when='buyer and s == "a" and n > 3 and "x" in t'),
    offer("later", stages=["later", "last"], priority=9),
    offer("spring", valid={"from": "2026-03-02"}),
    offer("any", when="b or n > 100", priority=-1),
    attributes={
        **ATTRIBUTES,
        "d": {**ATTRIBUTES["d"], "retention": "1d"},
        "n": {**ATTRIBUTES["n"], "purposes": [PURPOSE, OTHER_PURPOSE]},
        "x": {"type": "boolean", "provenance": "third_party", "purposes": [PURPOSE]},
    },
    conditions={"buyer": {"says": "The visitor has bought before", "when": "m >= 1 or known(d)"}},
    stages=[
        {"id": "first"},
        {"id": "later", "when": "known(d)"},
        {"id": "last", "when": "known(d) and m > 100"},
    ],
)


def explained(
    attributes: dict[str, object], consent: Consent = EVERYTHING, now_s: float = NOW_S
) -> Explanation:
    return SHOP.explain("p", permitted(SHOP, attributes, consent), now_s=now_s)


def parts(explanation: Explanation, name: str) -> list[dict[str, Any]]:
    (candidate,) = [each for each in explanation.candidates if each.offer == name]
    return [part.as_dict() for part in candidate.parts]


def unknown(
    name: str, why: str, *purposes: str, sensitive: str | None = None, contextual_only: bool = False
) -> dict[str, Any]:
    return {
        "name": name, "why": why, "purposes": list(purposes),
        "sensitive": sensitive, "contextual_only": contextual_only,
    }  # fmt: skip


def order(explanation: Explanation) -> list[tuple[str, bool, int]]:
    return [(each.offer, each.eligible, len(each.open_parts)) for each in explanation.candidates]


def test_the_eligible_come_first_then_the_closest_and_rank_decides_between_equals() -> None:
    assert order(explained({"m": 1, "s": "a", "n": 1})) == [
        ("near", True, 0), ("later", False, 1), ("spring", False, 1), ("any", False, 1), ("far", False, 2),
    ]  # fmt: skip
    assert order(explained({})) == [
        ("later", False, 1), ("spring", False, 1), ("any", False, 1), ("near", False, 2), ("far", False, 4),
    ]  # fmt: skip


def test_the_chosen_offer_is_the_first_candidate() -> None:
    late = NOW_S + 2 * 86_400
    full: dict[str, object] = {"m": 200, "s": "a", "n": 200, "d": 0, "b": True, "t": ["x"]}

    explanation = explained(full, now_s=late)

    assert [each.offer for each in explanation.candidates] == ["later", "near", "far", "spring", "any"]
    assert [each.offer for each in explanation.candidates] == [
        each.offer for each in SHOP.decide_top("p", permitted(SHOP, full), 9, now_s=late)
    ]
    assert explanation.decision.offer == "later"


def test_a_named_condition_is_shown_in_its_authors_words() -> None:
    assert parts(explained({"m": 1, "s": "b"}), "near") == [
        {"asks": "buyer", "says": "The visitor has bought before", "truth": "true", "unknown": []},
        {"asks": 's == "a"', "says": "", "truth": "false", "unknown": []},
    ]


def test_an_absent_attribute_is_absent() -> None:
    assert parts(explained({}), "any") == [
        {
            "asks": "b or n > 100", "says": "", "truth": "unknown",
            "unknown": [unknown("b", "absent"), unknown("n", "absent")],
        }
    ]  # fmt: skip


def test_a_withheld_attribute_names_the_purposes_that_would_have_told() -> None:
    half = Consent.granting(PURPOSE)

    (part,) = parts(explained({"b": False, "n": 500}, half), "any")

    assert part["unknown"] == [unknown("n", "withheld", OTHER_PURPOSE)]
    assert {each["name"]: each["purposes"] for each in parts(explained({}, NOTHING), "any")[0]["unknown"]} == {
        "b": [PURPOSE], "n": [OTHER_PURPOSE, PURPOSE]
    }  # fmt: skip


GUARDED = evaluator(
    offer("asks", when="x or y or z or area == 'MI'"),
    attributes={
        "x": {"type": "boolean", "provenance": "first_party", "purposes": [PURPOSE], "sensitive": "health"},
        "y": {"type": "boolean", "provenance": "contextual", "purposes": [PURPOSE], "sensitive": "religion"},
        "z": {"type": "boolean", "provenance": "declared", "purposes": [PURPOSE]},
        "city": {"type": "string", "provenance": "declared", "purposes": [OTHER_PURPOSE]},
        "area": {"coarsens": "city", "by": {"characters": 2}, "purposes": [PURPOSE]},
    },
)


def fates(consent: Consent, attributes: dict[str, object] | None = None) -> list[dict[str, Any]]:
    known = GUARDED.permit(attributes or {}, consent, now_s=NOW_S)
    (candidate,) = GUARDED.explain("p", known, now_s=NOW_S).candidates
    return [each.as_dict() for part in candidate.parts for each in part.unknown]


def test_a_withheld_attribute_names_the_sensitive_item_that_was_not_granted() -> None:
    assert fates(Consent.granting(PURPOSE, sensitive=["religion"])) == [
        unknown("area", "absent"),
        unknown("x", "withheld", sensitive="health"),
        unknown("y", "absent"),
        unknown("z", "absent"),
    ]
    assert unknown("x", "withheld", PURPOSE, sensitive="health") in fates(NOTHING)


def test_of_a_known_child_it_says_that_only_contextual_facts_may_be_known() -> None:
    child = Consent([PURPOSE], sensitive=["health"], contextual_only=True)

    assert fates(child) == [
        unknown("area", "withheld", contextual_only=True),
        unknown("x", "withheld", contextual_only=True),
        unknown("y", "withheld", sensitive="religion"),
        unknown("z", "withheld", contextual_only=True),
    ]


def test_a_substitute_has_a_fate_of_its_own() -> None:
    old = Observed("MILANO", at_s=math.nan)

    assert unknown("area", "withheld", PURPOSE) in fates(Consent.granting(OTHER_PURPOSE), {"city": "MI"})
    assert unknown("area", "malformed") in fates(Consent.granting(PURPOSE), {"city": old})
    assert GUARDED.bundle.models[0].certificate.offers["asks"] == tuple(
        sorted(GUARDED.catalogue.slots[name] for name in ("area", "x", "y", "z"))
    )


def test_a_malformed_and_a_stale_attribute_say_so() -> None:
    old = Observed("2026-01-01", at_s=NOW_S - 10**6)

    (buyer, _) = parts(explained({"m": "many", "d": old}), "near")

    assert {each["name"]: each["why"] for each in buyer["unknown"]} == {"d": "stale", "m": "malformed"}


def test_third_party_knowledge_has_no_purpose_that_would_tell() -> None:
    outsider = evaluator(
        offer(when="not x or b"),
        attributes={
            "b": ATTRIBUTES["b"],
            "x": {"type": "boolean", "provenance": "contextual", "purposes": [PURPOSE]},
        },
    )
    known = SHOP.permit({"x": True}, EVERYTHING, now_s=NOW_S)

    assert "x" in known.withheld_declared
    (candidate,) = outsider.explain("p", known, now_s=NOW_S).candidates
    assert [each.why for each in candidate.parts[0].unknown] == ["absent", "absent"]


def test_a_stage_is_a_part_unless_the_first_is_among_them() -> None:
    (part,) = parts(explained({"m": 1}), "later")

    assert part["asks"] == "stage later or last"
    assert part["truth"] == "unknown"
    assert [each["name"] for each in part["unknown"]] == ["d"]
    assert parts(explained({"d": 0}), "later")[0]["truth"] == "true"


def test_a_window_is_a_part_that_is_open_or_not() -> None:
    assert parts(explained({}), "spring") == [
        {"asks": "valid", "says": "The offer's window is open", "truth": "false", "unknown": []}
    ]
    assert parts(explained({}, now_s=NOW_S + 86_400), "spring")[0]["truth"] == "true"


FULL: dict[str, object] = {
    "s": CANARY,
    "m": CANARY,
    "t": [CANARY],
    "b": CANARY,
    "n": 4711.25,
    "d": 4711,
    CANARY: 1,
}


def test_an_explanation_holds_no_value_and_no_foreign_name() -> None:
    explanation = explained(FULL)

    text = json.dumps(explanation.as_dict()) + repr(explanation) + repr(explanation.candidates)

    assert CANARY not in text
    assert "4711" not in text


def test_what_is_withheld_cannot_change_an_explanation() -> None:
    one = explained({"n": 1, "s": "a", "stranger": 1}, NOTHING)
    other = explained({"m": "x", "b": True}, NOTHING)

    assert one.as_dict() == other.as_dict()


@pytest.mark.parametrize("now_s", [BUNDLE["expires_s"], math.nan, math.inf, -math.inf, 10**400, -1e300])
def test_any_clock_can_be_explained(now_s: float) -> None:
    explanation = explained(FULL, now_s=now_s)

    assert explanation.decision.reason.value == "expired"
    assert len(explanation.candidates) == 5


def test_an_explanation_shows_its_decision_and_its_size() -> None:
    assert repr(explained({})) == "Explanation(Decision('p', offer='none', reason='fallback'), 5 candidates)"


def test_a_condition_of_many_levels_can_be_explained() -> None:
    text = "b"
    for number in range(48):
        text = f"not ({text} and n > {number})"
    deep = evaluator(offer(when=text))

    (candidate,) = deep.explain("p", permitted(deep, {}), now_s=NOW_S).candidates

    assert candidate.parts[0].truth is None
    assert candidate.parts[0].asks == text
