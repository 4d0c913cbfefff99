"""A decision says names and reasons, and keeps a visitor's values to itself."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from discreet import Decision, Reason
from discreet_consent import Consent, Observed
from support.compiled import ATTRIBUTES, BUNDLE, NOTHING, NOW_S, OTHER_PURPOSE, evaluator, offer, permitted

CANARY = "canary-7b1f"
SHOP = evaluator(
    offer(when='s != "x"', content={"title": "Hi {s|you}"}),
    attributes={
        **ATTRIBUTES,
        "d": {**ATTRIBUTES["d"], "retention": "1d"},
        "n": {**ATTRIBUTES["n"], "purposes": [OTHER_PURPOSE]},
    },
)


def decide(attributes: dict[str, object], consent: Consent | None = None) -> Decision:
    known = SHOP.permit(attributes, consent or Consent.granting("personalize.content.profiled"), now_s=NOW_S)
    return SHOP.decide("p", known, now_s=NOW_S)


FULL: dict[str, object] = {
    "s": CANARY, "n": 5, "m": CANARY, "b": 1, "d": Observed("2026-01-01", at_s=NOW_S - 10**6), "stranger": CANARY
}  # fmt: skip


def test_a_record_has_every_fact_and_no_content() -> None:
    assert decide(FULL).as_record() == {
        "placement": "p", "offer": "it", "stage": "first", "reason": "matched", "version": BUNDLE["version"],
        "withheld": ["n"], "malformed": ["b", "m"], "stale": ["d"],
    }  # fmt: skip


def test_as_dict_is_the_record_and_the_content() -> None:
    decision = decide(FULL)

    assert decision.as_dict() == {**decision.as_record(), "content": {"title": f"Hi {CANARY}"}}
    assert json.loads(json.dumps(decision.as_dict())) == decision.as_dict()


def test_no_value_is_in_a_record_or_a_repr() -> None:
    decision = decide(FULL)

    for text in (
        repr(decision),
        str(decision),
        f"{decision}",
        repr([decision]),
        json.dumps(decision.as_record()),
    ):
        assert CANARY not in text
    assert repr(decision) == "Decision('p', offer='it', reason='matched')"
    assert CANARY not in repr(vars_of(decision))


def vars_of(decision: Decision) -> dict[str, Any]:
    """Everything that a debugger or a crash reporter would print of a decision's own slots."""
    return {name: repr(getattr(decision, name)) for name in Decision.__slots__}


@pytest.mark.parametrize("send", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_decision_is_neither_pickled_nor_copied(send: Any) -> None:
    with pytest.raises(TypeError, match="as_record"):
        send(decide(FULL))


def test_every_dict_is_the_readers_own() -> None:
    decision = decide(FULL)

    decision.as_dict()["content"]["title"] = "mine"
    decision.as_record()["withheld"].append("mine")

    assert decision.as_dict()["content"] == {"title": f"Hi {CANARY}"}
    assert decision.as_record()["withheld"] == ["n"]


def test_the_withheld_are_named_whether_or_not_the_visitor_has_them() -> None:
    assert (
        decide({}).withheld
        == decide({"n": 1}).withheld
        == decide({"n": "x", "stranger": 1}).withheld
        == ("n",)
    )
    assert decide({}, NOTHING).withheld == ("b", "d", "m", "n", "s", "t")


def test_decisions_are_equal_when_everything_that_they_say_is() -> None:
    one, same, other = decide({"s": "a"}), decide({"s": "a"}), decide({"s": "b"})

    assert one == same
    assert hash(one) == hash(same)
    assert one != other  # another content
    assert one.as_record() == other.as_record()
    assert one != decide({"s": "a", "b": 1})
    assert one != "it"


def test_a_decision_knows_its_channel_and_reason() -> None:
    decision = decide({})

    assert (decision.channel, decision.reason, decision.placement) == ("web", Reason.FALLBACK, "p")
    assert permitted(SHOP, {}).granted == {"personalize.content"}


def test_the_reasons_are_a_closed_set() -> None:
    assert {reason.value for reason in Reason} == {
        "matched", "fallback", "expired", "not_enrolled", "held_out", "capped"
    }  # fmt: skip
