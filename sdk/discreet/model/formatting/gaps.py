"""What stands between two pieces of a file's content: white space, marks and comments.

No scalar reaches into a gap, so that a `#` there always begins a comment.
"""

from __future__ import annotations

from typing import NamedTuple

from .layout import Comment


class Standing(NamedTuple):
    """A comment on a line of its own, and in which column; -1 behind the dash of an item."""

    comment: Comment
    column: int


class Gap(NamedTuple):
    """The comments between two pieces of content.

    `beside` is the one on the line of the first piece. `after_blank`: a blank line stands right before the second.
    """

    beside: str
    comments: tuple[Standing, ...]
    after_blank: bool


def read_gap(text: str, start: int, end: int, *, begins_line: bool) -> Gap:
    """The gap of `text` from `start` to `end`; `begins_line` where no content stands before it on its line."""
    first, *lines = text[start:end].split("\n")
    beside = ""
    if begins_line:
        lines.insert(0, first)
    else:
        beside = _comment(first)
    found: list[Standing] = []
    behind_dash = after_blank = False
    for line in lines[:-1]:  # what the second piece of content stands behind has no comment
        before, comment = line.partition("#")[0], _comment(line)
        behind_dash = behind_dash or "-" in before
        if comment:
            found.append(Standing(Comment(comment, after_blank), -1 if behind_dash else len(before)))
            after_blank = False
        elif not line.strip() and not behind_dash:  # a blank line behind a dash is none before its item
            after_blank = True
    return Gap(beside, tuple(found), after_blank)


def _comment(line: str) -> str:
    return line[line.index("#") :].rstrip() if "#" in line else ""
