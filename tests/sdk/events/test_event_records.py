"""What a record holds: a tally without the analytics grant, and never a value in clear."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet import Reason
from discreet.events import ANALYTICS, EventsRefused, Exposed, Journal
from discreet.events.inputs import unpack_inputs
from discreet_consent import Consent
from support.compiled import NOW_S
from support.journals import (
    AGREED,
    PERSONAL_ONLY,
    SCHEMA,
    Kept,
    decided,
    recorded,
    sealer,
    shop,
    visit_to,
)
from support.products import evaluator_of
from support.strategies import WILD_CLOCKS, attributes_of, bundles, consents, visitors

CANARY = "canary-7c1f"
PLAIN = ["format", "kind", "bundle", "version", "placement", "offer", "reason", "rank", "hour"]
DETAILED = [*PLAIN, "now_s", "stage", "known", "withheld", "malformed", "stale", "grants", "surface"]
SHOP = shop()


def only(records: list[dict[str, Any]], placement: str = "p") -> dict[str, Any]:
    """The record of the decision for one placement."""
    (record,) = [each for each in records if each["placement"] == placement]
    return record


def test_without_the_grant_a_record_is_a_tally() -> None:
    record = only(recorded(SHOP, visit_to(SHOP, {"n": 5}, PERSONAL_ONLY, NOW_S + 1_234.5), sealed=True))

    assert record == {
        "format": 1, "kind": "decision", "bundle": SHOP.evaluator.bundle.digest, "version": 7, "placement": "p",
        "offer": "many", "reason": "matched", "rank": 1, "hour": "2026-03-01T00:00:00Z",
    }  # fmt: skip


def test_with_the_grant_it_has_the_detail_but_no_value() -> None:
    known = {"n": 5, "s": CANARY, "aside": CANARY, "hour": "not a number", "ill": True, CANARY: 1}
    record = only(recorded(SHOP, visit_to(SHOP, known, now_s=NOW_S + 0.25)))

    assert [*record] == DETAILED
    assert record["now_s"] == NOW_S + 0.25
    assert record["stage"] == "back"
    assert record["withheld"] == ["ill"]
    assert record["malformed"] == ["hour"]
    assert record["surface"] == "test"
    assert CANARY not in json.dumps(record)


def test_only_what_the_decision_can_depend_on_is_named_as_known() -> None:
    records = recorded(SHOP, visit_to(SHOP, {"n": 5, "aside": "x"}))

    assert only(records, "p")["known"] == ["n"]
    assert only(records, "q")["known"] == ["aside"]


def test_grants_are_recorded_in_the_bundles_words_only() -> None:
    stated = Consent(
        ["personalize.content", "personalize.content.profiled." + CANARY, ANALYTICS, CANARY],
        sensitive=["religion", CANARY],
    )
    record = only(recorded(SHOP, visit_to(SHOP, {}, stated)))

    assert record["grants"] == {
        "purposes": ["personalize.content.limited", "personalize.content.profiled"],
        "sensitive": [],
        "contextual_only": False,
    }


@pytest.mark.parametrize(
    ("consent", "is_detailed"),
    [
        (Consent.granting("analytics"), True),
        (Consent.granting("analytics.reporting.ad_performance"), False),
        (Consent.granting("personalize.content"), False),
        (Consent.refusing(), False),
        (Consent(["analytics"], contextual_only=True), False),
        (Consent(["analytics"], expires_s=NOW_S), False),
        (Consent(["analytics"], expires_s=NOW_S + 1), True),
    ],
    ids=["granted above", "another", "none of it", "refused", "a child", "expired", "about to expire"],
)
def test_the_detail_needs_the_purpose(consent: Consent, is_detailed: bool) -> None:
    record = only(recorded(SHOP, visit_to(SHOP, {}, consent)))

    assert ("now_s" in record) is is_detailed


@pytest.mark.parametrize("purpose", ["essential.service", "essential", "nonsense", "Not A Key", ""])
def test_a_purpose_that_nobody_can_refuse_is_refused(purpose: str) -> None:
    with pytest.raises(EventsRefused):
        Journal([], purpose=purpose)


@pytest.mark.parametrize("surface", [f"/search?q={CANARY}", "ein Wort", "", "x" * 65, CANARY + "\n"])
def test_a_surface_that_is_no_word_is_not_recorded(surface: str) -> None:
    sink = Kept()
    journal = Journal([sink])
    visit = visit_to(SHOP, {})
    journal.decided(SHOP, decided(SHOP, visit), visit, surface=surface)
    journal.close()

    assert {each["surface"] for each in sink.records} == {None}


@pytest.mark.parametrize("now_s", [math.nan, math.inf, -math.inf, 10**400, -(10**15), 1e12])
def test_a_clock_that_is_none_is_null(now_s: float) -> None:
    visit = visit_to(SHOP, {}, AGREED, now_s)
    record = only(recorded(SHOP, visit))

    assert (record["hour"], record["now_s"], record["reason"]) == (None, None, "expired")
    SCHEMA.validate(record)


def test_the_best_offers_of_one_placement_have_ranks() -> None:
    visit = visit_to(SHOP, {"n": 5, "s": "x", "hour": 3})
    best = SHOP.evaluator.decide_top("p", visit.permitted, 3, now_s=NOW_S)

    records = recorded(SHOP, visit, best)

    assert [(each["offer"], each["rank"]) for each in records] == [("many", 1), ("named", 2), ("early", 3)]


def exposures(shown: list[Any], consent: Consent = AGREED) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The records of what a page says was seen, and the journal's counts."""
    sink = Kept()
    journal = Journal([sink])
    journal.exposed(SHOP, shown, visit_to(SHOP, {"s": CANARY}, consent), surface="page")
    journal.close()
    return sink.records, journal.counts


@pytest.mark.parametrize("consent", [AGREED, PERSONAL_ONLY])
def test_an_exposure_is_recorded_likewise(consent: Consent) -> None:
    (record,), _ = exposures([Exposed("p", "many", Reason.MATCHED)], consent)

    SCHEMA.validate(record)
    assert (record["kind"], record["placement"], record["offer"], record["reason"]) == (
        "exposure", "p", "many", "matched",
    )  # fmt: skip
    assert ("now_s" in record) is ("surface" in record) is ("grants" in record) is (consent is AGREED)


def test_what_the_bundle_cannot_have_shown_is_never_recorded() -> None:
    odd: Any = ["p"]
    shown = [
        Exposed("p", CANARY), Exposed(CANARY, "many"), Exposed("q", "many"), Exposed(odd, "many"), Exposed("p", odd),
        Exposed("p", "none"),
    ]  # fmt: skip

    records, counts = exposures(shown)

    assert [each["offer"] for each in records] == ["none"]
    assert (counts["offered"], counts["unknown"], counts["written"]) == (1, 5, 1)


def test_inputs_are_what_the_decision_was_made_from_and_nothing_more() -> None:
    visit = visit_to(SHOP, {"n": 5, "t": ["b", "a"], "aside": CANARY, "ill": True}, now_s=NOW_S + 0.5)
    record = only(recorded(SHOP, visit, sealed=True))

    opened = sealer().open(record["inputs"])
    inputs = unpack_inputs(opened or b"")
    assert inputs is not None
    assert inputs.values == {"n": 5, "t": ["a", "b"]}
    assert (inputs.placement, inputs.now_s, inputs.bundle) == ("p", NOW_S + 0.5, record["bundle"])
    assert CANARY.encode() not in (opened or b"")


def test_there_are_no_inputs_without_the_grant_or_without_a_sealer() -> None:
    assert "inputs" not in only(recorded(SHOP, visit_to(SHOP, {"n": 5}, PERSONAL_ONLY), sealed=True))
    assert "inputs" not in only(recorded(SHOP, visit_to(SHOP, {"n": 5})))


def test_inputs_that_are_too_large_are_left_out() -> None:
    crowd = [f"{number:04}" + "x" * 900 for number in range(100)]
    record = only(recorded(SHOP, visit_to(SHOP, {"t": crowd}), sealed=True))

    assert "inputs" not in record
    SCHEMA.validate(record)


@pytest.mark.parametrize("packed", [b"", b"\xc1", b"\x90", b"\x9c" + b"\x01" * 12, b"\x81\x01\x02"])
def test_what_is_not_inputs_is_none(packed: bytes) -> None:
    assert unpack_inputs(packed) is None


def opened(records: list[dict[str, Any]]) -> bytes:
    """The records as they would be written, their inputs opened: a seal differs each time."""
    box = sealer()
    for record in records:
        if "inputs" in record:
            found = box.open(record["inputs"])
            assert found is not None
            record["inputs"] = found.hex()
    return json.dumps(records, allow_nan=False).encode()


@settings(max_examples=40)
@given(data=st.data(), documents=bundles(waivers=True))
def test_what_was_not_permitted_changes_no_record(data: st.DataObject, documents: list[Any]) -> None:
    serving = type(SHOP)(evaluator_of(documents))
    catalogue = attributes_of(documents)
    consent, now_s = data.draw(consents()), data.draw(WILD_CLOCKS)
    names = serving.evaluator.catalogue.permitted_names(consent.grants)
    read = {catalogue[name].get("coarsens", name) for name in names}
    one, other = data.draw(visitors(catalogue)), data.draw(visitors(catalogue))
    twin = {name: value for name, value in other.items() if name not in read}
    twin |= {name: value for name, value in one.items() if name in read}
    hidden = {name: CANARY for name in catalogue if name not in read} | {CANARY: CANARY}
    crowded = {name: value for name, value in one.items() if name in read} | hidden

    said, same, hiding = (
        recorded(serving, visit_to(serving, each, consent, now_s), sealed=True)
        for each in (one, twin, crowded)
    )

    for record in said:
        SCHEMA.validate(record)
    written = opened(said)
    assert opened(same) == written
    assert opened(hiding) == written
    assert CANARY.encode() not in written
    assert CANARY.encode().hex().encode() not in written
