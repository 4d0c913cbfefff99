"""A condition tree is checked before it is ever evaluated: its shape, its types, its depth, its needs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from discreet.runtime import kleene as k
from discreet.runtime.trees import MAX_DEPTH, Needs, TooDeep, Trees
from support.compiled import CATALOGUE, B, D, M, N, S, T

SOUND: list[list[Any]] = [
    [k.COMPARE, B, k.EQUAL, True],
    [k.COMPARE, N, k.AT_LEAST, 1.5],
    [k.COMPARE, N, k.LESS, -(2**53)],
    [k.COMPARE, D, k.UNEQUAL, 0],
    [k.COMPARE, S, k.UNEQUAL, ""],
    [k.AMONG, B, [True, False]],
    [k.AMONG, N, [1, 2.5]],
    [k.AMONG, D, [0]],
    [k.AMONG, S, ["a", "a"]],
    [k.DAYS_COMPARE, D, k.AT_MOST, 30],
    [k.DAYS_AMONG, D, [1, 2]],
    [k.INCLUDES_SOME, T, ["x"]],
    [k.INCLUDES_ALL, T, ["x", "y"]],
    [k.STARTS_WITH, S, ""],
    [k.ENDS_WITH, S, "a"],
    [k.CONTAINS, S, "a"],
    *([k.KNOWN, number] for number in range(len(CATALOGUE))),
    *([k.UNKNOWN, number] for number in range(len(CATALOGUE))),
]


def said(needs: Needs) -> tuple[set[int], bool, int]:
    return {*needs.attributes}, needs.waives, needs.depth


@pytest.mark.parametrize("tree", SOUND, ids=str)
def test_a_sound_test_needs_its_attribute(tree: list[Any]) -> None:
    needs = Trees(CATALOGUE).needs(tree)

    assert said(needs) == ({tree[1]}, tree[0] == k.UNKNOWN, 1)


@pytest.mark.parametrize("tree", SOUND, ids=str)
def test_a_sound_test_can_be_evaluated_of_anybody(tree: list[Any]) -> None:
    known = [True, 0, 1.5, 2, "a", frozenset({"x"})]

    for values in ([None] * len(known), known):
        assert k.Visit(values, 0, ()).truth(tree) in (True, False, None)


@pytest.mark.parametrize(
    "tree",
    [
        0,
        "tree",
        {},
        b"",
        (k.KNOWN, N),
        [],
        [k.KNOWN],
        ["13", N],
        [True, [k.KNOWN, N]],
        [1.0, [k.KNOWN, N]],
        [None, N],
        [-1, N],
        [15, N],
        [99, N],
        [k.ALL],
        [k.SOME],
        [k.NOT],
        [k.NOT, [k.KNOWN, N], [k.KNOWN, N]],
        [k.ALL, N],
        [k.ALL, None],
        [k.SOME, [k.KNOWN, N], 5],
        [k.NAMED],
        [k.NAMED, 0],
        [k.NAMED, -1],
        [k.NAMED, True],
        [k.NAMED, "c"],
        [k.NAMED, 0, 0],
        [k.KNOWN, -1],
        [k.KNOWN, len(CATALOGUE)],
        [k.KNOWN, True],
        [k.KNOWN, 1.0],
        [k.KNOWN, "n"],
        [k.KNOWN, N, 1],
        [k.UNKNOWN, N, 1],
        [k.COMPARE, N],
        [k.COMPARE, N, k.EQUAL],
        [k.COMPARE, N, k.EQUAL, 1, 1],
        [k.COMPARE, N, -1, 1],
        [k.COMPARE, N, 6, 1],
        [k.COMPARE, N, True, 1],
        [k.COMPARE, N, 0.0, 1],
        [k.COMPARE, N, None, 1],
        [k.COMPARE, N, k.EQUAL, True],
        [k.COMPARE, N, k.EQUAL, "1"],
        [k.COMPARE, N, k.EQUAL, None],
        [k.COMPARE, N, k.EQUAL, [1]],
        [k.COMPARE, N, k.EQUAL, math.nan],
        [k.COMPARE, N, k.EQUAL, math.inf],
        [k.COMPARE, N, k.EQUAL, 2**53 + 1],
        [k.COMPARE, B, k.EQUAL, 1],
        [k.COMPARE, B, k.LESS, True],
        [k.COMPARE, S, k.EQUAL, 1],
        [k.COMPARE, S, k.LESS, "a"],
        [k.COMPARE, S, k.EQUAL, b"a"],
        [k.COMPARE, D, k.EQUAL, "1970-01-01"],
        [k.COMPARE, T, k.EQUAL, "x"],
        [k.AMONG, N, []],
        [k.AMONG, N, 1],
        [k.AMONG, N, [1, "1"]],
        [k.AMONG, N, [True]],
        [k.AMONG, N, [1], 1],
        [k.AMONG, N, [math.nan]],
        [k.AMONG, B, [0]],
        [k.AMONG, B, []],
        [k.AMONG, S, [1]],
        [k.AMONG, S, "a"],
        [k.AMONG, S, []],
        [k.AMONG, T, ["x"]],
        [k.DAYS_COMPARE, N, k.EQUAL, 1],
        [k.DAYS_COMPARE, D, k.EQUAL, "1"],
        [k.DAYS_COMPARE, D, 9, 1],
        [k.DAYS_COMPARE, D, k.EQUAL],
        [k.DAYS_AMONG, N, [1]],
        [k.DAYS_AMONG, D, ["1"]],
        [k.DAYS_AMONG, D, []],
        [k.INCLUDES_SOME, S, ["x"]],
        [k.INCLUDES_SOME, T, []],
        [k.INCLUDES_SOME, T, "x"],
        [k.INCLUDES_SOME, T, [1]],
        [k.INCLUDES_ALL, T, [None]],
        [k.INCLUDES_ALL, T, ["x"], 1],
        [k.INCLUDES_ALL, N, ["x"]],
        [k.STARTS_WITH, T, "x"],
        [k.STARTS_WITH, S, 1],
        [k.STARTS_WITH, S],
        [k.ENDS_WITH, S, None],
        [k.CONTAINS, N, "1"],
        [k.CONTAINS, S, "a", "b"],
    ],
    ids=str,
)
def test_what_is_no_tree_is_refused(tree: Any) -> None:
    trees = Trees(CATALOGUE)

    for wrapped in (tree, [k.NOT, tree], [k.ALL, [k.KNOWN, N], tree]):
        with pytest.raises(ValueError, match=r"."):
            trees.needs(wrapped)


def test_needs_are_gathered_from_all_parts_and_through_names() -> None:
    trees = Trees(CATALOGUE)
    first = trees.add_named([k.ALL, [k.KNOWN, N], [k.NOT, [k.UNKNOWN, S]]])
    second = trees.add_named([k.NAMED, 0])

    both = trees.needs([k.SOME, [k.KNOWN, M], [k.NAMED, 1]])

    assert said(first) == ({N, S}, True, 3)
    assert said(second) == ({N, S}, True, 4)
    assert said(both) == ({M, N, S}, True, 6)
    assert trees.needs([k.KNOWN, B]).waives is False
    assert trees.needs(None).attributes == set()


def test_a_name_comes_before_its_use() -> None:
    trees = Trees(CATALOGUE)
    trees.add_named([k.KNOWN, N])

    with pytest.raises(ValueError, match="before"):
        trees.add_named([k.NAMED, 1])
    with pytest.raises(ValueError, match="before"):
        trees.needs([k.NAMED, 1])


def nested(depth: int, tree: list[Any]) -> list[Any]:
    for _ in range(depth - 1):
        tree = [k.NOT, tree]
    return tree


def test_depth_is_bounded_and_counted_through_names() -> None:
    trees = Trees(CATALOGUE)
    leaf = [k.KNOWN, N]

    assert trees.needs(nested(MAX_DEPTH, leaf)).depth == MAX_DEPTH
    assert trees.add_named(nested(100, leaf)).depth == 100
    assert trees.needs(nested(MAX_DEPTH - 100, [k.NAMED, 0])).depth == MAX_DEPTH
    with pytest.raises(TooDeep):
        trees.needs(nested(MAX_DEPTH + 1, leaf))
    with pytest.raises(TooDeep):
        trees.needs(nested(MAX_DEPTH - 99, [k.NAMED, 0]))
    with pytest.raises(TooDeep):
        trees.needs(nested(100_000, leaf))


def test_the_deepest_tree_can_be_evaluated() -> None:
    doubled: list[list[Any]] = [
        [k.KNOWN, N],
        *([k.SOME, [k.NAMED, number], [k.NAMED, number]] for number in range(74)),
    ]
    values = [None, None, None, 1, None, None]

    assert k.Visit(values, 0, ()).truth(nested(MAX_DEPTH, [k.KNOWN, N])) is False
    assert k.Visit(values, 0, doubled).truth([k.NAMED, 74]) is True
