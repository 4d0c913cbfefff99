"""Blobs are read strictly: whole rows, words below their limit, ascending finite doubles, little-endian everywhere."""

from __future__ import annotations

import math
import struct

import pytest

from discreet.runtime.blobs import (
    changed,
    read_doubles,
    read_rows,
    read_sums,
    read_words,
    row_bytes,
    running,
)
from support.compiled import words
from support.naming import named

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
    ids=named,
)
def test_rows_of_another_number_or_with_bits_beyond_the_clauses_are_refused(blob: object) -> None:
    with pytest.raises(ValueError, match="row"):
        read_rows(2, 3)(blob)


def test_running_differences_are_those_from_the_row_before() -> None:
    assert running([0b001, 0b011, 0b000, 0b100]) == [0b001, 0b010, 0b010, 0b110]
    assert running([]) == []


def test_changes_are_all_from_the_same_row() -> None:
    assert changed(0b101, [0b000, 0b001, 0b111]) == [0b101, 0b100, 0b010]


def test_words_are_little_endian_and_below_their_limit() -> None:
    assert [*read_words(2**32)(b"\x02\x01\0\0\xff\xff\xff\xff")] == [258, 2**32 - 1]
    assert [*read_words(3)(words(2, 0))] == [2, 0]
    assert [*read_words(0)(b"")] == []


@pytest.mark.parametrize(
    "blob", [words(3), words(0, 3), b"\0\0\0", [0], None, bytearray(4), "\0" * 4], ids=named
)
def test_what_is_no_word_below_the_limit_is_refused(blob: object) -> None:
    with pytest.raises(ValueError, match="word"):
        read_words(3)(blob)


def test_sums_are_differences_from_the_word_before_modulo_2_to_the_32nd() -> None:
    assert [*read_sums(10)(words(5, 4, 2**32 - 9, 0))] == [5, 9, 0, 0]
    assert [*read_sums(0)(b"")] == []


@pytest.mark.parametrize("blob", [words(3), words(2, 1), words(0, 2**32 - 1), b"\0", [0], None], ids=named)
def test_sums_that_leave_their_range_are_refused(blob: object) -> None:
    with pytest.raises(ValueError, match="word"):
        read_sums(3)(blob)


def test_doubles_ascend_and_are_finite() -> None:
    assert read_doubles(doubles(-1e308, -0.0, 5e-324, 1)) == (-1e308, 0.0, 5e-324, 1.0)
    assert read_doubles(b"") == ()


@pytest.mark.parametrize(
    "blob",
    [
        doubles(1, 1), doubles(2, 1), doubles(0.0, -0.0), doubles(math.nan), doubles(1, math.inf),
        doubles(-math.inf, 1), doubles(1)[:-1], bytearray(8), [1.0], None,
    ],
    ids=named,
)  # fmt: skip
def test_doubles_that_do_not_ascend_or_are_not_finite_are_refused(blob: object) -> None:
    with pytest.raises(ValueError, match="doubles"):
        read_doubles(blob)
