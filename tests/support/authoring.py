"""Small models to start from, and ways to say what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from discreet.errors import ModelError
from discreet.model import Expression, Model, models_from_dicts, parse_expression
from discreet_consent import Attribute, AttributeType, Provenance

Document = dict[str, Any]

LIMITED = "personalize.content.limited"


def declared(name: str, type_: str, provenance: str = "contextual", *, lower: bool = False) -> Attribute:
    return Attribute(name, AttributeType(type_), Provenance(provenance), [LIMITED], lower=lower)


ATTRIBUTES = (
    declared("country", "string"),
    declared("city", "string", lower=True),
    declared("age", "number"),
    declared("vip", "boolean"),
    declared("interests", "strings"),
    declared("tags", "strings", lower=True),
    declared("last_seen", "datetime"),
    declared("bought", "number", "third_party"),
)
CONDITIONS = frozenset({"returning", "loyal"})


def parsed(text: str) -> Expression:
    """`text` over the attributes and conditions above."""
    return parse_expression(text, ATTRIBUTES, CONDITIONS)


def faults(text: str) -> list[str]:
    """What is wrong with `text`: `column code`, in order."""
    with pytest.raises(ModelError) as caught:
        parsed(text)
    return [f"{each.place.column} {each.code}" for each in caught.value.problems]


def said(text: str) -> str:
    """The one message about `text`."""
    with pytest.raises(ModelError) as caught:
        parsed(text)
    (problem,) = caught.value.problems
    return problem.message


def document() -> Document:
    """A sound model with one of everything, as plain data; each call makes a new one."""
    attribute = {"type": "number", "provenance": "first_party", "purposes": [LIMITED]}
    return {
        "model": "shop",
        "channel": "web",
        "attributes": {
            "purchases": attribute,
            "country": {**attribute, "type": "string", "retention": "30d"},
            "interests": {**attribute, "type": "strings", "lower": True},
            "last_seen": {**attribute, "type": "datetime"},
            "bought": {**attribute, "provenance": "third_party"},
        },
        "conditions": {"returning": {"says": "The visitor came back", "when": "purchases >= 1"}},
        "segments": {"italians": {"says": "The visitor is in Italy", "when": 'country == "IT"'}},
        "stages": [{"id": "discover"}, {"id": "stay", "when": "returning"}],
        "placements": {"home.hero": {"fallback": "welcome"}, "home.aside": {"fallback": "welcome"}},
        "offers": [
            {"id": "welcome", "content": {"title": "Welcome"}},
            {
                "id": "shoes",
                "stages": ["stay"],
                "placements": ["home.hero"],
                "when": ["returning", {"any": ["italians", 'country == "FR"']}],
                "priority": 80,
                "valid": {"from": "2026-03-01", "until": "2026-06-01T00:00:00Z"},
                "content": {"title": "Shoes for {country|you}", "size": 10.0, "tags": ["a", {"b": None}]},
            },
        ],
    }


def read(document: Mapping[str, object]) -> Model:
    (model,) = models_from_dicts([document])
    return model


def problems(*documents: Mapping[str, object]) -> list[str]:
    """What is wrong with `documents`: `path code`, in order."""
    with pytest.raises(ModelError) as caught:
        models_from_dicts(documents)
    return [f"{each.place.file.removeprefix('<python>:')} {each.code}" for each in caught.value.problems]


def changed(change: Callable[[Document], object]) -> Document:
    """The sound model after `change`."""
    changing = document()
    change(changing)
    return changing


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)
