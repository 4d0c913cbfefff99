"""The blobs of an index are read strictly: whole rows, ascending breakpoints, one slot per question."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from discreet.runtime.index import CLOCK, DAYS, FLAG, MEMBERS, NUMBER, PREFIXES, SUBSTRINGS, SUFFIXES, VALUE
from discreet.runtime.rows import read_breaks, read_rows, read_slots, read_words, row_bytes
from support.compiled import CATALOGUE, B, D, N, S, T

ROW = bytes(4)


def doubles(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


def test_a_row_has_whole_words_and_at_least_one() -> None:
    assert [row_bytes(bits) for bits in (0, 1, 32, 33, 64, 65)] == [4, 4, 4, 8, 8, 12]


def test_rows_are_little_endian() -> None:
    assert read_rows(2, 33)(bytes([1, 0, 0, 0, 1, 0, 0, 0]) + bytes(8)) == [2**32 + 1, 0]
    assert read_rows(0, 5)(b"") == []


@pytest.mark.parametrize(
    "blob",
    [b"", ROW, ROW * 3, ROW * 2 + b"x", bytearray(ROW * 2), "\0" * 8, [0, 0], None, ROW + b"\x08\0\0\0"],
)
def test_rows_of_another_number_or_with_bits_beyond_the_clauses_are_refused(blob: object) -> None:
    with pytest.raises(ValueError, match="row"):
        read_rows(2, 3)(blob)


def test_words_are_below_their_limit() -> None:
    assert read_words(3)(b"\x02\0\0\0\x00\0\0\0") == (2, 0)
    assert read_words(0)(b"") == ()
    for bad in (b"\x03\0\0\0", b"\x00\0\0", [0], None):
        with pytest.raises(ValueError, match="word"):
            read_words(3)(bad)


def test_breakpoints_ascend_and_are_finite() -> None:
    assert read_breaks(doubles(-1e308, -0.0, 5e-324, 1)) == (-1e308, 0.0, 5e-324, 1.0)
    assert read_breaks(b"") == ()
    for bad in (
        doubles(1, 1), doubles(2, 1), doubles(0.0, -0.0), doubles(math.nan), doubles(1, math.inf),
        doubles(-math.inf, 1), doubles(1)[:-1], [1.0], None,
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"breakpoints|doubles"):
            read_breaks(bad)


GOOD: list[list[Any]] = [
    [VALUE, S, ["a", "b"], [], ROW * 4],
    [FLAG, B, [], [], ROW * 4],
    [NUMBER, N, doubles(1, 2), [], ROW * 4],
    [NUMBER, D, b"", [], ROW * 2],
    [DAYS, D, doubles(7), [], ROW * 3],
    [CLOCK, None, doubles(7), [], ROW * 3],
    [MEMBERS, T, ["x"], ["x", "y"], ROW * 5],
    [PREFIXES, S, [""], [], ROW * 3],
    [SUFFIXES, S, [], ["a"], ROW * 3],
    [SUBSTRINGS, S, [], [], ROW * 2],
]


def test_every_kind_of_slot_is_read() -> None:
    assert len(read_slots(GOOD, CATALOGUE, 3)) == len(GOOD)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        "slot",
        [VALUE, S, ["a"], []],
        [VALUE, S, ["a"], [], ROW * 3, 1],
        [9, S, [], [], ROW * 2],
        [-1, S, [], [], ROW * 2],
        [True, B, [], [], ROW * 4],
        [1.0, B, [], [], ROW * 4],
        [None, B, [], [], ROW * 4],
        [VALUE, None, ["a"], [], ROW * 3],
        [VALUE, -1, ["a"], [], ROW * 3],
        [VALUE, len(CATALOGUE), ["a"], [], ROW * 3],
        [FLAG, False, [], [], ROW * 4],
        [VALUE, N, ["a"], [], ROW * 3],
        [VALUE, T, ["a"], [], ROW * 3],
        [FLAG, S, [], [], ROW * 4],
        [NUMBER, S, b"", [], ROW * 2],
        [DAYS, N, b"", [], ROW * 2],
        [MEMBERS, S, [], [], ROW * 2],
        [PREFIXES, T, [], [], ROW * 2],
        [CLOCK, N, b"", [], ROW * 2],
        [CLOCK, None, b"", ["a"], ROW * 2],
        [VALUE, S, ["a", "a"], [], ROW * 4],
        [VALUE, S, [1], [], ROW * 3],
        [VALUE, S, "a", [], ROW * 3],
        [VALUE, S, ["a"], ["b"], ROW * 4],
        [VALUE, S, ["a"], [], ROW * 2],
        [FLAG, B, ["a", "b"], [], ROW * 4],
        [FLAG, B, [], ["a"], ROW * 5],
        [FLAG, B, b"", [], ROW * 4],
        [NUMBER, N, [1.0], [], ROW * 3],
        [NUMBER, N, doubles(1), ["a"], ROW * 3],
        [NUMBER, N, doubles(1), [], ROW * 4],
        [MEMBERS, T, ["x", "x"], [], ROW * 4],
        [MEMBERS, T, [], ["x", "x"], ROW * 4],
        [MEMBERS, T, ["x"], None, ROW * 3],
        [MEMBERS, T, ["x"], [], [ROW] * 3],
    ],
)
def test_a_slot_that_is_not_exactly_one_is_refused(entry: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_slots([entry], CATALOGUE, 3)


def test_a_question_has_one_slot() -> None:
    with pytest.raises(ValueError, match="two slots answer the same question"):
        read_slots([*GOOD, GOOD[0]], CATALOGUE, 3)
