"""The slots of an index are read strictly: one per question, of its attribute's type, with the rows that it uses."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import pytest

from discreet.runtime.index import (
    CLOCK,
    DAYS,
    FLAG,
    MEMBERS,
    NUMBER,
    PREFIXES,
    SUBSTRINGS,
    SUFFIXES,
    VALUE,
    EqualSlot,
    MembersSlot,
    NumberSlot,
)
from discreet.runtime.rows import read_slots
from support.compiled import CATALOGUE, B, D, N, S, T, words
from support.naming import named

ROW = bytes(4)
BITS = 4


def doubles(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


def rows(*bits: int) -> bytes:
    return words(*bits)


GOOD: list[list[Any]] = [
    [VALUE, S, ["a", "b"], [], ROW * 4, None],
    [FLAG, B, [], [], ROW * 4, None],
    [NUMBER, N, doubles(1, 2), b"", ROW * 4, None],
    [NUMBER, D, b"", b"", ROW * 2, None],
    [DAYS, D, doubles(7), b"", ROW * 3, None],
    [CLOCK, None, doubles(7), doubles(7, 8), ROW * 3, None],
    [MEMBERS, T, ["x"], ["x", "y"], ROW * 5, None],
    [PREFIXES, S, [""], [], ROW * 3, None],
    [SUFFIXES, S, [], ["a"], ROW * 3, None],
    [SUBSTRINGS, S, ["a", "b"], [], ROW * 3, [words(1), words(2)]],
]


def slot(*entry: Any) -> Any:
    (read,) = read_slots([[*entry]], CATALOGUE, BITS)
    return read


def known(**values: Any) -> list[Any]:
    return [values.get(attribute.name) for attribute in CATALOGUE]


def row_of(read: Any, **values: Any) -> int:
    answer: int = read.row(known(**values), 0.0)
    return answer


def test_every_kind_of_slot_is_read() -> None:
    assert len(read_slots(GOOD, CATALOGUE, BITS)) == len(GOOD)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        "slot",
        [VALUE, S, ["a"], [], ROW * 3],
        [VALUE, S, ["a"], [], ROW * 3, None, None],
        [9, S, [], [], ROW * 2, None],
        [-1, S, [], [], ROW * 2, None],
        [True, B, [], [], ROW * 4, None],
        [1.0, B, [], [], ROW * 4, None],
        [None, B, [], [], ROW * 4, None],
        [VALUE, None, ["a"], [], ROW * 3, None],
        [VALUE, -1, ["a"], [], ROW * 3, None],
        [VALUE, len(CATALOGUE), ["a"], [], ROW * 3, None],
        [FLAG, False, [], [], ROW * 4, None],
        [VALUE, N, ["a"], [], ROW * 3, None],
        [VALUE, T, ["a"], [], ROW * 3, None],
        [FLAG, S, [], [], ROW * 4, None],
        [NUMBER, S, b"", b"", ROW * 2, None],
        [DAYS, N, b"", b"", ROW * 2, None],
        [MEMBERS, S, [], [], ROW * 2, None],
        [PREFIXES, T, [], [], ROW * 2, None],
        [CLOCK, N, b"", b"", ROW * 2, None],
        [CLOCK, -1, b"", b"", ROW * 2, None],
        [CLOCK, None, b"", ["a"], ROW * 2, None],
        [CLOCK, None, [], b"", ROW * 2, None],
        [VALUE, S, ["a", "a"], [], ROW * 4, None],
        [VALUE, S, [1], [], ROW * 3, None],
        [VALUE, S, [b"a"], [], ROW * 3, None],
        [VALUE, S, "a", [], ROW * 3, None],
        [VALUE, S, ["a"], ["b"], ROW * 4, None],
        [VALUE, S, ["a"], b"", ROW * 3, None],
        [VALUE, S, ["a"], [], ROW * 2, None],
        [VALUE, S, ["a"], [], ROW * 4, None],
        [VALUE, S, ["a"], [], ROW * 2 + rows(16), None],
        [FLAG, B, ["a", "b"], [], ROW * 4, None],
        [FLAG, B, [], ["a"], ROW * 5, None],
        [FLAG, B, b"", [], ROW * 4, None],
        [FLAG, B, [], [], ROW * 3, None],
        [NUMBER, N, [1.0], b"", ROW * 3, None],
        [NUMBER, N, doubles(1), [], ROW * 3, None],
        [NUMBER, N, doubles(1), ["a"], ROW * 3, None],
        [NUMBER, N, doubles(1), None, ROW * 3, None],
        [NUMBER, N, doubles(1), doubles(2, 1), ROW * 3, None],
        [NUMBER, N, doubles(2, 1), b"", ROW * 4, None],
        [NUMBER, N, doubles(1), b"", ROW * 4, None],
        [NUMBER, N, b"", b"", ROW, None],
        [MEMBERS, T, ["x", "x"], [], ROW * 4, None],
        [MEMBERS, T, [], ["x", "x"], ROW * 4, None],
        [MEMBERS, T, ["x"], None, ROW * 3, None],
        [MEMBERS, T, ["x"], [], ROW * 4, None],
        [MEMBERS, T, ["x"], [], [ROW] * 3, None],
    ],
    ids=named,
)
def test_a_slot_that_is_not_exactly_one_is_refused(entry: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_slots([entry], CATALOGUE, BITS)


def test_a_question_has_one_slot() -> None:
    with pytest.raises(ValueError, match="two slots answer the same question"):
        read_slots([*GOOD, GOOD[0]], CATALOGUE, BITS)


def test_the_rows_of_a_value_are_what_differs_from_any_other() -> None:
    read = slot(VALUE, S, ["a", "b"], [], rows(0b001, 0b011, 0b010, 0b100), None)

    assert [row_of(read, s=value) for value in (None, "z", "a", "b")] == [0b001, 0b011, 0b001, 0b111]


def test_the_rows_of_a_flag_travel_as_they_are() -> None:
    read = slot(FLAG, B, [], [], rows(0b001, 0, 0b010, 0b100), None)

    assert [row_of(read, b=value) for value in (None, False, True)] == [0b001, 0b010, 0b100]


def test_each_further_cell_is_what_differs_from_the_one_before() -> None:
    read = slot(NUMBER, N, doubles(1, 2), b"", rows(0b1000, 0b1011, 0b001, 0b110), None)

    assert [row_of(read, n=value) for value in (None, 0.5, 1, 1.5, 2, 9)] == [
        0b1000, 0b1011, 0b1010, 0b1010, 0b1100, 0b1100,
    ]  # fmt: skip


def test_the_row_of_a_set_is_its_wanted_members_without_its_unwanted() -> None:
    read = slot(MEMBERS, T, ["x", "y"], ["y"], rows(0b1000, 0b1001, 0b010, 0b100, 0b011), None)
    sets: Sequence[Any] = (None, [], ["x"], ["y"], ["x", "y"], ["z"])

    assert [row_of(read, t=None if each is None else frozenset(each)) for each in sets] == [
        0b1000, 0b1001, 0b1011, 0b1100, 0b1100, 0b1001,
    ]  # fmt: skip


def sparse_and_dense(kind: int, attribute: int) -> tuple[Any, Any]:
    """The same slot, with the last two keys sparse and with a row for each."""
    keys, head = ["a", "b", "c"], rows(0b1000, 0b1010 if kind == VALUE else 0b1000, 0b100)
    return (
        slot(kind, attribute, keys, [], head, [words(2, 1), words(0, 1, 2)]),
        slot(kind, attribute, keys, [], head + rows(0b011, 0b100), None),
    )


@pytest.mark.parametrize("kind", [VALUE, PREFIXES, SUFFIXES, SUBSTRINGS])
def test_a_sparse_row_means_what_the_row_would(kind: int) -> None:
    sparse, dense = sparse_and_dense(kind, S)

    for value in (None, "", "a", "b", "c", "d", "ab", "bc"):
        assert row_of(sparse, s=value) == row_of(dense, s=value)


def test_a_sparse_row_of_a_member_means_what_the_row_would() -> None:
    sparse, dense = sparse_and_dense(MEMBERS, T)

    for each in ("", "a", "b", "c", "d", "ab", "bc", "abcd"):
        assert row_of(sparse, t=frozenset(each)) == row_of(dense, t=frozenset(each))


def test_a_sparse_row_may_be_empty_and_every_key_may_be_sparse() -> None:
    read = slot(VALUE, S, ["a", "b"], [], rows(0b001, 0b011), [words(0, 1), words(2)])

    assert [row_of(read, s=value) for value in (None, "z", "a", "b")] == [0b001, 0b011, 0b011, 0b111]


def test_the_keys_of_a_sparse_slot_are_in_order() -> None:
    read = slot(MEMBERS, T, ["a", "b"], [], rows(0, 0, 0), [words(1), words(0)])

    assert read.keys == ["a", "b"]


@pytest.mark.parametrize(
    "sparse",
    [
        [],
        [words(1)],
        [words(1), words(0), b""],
        {},
        b"",
        0,
        [b"", b""],
        [words(1, 1, 1), words(0, 0, 0)],
        [words(1), b""],
        [words(0), words(0)],
        [words(2), words(1)],
        [words(2), words(1, 1)],
        [words(2), words(1, 0)],
        [words(1), words(BITS)],
        [words(BITS + 1), words(0, 1, 2, 3, 3)],
        [words(2**32 - 1, 2), words(0)],
        [[1], words(0)],
        [words(1), [0]],
        [b"\1\0\0", words(0)],
        [words(1), b"\0\0\0"],
    ],
    ids=named,
)
@pytest.mark.parametrize(("kind", "attribute"), [(VALUE, S), (MEMBERS, T), (PREFIXES, S)])
def test_sparse_rows_that_are_not_exactly_such_are_refused(kind: int, attribute: int, sparse: object) -> None:
    dense = 2 - _count(sparse)
    with pytest.raises(ValueError, match=r"sparse|word"):
        read_slots([[kind, attribute, ["a", "b"], [], ROW * (2 + dense), sparse]], CATALOGUE, BITS)


def _count(sparse: Any) -> int:
    """How many keys are sparse by the lengths, at most both."""
    match sparse:
        case [bytes(lengths), *_]:
            return min(2, len(lengths) // 4)
        case _:
            return 0


def test_a_sparse_key_has_no_row_of_its_own() -> None:
    with pytest.raises(ValueError, match="number of rows"):
        slot(VALUE, S, ["a", "b"], [], ROW * 4, [words(1), words(0)])


@pytest.mark.parametrize(
    ("kind", "attribute", "keys", "blob"),
    [
        (FLAG, B, [], ROW * 4),
        (NUMBER, N, doubles(1), ROW * 3),
        (DAYS, D, b"", ROW * 2),
        (CLOCK, None, b"", ROW * 2),
    ],
    ids=str,
)
def test_only_slots_of_texts_have_sparse_rows(
    kind: int, attribute: int | None, keys: Sequence[Any], blob: bytes
) -> None:
    more: Any = [] if kind == FLAG else b""
    with pytest.raises(ValueError, match=r"sparse|does not use"):
        read_slots([[kind, attribute, keys, more, blob, [words(1), words(0)]]], CATALOGUE, BITS)


@pytest.mark.parametrize(
    "entry",
    [
        [VALUE, S, ["a"], [], rows(1, 1, 1), None],
        [VALUE, S, ["a"], [], rows(1, 1), [words(1), words(0)]],
        [VALUE, S, ["a"], [], rows(1, 0, 1), None],
        [FLAG, B, [], [], rows(1, 1, 1, 0), None],
        [NUMBER, N, doubles(1), b"", rows(1, 1, 1), None],
        [NUMBER, N, doubles(1), b"", rows(1, 0, 1), None],
        [DAYS, D, doubles(1), b"", rows(1, 1, 1), None],
        [CLOCK, None, doubles(1), b"", rows(1, 1, 1), None],
        [MEMBERS, T, [], ["x"], rows(1, 1, 1), None],
        [MEMBERS, T, ["x"], [], rows(1, 0, 1), None],
        [MEMBERS, T, ["x"], [], rows(1, 0), [words(1), words(0)]],
        [PREFIXES, S, [], ["x"], rows(1, 1, 1), None],
    ],
    ids=named,
)
def test_what_holds_of_an_unknown_value_tells_no_known_values_apart(entry: list[Any]) -> None:
    with pytest.raises(ValueError, match="a row asks where its slot does not"):
        read_slots([entry], CATALOGUE, BITS)


@pytest.mark.parametrize(
    "entry",
    [
        [MEMBERS, T, ["x"], [], rows(0, 1, 1), None],
        [MEMBERS, T, ["x"], [], rows(0, 1), [words(1), words(0)]],
        [SUBSTRINGS, S, ["x"], [], rows(0, 1, 1), None],
    ],
    ids=named,
)
def test_what_every_set_satisfies_wants_no_member(entry: list[Any]) -> None:
    with pytest.raises(ValueError, match="a row asks where its slot does not"):
        read_slots([entry], CATALOGUE, BITS)


def test_slots_are_of_their_kinds() -> None:
    read = read_slots(GOOD, CATALOGUE, BITS)

    assert all(isinstance(each, EqualSlot) for each in read[:2])
    assert all(isinstance(each, NumberSlot) for each in read[2:6])
    assert all(isinstance(each, MembersSlot) for each in read[6:])
