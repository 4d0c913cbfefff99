"""What the YAML reader makes of text: YAML 1.2 scalars, exact places, and nothing that surprises."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from discreet.model import Problem
from discreet.model.nodes import Node, Scalar, Table, plain
from discreet.model.report import Report
from discreet.model.source import MAX_FILE_BYTES, read_bytes


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML parses in C where libyaml was there when it was built, and in Python elsewhere."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("this PyYAML has no libyaml")
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param == "libyaml")


def grown(text: str | bytes) -> tuple[Node | None, tuple[Problem, ...]]:
    report = Report()
    node = read_bytes(text.encode() if isinstance(text, str) else text, "m.yaml", report)
    return node, report.problems


def meant(text: str) -> object:
    node, problems = grown(text)
    assert problems == ()
    assert node is not None
    return plain(node)


def found(text: str | bytes) -> list[str]:
    return [f"{each.place.line}:{each.place.column} {each.code}" for each in grown(text)[1]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("yes", "yes"),
        ("On", "On"),
        ("off", "off"),
        ("y", "y"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ("0o7", 7),
        ("0x1F", 31),
        ("0b1", "0b1"),
        ("010", 10),
        ("+5", 5),
        ("-5", -5),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("1e", "1e"),
        (".", "."),
        ("-", [None]),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("'1'", "1"),
        ('"true"', "true"),
        ("'it''s'", "it's"),
        ("=", "="),
        ("{a: null, b: ~}", {"a": None, "b": None}),
        ("9" * 500, "9" * 500),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    got = meant(text)

    assert got == value
    assert type(got) is type(value)


def test_not_a_number_is_one_of_the_numbers() -> None:
    got = meant(".nan")

    assert isinstance(got, float)
    assert math.isnan(got)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ["3:1 duplicate-key"]),
        ("a: {x: 1, y: 2, x: 3}\n", ["1:17 duplicate-key"]),
        ("1: x\n", ["1:1 bad-key"]),
        ("true: x\n", ["1:1 bad-key"]),
        ("~: x\n", ["1:1 bad-key"]),
        ("? [a]\n: x\n", ["1:3 bad-key"]),
        ("a: &x 1\nb: *x\n", ["1:4 yaml-feature", "2:4 yaml-feature"]),
        ("a: !!str 1\n", ["1:4 yaml-feature"]),
        ("a: ! 1\n", ["1:4 yaml-feature"]),
        ("a: !!python/object:os.system x\n", ["1:4 yaml-feature"]),
        ("<<: {a: 1}\n", ["1:1 yaml-feature"]),
        ("%TAG ! tag:x:\n---\na: 1\n", ["1:1 yaml-feature"]),
        ("a: 1\n---\nb: 2\n", ["2:1 second-document"]),
        ("a:\n\t- b\n", ["2:1 yaml-syntax"]),
        ("a: b: c\n", ["1:5 yaml-syntax"]),
        ("a:\nb: 1\n", ["1:1 no-value"]),
        ("a: {t: x, fast, link: /new, soon: }\n", ["1:11 no-value", "1:29 no-value"]),
        ("a: [b: ]\n", ["1:5 no-value"]),
        ("a: !!str\n", ["1:4 yaml-feature"]),
        ("?\n: x\n", ["1:2 bad-key"]),
        ("a: @b\n", ["1:4 yaml-syntax"]),
        ("[a, {b: c}", ["1:11 yaml-syntax"]),
        ("", ["1:1 empty-file"]),
        ("# only a remark\n", ["1:1 empty-file"]),
        (b"a: 1\nb: \xff\n", ["2:4 not-utf-8"]),
        (b"\xef\xbb\xbfa: \xff\n", ["1:4 not-utf-8"]),
        ("a: 1\nb: \x07\n", ["2:4 bad-character"]),
        ("[" * 65 + "]" * 65, ["1:65 too-deep"]),
        ("[" * 100_000, ["1:65 too-deep"]),
        ("{a: " * 100_000, ["1:257 too-deep"]),
        (b"#" * (MAX_FILE_BYTES + 1), ["1:1 too-large"]),
    ],
    ids=range(31),
)
def test_what_is_not_part_of_the_format_is_refused_at_its_place(
    text: str | bytes, expected: list[str]
) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("a:\n  b: 1\n c: 2\n", "3:2", "less"),
        ("c:\n  a:\n    b: 1\n   d:\n     e: 1\n  f: 1\n", "4:4", "less"),
        ("a:\n  - id: b\n - id: c\n", "3:2", "less"),
        ("a:\n  b: 1\n\n  # why\n    c: 2\n", "5:5", "more"),
        ("a:\n  b: {c: 1}\n    d: {e: 1}\n", "3:5", "more"),
        ("- id: a\n   b: c\n", "2:5", "more"),
        ("a: 'x'\n  b: 1\n", "2:3", "more"),
    ],
    ids=range(7),
)
def test_a_line_in_a_wrong_column_is_said_to_be(text: str, place: str, word: str) -> None:
    (problem,) = grown(text)[1]

    assert str(problem) == (
        f"m.yaml:{place}: this line is indented {word} than the one it belongs to; "
        "lines that belong together begin in one column [yaml-syntax]"
    )


@pytest.mark.parametrize(
    "text", ["a:\n  b: 1\n- c\n", "a:\n  b: 1\n  - c\n", "a: b: c\n", "a: 1\nfoo\nb: 2\n"]
)
def test_another_mistake_is_none_of_the_column(text: str) -> None:
    assert "indented" not in str(grown(text)[1])


def test_a_line_that_was_copied_with_its_plus_is_said_to_be() -> None:
    (problem,) = grown("a:\n+  b:\nc: 1\n")[1][-1:]

    assert problem.message == "`+  b` begins with a `+`; leave it out: it only marks a line that is new"


def test_the_place_of_both_duplicates_is_said() -> None:
    (problem,) = grown("a: 1\nb:\n  c: 1\n  c: 2\n")[1]

    assert str(problem) == "m.yaml:4:3: key `c` stands here twice; first at m.yaml:3:3 [duplicate-key]"


def test_a_key_that_looks_like_a_number_or_boolean_is_to_be_quoted() -> None:
    assert [each.message for each in grown("1: x\ntrue: y\n")[1]] == [
        'a key must be text; write it in quotes: `"1"`',
        'a key must be text; write it in quotes: `"true"`',
    ]
    assert meant("NO: x\n") == {"NO": "x"}


@pytest.mark.parametrize("text", ['when: [vip, country in ["IT", "FR"]]', "{title: Hello {name|friend}}"])
def test_brackets_within_brackets_are_to_be_quoted(text: str) -> None:
    (problem,) = grown(text)[1]

    assert problem.message == (
        "within `[...]` and `{...}`, text that holds brackets, braces or commas stands in quotes"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{ title: Made to move, fast, link: /new }",
            "key `fast` has no value; put text that holds `,` in quotes, or write `fast: null`",
        ),
        (
            "title: {name}",
            "key `name` has no value; put text that holds braces in quotes, or write `name: null`",
        ),
        (
            "{title: {name|friend}}",
            '`{name|friend}` is a mapping here; put text with braces in quotes: `"{name|friend}"`',
        ),
        ("title:\nlink: /new", "key `title` has no value; leave the key out, or write `title: null`"),
    ],
)
def test_a_key_without_a_value_is_told_from_nothing(text: str, message: str) -> None:
    (problem,) = grown(text)[1]

    assert problem.message == message


@pytest.mark.parametrize("text", ["a: {title: Sale: now}", "[a: b: c]", "title: Sale: now"])
def test_a_colon_in_a_text_is_to_be_quoted(text: str) -> None:
    (problem,) = grown(text)[1]

    assert problem.message.endswith("; put text that holds `:` in quotes")


def test_a_key_in_a_wrong_column_is_not_called_a_text() -> None:
    (problem,) = grown("a:\n  b: text\n   c: x\n")[1]

    assert "quotes" not in problem.message


def test_a_byte_order_mark_and_every_line_end_are_taken() -> None:
    node, problems = grown("\ufeffa: 1\r\nb: 2\rc: [3]\nd: x\n")

    assert problems == ()
    assert isinstance(node, Table)
    assert [each.key.line for each in node.entries.values()] == [1, 2, 3, 4]
    assert {each.key.column for each in node.entries.values()} == {1}


def value_of(text: str) -> Scalar:
    node, problems = grown(text)
    assert problems == ()
    assert isinstance(node, Table)
    scalar = node.get("when")
    assert isinstance(scalar, Scalar)
    return scalar


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("when: vip and aha", "aha", (1, 15)),
        ("\U0001f600é: x\nwhen: vip and aha", "aha", (2, 15)),
        ("{é😀: 1, when: vip and aha}", "aha", (1, 23)),
        ("when: 'a == \"x\" and aha'", "aha", (1, 21)),
        ("when: 'a == ''x'' and aha'", "aha", (1, 23)),
        ('when: "a == \\"x\\" and aha"', "aha", (1, 23)),
        ('when: "a == \\u00e9\\U0001F600\\x41 and aha"', "aha", (1, 38)),
        ('when: "a\\tb\\n\\_ and aha"', "aha", (1, 21)),
        ('when: "a and\\\n   \\  aha"', "aha", (2, 7)),
        ("when: |\n  vip and\n    aha or\n  x\n", "aha", (3, 5)),
        ("when: |2\n    vip and\n   aha\n", "aha", (3, 4)),
        ("when: >-  # folded\n  vip\n\n  and\n  aha\n", "aha", (5, 3)),
        ("when: vip\n  and\n  aha\n", "aha", (3, 3)),
        ("when: 'vip\n\n  and aha'\n", "aha", (3, 7)),
        ("when: |\r\n  vip and\r\n  aha\r\n", "aha", (3, 3)),
    ],
    ids=range(15),
)
def test_a_character_of_a_scalar_is_found_again_in_the_file(
    text: str, word: str, place: tuple[int, int]
) -> None:
    scalar = value_of(text)

    at = scalar.at(str(scalar.value).index(word))

    assert (at.line, at.column) == place


def test_the_end_of_a_scalar_is_behind_its_last_character() -> None:
    scalar = value_of("when: 'vip and '\n")

    at = scalar.at(len(str(scalar.value)))

    assert (at.line, at.column) == (1, 15)


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    grown(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    grown(data)


@given(st.lists(st.sampled_from([*"ab:-?[]{},&*!|>'\"%@`#\\ \n\t~<=1.", "\n  ", ": ", "- "]), max_size=60))
def test_any_marks_of_yaml_get_an_answer(marks: list[str]) -> None:
    node, problems = grown("".join(marks))

    assert node is not None or problems


STYLES = ['"%s"', "'%s'", "%s", "|\n  %s", ">\n  %s"]


@given(st.text("ab \u00e9\U0001f600", max_size=20), st.sampled_from(STYLES))
def test_every_character_that_shows_is_found_again(text: str, style: str) -> None:
    source = f"when: {style % f'x{text}y'}\n"
    scalar = value_of(source)
    lines = source.split("\n")

    for offset, char in enumerate(str(scalar.value)):
        if not char.isspace():
            at = scalar.at(offset)
            assert lines[at.line - 1][at.column - 1] == char
