"""Consent records for tests: a shop, its notice, and schemas to judge what is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema

from discreet_consent import Attribute, AttributeType, Catalogue, Consent, Provenance
from discreet_consent.receipts import Event, EventState, EventType, Party, Record, Terms, processing_of
from support.source import REPOSITORY

PROFILED, STORAGE, LIMITED = (
    "personalize.content.profiled",
    "functional.storage",
    "personalize.content.limited",
)
START_S = 1_793_491_200  # 2026-11-01T00:00:00Z
DAY_S = 86_400
VISITOR = "visitor-7f3a"
RECORD_ID = "a6f58318-72e6-46a2-bfd7-f36d795e30cd"
RECEIPT_ID = "0f0c1f7e-5c3e-4b8a-9a53-0f5b7a1f9d10"

CATALOGUE = Catalogue(
    [
        Attribute(
            "recent_categories",
            AttributeType.STRINGS,
            Provenance.FIRST_PARTY,
            [PROFILED, STORAGE],
            category="user.behavior.browsing_history",
            retention_s=180 * DAY_S,
        ),
        Attribute(
            "weekday",
            AttributeType.STRING,
            Provenance.CONTEXTUAL,
            [LIMITED, "essential.service"],
            category="system.operations",
            retention_s=3_600,
        ),
        Attribute(
            "place",
            AttributeType.STRING,
            Provenance.FIRST_PARTY,
            [PROFILED, STORAGE],
            category="user.location.precise",
            retention_s=180 * DAY_S,
            sensitive="precise_geolocation",
        ),
        Attribute("cart_open", AttributeType.BOOLEAN, Provenance.FIRST_PARTY, ["essential.service"]),
        Attribute("bought", AttributeType.STRING, Provenance.THIRD_PARTY, [PROFILED]),
    ]
)
ALL_GRANTED = Consent(
    [PROFILED, STORAGE, LIMITED],
    sensitive=["precise_geolocation"],
    regime="gdpr_opt_in",
    resolved_s=START_S,
    expires_s=START_S + 180 * DAY_S,
)
SHOP = Party(
    "shop",
    name="Shop GmbH",
    address={"streetAddress": "Am Markt 1", "addressLocality": "Jena", "addressCountry": "DE"},
    contact="privacy officer",
    email="privacy@shop.example",
    phone="+49-3641-0",
)


def terms(**changed: Any) -> Terms:
    stated: dict[str, Any] = {
        "privacy_notice": "https://shop.example/privacy/2026-03",
        "language": "de",
        "pii_controllers": "shop",
        "storage_locations": ["device"],
        "jurisdiction": "DE",
        "withdrawal_method": "https://shop.example/consent",
        "service": "shop.example",
        "collection_method": "consent banner",
    }
    return Terms(**(stated | changed))


def record(*events: Event, parties: tuple[Party, ...] = (SHOP,), **changed: Any) -> Record:
    return Record(RECORD_ID, VISITOR, processing_of(CATALOGUE, terms(**changed)), parties, events)


def event(state: EventState = EventState.GIVEN, at_s: float = START_S, **changed: Any) -> Event:
    stated: dict[str, Any] = {
        "at_s": at_s,
        "state": state,
        "type": EventType.EXPLICIT,
        "entity_id": VISITOR,
        "validity": "P180D",
    }
    return Event(**(stated | changed))


def problems(document: object, schema: str, part: str | None = None) -> list[str]:
    """What the schema of that name under spec/, or a part of it, has against `document` as JSON."""
    whole: Mapping[str, Any] = json.loads((REPOSITORY / "spec" / schema).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(whole)
    if part is not None:
        whole = {**whole, "$ref": f"#/$defs/{part}"}
    found = jsonschema.Draft202012Validator(whole).iter_errors(json.loads(json.dumps(document)))
    return [each.message for each in found]
