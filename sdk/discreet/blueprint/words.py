"""The page's own words, by language: one table, `words.toml`, so that a translation is a table more."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import TypeAlias

from .pages import asset

Words: TypeAlias = "Mapping[str, str]"


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(asset("words.toml"))


def languages() -> tuple[str, ...]:
    """The languages that the page can speak, English first."""
    return tuple(_tables())


def words_in(language: str) -> Words:
    """The page's words in one of `languages()`.

    Raises:
        KeyError: it does not speak that one.
    """
    return _tables()[language]


def spoken(words: Words) -> SimpleNamespace:
    """The same for a template, where `words.clear` must be a word and never a method of a mapping."""
    return SimpleNamespace(**words)


def counted(words: Words, key: str, number: int) -> str:
    """`key` with its number, in the form of one or of many."""
    return words[f"{key}_{'one' if number == 1 else 'many'}"].format(n=number)
