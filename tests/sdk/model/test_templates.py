"""Tokens in content strings."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.model import Token, parse_template


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("Hello", ("Hello",)),
        ("Hello, {name|friend}!", ("Hello, ", Token("name", "friend"), "!")),
        ("{a|x}{b|y}", (Token("a", "x"), Token("b", "y"))),
        ("{name|}", (Token("name", ""),)),
        ("{name| a b }", (Token("name", " a b "),)),
        ("{name|a|b}", (Token("name", "a|b"),)),
        ("{name|a\nb}", (Token("name", "a\nb"),)),
        ("{{name|x}}", ("{name|x}",)),
        ("{{{name|x}}}", ("{", Token("name", "x"), "}")),
        ("{{}}", ("{}",)),
        ("a{{b}}c", ("a{b}c",)),
    ],
)
def test_a_text_is_split_into_texts_and_tokens(text: str, parts: tuple[str | Token, ...]) -> None:
    assert parse_template(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "{}",
        "{name}",
        "{name|x",
        "name|x}",
        "{ name|x}",
        "{na-me|x}",
        "{|x}",
        "{1|x}",
        "{a|{b|x}}",
        "{a|x}}",
        "{{a|x}",
    ],
)
def test_a_brace_that_belongs_to_no_token_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`"):
        parse_template(text)


@given(st.text())
def test_any_text_can_be_written_with_doubled_braces(text: str) -> None:
    assert "".join(map(str, parse_template(text.replace("{", "{{").replace("}", "}}")))) == text


@given(st.text("{}|ab ", max_size=40))
def test_parts_are_never_empty_texts_nor_neighbours(text: str) -> None:
    try:
        parts = parse_template(text)
    except ValueError:
        return
    texts = [isinstance(part, str) for part in parts]

    assert "" not in parts
    assert not any(one and other for one, other in itertools.pairwise(texts))
