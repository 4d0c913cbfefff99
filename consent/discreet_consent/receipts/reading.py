"""Reading a record back, so that the next event can be appended where the last one was stored."""

from __future__ import annotations

from ..errors import RecordError
from .events import Event, EventState, EventType, Evidence
from .processing import Party, PiiInformation, Processing, Terms
from .record import SCHEMA_VERSION, Record
from .times import seconds_of_instant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum
    from typing import Any

_PARTY = ("party_id", "party_name", "party_address", "party_contact", "party_type")
_PARTY_OPTIONAL = ("party_role", "party_email", "party_url", "party_phone")
_TERMS = (
    "privacy_notice",
    "language",
    "pii_controllers",
    "storage_locations",
    "jurisdiction",
    "withdrawal_method",
)
_PROCESSING = ("purposes", "pii_information", "retention_period")
_PII = ("pii_type", "pii_attribute_id", "pii_optional", "sensitive_pii_category", "special_pii_category")
_DIGESTS = {"signal_sha256": False, "signal_hmac_sha256": True}


def read_record(document: object) -> Record:
    """The record of which `document` is the `as_dict()`, for instance out of `json.loads`.

    Raises:
        RecordError: it is not one that `as_dict` wrote; nothing is left out silently.
    """
    fields = _object(
        document,
        "record",
        ("schema_version", "record_id", "pii_principal_id", "processing", "party_identification", "events"),
    )
    if fields["schema_version"] != SCHEMA_VERSION:
        raise RecordError(f"`schema_version` is not `{SCHEMA_VERSION}`")
    record = Record(
        fields["record_id"],
        fields["pii_principal_id"],
        [_processing(each) for each in _list(fields["processing"], "processing")],
        [_party(each) for each in _list(fields["party_identification"], "party_identification")],
        [_event(each) for each in _list(fields["events"], "events")],
    )
    if record.as_dict() != document:
        raise RecordError("the record is not in the form in which it was written")
    return record


def _party(document: object) -> Party:
    fields = dict(_object(document, "party_identification", _PARTY, _PARTY_OPTIONAL))
    party_id = fields.pop("party_id")
    return Party(party_id, **{name.removeprefix("party_"): value for name, value in fields.items()})


def _processing(document: object) -> Processing:
    fields = dict(_object(document, "processing", (*_PROCESSING, *_TERMS), Terms.__slots__))
    facts = [_pii(each) for each in _list(fields.pop("pii_information"), "pii_information")]
    purposes, kept = fields.pop("purposes"), fields.pop("retention_period")
    return Processing(Terms(**fields), purposes=purposes, pii_information=facts, retention_period=kept)


def _pii(document: object) -> PiiInformation:
    fields = _object(document, "pii_information", ("pii_type",), (*_PII, "sensitive_item"))
    return PiiInformation(
        fields["pii_type"],
        pii_attribute_id=fields.get("pii_attribute_id"),
        pii_optional=fields.get("pii_optional", True),
        sensitive_item=fields.get("sensitive_item"),
    )


def _event(document: object) -> Event:
    fields = _object(
        document,
        "events",
        ("event_time", "validity_duration", "entity_id", "event_type", "event_state"),
        ("purposes", "sensitive", "contextual_only", "regime", "evidence"),
    )
    return Event(
        at_s=seconds_of_instant(str(fields["event_time"]), "event_time"),
        state=_member(EventState, fields["event_state"], "event_state"),
        type=_member(EventType, fields["event_type"], "event_type"),
        entity_id=fields["entity_id"],
        validity=str(fields["validity_duration"]),
        purposes=fields.get("purposes", ()),
        sensitive=fields.get("sensitive", ()),
        contextual_only=fields.get("contextual_only", False),
        regime=fields.get("regime"),
        evidence=[_evidence(each) for each in _list(fields.get("evidence", []), "evidence")],
    )


def _evidence(document: object) -> Evidence:
    fields = _object(document, "evidence", ("source",), tuple(_DIGESTS))
    for name, keyed in _DIGESTS.items():
        if name in fields:
            return Evidence(fields["source"], fields[name], keyed=keyed)
    raise RecordError("`evidence` has no digest")


def _member(kinds: type[Enum], value: object, field: str) -> Any:
    for kind in kinds:
        if kind.value == value:
            return kind
    raise RecordError(f"`{field}` is none of {', '.join(str(kind.value) for kind in kinds)}")


def _object(
    value: object, place: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise RecordError(f"`{place}` is not an object")
    missing = [name for name in required if name not in value]
    if missing:
        raise RecordError(f"`{place}` lacks `{missing[0]}`")
    if not {*required, *optional}.issuperset(value):
        raise RecordError(f"`{place}` has fields that no record of this version has")
    return value


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise RecordError(f"`{place}` is not a list")
    return value
