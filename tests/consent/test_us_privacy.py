"""The US Privacy string: every one that there is, and nothing else."""

from __future__ import annotations

import copy
import pickle
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import SignalError
from discreet_consent.signals import UsPrivacy
from discreet_consent.signals.us_privacy import decode

READABLE = ["1" + "".join(answers) for answers in product("YN-", repeat=3)]


def code_of(text: Any) -> str:
    """The code with which `text` is refused."""
    with pytest.raises(SignalError) as refusal:
        decode(text)
    assert len(str(text)) < 4 or str(text) not in str(refusal.value)
    return refusal.value.code


@pytest.mark.parametrize("text", READABLE)
def test_a_string_says_what_its_letters_say(text: str) -> None:
    usp = decode(text)

    assert text == f"{usp.version}{usp.notice}{usp.opt_out_sale}{usp.lspa_covered}"
    assert usp.as_dict() == {
        "Version": 1,
        "Notice": text[1],
        "OptOutSale": text[2],
        "LspaCovered": text[3],
    }


@pytest.mark.parametrize("text", READABLE)
def test_the_law_does_not_apply_when_nothing_is_answered(text: str) -> None:
    assert decode(text).applies is (text != "1---")


@pytest.mark.parametrize("text", READABLE)
def test_a_part_of_a_string_is_refused(text: str) -> None:
    assert {code_of(text[:end]) for end in range(1, 4)} == {"bad_usp"}


@pytest.mark.parametrize(
    "text",
    [
        "1ynn", "1YNn", "0YNN", "2YNN", "YYNN", "1XNN", "1YNNY", "1YNN ", " 1YNN", "1YN", "1YN\n", "----", "1--",
        "\uff11YNN", "1\uff39NN", "1YN\u2212", "1YN_", "undefined", "null", "1Y\ud800N", None, 1, b"1YNN",
        ["1", "Y", "N", "N"],
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: Any) -> None:
    assert code_of(text) == "bad_usp"


def test_no_text_is_empty() -> None:
    assert code_of("") == "empty"


@given(st.text("1YN-yn02 ", max_size=6))
def test_text_of_its_letters_is_read_only_when_it_has_its_form(text: str) -> None:
    if text in READABLE:
        assert decode(text)
    else:
        assert code_of(text) in ("bad_usp", "empty")


def test_a_decoded_us_privacy_string_is_sealed_and_says_nothing() -> None:
    usp = decode("1YYN")

    assert repr(usp) == "UsPrivacy(...)"
    with pytest.raises(TypeError, match="only `decode`"):
        UsPrivacy()
    with pytest.raises(AttributeError, match="immutable"):
        setattr(usp, "opt_out_sale", "N")  # noqa: B010 - a type checker forbids the plain form
    for again in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a visitor's signal"):
            again(usp)
