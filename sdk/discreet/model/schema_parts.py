"""What the JSON Schemas of models and of scenarios share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from discreet_consent import SENSITIVE
from discreet_consent.purposes import DATA_USES

from .fields import ID_PATTERN, IDENTIFIER_PATTERN, MAX_ID_LENGTH, MAX_PROSE_LENGTH

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID: Final[Schema] = {"type": "string", "pattern": f"^{ID_PATTERN}$", "maxLength": MAX_ID_LENGTH}
NAME: Final[Schema] = {"pattern": f"^{IDENTIFIER_PATTERN}$", "maxLength": MAX_ID_LENGTH}
INSTANT: Final[Schema] = {
    "type": "string",
    "description": "A day (from midnight UTC), or a time with its offset.",
    "examples": ["2026-03-01", "2026-03-01T08:30:00Z", "2026-03-01T08:30:00+01:00"],
    "pattern": (
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[-+][0-9]{2}:[0-9]{2}))?$"
    ),
}


def record(
    description: str, required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def listed(description: str, items: Schema, *, least: int = 1, distinct: bool = True) -> Schema:
    listed: Schema = {"type": "array", "description": description, "items": items, "minItems": least}
    return {**listed, "uniqueItems": True} if distinct else listed


def prose(description: str) -> Schema:
    return {"type": "string", "description": description, "pattern": r"\S", "maxLength": MAX_PROSE_LENGTH}


def within(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def sensitive_part() -> Schema:
    return {
        "description": "The sensitive item whose own grant it needs as well.",
        "enum": [*sorted(SENSITIVE), False],
    }


def purpose_part() -> Schema:
    leaves = sorted(key for key in DATA_USES if not any(other.startswith(f"{key}.") for other in DATA_USES))
    below = "|".join(leaf.replace(".", r"\.") for leaf in leaves)
    return {
        "description": "A data use of fideslang, or a word of your own below one that has none below it.",
        "anyOf": [
            {"enum": sorted(DATA_USES)},
            {"type": "string", "pattern": rf"^({below})(\.[a-z0-9_-]+)+$"},
        ],
    }
