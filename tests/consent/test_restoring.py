"""`restore`: what `permit` left, recorded, comes back equal; anything else is refused, its value not quoted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Attribute, AttributeType, Catalogue, Consent, Permitted, Provenance, restore
from discreet_consent.errors import RecordError
from support.products import evaluator_of
from support.strategies import CLOCKS, attributes_of, bundles, consents, visitors

CANARY = "canary-2b8d"
PURPOSE = "personalize.content.profiled"
GRANTS = Consent.granting(PURPOSE).grants


def declared(name: str, kind: AttributeType, **more: Any) -> Attribute:
    return Attribute(name, kind, Provenance.FIRST_PARTY, [PURPOSE], **more)


CATALOGUE = Catalogue(
    [
        declared("b", AttributeType.BOOLEAN), declared("n", AttributeType.NUMBER), declared("s", AttributeType.STRING),
        declared("low", AttributeType.STRING, lower=True), declared("t", AttributeType.STRINGS),
        declared("d", AttributeType.DATETIME), declared("ill", AttributeType.BOOLEAN, sensitive="health"),
    ]
)  # fmt: skip


def state(permitted: Permitted) -> object:
    """All that deciding reads, exactly."""
    values = [(type(each), each) for each in permitted.values]
    return values, permitted.malformed, permitted.stale, permitted.withheld_declared, permitted.grants


@given(data=st.data(), documents=bundles())
def test_what_was_permitted_comes_back_equal(data: st.DataObject, documents: list[Any]) -> None:
    evaluator = evaluator_of(documents)
    consent, now_s = data.draw(consents()), data.draw(CLOCKS)
    known = data.draw(visitors(attributes_of(documents)))
    permitted = evaluator.permit(known, consent, now_s=now_s)
    recorded = {
        each.name: sorted(value) if isinstance(value, frozenset) else value
        for each, value in zip(evaluator.catalogue, permitted.values, strict=True)
        if value is not None
    }

    restored = restore(
        evaluator.catalogue,
        permitted.grants,
        recorded,
        malformed=sorted(permitted.malformed),
        stale=sorted(permitted.stale),
    )

    assert state(restored) == state(permitted)
    assert evaluator.decide_all(restored, now_s=now_s) == evaluator.decide_all(permitted, now_s=now_s)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("b", 1), ("b", "true"), ("b", None), ("n", True), ("n", "1"), ("n", float("nan")), ("n", float("inf")),
        ("n", 2**53 + 1), ("s", 1), ("s", "e\u0301"), ("s", "x" * 1_025), ("s", "\ud800"), ("s", CANARY.encode()),
        ("low", CANARY.upper()), ("t", CANARY), ("t", [1]), ("t", [CANARY, None]), ("t", [[CANARY]]),
        ("t", {CANARY: 1}), ("t", [f"{CANARY}{number}" for number in range(1_025)]), ("t", ["e\u0301"]),
        ("d", "2026-03-01"), ("d", 9e15), ("d", True),
    ],
)  # fmt: skip
def test_a_value_that_permit_could_not_have_left_is_refused(name: str, value: object) -> None:
    with pytest.raises(RecordError) as refused:
        restore(CATALOGUE, GRANTS, {name: value})

    assert str(refused.value).startswith(f"attribute `{name}`: ")
    assert CANARY not in str(refused.value).lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("b", False), ("n", 0), ("n", -0.0), ("n", 2**53), ("s", ""), ("low", "a"), ("t", []), ("t", ["b", "a"]),
        ("d", 1e12),
    ],
)  # fmt: skip
def test_a_value_in_its_form_is_restored(name: str, value: object) -> None:
    found = restore(CATALOGUE, GRANTS, {name: value}).get(name)

    assert repr(found) == repr(frozenset(value) if isinstance(value, list) else value)


@pytest.mark.parametrize("what", ["values", "malformed", "stale"])
def test_what_these_grants_do_not_permit_is_refused(what: str) -> None:
    recorded: dict[str, Any] = {"values": {}, what: {"ill": True} if what == "values" else ["ill"]}
    with pytest.raises(RecordError, match="attribute `ill` is recorded, and not permitted"):
        restore(CATALOGUE, GRANTS, recorded.pop("values"), **recorded)


@pytest.mark.parametrize("what", ["values", "malformed", "stale"])
def test_an_attribute_that_nobody_declared_is_refused_and_not_named(what: str) -> None:
    recorded: dict[str, Any] = {"values": {}, what: {CANARY: True} if what == "values" else [CANARY]}
    with pytest.raises(RecordError, match="not declared") as refused:
        restore(CATALOGUE, GRANTS, recorded.pop("values"), **recorded)

    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    "recorded",
    [
        {"values": {"n": 1}, "malformed": ["n"]},
        {"values": {"n": 1}, "stale": ["n"]},
        {"values": {}, "malformed": ["n"], "stale": ["n"]},
    ],
)
def test_a_record_that_contradicts_itself_is_refused(recorded: dict[str, Any]) -> None:
    with pytest.raises(RecordError, match="exclude each other"):
        restore(CATALOGUE, GRANTS, recorded.pop("values"), **recorded)
