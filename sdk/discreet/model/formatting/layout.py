"""A file as its author laid it out: values with their comments, blank lines and the way they were written.

The tree of `nodes` says what a file means; this one says how it looks. It is made by `reading`, put in order by
`order`, and printed by `writing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ..nodes import Style

STEP = 2  # spaces by which a block is indented


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a line of its own, without its indentation."""

    text: str
    after_blank: bool  # a blank line stands before it


@dataclass(frozen=True, slots=True)
class Word:
    """A scalar: its value, and the lines in which it is written, quotes included, the first without indentation.

    `lines` of a block scalar begin with its header, without a comment; the others are without their indentation.
    """

    text: str
    lines: tuple[str, ...]
    style: Style


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list, with everything that is said beside it."""

    key: Word | None = None
    value: Layout | None = None
    leading: list[Comment] = field(default_factory=list[Comment])  # on the lines above it
    after_blank: bool = False  # a blank line stands right before it, below the comments
    key_note: str = ""  # a comment behind the key, when the value begins on a later line
    inner: list[Comment] = field(default_factory=list[Comment])  # between the key and a scalar
    note: str = ""  # a comment behind the value
    column: int = -1  # of the value, when it begins on the line of the key
    is_spaced: bool = False  # more than one space stands before it there

    def say_behind_key(self, note: str) -> None:
        """Put a comment behind the key."""
        self.key_note = joined(self.key_note, note)

    def say_behind(self, note: str) -> None:
        """Put a comment behind the value."""
        self.note = joined(self.note, note)


@dataclass(slots=True)
class Group:
    """A mapping or a list."""

    is_table: bool
    is_flow: bool  # written in brackets, on one line
    entries: list[Entry] = field(default_factory=list[Entry])
    tail: list[Comment] = field(default_factory=list[Comment])  # behind its last entry
    column: int = -1


Layout: TypeAlias = Word | Group


@dataclass(frozen=True, slots=True)
class Page:
    """A whole file: what stands before its document, and the document."""

    head: tuple[str, ...]  # lines up to `---`, if there is one
    root: Entry


def joined(one: str, other: str) -> str:
    """Two comments as one, where there is room for one only."""
    return f"{one} {other}" if one and other else one or other
