"""Growing the tree of an author's file: the rules that hold for YAML, JSON and Python alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from .nodes import Atom, Broken, Entry, Items, Node, Scalar, Table
from .problems import Place, short
from .report import Report

MAX_DEPTH = 64  # lists and mappings within each other


class UnreadableError(Exception):
    """The rest of this text cannot be read. The problem is already in the report."""


@dataclass(slots=True)
class _Open:
    place: Place
    is_table: bool
    is_flow: bool
    items: list[Node] = field(default_factory=list[Node])
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    key: tuple[str, Place] | None = None  # the key that waits for its value
    skip_next: bool = False  # the value of a key that was refused


class Tree:
    """Takes the parts of a text in order and grows the node tree.

    Refuses duplicate keys, keys that are not text, keys without a value, and nesting deeper than `MAX_DEPTH`.
    """

    def __init__(self, report: Report) -> None:
        self.root: Node | None = None
        self._report = report
        self._open: list[_Open] = []

    def open(self, place: Place, *, is_table: bool, is_flow: bool = False) -> None:
        """Begin a mapping or a list.

        Args:
            is_flow: It is written in brackets, where a comma in a text ends the text.
        Raises:
            UnreadableError: too deep.
        """
        if len(self._open) == MAX_DEPTH:
            self._report.add(place, "too-deep", f"lists and mappings nest at most {MAX_DEPTH} deep")
            raise UnreadableError
        self._open.append(_Open(place, is_table, is_flow))

    def close(self) -> None:
        """End the mapping or list that was opened last."""
        done = self._open.pop()
        self.put(Table(done.entries, done.place) if done.is_table else Items(tuple(done.items), done.place))

    def put(self, node: Node) -> None:
        """Add a finished part: an item, a key, or a key's value."""
        if not self._open:
            self.root = node
            return
        into = self._open[-1]
        if not into.is_table:
            into.items.append(node)
        elif into.skip_next:
            into.skip_next = False
        elif into.key is None:
            self._put_key(into, node)
        else:
            name, place = into.key
            into.entries[name] = Entry(place, node)
            into.key = None

    def put_nothing(self, node: Scalar) -> None:
        """Add a part of which nothing is written. The value of a key it cannot be: `null` is written out."""
        into = self._open[-1] if self._open else None
        if into is None or into.key is None:
            self.put(node)
            return
        name, place = into.key
        self._report.add(place, "no-value", _without_value(name, into.is_flow, is_first=not into.entries))
        self.put(Broken(node.place))

    def _put_key(self, into: _Open, node: Node) -> None:
        name = node.value if isinstance(node, Scalar) else None
        if not isinstance(name, str):
            if not isinstance(node, Broken):
                self._report.add(node.place, "bad-key", f"a key must be text{_quoted(node)}")
            into.skip_next = True
        elif name in into.entries:
            first = into.entries[name].key
            self._report.add(
                node.place, "duplicate-key", f"key `{short(name)}` stands here twice; first at {first}"
            )
            into.skip_next = True
        else:
            into.key = (name, node.place)


def _without_value(name: str, is_flow: bool, *, is_first: bool) -> str:
    key = short(name)
    if is_flow and "|" in name:
        return f'`{{{key}}}` is a mapping here; put text with braces in quotes: `"{{{key}}}"`'
    if name.startswith("+"):
        return f"`{key}` begins with a `+`; leave it out: it only marks a line that is new"
    if not is_flow:
        return f"key `{key}` has no value; leave the key out, or write `{key}: null`"
    held = "braces" if is_first else "`,`"  # behind a first key no text can have been cut
    return f"key `{key}` has no value; put text that holds {held} in quotes, or write `{key}: null`"


def _quoted(node: Node) -> str:
    if not isinstance(node, Scalar) or node.value is None:
        return ""
    text = str(node.value).lower()
    return f'; write it in quotes: `"{text}"`' if len(text) <= 40 else ""


def tree_of(value: object, file: str, report: Report) -> Node:
    """Grow the tree of plain Python or JSON data. Its places name the path within `file`, at line 1.

    Mappings, lists, tuples, text, numbers, booleans and None are known; anything else is a problem.
    """
    return _python(value, file, "", report, 0)


def _python(value: object, file: str, path: str, report: Report, depth: int) -> Node:
    place = Place(f"{file}:{path}" if path else file, 1, 1)
    if value is None or isinstance(value, (bool, int, float, str)):
        return Scalar(_atom(value), place)
    if depth == MAX_DEPTH:
        report.add(place, "too-deep", f"lists and mappings nest at most {MAX_DEPTH} deep")
        return Broken(place)
    if isinstance(value, Mapping):
        return _python_table(cast(Mapping[object, object], value), file, path, report, depth)
    if isinstance(value, (list, tuple)):
        listed = cast(Sequence[object], value)
        items = tuple(
            _python(each, file, f"{path}[{at}]", report, depth + 1) for at, each in enumerate(listed)
        )
        return Items(items, place)
    report.add(place, "bad-value", "only text, numbers, booleans, lists and mappings can stand in a model")
    return Broken(place)


def _atom(value: Atom) -> Atom:
    """`value` as exactly one of the plain types: an enum's text is text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    return int(value) if isinstance(value, int) else float(value)


def _python_table(value: Mapping[object, object], file: str, path: str, report: Report, depth: int) -> Table:
    place = Place(f"{file}:{path}" if path else file, 1, 1)
    entries: dict[str, Entry] = {}
    for key, each in value.items():
        if not isinstance(key, str):
            report.add(place, "bad-key", "a key must be text")
            continue
        step = key if key.isidentifier() else f'["{short(key)}"]'
        below = f"{path}.{step}" if path and step == key else f"{path}{step}"
        entries[str.__str__(key)] = Entry(
            Place(f"{file}:{below}", 1, 1), _python(each, file, below, report, depth + 1)
        )
    return Table(entries, place)
