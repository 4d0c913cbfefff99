"""Kantara receipts: the keys of version 1.1.0, and no more than the visitor consented to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Consent
from discreet_consent.errors import RecordError
from discreet_consent.receipts import EventState, EventType, Party, Record, event_of, kantara, processing_of
from support.consent_records import (
    ALL_GRANTED,
    CATALOGUE,
    LIMITED,
    PROFILED,
    RECEIPT_ID,
    RECORD_ID,
    SHOP,
    START_S,
    STORAGE,
    VISITOR,
    event,
    problems,
    record,
    terms,
)

SCHEMA = "kantara-receipt.schema.json"
CARRIER = Party("carrier", name="Carrier AG", address="Bonn", contact="c", type="third_party")
BARE = Party("shop", name="Shop GmbH", address="Am Markt 1, Jena", contact="c", email="e@shop.example")


def made(grown: Record, **changed: Any) -> Any:
    return kantara(grown, receipt_id=RECEIPT_ID, **changed)


def consented(*purposes: str, sensitive: tuple[str, ...] = ()) -> Record:
    consent = Consent(purposes, sensitive=sensitive, resolved_s=START_S, expires_s=START_S + 100)
    return record(event_of(consent, at_s=START_S, entity_id=VISITOR, type=EventType.EXPLICIT))


def listed(handed_out: Any) -> dict[str, list[str]]:
    return {
        purpose["purpose"]: purpose["piiCategory"]
        for service in handed_out["services"]
        for purpose in service["purposes"]
    }


def test_the_keys_are_those_of_the_specification() -> None:
    grown = record(event(), parties=(SHOP, CARRIER), recipient_third_parties="carrier")
    handed_out = made(grown, public_key="key")

    assert set(handed_out) == {
        "version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "publicKey",
        "language", "piiPrincipalId", "piiControllers", "policyUrl", "services", "sensitive", "spiCat",
    }  # fmt: skip
    assert set(handed_out["services"][0]) == {"service", "purposes"}
    assert set(handed_out["services"][0]["purposes"][0]) == {
        "purpose", "purposeCategory", "consentType", "piiCategory", "primaryPurpose", "termination",
        "thirdPartyDisclosure", "thirdPartyName",
    }  # fmt: skip
    with_url = Party("shop", name="S", address="A", contact="c", email="e", phone="p", url="u")
    assert set(made(record(event(), parties=(with_url,)))["piiControllers"][0]) == {
        "piiController", "onBehalf", "contact", "address", "email", "phone", "piiControllerUrl"
    }  # fmt: skip


def test_the_values_are_those_of_the_record() -> None:
    handed_out = made(record(event(at_s=START_S + 0.9)))

    assert problems(handed_out, SCHEMA) == []
    assert handed_out["version"] == "KI-CR-v1.1.0"
    assert (type(handed_out["consentTimestamp"]), handed_out["consentTimestamp"]) == (int, START_S)
    assert handed_out["consentReceiptID"] == RECEIPT_ID
    assert handed_out["piiPrincipalId"] == VISITOR
    assert handed_out["policyUrl"] == "https://shop.example/privacy/2026-03"
    assert handed_out["spiCat"] == ["precise_geolocation"]
    assert handed_out["services"][0]["purposes"][0]["termination"] == "https://shop.example/consent"
    assert "publicKey" not in handed_out


def test_a_third_party_is_named() -> None:
    grown = record(event(), parties=(SHOP, CARRIER), recipient_third_parties="carrier")
    purpose = made(grown)["services"][0]["purposes"][0]

    assert (purpose["thirdPartyDisclosure"], purpose["thirdPartyName"]) == (True, "Carrier AG")


def test_processing_is_listed_only_when_all_its_purposes_were_granted() -> None:
    assert listed(made(consented(LIMITED, PROFILED))) == {LIMITED: ["system.operations"]}
    assert set(listed(made(consented("personalize", STORAGE)))) == {STORAGE, PROFILED, LIMITED}


def test_a_sensitive_fact_is_listed_only_when_its_item_was_granted() -> None:
    without = made(consented(PROFILED, STORAGE))
    with_item = made(consented(PROFILED, STORAGE, sensitive=("precise_geolocation",)))

    assert (without["sensitive"], without["spiCat"]) == (False, [])
    assert listed(without)[PROFILED] == ["user.behavior.browsing_history"]
    assert (with_item["sensitive"], with_item["spiCat"]) == (True, ["precise_geolocation"])
    assert listed(with_item)[PROFILED] == ["user.behavior.browsing_history", "user.location.precise"]


@given(
    st.sets(st.sampled_from([PROFILED, STORAGE, LIMITED, "personalize", "functional"])),
    st.booleans(),
)
def test_no_receipt_says_more_than_the_consent(purposes: set[str], located: bool) -> None:
    items = ("precise_geolocation",) if located else ()
    try:
        handed_out = made(consented(*purposes, sensitive=items))
    except RecordError:
        handed_out = {"services": []}
    else:
        assert problems(handed_out, SCHEMA) == []

    categories = {category for each in listed(handed_out).values() for category in each}
    permitted = {
        each.category
        for each in CATALOGUE
        if each.may_be_known(purposes, sensitive=items) and not each.is_essential
    }
    assert categories == permitted


@pytest.mark.parametrize(
    ("kind", "stated", "written"),
    [
        (EventType.EXPLICIT, None, "EXPLICIT"),
        (EventType.EXPLICIT, "clicked", "EXPLICIT"),
        (EventType.EXPRESSED, "ticked a box among others", "ticked a box among others"),
        (EventType.IMPLIED, "went on browsing", "went on browsing"),
    ],
)
def test_what_was_not_explicit_is_described(kind: EventType, stated: str | None, written: str) -> None:
    handed_out = made(record(event(type=kind)), consent_type=stated)

    assert handed_out["services"][0]["purposes"][0]["consentType"] == written


def test_an_address_in_one_text_becomes_a_postal_address() -> None:
    party = Party("shop", name="S", address="Am Markt 1, Jena", contact="c", email="e", phone="p")
    handed_out = made(record(event(), parties=(party,)), on_behalf=["shop"])

    assert handed_out["piiControllers"][0]["address"] == {"streetAddress": "Am Markt 1, Jena"}
    assert handed_out["piiControllers"][0]["onBehalf"] is True
    assert problems(handed_out, SCHEMA) == []


@pytest.mark.parametrize("state", [state for state in EventState if not state.allows])
def test_there_is_no_receipt_of_what_is_not_given(state: EventState) -> None:
    with pytest.raises(RecordError, match=f"for consent that was given: the last event is `{state.value}`"):
        made(record(event(), event(state)))


@pytest.mark.parametrize(
    ("grown", "changed", "message"),
    [
        (record(), {}, "the record has no event"),
        (consented(PROFILED), {}, "allows none of the processing"),
        (record(event(contextual_only=True)), {}, "contextual facts only"),
        (record(event(type=EventType.EXPRESSED)), {}, "`consent_type` must say how it was given"),
        (record(event(), service=None), {}, "needs `service`: state it here or in the record's terms"),
        (record(event(), collection_method=None), {}, "needs `collection_method`"),
        (record(event(), parties=(BARE,)), {}, "needs the `phone` of a controller: party `shop` has none"),
        (record(event()), {"receipt_id": " "}, "`receipt_id` is empty"),
    ],
)
def test_what_a_receipt_must_have_is_asked_for(grown: Record, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        kantara(grown, **({"receipt_id": RECEIPT_ID} | changed))


def test_what_the_terms_leave_open_can_be_stated() -> None:
    handed_out = made(
        record(event(), service=None, collection_method=None), service="web", collection_method="app"
    )

    assert [each["service"] for each in handed_out["services"]] == ["web"]
    assert handed_out["collectionMethod"] == "app"


def test_one_receipt_is_for_one_notice() -> None:
    first, second = processing_of(CATALOGUE, terms()), processing_of(CATALOGUE, terms(privacy_notice="other"))
    several = Record(RECORD_ID, VISITOR, [*first, *second], [SHOP], [event()])

    with pytest.raises(RecordError, match="several texts for `privacy_notice`"):
        made(several)


def test_jurisdictions_and_services_may_be_several() -> None:
    first, second = (
        processing_of(CATALOGUE, terms()),
        processing_of(CATALOGUE, terms(jurisdiction="AT", service="app")),
    )
    handed_out = made(Record(RECORD_ID, VISITOR, [*first, *second], [SHOP], [event()]))

    assert handed_out["jurisdiction"] == "DE, AT"
    assert [each["service"] for each in handed_out["services"]] == ["shop.example", "app"]
    assert ALL_GRANTED.purposes == set(listed(handed_out))
