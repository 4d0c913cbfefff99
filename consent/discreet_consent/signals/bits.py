"""Bit strings as the IAB's signals write them: base64url text, big-endian fields, runs of ones.

A segment becomes one integer, and a field is read by shifting it. Nothing here expands a range.
"""

from __future__ import annotations

import binascii
from itertools import compress

from ..errors import SignalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    # Both ends included, ascending, neither touching nor overlapping.
    Intervals: TypeAlias = tuple[tuple[int, int], ...]

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# base64url to plain base64; every other byte, also `+`, `/` and `=`, becomes one that `binascii` refuses.
_TO_STANDARD = bytes(dict(zip(_ALPHABET, _STANDARD, strict=True)).get(byte, 0x21) for byte in range(256))
_TO_FLAGS = bytes(byte == 0x31 for byte in range(256))  # "1" is true, "0" is false
FAR = 2_048  # bits; below that, reading over them is cheaper than dropping them


class Bits:
    """A segment's bits, read from the left. Every read checks that enough of them are left.

    Six bits a character, without padding characters: encoders fill up to 24, 8 or only 6 bits, so every number
    of characters is legal, also one that plain base64 refuses.

    Raises:
        SignalError: `bad_base64`: a character outside the base64url alphabet, `=` included.
    """

    __slots__ = ("left", "value")

    value: int
    left: int

    def __init__(self, text: str) -> None:
        raw = text.encode("ascii", "replace")  # whatever is not ASCII becomes `?`, which is refused below
        missing = -len(raw) % 4
        try:
            octets = binascii.a2b_base64(raw.translate(_TO_STANDARD) + b"A" * missing, strict_mode=True)
        except binascii.Error:
            raise SignalError("bad_base64", "a character is not of the base64url alphabet") from None
        self.left = 6 * len(raw)
        self.value = int.from_bytes(octets, "big") >> (6 * missing)

    def take(self, width: int) -> int:
        """Read the next `width` bits as a number. Raises SignalError `truncated` when they are not there."""
        left = self.left - width
        if left < 0:
            raise truncated()
        self.left = left
        return (self.value >> left) & ((1 << width) - 1)

    def forget(self) -> None:
        """Drop what has been read, if it is much: a read costs as much as there is before it, so loops call this."""
        if self.value.bit_length() - self.left > FAR:
            self.value &= (1 << self.left) - 1

    def digits(self) -> bytes:
        """The bits that are left, a `0` or `1` each: for codes without a fixed width, which are searched for."""
        return f"{self.value & ((1 << self.left) - 1):0{self.left}b}".encode("ascii") if self.left else b""

    def finish(self) -> None:
        """Check that only zeros are left, of any number. Raises SignalError `bad_padding` otherwise.

        Else bits that nobody reads could become a segment of their own when a character turns into a dot.
        """
        if self.value & ((1 << self.left) - 1):
            raise SignalError("bad_padding", "a segment goes on after its end")


def truncated() -> SignalError:
    """The refusal of a segment that ends before its fields do."""
    return SignalError("truncated", "a segment ends before its fields do")


def ids(mask: int, width: int) -> tuple[int, ...]:
    """The positions of the ones among `width` bits, ascending; the leftmost bit is position 1."""
    return tuple(compress(range(1, width + 1), _flags(mask, width)))


def runs(mask: int, width: int) -> Intervals:
    """The runs of ones among `width` bits, as intervals of positions; the leftmost bit is position 1."""
    # A bit that differs from its left neighbour starts a run or ends one, so the edges come in pairs.
    edges = compress(range(1, width + 2), _flags(mask ^ (mask << 1), width + 1))
    return tuple([(first, after - 1) for first, after in zip(edges, edges, strict=True)])


def merged(entries: Iterable[tuple[int, int]]) -> Intervals:
    """The same positions as `entries`, which may be unsorted, doubled and overlapping, as intervals."""
    intervals: list[tuple[int, int]] = []
    start = end = -1
    for first, last in sorted(entries):
        if first > end + 1:
            if end >= 0:
                intervals.append((start, end))
            start, end = first, last
        elif last > end:
            end = last
    if end >= 0:
        intervals.append((start, end))
    return tuple(intervals)


def _flags(mask: int, width: int) -> bytes:
    return f"{mask:0{width}b}".encode("ascii").translate(_TO_FLAGS)
