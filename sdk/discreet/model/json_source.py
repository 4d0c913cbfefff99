"""Reading JSON with places: the standard library's reader knows none, and lets the last of two keys win."""

from __future__ import annotations

import json
import re

from .nodes import MAX_DIGITS, Atom, Origin, Scalar, Source, Style
from .problems import short
from .progress import Progress
from .report import Report
from .tree import Tree, UnreadableError

COLLECTIONS = 1_000  # lists and mappings, between two reports of progress

_SPACES = " \t\r\n"
_ATOM = re.compile(
    r'(?P<text>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<word>true|false|null)"
)
_WORDS: dict[str, Atom] = {"true": True, "false": False, "null": None}


def grow_json(source: Source, tree: Tree, report: Report, progress: Progress) -> None:
    """Feed the one JSON value of `source` to `tree`.

    Raises:
        UnreadableError: the text is not JSON; the problem is in `report`.
    """
    reader = _JsonReader(source, tree, report, progress)
    if reader.peek():
        reader.value()
        if reader.peek():
            reader.refuse("something stands after the end of the document")
    reader.tell()


class _JsonReader:
    def __init__(self, source: Source, tree: Tree, report: Report, progress: Progress) -> None:
        self._source, self._tree, self._report, self._progress = source, tree, report, progress
        self._text = source.text
        self._at = 0
        self._collections = 0

    def tell(self) -> None:
        """Let it be heard how far the text is read."""
        self._progress(f"reading {short(self._source.file)}", self._at, len(self._text))

    def peek(self) -> str:
        """The next character that is not white space, or nothing at the end."""
        text, at = self._text, self._at
        while (mark := text[at : at + 1]) in _SPACES and mark:
            at += 1
        self._at = at
        return mark

    def refuse(self, message: str) -> None:
        self._report.add(self._source.place(self._at), "json-syntax", f"this is not JSON: {message}")
        raise UnreadableError

    def value(self) -> None:
        mark = self.peek()
        if mark == "{":
            self._collection("}", is_table=True)
        elif mark == "[":
            self._collection("]", is_table=False)
        else:
            self._atom()

    def _collection(self, end: str, *, is_table: bool) -> None:
        """Recurses no deeper than the tree lets it."""
        if self._collections % COLLECTIONS == 0:
            self.tell()
        self._collections += 1
        self._tree.open(self._source.place(self._at), is_table=is_table)
        self._at += 1
        if self.peek() != end:
            self._member(is_table)
            while self.peek() == ",":
                self._at += 1
                self._member(is_table)
        self._expect(end)
        self._tree.close()

    def _member(self, is_table: bool) -> None:
        if is_table:
            if self.peek() != '"':
                self.refuse("a key in double quotes is missing")
            self._atom()
            self.peek()
            self._expect(":")
        self.value()

    def _expect(self, mark: str) -> None:
        if self._text[self._at : self._at + 1] != mark:
            self.refuse(f"`{mark}` is missing")
        self._at += 1

    def _atom(self) -> None:
        match = _ATOM.match(self._text, self._at)
        if match is None:
            self.refuse("a value is missing")
            return
        start, end = match.span()
        origin = Origin(self._source, start, end, Style.DOUBLE if match.lastgroup == "text" else Style.PLAIN)
        self._tree.put(Scalar(_meaning(match), self._source.place(start), origin))
        self._at = end


def _meaning(match: re.Match[str]) -> Atom:
    written = match[0]
    if match.lastgroup == "word":
        return _WORDS[written]
    if match.lastgroup == "text" and "\\" not in written:
        return written[1:-1]
    if match.lastgroup == "number" and len(written) > MAX_DIGITS:
        return written  # no finite double needs that; it is refused where a number is needed
    value: Atom = json.loads(written)
    return value
