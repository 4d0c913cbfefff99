"""Ranges of ids as the GPP writes them: offsets from the last id in Fibonacci code, which needs no widths.

A code has a one for each of the weights 1, 2, 3, 5, 8, ... that its number is the sum of, and ends with a further
one, so at the first `11`. It cannot express 0, and so the ids of a range ascend whatever its bits are.

Source: IAB Tech Lab, GPP "Consent String Specification", "Fibonacci Encoding" and "Range (Fibonacci)".
"""

from __future__ import annotations

from itertools import compress

from ..errors import SignalError
from .bits import truncated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Entries: TypeAlias = list[tuple[int, int]]  # both ends included, ascending

HIGHEST = 0xFFFF  # vendors have 16 bits, and no section of the GPP is near
_COUNT_BITS = 12


def _weights() -> tuple[int, ...]:
    weights = [1, 2]
    while weights[-1] <= HIGHEST:
        weights.append(weights[-2] + weights[-1])
    return tuple(weights[:-1])


_WEIGHTS = _weights()
_LONGEST = len(_WEIGHTS) + 1  # digits of the longest code
_GROUP = 0x31  # the digit 1: the entry is a group, whose length follows
_TO_FLAGS = bytes(digit == 0x31 for digit in range(256))


def number(code: bytes) -> int:
    """The number that a code stands for. It comes as digits, without its last one."""
    return sum(compress(_WEIGHTS, code.translate(_TO_FLAGS)))


def _short_codes() -> dict[bytes, int]:
    # Most offsets are small: a glance at these codes costs a third of adding up their weights.
    texts = (f"{value:0{width}b}" for width in range(1, 10) for value in range(1, 1 << width, 2))
    return {text.encode("ascii"): number(text.encode("ascii")) for text in texts if "11" not in text}


_SHORT = _short_codes()


def count(digits: bytes, at: int = 0) -> int:
    """How many entries the range at `at` says that it has. Raises SignalError `truncated`."""
    if len(digits) < at + _COUNT_BITS:
        raise truncated()
    return int(digits[at : at + _COUNT_BITS], 2)


def entries(digits: bytes, at: int = 0) -> tuple[Entries, int]:
    """Read the range at `at`: its ids and groups of ids, and where it ends.

    Nothing is expanded, and the entries are bounded by the digits.

    Raises:
        SignalError: `truncated`: the digits end before the range does. `bad_range`: an id is above `HIGHEST`.
    """
    found: Entries = []
    last = 0
    short, find = _SHORT.get, digits.find  # names near at hand: this is the longest loop there is
    wanted = count(digits, at)
    at += _COUNT_BITS
    for _ in range(wanted):
        start = at + 1
        end = find(b"11", start, start + _LONGEST) + 1
        code = digits[start:end]
        first = last = last + (short(code) or number(code))
        if end and digits[at] == _GROUP:
            start = end + 1
            end = find(b"11", start, start + _LONGEST) + 1
            code = digits[start:end]
            last += short(code) or number(code)
        if not end and len(digits) < start + _LONGEST:
            raise truncated()
        if not end or last > HIGHEST:
            raise SignalError("bad_range", "an id of a range is too large")
        at = end + 1
        found.append((first, last))
    return found, at
