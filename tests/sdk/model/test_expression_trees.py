"""What each form of the expression language becomes."""

from __future__ import annotations

import pytest

from discreet.model import (
    All,
    Among,
    Compare,
    Comparison,
    Expression,
    Includes,
    Known,
    Named,
    Not,
    Some,
    Text,
    TextTest,
    Unknown,
)
from support.authoring import parsed

EQUAL, UNEQUAL = Comparison.EQUAL, Comparison.UNEQUAL
LESS, AT_MOST, MORE, AT_LEAST = Comparison.LESS, Comparison.AT_MOST, Comparison.MORE, Comparison.AT_LEAST
DAY_MS = 86_400_000.0

VIP = Compare("vip", EQUAL, True)
ADULT = Compare("age", AT_LEAST, 18.0)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("age >= 18", ADULT),
        ("age == 18", Compare("age", EQUAL, 18.0)),
        ("age != 18", Compare("age", UNEQUAL, 18.0)),
        ("age < 1.5", Compare("age", LESS, 1.5)),
        ("age <= .5", Compare("age", AT_MOST, 0.5)),
        ("age > 1e3", Compare("age", MORE, 1000.0)),
        ("age > -5", Compare("age", MORE, -5.0)),
        ("age > - 5", Compare("age", MORE, -5.0)),
        ("age == -0", Compare("age", EQUAL, 0.0)),
        ("age == 9007199254740992", Compare("age", EQUAL, 2.0**53)),
        ("18 <= age", ADULT),
        ("18 < age", Compare("age", MORE, 18.0)),
        ("18 > age", Compare("age", LESS, 18.0)),
        ("18 >= age", Compare("age", AT_MOST, 18.0)),
        ('"IT" == country', Compare("country", EQUAL, "IT")),
        ("country != 'IT'", Compare("country", UNEQUAL, "IT")),
        ("vip", VIP),
        ("vip == True", VIP),
        ("vip != False", Compare("vip", UNEQUAL, False)),
        ("not vip", Not(VIP)),
        ("(vip)", VIP),
        ("returning", Named("returning")),
        ("not returning", Not(Named("returning"))),
        ("known(age)", Known("age")),
        ("unknown(interests)", Unknown("interests")),
        ('"a" in interests', Includes("interests", ("a",))),
        ('"a" not in interests', Not(Includes("interests", ("a",)))),
        ('any_of(interests, "a", "b", "a")', Includes("interests", ("a", "b"))),
        ('all_of(interests, "a", "b")', Includes("interests", ("a", "b"), every=True)),
        ('country in ["IT", "FR", "IT"]', Among("country", ("IT", "FR"))),
        ('country not in ["IT"]', Not(Among("country", ("IT",)))),
        ("age in [1, 1.0, -2]", Among("age", (1.0, -2.0))),
        ("vip in [True, False]", Among("vip", (True, False))),
        ('starts_with(country, "I")', Text("country", TextTest.STARTS_WITH, "I")),
        ('ends_with(country, "T")', Text("country", TextTest.ENDS_WITH, "T")),
        ('contains(country, "T")', Text("country", TextTest.CONTAINS, "T")),
        ('last_seen >= "1970-01-02"', Compare("last_seen", AT_LEAST, DAY_MS)),
        ('last_seen == "1970-01-01T01:00:00+01:00"', Compare("last_seen", EQUAL, 0.0)),
        ('last_seen in ["1970-01-01"]', Among("last_seen", (0.0,))),
        ("days_since(last_seen) <= 30", Compare("last_seen", AT_MOST, 30.0, days_since=True)),
        ("days_since(last_seen) in [0, 1]", Among("last_seen", (0.0, 1.0), days_since=True)),
        ("18 <= age < 65", All((ADULT, Compare("age", LESS, 65.0)))),
        (
            "0 < days_since(last_seen) <= 30",
            All(
                (
                    Compare("last_seen", MORE, 0.0, days_since=True),
                    Compare("last_seen", AT_MOST, 30.0, days_since=True),
                )
            ),
        ),
        ("vip and returning", All((VIP, Named("returning")))),
        ("vip or returning or loyal", Some((VIP, Named("returning"), Named("loyal")))),
        ("vip or returning and loyal", Some((VIP, All((Named("returning"), Named("loyal")))))),
        ("(vip or returning) and loyal", All((Some((VIP, Named("returning"))), Named("loyal")))),
        ("not vip == True", Not(VIP)),
        ("not vip and loyal", All((Not(VIP), Named("loyal")))),
        ("not (vip or loyal)", Not(Some((VIP, Named("loyal"))))),
        ("  vip\n  and\n  loyal\n", All((VIP, Named("loyal")))),
    ],
)
def test_a_form_becomes_its_tree(text: str, tree: Expression) -> None:
    assert parsed(text) == tree


@pytest.mark.parametrize("text", ["age >= 18", "18 <= age <= 20", "age in [1, 2]"])
def test_a_number_in_a_tree_is_a_double(text: str) -> None:
    assert "literal=18," not in repr(parsed(text))
    assert "(1," not in repr(parsed(text))


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ('country == "e\u0301"', "\u00e9"),
        ('city == "MILANO"', "milano"),
        ('city == "\u0130"', "i\u0307"),
        ('country == "MILANO"', "MILANO"),
        (r'country == "a\\b\"c\n\t\x41\u00e9\U0001F600"', 'a\\b"c\n\tA\u00e9\U0001f600'),
        (r"country == 'it\'s'", "it's"),
        ('country == "# not a comment"', "# not a comment"),
        ('country == ""', ""),
    ],
)
def test_a_text_is_brought_into_the_normal_form_of_values(text: str, literal: str) -> None:
    tree = parsed(text)

    assert isinstance(tree, Compare)
    assert tree.literal == literal


@pytest.mark.parametrize("text", ['"RUN" in tags', 'any_of(tags, "Run", "RUN")', 'all_of(tags, "rUN")'])
def test_the_members_of_a_folded_set_are_folded(text: str) -> None:
    tree = parsed(text)

    assert isinstance(tree, Includes)
    assert tree.members == ("run",)


def test_the_limits_are_reached_but_not_passed() -> None:
    assert parsed("not " * 100 + "vip")
    assert parsed("(" * 100 + "vip" + ")" * 100) == VIP
    assert parsed("vip" + " " * 9_997) == VIP
    assert parsed("(vip or loyal and " * 100 + "vip" + ")" * 100)
    assert parsed(" or ".join(["vip"] * 1_400))
