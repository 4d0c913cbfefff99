"""From the text of a YAML file to its layout: the parser's events, and the comments in the gaps between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..nodes import Style
from .gaps import Gap, Standing, read_gap
from .layout import STEP, Comment, Entry, Group, Layout, Page, Word

_STYLES = {"'": Style.SINGLE, '"': Style.DOUBLE, "|": Style.BLOCK, ">": Style.BLOCK}
_CONTENT = ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "MappingEndEvent", "SequenceEndEvent")
_HEAD = re.compile(
    r"(?P<all>(?P<mark>(?:[ \t]*(?:#.*)?\n|%.*\n)*---)(?:[ \t]*\n|[ \t]|\Z))"
)  # up to the mark that begins a document
_INDICATOR = re.compile("[1-9]")
_BLANKS = " \t"  # what YAML drops around the lines of a text; other white space is part of it


def read_page(text: str) -> Page:
    """The layout of `text`: sound YAML of the format, whose lines end in line feeds."""
    import yaml

    loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    parse: Callable[..., Iterable[Any]] = yaml.parse  # pyright: ignore[reportUnknownMemberType] # it has no types
    events = [event for event in parse(text, Loader=loader) if type(event).__name__ in _CONTENT]
    head = _HEAD.match(text)
    reader = _PageReader(f"{text}\n", events, head.end("all") if head else 0)  # the last line ends, too
    lines = head["mark"].split("\n") if head else []
    return Page(tuple(line.rstrip() for line in lines), reader.root())


class _PageReader:
    """Walks the events once. `_at` is the end of the content read last."""

    def __init__(self, text: str, events: Sequence[Any], start: int) -> None:
        self._text, self._events, self._at = text, events, start
        self._number = 0
        self._beside: Callable[[str], None] | None = (
            None  # takes a comment on the line of the content read last
        )
        self._closed: list[Group] = []  # the blocks that ended since then, innermost first
        self._columns = [0]  # of the blocks that are open

    def root(self) -> Entry:
        root = Entry()
        root.value = self._value(root)
        left = self._comments(self._gap(len(self._text), column=-1))
        if isinstance(root.value, Group):
            root.value.tail += left
        else:
            root.inner += left
        return root

    def _peek(self) -> Any:
        return self._events[self._number]

    def _take(self) -> Any:
        self._number += 1
        return self._events[self._number - 1]

    def _ends(self) -> bool:
        return type(self._peek()).__name__ in ("MappingEndEvent", "SequenceEndEvent")

    # -- values

    def _value(self, owner: Entry) -> Layout:
        event = self._take()
        is_scalar = type(event).__name__ == "ScalarEvent"
        if is_scalar or event.flow_style:
            owner.inner += self._comments(self._gap(event.start_mark.index))
            return self._word(event, owner) if is_scalar else self._flow(event, owner)
        group = Group(_is_table(event), is_flow=False, column=event.start_mark.column)
        self._columns.append(group.column)
        while not self._ends():
            group.entries.append(self._entry(group))
        self._columns.pop()
        self._take()
        self._closed.append(group)
        return group

    def _flow(self, event: Any, owner: Entry) -> Group:
        group = Group(_is_table(event), is_flow=True)
        self._content(event.start_mark.index + 1, owner.say_behind_key)
        while not self._ends():
            group.entries.append(self._entry(group))
        end = self._take().end_mark
        left = self._comments(self._gap(end.index - 1))
        if group.entries:
            group.tail += left
        else:  # brackets around nothing stay on one line, below the comments
            owner.inner += left
        group.is_flow = end.line == event.start_mark.line
        self._content(end.index, owner.say_behind)
        return group

    def _word(self, event: Any, owner: Entry) -> Word:
        end = event.end_mark.index
        written = self._text[event.start_mark.index : end]
        style = _STYLES.get(event.style or "", Style.PLAIN)
        if style is Style.BLOCK:
            return self._block(event.value, written, end, owner)
        self._content(end, owner.say_behind)
        first, *rest = written.split("\n")
        lines = (first, *(line.lstrip(_BLANKS) for line in rest))
        # Behind a backslash, a space at the end of a line counts.
        return Word(
            event.value,
            lines if style is Style.DOUBLE else tuple(line.rstrip(_BLANKS) for line in lines),
            style,
        )

    def _block(self, value: str, written: str, end: int, owner: Entry) -> Word:
        header, *lines = written.removesuffix("\n").split("\n")
        mark, hash_, comment = header.partition("#")
        if hash_:
            owner.say_behind(f"#{comment.rstrip()}")
        dedented = _dedented(mark, lines, self._columns[-1])
        kept = len(written)
        if "+" not in mark:
            while dedented and not dedented[-1]:
                dedented.pop()
                kept -= len(lines.pop()) + 1
        self._content(end - len(written) + kept - written.endswith("\n"), owner.say_behind)
        if dedented and not written.endswith("\n"):  # the file ends here, without the end of a line
            mark, dedented = _closed(mark, dedented, value)
        return Word(value, (_INDICATOR.sub(str(STEP), mark.strip()), *dedented), Style.BLOCK)

    # -- entries

    def _entry(self, group: Group) -> Entry:
        event = self._peek()
        gap = self._gap(event.start_mark.index, column=None if group.is_flow else group.column)
        entry = Entry(leading=self._comments(gap), after_blank=gap.after_blank)
        if group.is_table:
            entry.key = self._word(self._take(), entry)
            self._content(self._at, entry.say_behind_key)
            mark = self._peek().start_mark
            between = self._text[self._at : mark.index]
            if "\n" not in between:
                entry.column, entry.is_spaced = mark.column, between.endswith("  ")
        entry.value = self._value(entry)
        return entry

    # -- gaps

    def _content(self, end: int, beside: Callable[[str], None]) -> None:
        """Go on behind content that ends at `end`; `beside` takes a comment on its line."""
        self._at, self._beside = end, beside

    def _gap(self, end: int, *, column: int | None = None) -> Gap:
        """What stands before `end`. Comments further right than `column` belong to the blocks that ended there."""
        gap = read_gap(self._text, self._at, end, begins_line=self._beside is None)
        if gap.beside and self._beside is not None:
            self._beside(gap.beside)
        if column is not None:
            gap = gap._replace(comments=self._open_again(gap.comments, column))
        self._closed.clear()
        self._at = end
        return gap

    def _open_again(self, comments: Sequence[Standing], column: int) -> tuple[Standing, ...]:
        """Give the first of `comments` to the blocks in which they stand; the rest."""
        blocks = [*self._closed]
        for at, (comment, where) in enumerate(comments):
            around = [block for block in blocks if block.column <= where]
            if where <= column or not around:
                return tuple(comments[at:])
            furthest = max(block.column for block in around)
            block = next(each for each in reversed(around) if each.column == furthest)
            block.tail.append(comment)
            blocks = blocks[blocks.index(block) :]
        return ()

    @staticmethod
    def _comments(gap: Gap) -> list[Comment]:
        return [each.comment for each in gap.comments]


def _closed(mark: str, lines: list[str], value: str) -> tuple[str, list[str]]:
    """A block scalar that stands last in its file, so that it says `value` where its last line ends."""
    if value.endswith("\n"):
        return mark, lines if lines[-1] else lines[:-1]
    return (mark if "-" in mark else f"{mark.strip().replace('+', '')}-"), lines


def _is_table(event: Any) -> bool:
    return type(event).__name__ == "MappingStartEvent"


def _dedented(mark: str, lines: Sequence[str], column: int) -> list[str]:
    """The lines of a block scalar, which stands in a block at `column`, without their indentation."""
    stated = _INDICATOR.search(mark)
    filled = next((line for line in lines if line.strip(" ")), "")
    indent = column + int(stated[0]) if stated else len(filled) - len(filled.lstrip(" "))
    return [line[indent:] for line in lines]
