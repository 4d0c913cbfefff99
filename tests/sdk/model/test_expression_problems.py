"""What an author hears about an expression, and at which column."""

from __future__ import annotations

import re

import pytest

from support.authoring import faults, said

HOSTILE = [
    "x" * 10_001,
    "(" * 101 + "vip" + ")" * 101,
    "not " * 101 + "vip",
    "not (" * 51 + "vip" + ")" * 51,
    "[" * 9_000,
    "(" * 9_000,
    "-" * 9_000 + "1",
    "vip" + ".a" * 4_000,
    "vip" + "()" * 4_000,
    "vip" + "[0]" * 3_000,
    "a\0b",
    "\ud83d",
    '"' + "a" * 9_000,
    "%$" * 5_000,
    "9" * 9_000,
    "1e" + "9" * 9_000,
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # names
        ("purchses >= 1", ["1 unknown-name"]),
        ("vip and vipp and known(agee)", ["9 unknown-name", "24 unknown-name"]),
        ("age > NaN", ["7 bad-number"]),
        ("known(returning)", ["7 not-an-attribute"]),
        ("returning == 1", ["1 not-an-attribute"]),
        ("bought > 1", ["1 never-permitted"]),
        ("unknown(bought)", ["9 never-permitted"]),
        ("known", ["1 bad-call"]),
        ("allof(interests, 'a')", ["1 unknown-function"]),
        ("vip()", ["1 unknown-function"]),
        ("eval('1')", ["1 unknown-function"]),
        # what is not a condition
        ("age", ["1 not-a-condition"]),
        ("country or vip", ["1 not-a-condition"]),
        ('"IT"', ["1 not-a-condition"]),
        ("1", ["1 not-a-condition"]),
        ("True", ["1 not-a-condition"]),
        ("[]", ["1 not-a-condition"]),
        ("()", ["1 not-a-condition"]),
        ("days_since(last_seen)", ["1 not-a-condition"]),
        # types
        ("vip == 1", ["8 wrong-type"]),
        ("age == True", ["8 wrong-type"]),
        ("age == '1'", ["8 wrong-type"]),
        ("country == 1", ["12 wrong-type"]),
        ("country < 'IT'", ["11 wrong-type"]),
        ("vip > False", ["7 wrong-type"]),
        ("interests == 'a'", ["14 wrong-type"]),
        ("interests in ['a']", ["1 wrong-type"]),
        ("'a' in country", ["8 wrong-type"]),
        ("1 in interests", ["1 wrong-type"]),
        ("last_seen > 5", ["13 wrong-type"]),
        ("days_since(last_seen) > '1'", ["25 wrong-type"]),
        ("days_since(age) > 1", ["12 wrong-type"]),
        ("starts_with(age, 'x')", ["13 wrong-type"]),
        ("starts_with(country, 1)", ["22 wrong-type"]),
        ("any_of(country, 'x')", ["8 wrong-type"]),
        ("any_of(interests, 1, 'a', True)", ["19 wrong-type", "27 wrong-type"]),
        ("country in ['IT', 1, True]", ["19 wrong-type", "22 wrong-type"]),
        ("age in [1, 'a']", ["12 wrong-type"]),
        ("last_seen > 'yesterday'", ["13 bad-datetime"]),
        ("last_seen > '2026-02-30'", ["13 bad-datetime"]),
        ("last_seen > '2026-03-01T00:00'", ["13 bad-datetime"]),
        # numbers
        ("age > 1e999", ["7 bad-number"]),
        ("age > -1e999", ["8 bad-number"]),
        ("age > 9007199254740993", ["7 bad-number"]),
        ("age > -9007199254740993", ["8 bad-number"]),
        ("age > 007", ["7 bad-number"]),
        ("age > 1_000", ["7 bad-number"]),
        ("age > 0x10", ["7 bad-number"]),
        ("age > 1j", ["7 bad-number"]),
        ("1in interests", ["1 bad-number"]),
        ("1or vip", ["1 bad-number"]),
        # texts
        (r'country == "\d"', ["13 syntax"]),
        (r'country == "\400"', ["13 syntax"]),
        (r'country == "\N{DASH}"', ["13 syntax"]),
        (r'country == "\ud83d"', ["12 bad-text"]),
        (r'country == "\U00110000"', ["13 syntax"]),
        ("country == '" + "a" * 1_025 + "'", ["12 bad-text"]),
        ('country == "IT', ["12 syntax"]),
        ('country == "IT\n"', ["12 syntax"]),
        ("country == \u201cIT\u201d", ["12 syntax", "15 syntax"]),
        ('country in ["IT" "FR"]', ["18 syntax"]),
        ('country == f"IT"', ["13 syntax"]),
        # comparisons
        ("age == purchases == 1", ["8 unknown-name"]),
        ("age == age", ["8 bad-comparison"]),
        ("age in interests", ["8 bad-comparison"]),
        ("1 == 1", ["1 bad-comparison"]),
        ("1 in [1]", ["1 bad-comparison"]),
        ("1 < 2 < age", ["1 bad-comparison"]),
        ("(vip and vip) == True", ["2 bad-comparison"]),
        ("known(age) == True", ["1 bad-comparison"]),
        ("vip == not vip", ["8 bad-comparison"]),
        ("vip == (not vip)", ["9 bad-comparison"]),
        ("country in 'IT'", ["12 bad-list"]),
        ("country in []", ["12 bad-list"]),
        ("country in ('IT', 'FR')", ["12 bad-list"]),
        ("country in ['IT', city]", ["19 bad-list"]),
        ("country == ['IT']", ["12 bad-comparison"]),
        # calls
        ("starts_with(country)", ["1 bad-call"]),
        ("known()", ["1 bad-call"]),
        ("known(age, vip)", ["1 bad-call"]),
        ("known('age')", ["7 bad-call"]),
        ("all_of(interests)", ["1 bad-call"]),
        ("any_of(interests, ['a'])", ["19 bad-call"]),
        # foreign words
        ("age = 1", ["5 syntax"]),
        ("vip && loyal || !vip", ["5 syntax", "14 syntax", "17 syntax"]),
        ("vip AND loyal", ["5 syntax"]),
        ("age is 1", ["5 syntax"]),
        ("age is not 1", ["5 syntax"]),
        ("vip == true", ["8 syntax"]),
        ("vip == yes", ["8 unknown-name"]),
        ("last_seen > 2026-01-01", ["13 bad-datetime"]),
        ("last_seen > 2026-01-01T08:30:00+01:00", ["13 bad-datetime"]),
        ("country == 2026-01-01 and aged > 1", ["12 bad-datetime", "27 unknown-name"]),
        ("days_since(last_seen) < 30d", ["25 bad-number"]),
        ("days_since(last_seen) < -30days and aged > 1", ["26 bad-number", "37 unknown-name"]),
        ("country == None", ["12 syntax"]),
        ("country == null", ["12 syntax"]),
        ("vip if vip else vip", ["5 syntax", "12 syntax"]),
        ("visitor.country == 'IT'", ["8 syntax"]),
        ("lambda: 1", ["1 syntax", "7 syntax"]),
        ("vip # always", ["5 syntax"]),
        ("vip; vip", ["4 syntax"]),
        ("größe > 1", ["3 syntax", "4 syntax"]),
        # arithmetic
        ("age + 1 > 2", ["5 arithmetic"]),
        ("age - 1 > 2", ["5 arithmetic"]),
        ("age -1 > 2", ["5 arithmetic"]),
        ("age ** 2 > 2", ["5 arithmetic"]),
        ("--age > 2", ["1 arithmetic", "2 arithmetic"]),
        # order
        ("", ["1 empty-expression"]),
        ("   ", ["1 empty-expression"]),
        ("age >", ["6 syntax"]),
        ("and vip", ["1 syntax"]),
        ("vip and", ["8 syntax"]),
        ("vip and and vip", ["9 syntax"]),
        ("vip loyal", ["5 syntax"]),
        ("vip, loyal", ["4 syntax"]),
        ("(vip", ["1 syntax"]),
        ("vip)", ["4 syntax"]),
        ("(vip]", ["5 syntax"]),
        ("country in [,]", ["13 syntax"]),
        ("not", ["4 syntax"]),
        ("vip not loyal", ["5 syntax"]),
        # limits
        ("x" * 10_001, ["1 too-long"]),
        ("(" * 101 + "vip" + ")" * 101, ["101 too-deep"]),
        ("not " * 101 + "vip", ["401 too-deep"]),
    ],
)
def test_a_mistake_is_found_at_its_column(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_mistakes_of_all_kinds_are_found_in_one_run() -> None:
    text = "purchses = 1 && (country < 'IT' or age in []) and known(returning) and 1e999 < age"

    assert faults(text) == [
        "1 unknown-name",
        "10 syntax",
        "14 syntax",
        "28 wrong-type",
        "43 bad-list",
        "57 not-an-attribute",
        "72 bad-number",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vipp", "unknown attribute or condition `vipp`; did you mean `vip`?"),
        ("retuning", "unknown attribute or condition `retuning`; did you mean `returning`?"),
        ("start_with(country, 'I')", "unknown function `start_with`; did you mean `starts_with`?"),
        ("age = 1", "`=` is not part of expressions; use `==`"),
        ("vip == true", "`true` is not part of expressions; use `True`"),
        ("vip && vip", "`&&` is not part of expressions; use `and`"),
        ("vip == 1", "attribute `vip` is a boolean, and `1` is a number"),
        ("country == 1", 'attribute `country` is a text, and `1` is a number; write it in quotes: `"1"`'),
        ("country < 'a'", "`<` is for numbers and datetimes; `country` is a text"),
        *(
            (text, 'unknown attribute or condition `mobile`; a text needs quotes: `"mobile"`')
            for text in ("country == mobile", "mobile != country", "mobile in interests")
        ),
        ("country in [mobile]", 'a list holds literals only; a text needs quotes: `"mobile"`'),
        ("vip == Yes", "unknown attribute or condition `Yes`; use `True`"),
        ("vip in [off]", "a list holds literals only; use `False`"),
        ("vip == 'no'", "attribute `vip` is a boolean, and `'no'` is a text; use `False`"),
        ("age == yes", "unknown attribute or condition `yes`"),
        ("last_seen > 2026-01-01", 'put the date in quotes: `"2026-01-01"`'),
        ("days_since(last_seen) < 30d", "`30d` is not a number; days are plain numbers: `30`"),
        ("age == age", "two attributes cannot be compared with each other"),
        (
            "'a' in country",
            "`in` looks into a set of texts, and `country` is a text; did you mean `contains(...)`?",
        ),
        ("age", "attribute `age` is a number and cannot stand alone; compare it with a value"),
        ("age > 1 vip", "`vip` stands right after `1`; an operator or a comma is missing between them"),
        ("bought > 1", "attribute `bought` is third_party and never permitted: nothing can rest on it"),
        ("known(age", "`(` is never closed"),
        ("x" * 10_001, "an expression has at most 10000 characters, this one has 10001"),
        ("(" * 101 + "vip" + ")" * 101, "an expression nests at most 100 deep"),
        (
            "age > 9007199254740993",
            "`9007199254740993` is beyond 2^53, where whole numbers are no longer exact",
        ),
    ],
)
def test_a_message_says_what_to_write_instead(text: str, message: str) -> None:
    assert said(text) == message


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_like_any_other(text: str) -> None:
    assert 1 <= len(faults(text)) <= 20


@pytest.mark.parametrize("text", ["vip \u2028 vip", 'country == "\ud83d', "age > \x07", "vip\x1b[31m"])
def test_a_message_is_one_printable_line(text: str) -> None:
    from discreet.errors import ModelError
    from discreet.model import parse_expression

    with pytest.raises(ModelError) as caught:
        parse_expression(text, ())

    assert all(problem.message.isprintable() for problem in caught.value.problems)


def test_a_message_is_in_the_style_of_the_house() -> None:
    for text in ("age = 1", "vip == 1", "vip vip", "1e999 < age", "known()", "country in []"):
        message = said(text)
        assert message[0].islower() or message[0] == "`"
        assert not message.endswith(".")
        assert not re.search(r"\b(str|float|bool|int|None|ast|tuple)\b", message)
