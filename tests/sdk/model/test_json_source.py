"""What the JSON reader makes of text, and where it places what is wrong."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.model import Problem
from discreet.model.nodes import Node, Scalar, Table, plain
from discreet.model.report import Report
from discreet.model.source import read_bytes

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def grown(text: str | bytes) -> tuple[Node | None, tuple[Problem, ...]]:
    report = Report()
    node = read_bytes(text.encode() if isinstance(text, str) else text, "m.json", report)
    return node, report.problems


def found(text: str | bytes) -> list[str]:
    return [f"{each.place.line}:{each.place.column} {each.code}" for each in grown(text)[1]]


@given(VALUES, st.sampled_from([None, 2]))
def test_json_is_read_as_the_standard_library_reads_it(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    node, problems = grown(text)

    assert problems == ()
    assert node is not None
    assert json.dumps(plain(node)) == json.dumps(json.loads(text))


def test_a_surrogate_pair_is_one_character() -> None:
    node, problems = grown(r'{"when": "\ud83d\ude00 \u00e9 aha"}')

    assert problems == ()
    assert isinstance(node, Table)
    scalar = node.get("when")
    assert isinstance(scalar, Scalar)
    assert scalar.value == "\U0001f600 é aha"
    assert scalar.at(4).column == 31


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "a": 2}', ["1:10 duplicate-key"]),
        ('{"a": 1,\n "b": {"c": 1, "c": 1}}', ["2:16 duplicate-key"]),
        ("{a: 1}", ["1:2 json-syntax"]),
        ("{'a': 1}", ["1:2 json-syntax"]),
        ('{"a": 1,}', ["1:9 json-syntax"]),
        ('{"a" 1}', ["1:6 json-syntax"]),
        ("[1, 2", ["1:6 json-syntax"]),
        ("[1 2]", ["1:4 json-syntax"]),
        ("[1] 2", ["1:5 json-syntax"]),
        ("[NaN]", ["1:2 json-syntax"]),
        ("[01]", ["1:3 json-syntax"]),
        ("[.5]", ["1:2 json-syntax"]),
        ('["\\x41"]', ["1:2 json-syntax"]),
        ('["a\nb"]', ["1:2 json-syntax"]),
        ("// no\n[]", ["1:1 json-syntax"]),
        ("", ["1:1 empty-file"]),
        ("[" * 65, ["1:65 too-deep"]),
        ("[" * 100_000, ["1:65 too-deep"]),
        ('"' + "a" * 1_000_000, ["1:1 json-syntax"]),
        (b'["\xff"]', ["1:3 not-utf-8"]),
    ],
    ids=range(20),
)
def test_what_is_not_json_is_refused_at_its_place(text: str | bytes, expected: list[str]) -> None:
    assert found(text) == expected


def test_numbers_keep_their_types() -> None:
    node, _ = grown(f"[10, 10.0, -0, 1e3, 1e999, {'9' * 500}]")

    assert node is not None
    values = plain(node)
    assert isinstance(values, list)
    assert values[:4] == [10, 10.0, 0, 1000.0]
    assert [type(each) for each in values] == [int, float, int, float, float, str]
    assert math.isinf(values[4])


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    node, problems = grown(text.encode("utf-8", "surrogatepass"))

    assert node is not None or problems


@given(st.lists(st.sampled_from([*'{}[],:"\\ \n1-.eE+', "true", "null", '"a"', "\\u", "d83d"]), max_size=40))
def test_any_marks_of_json_get_an_answer(marks: list[str]) -> None:
    text = "".join(marks)
    node, problems = grown(text)

    try:
        json.loads(text)
    except ValueError:
        assert problems
    else:
        assert node is not None
