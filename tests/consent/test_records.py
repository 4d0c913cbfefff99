"""Records: what is processed is read off declarations, and events are only ever appended."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Attribute, AttributeType, Consent, Provenance, resolve
from discreet_consent.errors import RecordError
from discreet_consent.receipts import (
    STATUSES,
    TYPES,
    Event,
    EventState,
    EventType,
    Party,
    PiiInformation,
    Processing,
    Record,
    event_of,
    processing_of,
)
from support.consent_records import (
    ALL_GRANTED,
    CATALOGUE,
    DAY_S,
    LIMITED,
    PROFILED,
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

SCHEMA = "consent-record.schema.json"
NAN, INFINITY = float("nan"), float("inf")

states = st.sampled_from(EventState)
events = st.builds(
    event,
    states,
    st.integers(0, 50).map(lambda step: START_S + step),
    type=st.sampled_from(EventType),
    entity_id=st.sampled_from([VISITOR, "shop"]),
    validity=st.sampled_from(["P180D", "PT5S", "P6M", "P1Y"]),
    purposes=st.sets(st.sampled_from([PROFILED, STORAGE, LIMITED])),
)
histories = st.lists(events, max_size=6).map(lambda some: sorted(some, key=lambda each: each.at_s))


# Reading off declarations


def test_what_rests_on_consent_is_grouped_by_purposes_and_retention() -> None:
    profiled, contextual = processing_of(CATALOGUE, terms())

    assert profiled.purposes == (STORAGE, PROFILED)
    assert [fact.pii_attribute_id for fact in profiled.pii_information] == ["recent_categories", "place"]
    assert (profiled.retention_period, contextual.retention_period) == ("P180D", "PT1H")


def test_essential_purposes_are_not_asked_for() -> None:
    _, contextual = processing_of(CATALOGUE, terms())

    assert contextual.purposes == (LIMITED,)


def test_neither_essential_nor_third_party_facts_are_in_a_record() -> None:
    named = {fact.pii_attribute_id for each in record().processing for fact in each.pii_information}

    assert named == {"recent_categories", "weekday", "place"}


@pytest.mark.parametrize(
    ("item", "is_sensitive", "is_special"),
    [(None, False, False), ("precise_geolocation", True, False), ("health", True, True)],
)
def test_a_sensitive_item_is_named_and_a_special_category_marked(
    item: str | None, is_sensitive: bool, is_special: bool
) -> None:
    written = PiiInformation("user", sensitive_item=item).as_dict()

    assert written["sensitive_pii_category"] is is_sensitive
    assert written["special_pii_category"] is is_special
    assert written.get("sensitive_item") == item


def test_attributes_without_category_or_retention_are_named_all_at_once() -> None:
    bare = [
        Attribute(name, AttributeType.STRING, Provenance.FIRST_PARTY, [PROFILED]) for name in ("size", "city")
    ]
    with pytest.raises(RecordError, match=r"a category for each fact.*none of `size`, `city`"):
        processing_of(bare, terms())

    kept = [
        Attribute("city", AttributeType.STRING, Provenance.DECLARED, [PROFILED], category="user.location")
    ]
    with pytest.raises(RecordError, match=r"a retention for each fact.*none of `city`"):
        processing_of(kept, terms())
    (stated,) = processing_of(kept, terms(), retention_period="P1Y")
    assert stated.retention_period == "P1Y"


# The record


def test_a_record_has_the_mandatory_fields_of_27560() -> None:
    written = record(event(), event(EventState.WITHDRAWN, START_S + 1)).as_dict()

    assert problems(written, SCHEMA) == []
    assert list(written) == [
        "schema_version", "record_id", "pii_principal_id", "processing", "party_identification", "events"
    ]  # fmt: skip


@pytest.mark.parametrize("part", ["record", "processing", "pii", "party", "event"])
def test_the_schema_refuses_a_record_that_lacks_a_mandatory_field(part: str) -> None:
    written: Any = record(event()).as_dict()
    place: dict[str, Any] = {
        "record": written,
        "processing": written["processing"][0],
        "pii": written["processing"][0]["pii_information"][0],
        "party": written["party_identification"][0],
        "event": written["events"][0],
    }[part]
    mandatory = {
        "record": ["schema_version", "record_id", "pii_principal_id"],
        "processing": [
            "privacy_notice", "language", "purposes", "pii_information", "pii_controllers", "storage_locations",
            "retention_period", "jurisdiction", "recipient_third_parties", "withdrawal_method",
        ],
        "pii": ["pii_type"],
        "party": ["party_id", "party_address", "party_name", "party_contact", "party_type"],
        "event": ["event_time", "validity_duration", "entity_id", "event_type", "event_state"],
    }[part]  # fmt: skip
    for name in mandatory:
        kept = place.pop(name)
        assert problems(written, SCHEMA) != [], name
        place[name] = kept
    assert problems(written, SCHEMA) == []


def test_every_optional_field_is_written_and_valid() -> None:
    full: Any = record(
        event(),
        parties=(
            Party(
                "shop", name="S", address="Jena", contact="c", role="seller", email="e", url="u", phone="p"
            ),
            Party("carrier", name="C", address="Bonn", contact="c", type="third_party"),
            Party("authority", name="A", address="Erfurt", contact="c", type="authority"),
        ),
        purpose_type="personalization",
        processing_method="rules",
        processing_locations=["DE"],
        geographic_restrictions="EU",
        privacy_rights=["https://shop.example/rights"],
        codes_of_conduct=["code"],
        impact_assessment="https://shop.example/dpia",
        authority_party="authority",
        recipient_third_parties=["carrier"],
    ).as_dict()

    assert problems(full, SCHEMA) == []
    (first, _), parties = full["processing"], full["party_identification"]
    assert first["recipient_third_parties"] == ["carrier"]
    assert parties[0]["party_role"] == "seller"


@given(histories)
def test_any_history_is_valid(history: list[Event]) -> None:
    assert problems(record(*history).as_dict(), SCHEMA) == []


# Append-only


@given(histories)
def test_the_events_of_an_older_record_begin_those_of_every_newer_one(history: list[Event]) -> None:
    versions = [record()]
    for each in history:
        versions.append(versions[-1].with_event(each))

    for older in range(len(versions)):
        for newer in versions[older:]:
            assert newer.events[:older] == versions[older].events == tuple(history[:older])
            begun: Any = newer.as_dict()["events"]
            assert begun[:older] == versions[older].as_dict()["events"]


@given(histories.filter(bool), st.integers(1, 100))
def test_no_event_can_be_put_before_the_last(history: list[Event], earlier_s: int) -> None:
    grown = record(*history)

    with pytest.raises(RecordError, match="a record only grows"):
        grown.with_event(event(at_s=history[-1].at_s - earlier_s))


def test_two_events_of_one_second_keep_their_order() -> None:
    grown = record(event()).with_event(event(EventState.WITHDRAWN))

    assert grown.state_at(START_S) is EventState.WITHDRAWN


@pytest.mark.parametrize("field", Record.__slots__)
def test_a_record_cannot_be_changed(field: str) -> None:
    grown = record(event())
    with pytest.raises(AttributeError, match="immutable"):
        setattr(grown, field, ())
    with pytest.raises(AttributeError, match="immutable"):
        delattr(grown, field)


def test_a_written_record_is_a_copy() -> None:
    grown = record(event())
    written: Any = grown.as_dict()
    written["events"].clear()
    written["processing"][0]["purposes"].clear()

    assert problems(grown.as_dict(), SCHEMA) == []


def test_records_are_equal_by_what_they_say_and_survive_copies() -> None:
    one, same, other = record(event()), record(event()), record(event(), event())

    assert (one == same, hash(one) == hash(same)) == (True, True)
    assert one != other
    assert one != object()
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one  # noqa: S301 - our own bytes


# States and times


def test_each_state_and_type_is_a_word_of_the_data_privacy_vocabulary() -> None:
    assert {state.value: iri.removeprefix("https://w3id.org/dpv#") for state, iri in STATUSES.items()} == {
        "consent_unknown": "ConsentUnknown",
        "consent_requested": "ConsentRequested",
        "consent_request_deferred": "ConsentRequestDeferred",
        "consent_refused": "ConsentRefused",
        "consent_given": "ConsentGiven",
        "renewed_consent_given": "RenewedConsentGiven",
        "consent_expired": "ConsentExpired",
        "consent_withdrawn": "ConsentWithdrawn",
        "consent_revoked": "ConsentRevoked",
        "consent_invalidated": "ConsentInvalidated",
    }
    assert set(STATUSES) == set(EventState)
    assert set(TYPES) == set(EventType)
    assert [state for state in EventState if state.allows] == [EventState.GIVEN, EventState.RENEWED]


@pytest.mark.parametrize(
    ("now_s", "state"),
    [
        (START_S - 1, EventState.UNKNOWN),
        (START_S, EventState.GIVEN),
        (START_S + 9.9, EventState.GIVEN),
        (START_S + 10, EventState.WITHDRAWN),
        (START_S + 400 * DAY_S, EventState.WITHDRAWN),
        (NAN, EventState.UNKNOWN),
        (INFINITY, EventState.WITHDRAWN),
    ],
)
def test_the_state_at_a_time_is_that_of_the_last_event_before(now_s: float, state: EventState) -> None:
    assert record(event(), event(EventState.WITHDRAWN, START_S + 10)).state_at(now_s) is state


@pytest.mark.parametrize(
    ("validity", "seconds"),
    [
        ("P180D", 180 * DAY_S),
        ("P6M", 180 * DAY_S),
        ("P1Y2M3W4D", (365 + 60 + 21 + 4) * DAY_S),
        ("P1DT2H3M4S", DAY_S + 7_384),
        ("PT90S", 90),
        ("PT0S", 0),
    ],
)
def test_given_consent_expires_with_its_validity(validity: str, seconds: int) -> None:
    given_once = record(event(validity=validity))

    assert given_once.state_at(START_S + seconds) is EventState.EXPIRED
    if seconds:
        assert given_once.state_at(START_S + seconds - 1) is EventState.GIVEN


@given(states.filter(lambda state: not state.allows))
def test_what_allows_nothing_never_expires_into_something_else(state: EventState) -> None:
    assert record(event(state, validity="PT1S")).state_at(START_S + 100) is state


@pytest.mark.parametrize(
    "validity",
    [
        "", "180", "180D", "P", "PT", "P1", "P1DT", "P-1D", "P1.5D", "P1H", "PT1D", "P1D1D", "P1M1Y", "p1d", "P 1D",
        "P1\u0661D", "P1D ", "P" + "9" * 5_000 + "D", "forever",
    ],
)  # fmt: skip
def test_a_duration_that_is_none_is_refused(validity: str) -> None:
    with pytest.raises(RecordError, match=r"`validity_duration` is (empty|not an ISO 8601 duration)"):
        event(validity=validity)
    with pytest.raises(RecordError, match=r"`retention_period` is (empty|not an ISO 8601 duration)"):
        Processing(
            terms(), purposes=PROFILED, pii_information=[PiiInformation("user")], retention_period=validity
        )


@pytest.mark.parametrize("at_s", [NAN, INFINITY, -1, 10**12, "1793491200", None, True])
def test_a_time_that_is_no_unix_second_is_refused(at_s: Any) -> None:
    with pytest.raises(RecordError, match="`event_time`"):
        event(at_s=at_s)


def test_times_are_written_in_whole_seconds_rounded_down() -> None:
    late = event(at_s=START_S + 0.999)

    assert late.as_dict()["event_time"] == "2026-11-01T00:00:00Z"
    assert event(at_s=253_402_300_799).as_dict()["event_time"] == "9999-12-31T23:59:59Z"
    assert event(at_s=0).as_dict()["event_time"] == "1970-01-01T00:00:00Z"


# From a resolved consent


def from_consent(consent: Consent, at_s: float = START_S, **changed: Any) -> Event:
    return event_of(consent, at_s=at_s, entity_id=VISITOR, type=EventType.EXPRESSED, **changed)


@pytest.mark.parametrize(
    ("consent", "at_s", "state"),
    [
        (ALL_GRANTED, START_S, EventState.GIVEN),
        (ALL_GRANTED, START_S + 180 * DAY_S, EventState.EXPIRED),
        (Consent.refusing(), START_S, EventState.REFUSED),
        (Consent(["essential", "essential.service"]), START_S, EventState.REFUSED),
        (Consent(sensitive=["health"]), START_S, EventState.REFUSED),
    ],
)
def test_consent_is_given_when_it_grants_anything_beyond_the_essential(
    consent: Consent, at_s: float, state: EventState
) -> None:
    assert from_consent(consent, at_s).state is state


@pytest.mark.parametrize(
    ("after", "granted", "refused"),
    [
        (EventState.UNKNOWN, EventState.GIVEN, EventState.REFUSED),
        (EventState.GIVEN, EventState.RENEWED, EventState.WITHDRAWN),
        (EventState.RENEWED, EventState.RENEWED, EventState.WITHDRAWN),
        (EventState.EXPIRED, EventState.GIVEN, EventState.REFUSED),
        (EventState.WITHDRAWN, EventState.GIVEN, EventState.REFUSED),
        (EventState.REFUSED, EventState.GIVEN, EventState.REFUSED),
    ],
)
def test_after_consent_was_given_a_refusal_is_a_withdrawal(
    after: EventState, granted: EventState, refused: EventState
) -> None:
    assert from_consent(ALL_GRANTED, after=after).state is granted
    assert from_consent(Consent.refusing(), after=after).state is refused


def test_an_event_says_what_was_granted_and_by_which_rules() -> None:
    written = from_consent(ALL_GRANTED).as_dict()

    assert written["purposes"] == [STORAGE, LIMITED, PROFILED]
    assert written["sensitive"] == ["precise_geolocation"]
    assert written["regime"] == "gdpr_opt_in"
    assert "contextual_only" not in written
    child = Consent([LIMITED], contextual_only=True)
    assert from_consent(child, validity="P1D").as_dict()["contextual_only"] is True


@pytest.mark.parametrize(
    ("at_s", "stated", "validity"),
    [
        (START_S, None, "P180D"),
        (START_S + 0.5, None, "P180D"),
        (START_S + 1, None, "P179DT23H59M59S"),
        (START_S + 180 * DAY_S - 0.5, None, "PT1S"),
        (START_S, "P30D", "P30D"),
        (START_S, "P6M", "P6M"),
        (START_S, "P1Y", "P180D"),
    ],
)
def test_an_event_holds_until_the_consent_expires_at_the_latest(
    at_s: float, stated: str | None, validity: str
) -> None:
    assert from_consent(ALL_GRANTED, at_s, validity=stated).validity == validity


@given(st.floats(0, 1e10), st.floats(0, 1e9))
def test_a_record_never_holds_longer_than_the_consent(at_s: float, lasts_s: float) -> None:
    consent = Consent([PROFILED], resolved_s=at_s, expires_s=at_s + lasts_s)

    assert record(from_consent(consent, at_s)).state_at(at_s + lasts_s).allows is False


def test_a_consent_that_never_expires_needs_a_stated_validity() -> None:
    endless = Consent.granting(PROFILED)

    with pytest.raises(RecordError, match=r"`validity` is missing.*such as `P180D`"):
        from_consent(endless)
    with pytest.raises(RecordError, match="`validity` is missing"):
        from_consent(Consent([PROFILED], resolved_s=0, expires_s=INFINITY))
    assert from_consent(endless, validity="P180D").validity == "P180D"
    assert from_consent(Consent.refusing()).validity == "PT0S"


# Mistakes


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"language": ""}, "`language` is empty"),
        ({"language": " \t"}, "`language` is empty"),
        ({"language": None}, "`language` is not a text"),
        ({"pii_controllers": []}, "`pii_controllers` names none"),
        ({"storage_locations": 5}, "`storage_locations` is not a list of texts"),
        ({"storage_locations": ["device", ""]}, "`storage_locations` is empty"),
        ({"service": ""}, "`service` is empty"),
        ({"pii_controllers": ["shop", "other"]}, "party `other` is named in `processing` and not identified"),
        ({"recipient_third_parties": "carrier"}, "party `carrier` is named"),
        ({"authority_party": "authority"}, "party `authority` is named"),
        ({"parties": (SHOP, SHOP)}, "party `shop` is identified twice"),
        ({"parties": ({"party_id": "shop"},)}, "`party_identification` is not of the kind `Party`"),
    ],
)
def test_a_mistake_in_terms_and_parties_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        record(**changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"validity": None}, "`validity` is missing"),
        ({"entity_id": ""}, "`entity_id` is empty"),
        ({"entity_id": "someone"}, "neither the visitor's nor an identified party's"),
        ({"state": "consent_given"}, "`event_state` is not of the kind `EventState`"),
        ({"type": "explicit"}, "`event_type` is not of the kind `EventType`"),
        ({"purposes": [None]}, "`purposes` is not a text"),
    ],
)
def test_a_mistake_in_an_event_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        record(event(**changed))


def test_a_record_without_ids_or_processing_is_refused() -> None:
    processing = processing_of(CATALOGUE, terms())
    with pytest.raises(RecordError, match="`record_id` is empty"):
        Record("", VISITOR, processing, [SHOP])
    with pytest.raises(RecordError, match="`pii_principal_id` is empty"):
        Record(RECORD_ID, "", processing, [SHOP])
    with pytest.raises(RecordError, match="a consent to nothing"):
        Record(RECORD_ID, VISITOR, [], [SHOP])
    with pytest.raises(RecordError, match="`pii_information` names none"):
        Processing(terms(), purposes=PROFILED, pii_information=[], retention_period="P1D")


@pytest.mark.parametrize("address", [{}, {"street": "Am Markt 1"}, 5, {"streetAddress": ""}])
def test_an_address_is_a_text_or_a_postal_address(address: Any) -> None:
    with pytest.raises(RecordError, match=r"`party_address`|`streetAddress` is empty"):
        Party("shop", name="S", address=address, contact="c")


# What nobody chose


@pytest.mark.parametrize("region", ["US-CA", "US-NY", "GB", "DE", None])
def test_what_a_regime_allows_without_a_signal_is_no_consent(region: str | None) -> None:
    with pytest.raises(RecordError, match="nobody chose"):
        from_consent(resolve(region=region, now_s=START_S), validity="P180D")


def test_an_event_holds_what_signals_granted_and_not_the_regimes_default() -> None:
    agreed = resolve(us_privacy="1YNN", region="US-CA", now_s=START_S)
    event = from_consent(agreed, validity="P180D")

    assert {"analytics", "functional", "personalize"} <= agreed.purposes
    assert set(event.purposes) == {"marketing.advertising", "third_party_sharing"}
    assert event.sensitive == ()


def test_an_opt_out_alone_is_a_refusal() -> None:
    assert from_consent(resolve(gpc=True, region="US-CA", now_s=START_S)).state is EventState.REFUSED
