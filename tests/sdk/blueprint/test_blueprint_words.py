"""The page's own words: every language has them all, and nothing is asked for that is not there."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Formatter

import pytest

from discreet.blueprint import Drawing, as_html, as_markdown, as_svg, languages
from discreet.blueprint.html import SCRIPTS
from discreet.blueprint.pages import asset
from discreet.blueprint.words import words_in

_ASKED = re.compile(r"""\b(?:word|say)\(\s*"([\w.]+)"(?=[,)])""")
_HEADS = re.compile(r"tableOf\((\"\w+\", \[[^]]*)\]")
_COUNTED = re.compile(r"""\bcounted\("(\w+)",""")


def test_english_comes_first() -> None:
    assert languages() == ("en", "de")


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_word_with_the_same_blanks(language: str) -> None:
    english, words = words_in("en"), words_in(language)

    assert words.keys() == english.keys()
    assert [key for key in english if blanks(words[key]) != blanks(english[key])] == []


def test_the_scripts_ask_for_words_that_are_there() -> None:
    script = "".join(map(asset, SCRIPTS))
    asked = set(_ASKED.findall(script))
    counted = {f"{key}_{form}" for key in _COUNTED.findall(script) for form in ("one", "many")}

    tables = {key for heads in _HEADS.findall(script) for key in re.findall(r'"(\w+)"', heads)}

    assert len(asked | tables) > 70
    assert (asked | counted | tables) - words_in("en").keys() == set()


@pytest.mark.parametrize("form", [as_html, as_svg, as_markdown])
def test_every_form_speaks_each_language(demo: Drawing, form: Callable[..., str]) -> None:
    for language, word in (("en", "34 offers"), ("de", "34 Angebote")):
        assert word in form(demo, language=language)


def test_an_unknown_language_is_refused(demo: Drawing) -> None:
    with pytest.raises(KeyError):
        as_html(demo, language="tlh")


def blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}
