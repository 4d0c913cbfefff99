"""Expressions become trees of numbers, and conditions come in an order in which each follows what it names."""

from __future__ import annotations

import pytest

from discreet.compiler.lower import Lowering, in_order, portable
from discreet.model import Condition, Known, Named, Unknown, parse_expression
from discreet.runtime import kleene as k
from support.compiled import CATALOGUE, B, D, N, S, T


def condition(name: str, text: str) -> Condition:
    when = parse_expression(text, CATALOGUE, frozenset({"c0", "c1", "c2"}))
    return Condition(name, "says", when, text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("b", [k.COMPARE, B, k.EQUAL, True]),
        ("not b", [k.NOT, [k.COMPARE, B, k.EQUAL, True]]),
        ("n != 2.0", [k.COMPARE, N, k.UNEQUAL, 2]),
        ("n < 0.5", [k.COMPARE, N, k.LESS, 0.5]),
        ("n <= -0.0", [k.COMPARE, N, k.AT_MOST, 0]),
        ("n > 1e300", [k.COMPARE, N, k.MORE, 1e300]),
        ("3 <= n", [k.COMPARE, N, k.AT_LEAST, 3]),
        ("n not in [2, 1]", [k.NOT, [k.AMONG, N, [2, 1]]]),
        ("days_since(d) <= 30", [k.DAYS_COMPARE, D, k.AT_MOST, 30]),
        ("days_since(d) in [1]", [k.DAYS_AMONG, D, [1]]),
        ('d >= "1970-01-02"', [k.COMPARE, D, k.AT_LEAST, 86_400_000]),
        ('"x" in t', [k.INCLUDES_SOME, T, ["x"]]),
        ('all_of(t, "y", "x", "y")', [k.INCLUDES_ALL, T, ["x", "y"]]),
        ('starts_with(s, "a")', [k.STARTS_WITH, S, "a"]),
        ('ends_with(s, "a")', [k.ENDS_WITH, S, "a"]),
        ('contains(s, "a")', [k.CONTAINS, S, "a"]),
        ("known(s)", [k.KNOWN, S]),
        ("unknown(s)", [k.UNKNOWN, S]),
        ("b and c1 or b", [k.SOME, [k.ALL, [k.COMPARE, B, k.EQUAL, True], [k.NAMED, 1]],
                           [k.COMPARE, B, k.EQUAL, True]]),
    ],
)  # fmt: skip
def test_every_expression_has_its_tree(text: str, tree: list[object]) -> None:
    lowering = Lowering(CATALOGUE.slots, [condition("c0", "b"), condition("c1", "b")])

    lowered = lowering.tree(parse_expression(text, CATALOGUE, frozenset({"c0", "c1"})))

    assert repr(lowered) == repr(tree)  # by repr: 2 is not 2.0 on the wire, and 1 is not True


def test_a_number_travels_as_the_double_that_it_means() -> None:
    assert repr(portable(2.0**53)) == "9007199254740992"
    assert repr(portable(2**53 + 1)) == "9007199254740992"
    assert repr(portable(10**30)) == "1e+30"
    assert repr(portable(True)) == "True"
    assert repr(portable("1.0")) == "'1.0'"


def test_conditions_follow_what_they_name_and_otherwise_keep_their_order() -> None:
    given = (condition("c2", "c0 and c1"), condition("c1", "not c0"), condition("c0", "b"))

    assert [each.id for each in in_order(given)] == ["c0", "c1", "c2"]
    assert [each.id for each in in_order(given[1:])] == ["c0", "c1"]


def test_known_and_unknown_name_no_condition() -> None:
    known = Condition("c0", "", Known("b"), ""), Condition("c1", "", Unknown("b"), "")

    assert in_order(known) == list(known)
    assert in_order((Condition("c1", "", Named("c0"), ""), known[0]))[0] is known[0]
