"""Texts that clauses name are found in a value as `startswith`, `endswith` and `in` find them: of few and of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.runtime.index import PREFIXES, SUBSTRINGS, SUFFIXES, MembersSlot
from discreet.runtime.texts import FEW_TEXTS, PrefixesSlot, SubstringsSlot, SuffixesSlot

SLOTS: dict[str, tuple[type[MembersSlot], int, Callable[[str, str], bool]]] = {
    "prefixes": (PrefixesSlot, PREFIXES, str.startswith),
    "suffixes": (SuffixesSlot, SUFFIXES, str.endswith),
    "substrings": (SubstringsSlot, SUBSTRINGS, str.__contains__),
}
MANY = [f"unheard of {number:03}" for number in range(FEW_TEXTS + 1)]
TEXTS = st.lists(st.text("ab", max_size=12), max_size=20, unique=True)


def found(kind: str, named: Sequence[str], value: str) -> list[str]:
    """The named texts that the slot finds in `value`."""
    made, number, _ = SLOTS[kind]
    slot = made(number, 0, 0, 0, [(text, 1) for text in named], [])
    return sorted(slot.members(value))


@pytest.mark.parametrize("kind", SLOTS)
@given(named=TEXTS, more=st.sampled_from(([], MANY)), value=st.text("ab", max_size=24))
def test_the_named_texts_of_a_value_are_found(
    kind: str, named: list[str], more: list[str], value: str
) -> None:
    _, _, holds = SLOTS[kind]

    assert found(kind, [*named, *more], value) == sorted(text for text in named if holds(value, text))


@pytest.mark.parametrize("kind", ["prefixes", "suffixes"])
def test_a_text_after_much_longer_ones_is_found_on_the_way_up(kind: str) -> None:
    named, value = ["a", "aba", "abab", "ababab", "b"], "abb" if kind == "prefixes" else "bba"

    assert found(kind, named, value) == ["a"]


def test_a_substring_that_only_begins_like_one_in_the_value_is_not_found() -> None:
    assert found("substrings", [*MANY, "abcdefghXX", "abcdefgh", "gh"], "..abcdefgh") == ["abcdefgh", "gh"]
