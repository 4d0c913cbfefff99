"""A condition's clauses: when it is definitely true, or if weakened at least then; never exponentially many."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.compiler import clauses as c
from discreet.runtime import index as slots
from discreet.runtime import kleene as k
from support.compiled import CATALOGUE, B, D, M, N, S, T

NOW_MS = 10 * 86_400_000
POOLS: Mapping[int, Sequence[Any]] = {
    B: (None, True, False),
    D: (None, NOW_MS, NOW_MS - 86_400_000),
    M: (None, 1),
    N: (None, 0, 1, 1.5, 2),
    S: (None, "", "a", "ab"),
    T: (None, frozenset[str](), frozenset({"x"}), frozenset({"x", "y"})),
}
EVERY_VISITOR = [list(values) for values in itertools.product(*(POOLS[number] for number in sorted(POOLS)))]


def leaves() -> st.SearchStrategy[list[Any]]:
    """Tests that tell the values of the pools apart."""
    number, text = st.sampled_from((0, 1, 1.5, 2)), st.sampled_from(("", "a", "b", "ab"))
    sign = st.integers(k.EQUAL, k.AT_LEAST)
    members = st.sampled_from((["x"], ["y"], ["x", "y"], ["z", "x"]))
    return st.one_of(
        st.tuples(st.just(k.COMPARE), st.just(B), st.integers(0, 1), st.booleans()),
        st.tuples(st.just(k.AMONG), st.just(B), st.lists(st.booleans(), min_size=1, max_size=2)),
        st.tuples(st.just(k.COMPARE), st.sampled_from((M, N)), sign, number),
        st.tuples(st.just(k.AMONG), st.just(N), st.lists(number, min_size=1, max_size=3)),
        st.tuples(st.just(k.COMPARE), st.just(S), st.integers(0, 1), text),
        st.tuples(st.just(k.AMONG), st.just(S), st.lists(text, min_size=1, max_size=3)),
        st.tuples(st.sampled_from((k.STARTS_WITH, k.ENDS_WITH, k.CONTAINS)), st.just(S), text),
        st.tuples(st.sampled_from((k.INCLUDES_SOME, k.INCLUDES_ALL)), st.just(T), members),
        st.tuples(st.just(k.DAYS_COMPARE), st.just(D), sign, number),
        st.tuples(st.just(k.DAYS_AMONG), st.just(D), st.lists(number, min_size=1, max_size=2)),
        st.tuples(st.sampled_from((k.KNOWN, k.UNKNOWN)), st.integers(0, 5)),
    ).map(list)


def trees() -> st.SearchStrategy[list[Any]]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            inner.map(lambda part: [k.NOT, part]),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: [k.ALL, *parts]),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: [k.SOME, *parts]),
        ),
        max_leaves=7,
    )


def holds(clause: c.Clause, values: Sequence[Any]) -> bool:
    """Whether every test of a clause is true of a visitor, written out once more."""
    return all(_passes(kind, values[number], test) for (kind, number), test in clause.items())


def _passes(kind: int, value: Any, test: c.Test) -> bool:
    if value is None or isinstance(test, c.Absent):
        return value is None and isinstance(test, c.Absent)
    if isinstance(test, c.Values):
        return (value in test.named) != test.others
    if isinstance(test, c.Numbers):
        number = (NOW_MS - value) / 86_400_000 if kind == slots.DAYS else value
        return any(low <= number < high for low, high in test.intervals)

    def inside(text: str) -> bool:
        if kind == slots.PREFIXES:
            return bool(value.startswith(text))
        return bool(value.endswith(text)) if kind == slots.SUFFIXES else text in value

    return all(any(map(inside, group)) for group in test.wanted) and not any(map(inside, test.unwanted))


def clauses_of(tree: list[Any], conditions: Sequence[list[Any]] = ()) -> c.Clauses:
    return c.Clausifier(CATALOGUE, conditions).clauses(tree)


@given(tree=trees())
def test_exact_clauses_hold_exactly_when_the_condition_does(tree: list[Any]) -> None:
    made = clauses_of(tree)

    wrong = [
        values
        for values in EVERY_VISITOR[:: 1 if len(repr(tree)) < 60 else 7]
        if (k.Visit(values, NOW_MS, ()).truth(tree) is True) != any(holds(e, values) for e in made.clauses)
    ]

    assert made.exact
    assert wrong == []


@given(parts=st.lists(st.lists(leaves(), min_size=3, max_size=9), min_size=5, max_size=9))
def test_weakened_clauses_never_lose_a_visitor(parts: list[list[list[Any]]]) -> None:
    tree = [k.ALL, *([k.SOME, *part] for part in parts)]
    made = clauses_of(tree)

    lost = [
        values
        for values in EVERY_VISITOR[::11]
        if k.Visit(values, NOW_MS, ()).truth(tree) is True and not any(holds(e, values) for e in made.clauses)
    ]

    assert len(made.clauses) <= c.MAX_CLAUSES
    assert lost == []


def test_a_named_condition_and_its_inlined_text_have_the_same_clauses() -> None:
    leaf = [k.COMPARE, N, k.MORE, 1]
    tree, inlined = [k.NOT, [k.ALL, [k.NAMED, 0], [k.KNOWN, B]]], [k.NOT, [k.ALL, leaf, [k.KNOWN, B]]]

    assert clauses_of(tree, [leaf]) == clauses_of(inlined)


def test_no_condition_is_one_clause_that_asks_nothing() -> None:
    assert c.Clausifier(CATALOGUE, ()).clauses(None) == c.Clauses(({},), exact=True)


def test_twenty_pairs_of_alternatives_do_not_make_a_million_clauses() -> None:
    pair = [[k.COMPARE, number, k.EQUAL, literal] for number, literal in ((N, 1), (B, True))]
    alternatives = [
        [k.SOME, [k.COMPARE, M, k.UNEQUAL, step], [k.COMPARE, S, k.UNEQUAL, str(step)]] for step in range(20)
    ]

    made = clauses_of([k.ALL, [k.SOME, *pair], *alternatives])

    assert not made.exact
    assert 0 < len(made.clauses) <= c.MAX_CLAUSES


def test_alternatives_of_one_attribute_are_one_clause_however_many() -> None:
    texts = [k.SOME, *([k.COMPARE, S, k.EQUAL, f"s{n}"] for n in range(100))]
    numbers = [k.SOME, *([k.COMPARE, N, k.EQUAL, n] for n in range(100))]
    members = [k.SOME, *([k.INCLUDES_SOME, T, [f"t{n}"]] for n in range(100))]

    for tree in (texts, numbers, members, [k.SOME, texts, [k.COMPARE, S, k.UNEQUAL, "s1"]]):
        made = clauses_of(tree)
        assert made.exact
        assert len(made.clauses) == 1


def test_of_a_long_list_of_alternatives_a_test_of_each_is_kept() -> None:
    some = [k.SOME, *([k.ALL, [k.COMPARE, N, k.EQUAL, n], [k.COMPARE, M, k.EQUAL, n]] for n in range(65))]

    made = clauses_of(some)

    assert clauses_of([k.SOME, *some[1:65]]).exact
    assert not made.exact
    assert [[*clause] for clause in made.clauses] == [[(slots.NUMBER, M)]]
    assert all(holds(made.clauses[0], [None, None, n, None, None, None]) for n in range(65))
    assert not any(holds(made.clauses[0], [None, None, n, None, None, None]) for n in (None, -1, 0.5, 65))


def test_the_question_that_most_alternatives_ask_is_kept() -> None:
    some = [k.SOME, *([k.ALL, [k.COMPARE, N, k.EQUAL, n], [k.STARTS_WITH, S, str(n)]] for n in range(65))]
    others = [[k.ALL, [k.COMPARE, N, k.EQUAL, n], [k.ENDS_WITH, S, str(n)]] for n in range(65)]

    made = clauses_of([*some, *others])

    assert [[*clause] for clause in made.clauses] == [[(slots.NUMBER, N)]]


def test_a_long_list_of_alternatives_that_no_few_tests_say_is_weakened_as_a_whole() -> None:
    unlike = [
        [k.ALL, [k.NOT, [k.CONTAINS, S, f"{n}a"]], [k.NOT, [k.CONTAINS, S, f"{n}b"]]] for n in range(65)
    ]
    some = [k.SOME, *unlike]

    assert clauses_of(some) == c.WEAKENED
    assert clauses_of([k.ALL, some, [k.KNOWN, B]]) == c.Clauses(
        (c.presence(CATALOGUE, B),), exact=False
    )  # what is left out of a conjunction leaves the rest of it


def test_conditions_that_double_sixty_times_take_linear_work() -> None:
    leaf = [k.SOME, [k.COMPARE, N, k.EQUAL, 1], [k.COMPARE, M, k.EQUAL, 1]]
    doubled = [leaf, *([k.ALL, [k.NAMED, number], [k.NAMED, number]] for number in range(60))]

    made = clauses_of([k.NAMED, 60], doubled)
    values = [None, None, 1, None, None, None]
    truth = k.Visit(values, NOW_MS, doubled).truth([k.NAMED, 60])

    assert truth is True
    assert any(holds(each, values) for each in made.clauses)


def test_long_lists_against_each_other_merge_in_one_pass() -> None:
    odd, even = list(range(1, 20_000, 2)), list(range(0, 20_000, 2))
    tree = [k.ALL, [k.NOT, [k.AMONG, N, odd]], [k.NOT, [k.AMONG, N, even]], [k.COMPARE, N, k.LESS, 20_000]]

    (clause,) = clauses_of(tree).clauses

    assert all(holds(clause, [None, None, None, value, None, None]) for value in (-1, 0.5, 19_999.5))
    assert not any(holds(clause, [None, None, None, value, None, None]) for value in (0, 1, 19_999, 20_000))


@pytest.mark.parametrize(
    "tree",
    [
        [k.ALL, [k.COMPARE, N, k.LESS, 1], [k.COMPARE, N, k.AT_LEAST, 1]],
        [k.ALL, [k.COMPARE, S, k.EQUAL, "a"], [k.COMPARE, S, k.UNEQUAL, "a"]],
        [k.ALL, [k.COMPARE, B, k.EQUAL, True], [k.NOT, [k.COMPARE, B, k.EQUAL, True]]],
        [k.ALL, [k.INCLUDES_SOME, T, ["x"]], [k.NOT, [k.INCLUDES_SOME, T, ["x", "y"]]]],
        [k.ALL, [k.KNOWN, N], [k.UNKNOWN, N]],
        [k.ALL, [k.DAYS_COMPARE, D, k.EQUAL, 1], [k.UNKNOWN, D]],
        [k.NOT, [k.KNOWN, S]],
        [k.COMPARE, N, k.MORE, 1.7976931348623157e308],
    ],
)
def test_what_no_visitor_can_satisfy_has_no_clause(tree: list[Any]) -> None:
    assert clauses_of(tree) == c.Clauses((), exact=True)


def test_a_group_that_another_one_implies_is_not_asked_twice() -> None:
    tree = [k.ALL, [k.INCLUDES_SOME, T, ["x", "y"]], [k.INCLUDES_SOME, T, ["x"]]]
    (clause,) = clauses_of(tree).clauses

    assert clause[slots.MEMBERS, T] == c.Members((frozenset({"x"}),))


LEAF, OTHER = [k.COMPARE, N, k.MORE, 1], [k.COMPARE, B, k.EQUAL, True]


@pytest.mark.parametrize(
    "tree",
    [
        None,
        LEAF,
        [k.NOT, LEAF],
        [k.ALL, LEAF, OTHER],
        [k.ALL, LEAF, [k.ALL, OTHER, [k.NOT, [k.KNOWN, S]]]],
        [k.KNOWN, S],
        [k.INCLUDES_ALL, T, ["x", "y"]],
        [k.NOT, [k.INCLUDES_ALL, T, ["x", "y"]]],
    ],
    ids=str,
)
def test_tests_and_negated_tests_that_all_must_hold_are_a_conjunction(tree: list[Any] | None) -> None:
    assert c.is_conjunction(tree)


@pytest.mark.parametrize(
    "tree",
    [
        [k.SOME, LEAF, OTHER],
        [k.NAMED, 0],
        [k.NOT, [k.NAMED, 0]],
        [k.UNKNOWN, S],
        [k.NOT, [k.UNKNOWN, S]],
        [k.NOT, [k.ALL, LEAF, OTHER]],
        [k.NOT, [k.SOME, LEAF, OTHER]],
        [k.NOT, [k.NOT, LEAF]],
        [k.ALL, LEAF, [k.SOME, LEAF, OTHER]],
        [k.ALL, LEAF, [k.NAMED, 0]],
        [k.ALL, LEAF, [k.UNKNOWN, S]],
    ],
    ids=str,
)
def test_what_needs_the_authors_own_words_is_no_conjunction(tree: list[Any]) -> None:
    assert not c.is_conjunction(tree)
