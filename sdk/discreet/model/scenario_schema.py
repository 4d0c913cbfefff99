"""The JSON Schema of scenarios, for editors. It knows shapes and words; names and types only the reader knows."""

from __future__ import annotations

from .scenario_consents import OLDEST
from .scenarios import Outcome
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
)

_WHEN_IT_IS = {"$ref": "#/$defs/instant"}
_ATOM: Schema = {"type": ["boolean", "number", "string", "null"]}
_VALUE: Schema = {"anyOf": [_ATOM, {"type": "array", "items": {"type": "string"}}]}


def scenario_schema() -> Schema:
    """The schema (JSON Schema 2020-12) of a file of scenarios. A new copy each time."""
    scenarios = listed(
        "Visits, each with its outcome.", {"$ref": "#/$defs/scenario"}, least=0, distinct=False
    )
    return {
        "$schema": DIALECT,
        "title": "Scenarios of a discreet model",
        "description": "Visits and what must come of them; `discreet test` runs them.",
        "oneOf": [scenarios, record("The same under a key.", {"scenarios": scenarios})],
        "$defs": {
            "scenario": scenario_part(),
            "stated": stated_part(),
            "signalled": signalled_part(),
            "purpose": purpose_part(),
            "instant": {**INSTANT},
        },
    }


def scenario_part() -> Schema:
    """One scenario."""
    observed = record("A value, and when it was observed.", {"value": _VALUE}, {"observed": _WHEN_IT_IS})
    whole = record(
        "One visit and its outcome.",
        {
            "name": prose("What is promised, in one sentence; no other scenario of the file has it."),
            "consent": {
                "description": "What the visitor allows: `all`, `none`, stated purposes, or what the browser sent.",
                "anyOf": [
                    {"enum": ["all", "none"]},
                    {"$ref": "#/$defs/stated"},
                    {"$ref": "#/$defs/signalled"},
                ],
            },
            "now": {**INSTANT, "description": "The instant of the visit."},
            "placement": {**ID, "description": "The placement that is asked."},
        },
        {
            "attributes": {
                "type": "object",
                "description": "What would be known if everything were permitted, by name.",
                "propertyNames": NAME,
                "additionalProperties": {"anyOf": [_VALUE, observed]},
            },
            "expect": record(
                "What must be decided.",
                {"offer": {**ID, "description": "The offer that must show."}},
                {
                    "reason": {"description": "Why.", "enum": [each.value for each in Outcome]},
                    "stage": {**ID, "description": "The furthest stage that is reached."},
                },
            ),
            "never": {**ID, "description": "The offer that must not show."},
        },
    )
    return {**whole, "oneOf": [{"required": ["expect"]}, {"required": ["never"]}]}


def stated_part() -> Schema:
    """A consent that grants exactly this."""
    purposes = listed("The data uses that are granted.", {"$ref": "#/$defs/purpose"}, least=0, distinct=False)
    item = {"enum": [each for each in sensitive_part()["enum"] if each]}
    items = listed("The sensitive items that are granted.", item, least=0, distinct=False)
    return record("Exactly what is granted.", {"purposes": purposes}, {"sensitive": items})


def signalled_part() -> Schema:
    """A consent that is worked out from what the visitor's browser sent."""
    states = {"type": "object", "additionalProperties": {"type": "string"}}
    whole = record(
        "What the visitor's browser sent.",
        {},
        {
            "tcf": {"type": "string", "description": "The string of the TCF."},
            "gpp": {"type": "string", "description": "The string of the GPP."},
            "us_privacy": {"type": "string", "description": "The US Privacy string."},
            "gpc": {"type": "boolean", "description": "Whether the browser asked not to sell or share."},
            "consent_mode": {
                "type": "object",
                "description": "The state of Google's consent mode: `default` and `update`.",
                "additionalProperties": states,
            },
            "cookies": {**states, "description": "Cookies, by name."},
            "age": {
                "type": "number",
                "description": "The visitor's age in years.",
                "minimum": 0,
                "maximum": OLDEST,
            },
            "region": {
                "type": "string",
                "description": "Where the visitor is: an ISO 3166 code.",
                "examples": ["IT", "US-CA"],
            },
        },
    )
    return {**whole, "minProperties": 1}
