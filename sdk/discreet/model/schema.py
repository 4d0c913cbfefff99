"""The JSON Schema of the file format, for editors: completion, descriptions, and the plainest mistakes at once.

It knows shapes and words. What needs the whole model (names, types of literals, references) only the readers know.
"""

from __future__ import annotations

from typing import Final

from discreet_consent import AttributeType, Provenance
from discreet_consent.coarsening import MAX_BANDS, MAX_CHARACTERS, MAX_DECIMALS

from .acceptances import CHECK_PATTERN
from .declarations import CATEGORY_PATTERN, RETENTION_PATTERN
from .fields import MAX_PRIORITY
from .lexing import EXACT_INTEGER, MAX_LENGTH
from .offers import COMPETING_KEYS, Waiver
from .scenario_schema import scenario_part, signalled_part, stated_part
from .schema_parts import (
    DIALECT,
    ID,
    INSTANT,
    NAME,
    Schema,
    listed,
    prose,
    purpose_part,
    record,
    sensitive_part,
    within,
)
from .types import Basis

_WHEN: Final[Schema] = {"$ref": "#/$defs/when"}


def model_schema() -> Schema:
    """The schema (JSON Schema 2020-12) of a model file, and of an included one. A new copy each time."""
    return {
        "$schema": DIALECT,
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
            "accepted": _accepted(),
            "purpose": purpose_part(),
            "instant": INSTANT,
            "scenario": scenario_part(),
            "stated": stated_part(),
            "signalled": signalled_part(),
        },
    }


def _table(description: str, of: str, names: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "propertyNames": names,
        "additionalProperties": {"$ref": f"#/$defs/{of}"},
    }


def _shared() -> dict[str, Schema]:
    offers = {"$ref": "#/$defs/offer"}
    return {
        "include": listed(
            "Files with attributes, conditions, segments and offers to share, relative to this one.",
            {"type": "string", "minLength": 1},
            least=0,
            distinct=False,
        ),
        "attributes": _table("What may be known, by name. Anything else never passes.", "attribute", NAME),
        "conditions": _table("Guiding principles, by name, stated positively.", "condition", NAME),
        "segments": _table("Conditions that group visitors in reports.", "condition", NAME),
        "offers": listed("Personalized touchpoints.", offers, least=0, distinct=False),
    }


def _model() -> Schema:
    stages = listed("The phases of the journey, in order.", {"$ref": "#/$defs/stage"}, distinct=False)
    placements = _table("The slots of the channel, by id.", "placement", {**ID})
    return record(
        "What an author writes for one context.",
        {
            "model": {**ID, "description": "The model's id."},
            "channel": {**ID, "description": "Where it is served; each channel has one model."},
            "stages": stages,
            "placements": {**placements, "minProperties": 1},
        },
        {
            **_shared(),
            "owner": prose("Who answers for the model."),
            "accepted": listed(
                "Findings of `discreet check` that stay, each with the reason.",
                {"$ref": "#/$defs/accepted"},
                least=0,
                distinct=False,
            ),
            "scenarios": listed(
                "Visits and their outcomes; see `discreet test`.",
                {"$ref": "#/$defs/scenario"},
                least=0,
                distinct=False,
            ),
        },
    )


def _included() -> Schema:
    return record("What several models share.", {}, _shared())


def _fact() -> Schema:
    fact = record(
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
            "sensitive": sensitive_part(),
            "lower": {"type": "boolean", "description": "For strings: compare in lower case."},
            "range": {
                "type": "array",
                "description": "For numbers: the least and the greatest value to expect; `null` is open.",
                "examples": [[0, 10], [0, None]],
                "items": {"type": ["number", "null"], "minimum": -EXACT_INTEGER, "maximum": EXACT_INTEGER},
                "contains": {"type": "number"},
                "minItems": 2,
                "maxItems": 2,
            },
        },
    )
    lowers = {"properties": {"lower": {"const": True}}, "required": ["lower"]}
    return {**fact, "allOf": [_only({"required": ["range"]}, "number"), _only(lowers, "string", "strings")]}


def _only(keys: Schema, *types: str) -> Schema:
    """Where `keys` holds, the type is one of `types`."""
    return {"if": keys, "then": {"properties": {"type": {"enum": [*types]}}}}


def _substitute() -> Schema:
    return record(
        "A coarser value of another attribute, with purposes of its own; all else it has from that one.",
        {
            "coarsens": {**NAME, "type": "string", "description": "The attribute that it comes from."},
            "by": {"$ref": "#/$defs/coarsening"},
            "purposes": _purposes(),
        },
        {"sensitive": sensitive_part()},
    )


def _coarsening() -> Schema:
    bounds = {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 1,
        "maxItems": MAX_BANDS,
        "uniqueItems": True,
    }
    methods: dict[str, Schema] = {
        "characters": {
            **within(1, MAX_CHARACTERS),
            "description": "Of a string: how many characters stay.",
        },
        "decimals": {**within(0, MAX_DECIMALS), "description": "Of a number: how many decimals stay."},
        "bands": {**bounds, "description": "Of a number: the lower bounds of the bands, ascending."},
        "network": {"const": True, "description": "Of an IP address: its network, /24 or /48."},
    }
    whole = record("How the value is made coarser: one of the four.", {}, methods)
    return {**whole, "minProperties": 1, "maxProperties": 1}


def _purposes() -> Schema:
    return listed(
        "What it is used for; all must be granted before it may be known.", {"$ref": "#/$defs/purpose"}
    )


def _condition() -> Schema:
    return record(
        "A named, positively stated guiding principle.",
        {
            "says": prose("What is true of the visitor, in one sentence."),
            "when": _WHEN,
        },
        {
            "basis": {
                "description": "On what insight it rests.",
                "enum": [each.value for each in Basis],
            },
            "note": prose("Where the insight comes from: a sentence or a link."),
            "owner": prose("Who answers for it."),
        },
    )


def _when() -> Schema:
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


def _stage() -> Schema:
    return record(
        "A phase of the journey. Every one but the first has an entry condition.",
        {"id": ID},
        {"when": _WHEN, "says": prose("What this phase is, in one sentence.")},
    )


def _placement() -> Schema:
    fallback = {**ID, "description": "The offer that shows when nothing else may; it depends on nothing."}
    fields = {"type": "string", "pattern": r"\S"}
    purposes = listed(
        "On what its decision may at most depend, beside what is essential.",
        {"$ref": "#/$defs/purpose"},
        least=0,
    )
    return record(
        "A slot where one offer, or the top k, shows.",
        {"fallback": fallback},
        {
            "says": prose("What this slot is, for people."),
            "shows": listed("The content fields that its page needs.", fields),
            "purposes": purposes,
        },
    )


def _offer() -> Schema:
    valid = record(
        "When it may show: from <= now < until.",
        {},
        {"from": {"$ref": "#/$defs/instant"}, "until": {"$ref": "#/$defs/instant"}},
    )
    offer = record(
        "Content for placements, in stages, under conditions.",
        {
            "id": ID,
            "content": {
                "type": "object",
                "description": "Any JSON values. In texts, `{name|default}` prints an attribute, `{{` a brace.",
            },
        },
        {
            "says": prose("What this offer is, for people."),
            "owner": prose("Who answers for it."),
            "stages": listed("The stages in which it may show; all where left out.", ID),
            "placements": listed("Where it competes; left out, it only serves as a fallback.", ID),
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
            "exclusive": {
                **ID,
                "description": "Of all offers of this group, one visitor may see at most one, in all channels.",
            },
            "promises": listed("Channels that can show this offer to whoever sees it here.", ID),
        },
    )
    return {**offer, "dependentRequired": {key: ["placements"] for key in COMPETING_KEYS}}


def _accepted() -> Schema:
    return record(
        "A finding that stays.",
        {
            "check": {
                "type": "string",
                "description": "Its code; `discreet explain-check` tells what it means.",
                "examples": ["D104"],
                "pattern": f"^{CHECK_PATTERN}$",
            },
            "of": {
                "type": "string",
                "description": "What it is about: an offer, condition, segment, stage, placement or attribute.",
                "minLength": 1,
            },
            "because": prose("Why it stays, in one sentence."),
        },
    )
