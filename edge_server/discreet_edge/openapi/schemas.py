"""The shapes of bodies, as JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from ..edge_settings import EdgeSettings

Schema: TypeAlias = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_FLAG: Final[Schema] = {"type": "boolean"}
_NAMES: Final[Schema] = {"type": "array", "items": _TEXT}
_METADATA: Final[Schema] = {
    "type": "object",
    "additionalProperties": {"type": ["boolean", "string", "number"]},
}


def reference(name: str) -> Schema:
    """The schema called `name`, where it is used."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(
    properties: Mapping[str, Schema], *required: str, about: str = "", is_open: bool = False
) -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties)}
    if about:
        schema["description"] = about
    if required:
        schema["required"] = list(required)
    if not is_open:
        schema["additionalProperties"] = False
    return schema


def _all_of(properties: Mapping[str, Schema]) -> Schema:
    return _object(properties, *properties)


def schemas(settings: EdgeSettings) -> dict[str, Schema]:
    """Every schema, by name."""
    return {**_of_visitors(settings), **_of_answers(), **_of_ofrep(settings), **_of_operators()}


def _of_visitors(settings: EdgeSettings) -> dict[str, Schema]:
    placement = {"type": "string"}
    attributes = {
        "type": "object",
        "maxProperties": settings.max_attributes,
        "propertyNames": {"maxLength": settings.max_name_length},
        "description": "Names to values. What is not declared, not permitted or of another type is not used.",
    }
    exposure = {"placement": _TEXT, "offer": _TEXT}
    exposures = {
        "type": "array",
        "minItems": 1,
        "maxItems": settings.max_placements,
        "items": {
            "oneOf": [
                _object({**exposure, "version": {"type": "integer"}}, "placement", "offer", "version"),
                _object({**exposure, "digest": _TEXT}, "placement", "offer", "digest"),
            ]
        },
    }
    signals = (
        "tcf",
        "gpp",
        "us_privacy",
        "gpc",
        "consent_mode",
        "age_years",
        "region",
        "purposes",
        "sensitive",
    )
    return {
        "Attributes": attributes,
        "Consent": _object(
            {each: {} for each in signals},
            about="Signals beside those in headers and cookies. What cannot be read counts as a refusal.",
            is_open=True,
        ),
        "DecideRequest": {
            **_object({
                "placement": {**placement, "description": "One slot."},
                "placements": {
                    "type": "array", "items": placement, "minItems": 1, "maxItems": settings.max_placements,
                    "uniqueItems": True, "description": "Several slots; all if neither is there.",
                },
                "attributes": reference("Attributes"),
                "consent": reference("Consent"),
                "top": {"type": "integer", "minimum": 1, "maximum": settings.max_placements, "default": 1},
                "explain": {**_FLAG, "default": False, "description": "Say why. Needs the admin token."},
            }),
            "not": {"required": ["placement", "placements"]},
        },
        "ExposuresRequest": _object({"exposures": exposures, "consent": reference("Consent")}, "exposures"),
        "ProfileRequest": _object(
            {"attributes": reference("Attributes"), "consent": reference("Consent")}, "attributes"
        ),
    }  # fmt: skip


def _of_answers() -> dict[str, Schema]:
    decision = {
        "placement": _TEXT,
        "offer": _TEXT,
        "reason": _TEXT,
        "stage": _TEXT,
        "content": {"type": "object"},
    }
    decide = {
        "bundle": reference("BundleName"),
        "stale": {**_FLAG, "description": "Whether a newer bundle may exist that could not be had."},
        "decisions": {"type": "array", "items": reference("Decision")},
        "withheld": {**_NAMES, "description": "Declared attributes that this consent does not permit."},
        "malformed": _NAMES,
        "stale_attributes": _NAMES,
    }
    explained = {"explanations": {"type": "array", "items": {"type": "object"}}}
    return {
        "BundleName": _all_of({"name": _TEXT, "version": _COUNT, "digest": _TEXT}),
        "Decision": _all_of(decision),
        "DecideAnswer": _object({**decide, **explained}, *decide),
        "ExposuresAnswer": _all_of({"recorded": _COUNT, "outdated": _COUNT}),
        "ProfileAnswer": _all_of({"kept": _NAMES}),
    }


def _of_ofrep(settings: EdgeSettings) -> dict[str, Schema]:
    flag = {
        "key": _TEXT,
        "value": {"type": ["boolean", "string", "number", "object"]},
        "reason": {"enum": ["STATIC", "TARGETING_MATCH", "DEFAULT", "SPLIT", "DISABLED"]},
        "variant": _TEXT,
        "metadata": _METADATA,
    }
    codes = {"enum": ["PARSE_ERROR", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"]}
    context = {
        **_object({"targetingKey": {}, "consent": reference("Consent")}, is_open=True),
        "maxProperties": settings.max_attributes,
        "propertyNames": {"maxLength": settings.max_name_length},
    }
    return {
        "EvaluationRequest": _object({"context": context}, is_open=True),
        "Flag": _all_of(flag),
        "Flags": _all_of({"flags": {"type": "array", "items": reference("Flag")}, "metadata": _METADATA}),
        "FlagFailure": _all_of({"key": {"const": ""}, "errorCode": codes, "errorDetails": _TEXT}),
        "BulkFailure": _all_of({"errorCode": codes, "errorDetails": _TEXT}),
    }


def _of_operators() -> dict[str, Schema]:
    number, maybe = {"type": "number"}, {"type": ["number", "null"]}
    trouble = {"kind": _TEXT, "at": number}
    refused = {**trouble, "version": {"type": ["integer", "null"]}}
    readiness = {
        "ready": _FLAG, "bundle": reference("BundleName"), "expires": number, "since": number, "checked": maybe,
        "expired": _FLAG, "stale": _FLAG, "from_store": _FLAG, "failures": _COUNT,
        "refused": {"oneOf": [{"type": "null"}, _all_of(refused)]},
        "unreachable": {"oneOf": [{"type": "null"}, _all_of(trouble)]},
        "not_kept": {"oneOf": [{"type": "null"}, _all_of(trouble)]},
    }  # fmt: skip
    return {
        "Health": _all_of({"status": {"const": "ok"}}),
        "Readiness": _all_of(readiness),
        "Reloaded": _all_of({"outcome": {"enum": ["swapped", "unchanged"]}, "version": _COUNT}),
        "Gpc": _object({"gpc": _FLAG, "lastUpdate": _TEXT}, "gpc"),
        "Problem": _all_of({
            "type": {**_TEXT, "format": "uri"}, "title": _TEXT, "detail": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
        }),
    }  # fmt: skip
