"""The tree of an author's file: scalars, lists and mappings, each with its place."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from .problems import Place

Atom: TypeAlias = bool | int | float | str | None

MAX_DIGITS = (
    400  # no finite double needs more; a longer number is kept as text, and refused where one is needed
)

_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPE_LENGTHS: Mapping[str, int] = {"x": 4, "u": 6, "U": 10}
_SPACE_ESCAPES = frozenset("tnvf r_NLP\t")  # the escapes of a double-quoted scalar that stand for white space


class Style(Enum):
    """How a scalar is written, as far as it matters for finding a character of its value again."""

    PLAIN = "plain"
    SINGLE = "single-quoted"
    DOUBLE = "double-quoted"
    BLOCK = "block"


class Source:
    """The text of one file, able to say at which line and column an index stands."""

    __slots__ = ("_last", "_starts", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self._last: tuple[Origin, list[int]] | None = None
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def positions(self, origin: Origin, value: str) -> list[int]:
        """`origin.positions(value)`, remembered for the scalar asked about last: one text has many problems."""
        if self._last is None or self._last[0] is not origin:
            self._last = (origin, origin.positions(value))
        return self._last[1]

    def place(self, index: int) -> Place:
        """The place of code point `index`."""
        line = bisect.bisect_right(self._starts, index)
        return Place(self.file, line, index - self._starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class Origin:
    """The stretch of a source in which a scalar is written, quotes and block header included."""

    source: Source
    start: int
    end: int
    style: Style

    def index(self, value: str, offset: int) -> int:
        """Where in the source character `offset` of `value` stands.

        White space is folded, kept or dropped by the scalar's style, everything else is not: the n-th
        character that is not white space is the same in both.
        """
        return self.source.positions(self, value)[offset]

    def positions(self, value: str) -> list[int]:
        """Where each character of `value`, and its end, stands in the source."""
        found: list[int] = []
        units = self._units()
        after = self._content()
        for char in value:
            start, end = (after, after) if char.isspace() else next(units, (after, after))
            found.append(start)
            after = end
        return [*found, after]

    def _content(self) -> int:
        if self.style is Style.BLOCK:
            header = _LINE_END.search(self.source.text, self.start)
            return header.end() if header else self.end
        return self.start + (self.style is not Style.PLAIN)

    def _units(self) -> Iterator[tuple[int, int]]:
        """Start and end of each character of the value that is not white space."""
        text, index = self.source.text, self._content()
        end = self.end - (self.style in (Style.SINGLE, Style.DOUBLE))
        while index < end:
            length, space = 1, text[index].isspace()
            if self.style is Style.DOUBLE and text[index] == "\\":
                length, space = _escape(text, index)
            elif self.style is Style.SINGLE and text.startswith("''", index):
                length = 2
            if not space:
                yield index, index + length
            index += length


def _escape(text: str, index: int) -> tuple[int, bool]:
    """The length of the escape at `index`, and whether it stands for white space or for nothing."""
    mark = text[index + 1]
    length = _ESCAPE_LENGTHS.get(mark, 2)
    if length == 2:
        return 2, mark in _SPACE_ESCAPES or mark in "\r\n"
    code = int(text[index + 2 : index + length], 16)
    if 0xD800 <= code < 0xDC00 and text.startswith("\\u", index + 6):  # JSON writes one character as a pair
        return 12, False
    return length, chr(code).isspace()


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a number, a boolean or nothing."""

    value: Atom
    place: Place
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def at(self, offset: int) -> Place:
        """The place of character `offset` of this scalar's text."""
        text = self.value if isinstance(self.value, str) else ""
        if self.origin is not None:
            return self.origin.source.place(self.origin.index(text, offset))
        last = text.rfind("\n", 0, offset)
        line, column = self.place.line + text.count("\n", 0, offset), offset - last
        return Place(self.place.file, line, column if last >= 0 else self.place.column + offset)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping: where the key stands, and what it says."""

    key: Place
    node: Node


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping whose keys are distinct texts, in the author's order."""

    entries: Mapping[str, Entry]
    place: Place

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return None if entry is None else entry.node


@dataclass(frozen=True, slots=True)
class Broken:
    """Something whose problem is already reported: nothing more is said about it."""

    place: Place


Node: TypeAlias = Scalar | Items | Table | Broken

KINDS: Mapping[type, str] = {
    type(None): "nothing",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "text",
}


def kind(node: Node) -> str:
    """What `node` is, in the author's words."""
    if isinstance(node, Scalar):
        return KINDS[type(node.value)]
    return "a list" if isinstance(node, Items) else "a mapping"


def plain(node: Node) -> object:
    """What `node` says, without its places."""
    if isinstance(node, Items):
        return [plain(each) for each in node.items]
    if isinstance(node, Table):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    return node.value if isinstance(node, Scalar) else None
