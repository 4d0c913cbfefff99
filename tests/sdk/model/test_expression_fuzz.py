"""Whatever the text, the parser answers with a tree or with problems, in bounded time and without a warning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.errors import ModelError
from discreet.model import Place, Problem, parse_expression, walk
from support.authoring import ATTRIBUTES, CONDITIONS, parsed

WORDS = (
    "and", "or", "not", "in", "is", "if", "else", "lambda", "True", "False", "None", "true", "null",
    "country", "age", "vip", "interests", "last_seen", "bought", "returning", "ag", "x" * 50,
    "known", "unknown", "any_of", "all_of", "starts_with", "days_since", "eval",
    "(", ")", "[", "]", "{", "}", ",", ":", ";", "#", ".", "\\", "\n", "\t", "\0", "\u2028", "\ud800",
    "==", "!=", "<", "<=", ">", ">=", "=", "&&", "||", "!", "-", "+", "*", "**", "//", ":=", "->", "@",
    "1", "0", "007", "1.5", ".5", "1.", "1e3", "1e999", "1_0", "0x1", "1j", "1in", "9007199254740993",
    '"a"', "'IT'", '"2026-03-01"', '"\\d"', '"\\ud83d"', '"', "'", '"""', 'f"{x}"', 'b"a"', "é", "١",
)  # fmt: skip
SOUND = (
    "18 <= age < 65 and not (vip or returning)",
    'any_of(interests, "a", "b") or "c" not in interests',
    '0 < days_since(last_seen) <= 30 and country in ["IT", "FR"]',
    'starts_with(country, "I") and known(age) and age != -1.5',
    'last_seen >= "2026-03-01T08:30:00+01:00" or vip == True',
)


def answered(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        tree = parse_expression(text, ATTRIBUTES, CONDITIONS, Place("f", 3, 5))
    except ModelError as error:
        problems = error.problems
    else:
        assert next(walk(tree)) is tree
        return
    assert 1 <= len(problems) <= 20
    assert all(each.message.isprintable() for each in problems)
    assert all(each.place.line >= 3 and each.place.column >= 1 for each in problems)


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    answered(text)


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(["", " "]))
def test_any_words_get_an_answer(words: list[str], between: str) -> None:
    answered(between.join(words))


@given(st.sampled_from(SOUND), st.data())
def test_a_sound_text_with_anything_cut_out_or_put_in_gets_an_answer(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    answered(text[:start] + data.draw(st.sampled_from(("", *WORDS))) + text[end:])


@given(st.sampled_from(WORDS), st.integers(1, 3_000))
def test_a_word_repeated_gets_an_answer(word: str, times: int) -> None:
    answered((word + " ") * times)
    answered(word * times)


@pytest.mark.parametrize("text", SOUND)
def test_what_is_mutated_was_sound(text: str) -> None:
    assert parsed(text)


@given(st.sampled_from(SOUND), st.sampled_from([" ", "\n", "\t", "   "]))
def test_white_space_between_words_means_nothing(text: str, space: str) -> None:
    spread = (
        f"{space}{text.replace(' and ', f'{space}and{space}').replace(' or ', f'{space}or{space}')}{space}"
    )

    assert parsed(spread) == parsed(text)
