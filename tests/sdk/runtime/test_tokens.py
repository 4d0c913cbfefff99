"""Content comes out as it went in, its tokens filled from what is permitted and known, else from their defaults."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.runtime.content import text_of
from support.compiled import EVERYTHING, NOTHING, NOW_S, evaluator, offer, permitted

SHOWN = evaluator(
    offer(
        content={
            "title": "Hi {s|you}!",
            "deep": [{"x": ["{n|no number}", "{{s}} {b|no flag}{s|}"]}],
            "{s|key}": "keys stay",
            "kept": [10.0, 10, 0.0, False, True, None, "", 1e300, [], {}],
        }
    )
)


def content(attributes: dict[str, object], consent: Any = EVERYTHING) -> dict[str, Any]:
    return SHOWN.decide("p", permitted(SHOWN, attributes, consent), now_s=NOW_S).content


def test_known_attributes_fill_their_tokens_everywhere_but_in_keys() -> None:
    filled = content({"s": "Zoë", "n": 10.0, "b": False})

    assert filled["title"] == "Hi Zoë!"
    assert filled["deep"] == [{"x": ["10", "{s} falseZoë"]}]
    assert filled["{s|key}"] == "keys stay"


@pytest.mark.parametrize(
    ("attributes", "consent"),
    [({}, EVERYTHING), ({"s": "Zoë", "n": 1, "b": True}, NOTHING), ({"s": 5, "n": "1", "b": 0}, EVERYTHING)],
    ids=["absent", "withheld", "malformed"],
)
def test_what_is_not_known_takes_the_default(attributes: dict[str, object], consent: Any) -> None:
    filled = content(attributes, consent)

    assert filled["title"] == "Hi you!"
    assert filled["deep"] == [{"x": ["no number", "{s} no flag"]}]


def test_values_keep_their_json_types() -> None:
    assert repr(content({})["kept"]) == "[10.0, 10, 0.0, False, True, None, '', 1e+300, [], {}]"


def test_every_reader_gets_a_copy_of_its_own() -> None:
    decision = SHOWN.decide("p", permitted(SHOWN, {}), now_s=NOW_S)

    decision.content["kept"].append("mine")
    decision.content["deep"][0]["x"] = "mine"

    assert decision.content["kept"][-1] == {}
    assert decision.content["deep"] == [{"x": ["no number", "{s} no flag"]}]


def test_markup_in_a_value_is_not_escaped_here() -> None:
    assert content({"s": "<b>&{n|x}"})["title"] == "Hi <b>&{n|x}!"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "default"), ("", ""), ("x", "x"), (True, "true"), (False, "false"), (1, "1"), (2**53, "9007199254740992"),
     (0.5, "0.5"), (-0.0, "0")],
)  # fmt: skip
def test_every_type_prints_in_its_form(value: Any, text: str) -> None:
    assert text_of(value, "default") == text
