"""Promise 3: no slot goes dark. Every placement has a fallback that depends on no attribute at all."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import discreet
from discreet_consent import Consent
from support.products import bundle_bytes, evaluator_of
from support.strategies import CLOCKS, attributes_of, bundles, placements_of, visitors

MODEL: dict[str, Any] = {
    "model": "m",
    "channel": "web",
    "attributes": {"b": {"type": "boolean", "provenance": "declared", "purposes": ["analytics"]}},
    "stages": [{"id": "first"}, {"id": "second", "when": "b"}],
    "placements": {"slot": {"fallback": "nothing"}},
    "offers": [
        {"id": "nothing", "content": {"text": "still here"}},
        {"id": "one", "placements": ["slot"], "when": "b", "content": {}},
    ],
}


def with_fallback(**words: object) -> dict[str, Any]:
    model = deepcopy(MODEL)
    model["offers"][0].update(words)
    return model


@given(data=st.data(), documents=bundles(waivers=True))
def test_every_placement_shows_something_to_a_visitor_who_refuses(
    data: st.DataObject, documents: list[Any]
) -> None:
    evaluator = evaluator_of(documents)
    attributes, now_s = data.draw(visitors(attributes_of(documents))), data.draw(CLOCKS)
    page = evaluator.decide_all(evaluator.permit(attributes, Consent.refusing(), now_s=now_s), now_s=now_s)

    assert sorted(page) == sorted(placements_of(documents))
    for placement, decision in page.items():
        offers = {
            o["id"]: o for model in documents if placement in model["placements"] for o in model["offers"]
        }
        assert decision.offer in offers
        if decision.reason is not discreet.Reason.MATCHED:
            assert decision.content == offers["fallback"]["content"]


@pytest.mark.parametrize("attributes", [{}, {"b": True}, {"b": False}])
def test_a_fallback_is_the_same_whatever_is_known(attributes: dict[str, object]) -> None:
    model = deepcopy(MODEL)
    model["offers"].pop()
    evaluator = evaluator_of([model])
    now_s = evaluator.bundle.created_s
    permitted = evaluator.permit(attributes, Consent.granting("analytics"))

    decision = evaluator.decide("slot", permitted, now_s=now_s)

    assert (decision.offer, decision.content) == ("nothing", {"text": "still here"})
    assert decision.reason is discreet.Reason.FALLBACK


UNSOUND: dict[str, dict[str, Any]] = {
    "no fallback": {**MODEL, "placements": {"slot": {}}},
    "an unknown fallback": {**MODEL, "placements": {"slot": {"fallback": "nobody"}}},
    "a fallback with a condition": with_fallback(when="b"),
    "a fallback with a waived condition": with_fallback(when="unknown(b)", waive="withdrawal"),
    "a fallback with a list of conditions": with_fallback(when=["b", "not b"]),
    "a fallback with a beginning": with_fallback(valid={"from": "2026-01-01T00:00:00Z"}),
    "a fallback with an end": with_fallback(valid={"until": "2036-01-01T00:00:00Z"}),
    "a fallback in a stage": with_fallback(stages=["second"]),
    "a fallback with a token": with_fallback(content={"text": "{b|x}"}),
    "a fallback with a nested token": with_fallback(content={"list": [{"text": "{b|x}"}]}),
}


@pytest.mark.parametrize("model", UNSOUND.values(), ids=UNSOUND)
def test_a_model_whose_slot_could_go_dark_does_not_compile(model: dict[str, Any]) -> None:
    with pytest.raises(discreet.ModelError):
        bundle_bytes([model])


def test_the_same_model_with_a_sound_fallback_compiles() -> None:
    assert bundle_bytes([MODEL])
