"""Reading blobs: rows of bits, 32-bit words and doubles, all little-endian. Source: spec/bundle-format.md."""

from __future__ import annotations

import struct
import sys
from array import array
from itertools import accumulate, repeat
from operator import lt, xor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_from_bytes: Callable[[bytes, Any], int] = int.from_bytes
_WORDS = next(code for code in "IL" if array(code).itemsize == 4)  # whatever holds 32 bits here


def row_bytes(bits: int) -> int:
    """The length of a row: whole 32-bit words, at least one."""
    return 4 * max(1, (bits + 31) // 32)


def read_rows(count: int, bits: int, first: int = 0) -> Callable[[Any], list[int]]:
    """Exactly `count` rows of `bits` bits, of which those below `first` are not set."""
    width = row_bytes(bits)
    below = (1 << first) - 1

    def read(blob: Any) -> list[int]:
        if type(blob) is not bytes or len(blob) != count * width:
            raise ValueError("not the right number of rows")
        cut = struct.unpack(f"{width}s" * count, blob)
        rows: list[int] = list(map(_from_bytes, cut, repeat("little")))
        if rows and max(rows) >> bits:
            raise ValueError("a row with bits beyond the last clause")
        if below and any(row & below for row in rows):
            raise ValueError("a row with bits below the first that it may have")
        return rows

    return read


def running(rows: Sequence[int]) -> list[int]:
    """Rows that travel as differences: each is what changed from the one before."""
    return list(accumulate(rows, xor))


def changed(row: int, rows: Sequence[int]) -> list[int]:
    """Rows that travel as differences, all from the same `row`."""
    return [row ^ each for each in rows]


def read_words(limit: int) -> Callable[[Any], array[int]]:
    """Unsigned 32-bit words, each below `limit`."""

    def read(blob: Any) -> array[int]:
        words = _words(blob)
        if words and max(words) >= limit:
            raise ValueError("a word out of its range")
        return words

    return read


def read_sums(limit: int) -> Callable[[Any], array[int]]:
    """Numbers below `limit` that travel as 32-bit differences from the one before, the first from 0, modulo 2^32."""

    def read(blob: Any) -> array[int]:
        sums = array(_WORDS, [each & 0xFFFFFFFF for each in accumulate(_words(blob))])
        if sums and max(sums) >= limit:
            raise ValueError("a word out of its range")
        return sums

    return read


def _words(blob: Any) -> array[int]:
    if type(blob) is not bytes or len(blob) % 4:
        raise ValueError("not 32-bit words")
    words = array(_WORDS, blob)
    if sys.byteorder == "big":
        words.byteswap()
    return words


def read_doubles(blob: Any) -> tuple[float, ...]:
    """Ascending finite doubles."""
    if type(blob) is not bytes or len(blob) % 8:
        raise ValueError("not doubles")
    doubles = struct.unpack(f"<{len(blob) // 8}d", blob)
    finite = all(
        each - each == 0 for each in (*doubles[:1], *doubles[-1:])
    )  # what lies between two is finite too
    if not finite or not all(map(lt, doubles, doubles[1:])):
        raise ValueError("doubles do not ascend, or are not finite")
    return doubles
