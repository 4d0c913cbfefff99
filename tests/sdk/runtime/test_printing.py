"""A printed condition, read again, is the same condition."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.compiler.lower import Lowering
from discreet.model import Condition, Known, parse_expression
from discreet.runtime import kleene as k
from discreet.runtime.bundle import CompiledCondition
from discreet.runtime.printing import text_of_tree
from discreet_consent.values import normal_string
from support.compiled import CATALOGUE, B, D, M, N, S, T

NAMES = ("returning", "loyal")
CONDITIONS = [CompiledCondition(name, "", [k.KNOWN, B]) for name in NAMES]
LOWERING = Lowering(CATALOGUE.slots, [Condition(name, "", Known("b"), "") for name in NAMES])


def printed(tree: list[Any]) -> str:
    return text_of_tree(tree, CATALOGUE, CONDITIONS)


def read(text: str) -> list[Any]:
    return LOWERING.tree(parse_expression(text, CATALOGUE, frozenset(NAMES)))


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        ([k.COMPARE, B, k.EQUAL, True], "b"),
        ([k.COMPARE, B, k.EQUAL, False], "b == False"),
        ([k.COMPARE, N, k.EQUAL, 1], "n == 1"),
        ([k.COMPARE, N, k.LESS, -0.5], "n < -0.5"),
        ([k.COMPARE, S, k.UNEQUAL, 'a"\\\n'], r's != "a\"\\\n"'),
        ([k.COMPARE, D, k.AT_LEAST, 1_772_323_200_000], 'd >= "2026-03-01T00:00:00Z"'),
        ([k.COMPARE, D, k.AT_LEAST, 1_772_323_200_125], 'd >= "2026-03-01T00:00:00.125Z"'),
        ([k.AMONG, D, [-1, 0]], 'd in ["1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z"]'),
        ([k.COMPARE, D, k.LESS, 8_640_000_000_000_000], "d < 8640000000000000"),
        ([k.AMONG, S, ["IT", "FR"]], 's in ["IT", "FR"]'),
        ([k.NOT, [k.AMONG, S, ["IT in FR"]]], 's not in ["IT in FR"]'),
        ([k.NOT, [k.DAYS_AMONG, D, [1, 2.5]]], "days_since(d) not in [1, 2.5]"),
        ([k.DAYS_COMPARE, D, k.AT_MOST, 30], "days_since(d) <= 30"),
        ([k.INCLUDES_SOME, T, ["x"]], 'any_of(t, "x")'),
        ([k.INCLUDES_ALL, T, ["x", "y"]], 'all_of(t, "x", "y")'),
        ([k.NOT, [k.STARTS_WITH, S, "a"]], 'not starts_with(s, "a")'),
        ([k.ENDS_WITH, S, ""], 'ends_with(s, "")'),
        ([k.CONTAINS, S, "é"], 'contains(s, "é")'),
        ([k.KNOWN, M], "known(m)"),
        ([k.UNKNOWN, M], "unknown(m)"),
        ([k.NAMED, 1], "loyal"),
        ([k.SOME, [k.NAMED, 0], [k.ALL, [k.NAMED, 1], [k.NOT, [k.SOME, [k.KNOWN, M], [k.KNOWN, N]]]]],
         "returning or (loyal and not (known(m) or known(n)))"),
    ],
)  # fmt: skip
def test_a_condition_prints_as_its_author_would_write_it(tree: list[Any], text: str) -> None:
    assert printed(tree) == text


_TEXT = (
    st.text(max_size=6).filter(lambda text: normal_string(text) == text).filter(lambda text: "\0" not in text)
)
_NUMBER = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not x.is_integer() or abs(x) > 2**53),
)
_INSTANT = st.integers(-62_135_596_800_000, 253_402_300_799_999)
_SIGN = st.integers(k.EQUAL, k.AT_LEAST)


def some(literals: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(literals, min_size=1, max_size=3, unique=True)


_LEAVES = st.one_of(
    st.tuples(st.just(k.COMPARE), st.just(B), st.integers(0, 1), st.booleans()),
    st.tuples(st.just(k.AMONG), st.just(B), some(st.booleans())),
    st.tuples(st.just(k.COMPARE), st.just(N), _SIGN, _NUMBER),
    st.tuples(st.just(k.AMONG), st.just(N), some(_NUMBER)),
    st.tuples(st.just(k.COMPARE), st.just(S), st.integers(0, 1), _TEXT),
    st.tuples(st.just(k.AMONG), st.just(S), some(_TEXT)),
    st.tuples(st.just(k.COMPARE), st.just(D), _SIGN, _INSTANT),
    st.tuples(st.just(k.AMONG), st.just(D), some(_INSTANT)),
    st.tuples(st.just(k.DAYS_COMPARE), st.just(D), _SIGN, _NUMBER),
    st.tuples(st.just(k.DAYS_AMONG), st.just(D), some(_NUMBER)),
    st.tuples(st.sampled_from((k.STARTS_WITH, k.ENDS_WITH, k.CONTAINS)), st.just(S), _TEXT),
    st.tuples(st.sampled_from((k.INCLUDES_SOME, k.INCLUDES_ALL)), st.just(T), some(_TEXT).map(lambda m: sorted({*m}))),
    st.tuples(st.sampled_from((k.KNOWN, k.UNKNOWN)), st.integers(0, 5)),
    st.tuples(st.just(k.NAMED), st.integers(0, 1)),
).map(list)  # fmt: skip
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda part: [k.NOT, part]),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: [k.ALL, *parts]),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: [k.SOME, *parts]),
    ),
    max_leaves=8,
)


@given(tree=_TREES)
def test_what_is_printed_reads_as_the_same_tree(tree: list[Any]) -> None:
    assert repr(read(printed(tree))) == repr(tree)
