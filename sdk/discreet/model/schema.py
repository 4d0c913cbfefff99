"""The JSON Schema of the file format, for editors: completion, descriptions, and the plainest mistakes at once.

It knows shapes and words. What needs the whole model (names, types of literals, references) only the readers know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from discreet_consent import SENSITIVE, AttributeType, Provenance
from discreet_consent.coarsening import MAX_BANDS, MAX_CHARACTERS, MAX_DECIMALS
from discreet_consent.purposes import DATA_USES

from .declarations import CATEGORY_PATTERN, RETENTION_PATTERN
from .fields import ID_PATTERN, IDENTIFIER_PATTERN, MAX_ID_LENGTH, MAX_PRIORITY, MAX_PROSE_LENGTH
from .lexing import MAX_LENGTH
from .offers import Waiver
from .types import Basis

_Schema = dict[str, Any]

_ID: Final[_Schema] = {"type": "string", "pattern": f"^{ID_PATTERN}$", "maxLength": MAX_ID_LENGTH}
_NAME: Final[_Schema] = {"pattern": f"^{IDENTIFIER_PATTERN}$", "maxLength": MAX_ID_LENGTH}
_WHEN: Final[_Schema] = {"$ref": "#/$defs/when"}


def model_schema() -> _Schema:
    """The schema (JSON Schema 2020-12) of a model file, and of an included one. A new copy each time."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A discreet model",
        "description": "Stages x offers x conditions over a catalogue of attributes, for one channel or market.",
        "oneOf": [{"$ref": "#/$defs/model"}, {"$ref": "#/$defs/included"}],
        "$defs": {
            "model": _model(),
            "included": _included(),
            "attribute": {
                "description": "One typed fact about the visitor or the request, or a coarser value of one.",
                "if": {"anyOf": [{"required": ["coarsens"]}, {"required": ["by"]}]},
                "then": {"$ref": "#/$defs/substitute"},
                "else": {"$ref": "#/$defs/fact"},
            },
            "fact": _fact(),
            "substitute": _substitute(),
            "coarsening": _coarsening(),
            "condition": _condition(),
            "when": _when(),
            "stage": _stage(),
            "placement": _placement(),
            "offer": _offer(),
            "purpose": _purpose(),
            "instant": {
                "type": "string",
                "description": "A day (from midnight UTC), or a time with its offset.",
                "examples": ["2026-03-01", "2026-03-01T08:30:00Z", "2026-03-01T08:30:00+01:00"],
                "pattern": (
                    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
                    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[-+][0-9]{2}:[0-9]{2}))?$"
                ),
            },
        },
    }


def _object(
    description: str, required: Mapping[str, _Schema], optional: Mapping[str, _Schema] | None = None
) -> _Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _table(description: str, of: str, names: _Schema) -> _Schema:
    return {
        "type": "object",
        "description": description,
        "propertyNames": names,
        "additionalProperties": {"$ref": f"#/$defs/{of}"},
    }


def _list(description: str, items: _Schema, *, least: int = 1, distinct: bool = True) -> _Schema:
    listed: _Schema = {"type": "array", "description": description, "items": items, "minItems": least}
    return {**listed, "uniqueItems": True} if distinct else listed


def _prose(description: str) -> _Schema:
    return {"type": "string", "description": description, "minLength": 1, "maxLength": MAX_PROSE_LENGTH}


def _shared() -> dict[str, _Schema]:
    offers = {"$ref": "#/$defs/offer"}
    return {
        "include": _list(
            "Files with attributes, conditions, segments and offers to share, relative to this one.",
            {"type": "string", "minLength": 1},
            least=0,
            distinct=False,
        ),
        "attributes": _table("What may be known, by name. Anything else never passes.", "attribute", _NAME),
        "conditions": _table("Guiding principles, by name, stated positively.", "condition", _NAME),
        "segments": _table("Conditions that group visitors in reports.", "condition", _NAME),
        "offers": _list("Personalized touchpoints.", offers, least=0, distinct=False),
    }


def _model() -> _Schema:
    stages = _list("The phases of the journey, in order.", {"$ref": "#/$defs/stage"}, distinct=False)
    placements = _table("The slots of the channel, by id.", "placement", {**_ID})
    return _object(
        "What an author writes for one context.",
        {
            "model": {**_ID, "description": "The model's id."},
            "channel": {**_ID, "description": "Where it is served; each channel has one model."},
            "stages": stages,
            "placements": {**placements, "minProperties": 1},
        },
        {
            **_shared(),
            "scenarios": {"type": "array", "description": "Visits and their outcomes; see `discreet test`."},
        },
    )


def _included() -> _Schema:
    return _object("What several models share.", {}, _shared())


def _fact() -> _Schema:
    return _object(
        "One typed fact about the visitor or the request.",
        {
            "type": {
                "description": "The type of its values; `strings` is a set.",
                "enum": [each.value for each in AttributeType],
            },
            "provenance": {
                "description": "Where the fact comes from; `third_party` is never permitted.",
                "enum": [each.value for each in Provenance],
            },
            "purposes": _purposes(),
        },
        {
            "category": {
                "type": "string",
                "description": "Its data category, for records.",
                "examples": ["user.behavior.purchase_history"],
                "pattern": f"^{CATEGORY_PATTERN}$",
            },
            "retention": {
                "type": "string",
                "description": "How long after its observation a value may still be used.",
                "examples": ["365d", "12h", "90m", "30s"],
                "pattern": f"^{RETENTION_PATTERN}$",
            },
            "sensitive": _sensitive(),
            "lower": {"type": "boolean", "description": "For strings: compare in lower case."},
        },
    )


def _substitute() -> _Schema:
    return _object(
        "A coarser value of another attribute, with purposes of its own; all else it has from that one.",
        {
            "coarsens": {**_NAME, "type": "string", "description": "The attribute that it comes from."},
            "by": {"$ref": "#/$defs/coarsening"},
            "purposes": _purposes(),
        },
        {"sensitive": _sensitive()},
    )


def _coarsening() -> _Schema:
    bounds = {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 1,
        "maxItems": MAX_BANDS,
        "uniqueItems": True,
    }
    methods: dict[str, _Schema] = {
        "characters": {
            **_within(1, MAX_CHARACTERS),
            "description": "Of a string: how many characters stay.",
        },
        "decimals": {**_within(0, MAX_DECIMALS), "description": "Of a number: how many decimals stay."},
        "bands": {**bounds, "description": "Of a number: the lower bounds of the bands, ascending."},
        "network": {"const": True, "description": "Of an IP address: its network, /24 or /48."},
    }
    whole = _object("How the value is made coarser: one of the four.", {}, methods)
    return {**whole, "minProperties": 1, "maxProperties": 1}


def _within(least: int, most: int) -> _Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _purposes() -> _Schema:
    return _list(
        "What it is used for; all must be granted before it may be known.", {"$ref": "#/$defs/purpose"}
    )


def _sensitive() -> _Schema:
    return {
        "description": "The sensitive item whose own grant it needs as well.",
        "enum": [*sorted(SENSITIVE), False],
    }


def _purpose() -> _Schema:
    leaves = sorted(key for key in DATA_USES if not any(other.startswith(f"{key}.") for other in DATA_USES))
    below = "|".join(leaf.replace(".", r"\.") for leaf in leaves)
    return {
        "description": "A data use of fideslang, or a word of your own below one that has none below it.",
        "anyOf": [
            {"enum": sorted(DATA_USES)},
            {"type": "string", "pattern": rf"^({below})(\.[a-z0-9_-]+)+$"},
        ],
    }


def _condition() -> _Schema:
    return _object(
        "A named, positively stated guiding principle.",
        {
            "says": _prose("What is true of the visitor, in one sentence."),
            "when": _WHEN,
        },
        {
            "basis": {
                "description": "On what insight it rests.",
                "enum": [each.value for each in Basis],
            },
            "note": _prose("Where the insight comes from: a sentence or a link."),
        },
    )


def _when() -> _Schema:
    some = {"type": "array", "items": _WHEN, "minItems": 1}
    one_key = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    return {
        "description": "An expression, a list of which all must hold, or `any:` / `all:` with a list.",
        "examples": ['country in ["IT", "FR"]', "18 <= age < 65", "days_since(last_visit) <= 30"],
        "anyOf": [
            {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
            some,
            {"type": "object", "properties": {"any": some, "all": some}, **one_key},
        ],
    }


def _stage() -> _Schema:
    return _object(
        "A phase of the journey. Every one but the first has an entry condition.",
        {"id": _ID},
        {"when": _WHEN, "says": _prose("What this phase is, in one sentence.")},
    )


def _placement() -> _Schema:
    fallback = {**_ID, "description": "The offer that shows when nothing else may; it depends on nothing."}
    return _object("A slot where one offer, or the top k, shows.", {"fallback": fallback})


def _offer() -> _Schema:
    valid = _object(
        "When it may show: from <= now < until.",
        {},
        {"from": {"$ref": "#/$defs/instant"}, "until": {"$ref": "#/$defs/instant"}},
    )
    return _object(
        "Content for placements, in stages, under conditions.",
        {
            "id": _ID,
            "content": {
                "type": "object",
                "description": "Any JSON values. In texts, `{name|default}` prints an attribute, `{{` a brace.",
            },
        },
        {
            "stages": _list("The stages in which it may show; all where left out.", _ID),
            "placements": _list("Where it competes; left out, it only serves as a fallback.", _ID),
            "when": _WHEN,
            "priority": {
                "type": "integer",
                "description": "Higher wins among the offers of one stage; 0 where left out.",
                "minimum": -MAX_PRIORITY,
                "maximum": MAX_PRIORITY,
            },
            "valid": {**valid, "minProperties": 1},
            "waive": {
                "description": "`withdrawal`: this offer may appear because consent was withdrawn.",
                "enum": [each.value for each in Waiver],
            },
        },
    )
