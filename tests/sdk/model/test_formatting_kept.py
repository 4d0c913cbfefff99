"""What is easily lost when a file is laid out anew: comments without a neighbour, blanks that count, escapes."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import yaml

from discreet.errors import ModelError
from discreet.model import models_from_dicts
from discreet.model.formatting import Form, LayoutRefused, form_of, formatted, included_by
from discreet.model.formatting.comments import comments_of
from support.authoring import changed
from support.naming import named


def laid_out(text: str, file: str = "m.yaml") -> str:
    """`text` laid out anew, and again without change."""
    once = formatted(text.encode(), file)
    assert formatted(once, file) == once
    return once.decode()


def content(text: str) -> str:
    return f"offers:\n  - id: o\n    content:\n{text}"


# -- comments


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("content: {\n  # nothing yet\n}\n", "content:\n  # nothing yet\n  {}\n"),
        ("content: [ # none\n  # none yet\n]\n", "content: # none\n  # none yet\n  []\n"),
        ("content: [\n  # one\n\n  # two\n] # behind\n", "content:\n  # one\n\n  # two\n  [] # behind\n"),
        ("- [\n  # none\n  ]\n- a\n", "# none\n- []\n- a\n"),
        ("[]\n# none yet\n", "[]\n# none yet\n"),
        ("[ # beside\n]\n\n# none yet\n", "# beside\n[]\n\n# none yet\n"),
        ("--- {model: m}\n# below\n", "---\n{model: m}\n# below\n"),
        ("{model: m, offers: [\n # none\n]}\n# below\n", "model: m\noffers:\n  # none\n  []\n# below\n"),
    ],
    ids=named,
)
def test_comments_around_nothing_stay(written: str, kept: str) -> None:
    assert laid_out(written) == kept


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("# a\nb: 1 # c\n# a\n", {"# a": 2, "# c": 1}),
        ("a: 'x # y'\nb: x#y #z\n", {"#z": 1}),
        ("a: | # head\n  # text\n  text\n# below", {"# head": 1, "# below": 1}),
        ("a: { # one # two\n} #\n", {"#": 1, "# one": 1, "# two": 1}),
        (
            "# head\n--- # beside\na: 1\n... # end\n# last\n",
            dict.fromkeys(("# head", "# beside", "# end", "# last"), 1),
        ),
        ('"a # b": "c\n  # d"\n', {}),
    ],
    ids=named,
)
def test_comments_are_counted_however_they_stand(text: str, comments: dict[str, int]) -> None:
    assert comments_of(text) == Counter(comments)


def test_a_comment_stands_once_where_lists_begin_on_one_line() -> None:
    written = "- - { # a\n    # b\n    k: x } # c\n  - y\n"

    assert comments_of(laid_out(written)) == Counter({"# a": 1, "# b": 1, "# c": 1})


@pytest.mark.parametrize("head", ["---\n", "--- \n", "---\n\n"])
def test_a_comment_below_the_mark_of_a_document_stays_below_it(head: str) -> None:
    laid_out(f"{head}# a\nmodel: m\n")
    laid_out(f"{head}[\n# a\n]\n")


# -- texts


@pytest.mark.parametrize("mark", ["|", "|-", "|+", ">", ">-", ">+"])
@pytest.mark.parametrize("blanks", ["", "          ", "             \n          \n    \n"], ids=len)
@pytest.mark.parametrize("end", ["", "\n", "\n\n"], ids=len)
def test_blanks_and_the_end_of_the_file_within_a_text_say_the_same(mark: str, blanks: str, end: str) -> None:
    laid_out(content(f"      t: {mark}\n        hello\n{blanks}{end}"))
    laid_out(content(f"      t: {mark}2\n          hello{end}"))
    laid_out(content(f"      t: {mark}\n        hello\n{blanks}\n      u: x"))


def test_no_blank_line_joins_a_text_that_keeps_its_end() -> None:
    text = "offers:\n  - says: |+\n      a\n\n    id: o\n\n    when: a\n  -\n\n    id: p\n"

    assert laid_out(text) == "offers:\n  - id: o\n    says: |+\n      a\n\n    when: a\n  - id: p\n"
    laid_out("- |+\n  a\n-\n\n  k: x\n")


@pytest.mark.parametrize("blanks", ["  ", "\u00a0", "   "], ids=len)
@pytest.mark.parametrize("mark", ["|", ">", ">-"])
def test_blanks_within_a_literal_stay(mark: str, blanks: str) -> None:
    text = f'offers:\n  - id: o\n    when: {mark}\n      city   == "New{blanks}York"\n      and a\n'

    assert yaml.safe_load(laid_out(text))["offers"][0]["when"] == f'city == "New{blanks}York" and a'


def test_the_authors_words_keep_what_stands_in_quotes() -> None:
    when = 'country  ==\n\'New  York\'   or country == "a \\"  b"'
    (model,) = models_from_dicts([changed(lambda m: m["conditions"]["returning"].update(when=when))])
    sources = {each.id: each.source for each in model.conditions}

    assert sources["returning"] == 'country == \'New  York\' or country == "a \\"  b"'


@pytest.mark.parametrize("code", ["\\u0007", "\\ufeff", "\\u007f", "\\u0085", "\\u2028", "\\uffff"])
def test_characters_that_need_an_escape_keep_one(code: str) -> None:
    assert code in laid_out(f'offers:\n  - id: o\n    when: "city == \\"a{code}b\\""\n')
    before = f'{{"offers": [{{"when": "c == \\"a{code}b\\"", "content": {{"{code}": "{code}"}}}}]}}'

    assert json.loads(laid_out(before, "m.json")) == json.loads(before)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("? |\n  kk\n: v\n", '"kk\\n": v\n'),
        ("? >-\n  k\n  l\n: v\n", "k l: v\n"),
        ("? 'k\n  l' # why\n: v\n", "k l: # why\n  v\n"),
        ("{? k : v}\n", "{k: v}\n"),
        (f"? {'x' * 1_024}\n: v\n", f"{'x' * 1_024}: v\n"),
    ],
    ids=range(5),
)
def test_a_key_with_a_question_mark_becomes_a_plain_one(written: str, kept: str) -> None:
    assert laid_out(written) == kept


def test_a_key_that_fits_on_no_line_is_refused_at_its_place() -> None:
    text = f"a: 1\n? {'x' * 1_025}\n: 2\n"

    with pytest.raises(LayoutRefused, match=r"^m.yaml:2:3: this key is too long for one line"):
        formatted(text.encode(), "m.yaml")


# -- forms


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("model: m", Form.MODEL),
        ("stages: []", Form.MODEL),
        ("model: m\nscenarios: []\nfoo: 1", Form.MODEL),
        ("offers: [{id: o}]", Form.INCLUDED),
        ("include: [a.yaml]", Form.INCLUDED),
        ("{}", Form.INCLUDED),
        ("[]", Form.SCENARIOS),
        ("scenarios: []", Form.SCENARIOS),
        ("- {name: a, consent: {tcf: x}}", Form.SCENARIOS),
    ],
    ids=named,
)
def test_a_file_is_known_by_its_keys(text: str, form: Form) -> None:
    assert form_of(text.encode(), "m.yaml") is form


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("just   text", ["1:1 not-of-the-format"]),
        ("---\n...\n", ["2:1 not-of-the-format"]),
        ("[1, 2]", ["1:1 not-of-the-format"]),
        ("on:\n  pull_request:\njobs: {}\n", ["1:1 not-of-the-format"]),
        ("a: [", ["1:5 yaml-syntax"]),
        ("ofers: []\nattributes: {n: {typ: number}}", ["1:1 unknown-key", "2:18 unknown-key"]),
        ("conditions: {a: {say: A}}\nsegments: {b: 1}", ["1:18 unknown-key", "2:15 wrong-type"]),
        ("- {nme: a, placemnt: p}\n- {name: b}", ["1:4 unknown-key", "1:12 unknown-key"]),
        ("scenarios: [{nme: a}]\nx: 1", ["1:14 unknown-key", "2:1 unknown-key"]),
    ],
    ids=named,
)
def test_what_is_not_of_the_format_is_refused(text: str, problems: list[str]) -> None:
    with pytest.raises(ModelError) as caught:
        form_of(text.encode(), "m.yaml")

    places = [f"{each.place.line}:{each.place.column} {each.code}" for each in caught.value.problems]
    assert places == problems


def test_the_included_files_of_a_model_are_those_that_it_names() -> None:
    assert included_by(b"model: m\ninclude: [a.yaml, 1, b.yaml]", "m.yaml") == ("a.yaml", "b.yaml")
    assert included_by(b"include: [a.yaml]", "m.yaml") == ()
    assert included_by(b"model: [", "m.yaml") == ()
