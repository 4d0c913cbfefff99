"""Text for pictures: how wide it will be, nearly, and where its lines break. No font is asked: none travels along.

The widths are a little more than those of the common sans-serif fonts, so that what is measured here fits there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_JOINTS: Final = re.compile(r"(?<=[_./-])(?=.)")  # behind which the name of something may break
_NARROW: Final = frozenset("iljtfrI.,:;'!|()[]{}/\\ ")
_WIDE: Final = frozenset("mwMW@%")
_EM: Final = {"narrow": 0.34, "wide": 0.95, "upper": 0.73, "other": 0.6, "full": 1.0}


def width_of(text: str, size: float) -> float:
    """How wide `text` is at most, nearly, at a font size of `size`, in the unit of `size`."""
    return size * sum(_EM[_class(char)] for char in text)


def wrapped(text: str, size: float, room: float, most: int) -> list[str]:
    """`text` in at most `most` lines no wider than `room`, broken at spaces, at joints or in words; `\u2026`: cut."""
    lines: list[str] = []
    line = ""
    for word in _words(text, size, room):
        longer = f"{line} {word}".strip()
        if not line or width_of(longer, size) <= room:
            line = longer
        else:
            lines.append(line)
            line = word
    lines += [line] if line else []
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _cut(lines[most - 1], size, room)]


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((each in ("R", "AL") for each in directions if each in ("L", "R", "AL")), False)


def _words(text: str, size: float, room: float) -> Iterator[str]:
    for word in text.split():
        piece = ""
        for part in _JOINTS.split(word):
            if piece and width_of(piece + part, size) > room:
                yield piece
                piece = ""
            for char in part:
                if piece and width_of(piece + char, size) > room:
                    yield piece
                    piece = ""
                piece += char
        yield piece


def _cut(line: str, size: float, room: float) -> str:
    while line and width_of(line + "\u2026", size) > room:
        line = line[:-1]
    return f"{line.rstrip()}\u2026"


def _class(char: str) -> str:
    if char in _NARROW:
        return "narrow"
    if char in _WIDE:
        return "wide"
    if unicodedata.east_asian_width(char) in ("W", "F"):
        return "full"
    return "upper" if char.isupper() else "other"
