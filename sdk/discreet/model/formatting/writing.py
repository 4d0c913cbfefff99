"""From a layout to the text of a YAML file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..nodes import Style
from .layout import STEP, Comment, Entry, Group, Layout, Page, Word, joined
from .order import Shape, part
from .spelling import spell, spell_key

MAX_WIDTH = 240  # of a line on which its author wrote a whole mapping or list


def write_page(page: Page, shape: Shape) -> str:
    """The text of `page`, with line feeds, one of them at its end."""
    lines = [*page.head]
    root = page.root
    lines += [root.key_note] if root.key_note else []
    value = root.value
    if isinstance(value, Group) and not _is_inline(value, shape):
        lines += [root.note] if root.note else []
        lines += _comments(root.inner, 0)
        lines += _block(value, 0, shape)
    elif value is not None:
        lines += [*_comments(root.inner, 0), *_beside(_inline(value, shape, in_flow=False), 0, root)]
        lines += _comments(value.tail, 0) if isinstance(value, Group) else []
    return "\n".join(_without_blanks(lines)) + "\n"


def _without_blanks(lines: Sequence[str]) -> Sequence[str]:
    first = next((at for at, line in enumerate(lines) if line), 0)
    return lines[first:]


def _comments(comments: Iterable[Comment], indent: int) -> list[str]:
    lines: list[str] = []
    for each in comments:
        lines += ["", " " * indent + each.text] if each.after_blank else [" " * indent + each.text]
    return lines


def _block(group: Group, indent: int, shape: Shape) -> list[str]:
    """The lines of a mapping or list, each entry on its own."""
    lines: list[str] = []
    columns = _aligned(group, shape, indent)
    no_blank = True
    for at, entry in enumerate(group.entries):
        own = _entry(entry, indent, shape, columns.get(at, 0))
        lines += own[1:] if no_blank and not own[0] else own
        no_blank = _keeps_blanks(entry.value)
    tail = _comments(group.tail, indent)
    return lines + (tail[1:] if no_blank and tail and not tail[0] else tail)


def _keeps_blanks(layout: Layout | None) -> bool:
    """Whether a blank line below `layout` would be a part of its last text."""
    if isinstance(layout, Group):
        return bool(layout.entries) and not layout.tail and _keeps_blanks(layout.entries[-1].value)
    return layout is not None and layout.style is Style.BLOCK and "+" in layout.lines[0]


def _entry(entry: Entry, indent: int, shape: Shape, column: int) -> list[str]:
    """The lines of `entry` with its comments; the first is empty if a blank line stands before it."""
    inner = part(shape, None if entry.key is None else entry.key.text)
    lines = _comments(_above(entry, inner), indent)
    lines += [""] if entry.after_blank else []
    if entry.key is None:
        return lines + _item(entry, indent, inner)
    head = " " * indent + spell_key(entry.key, in_flow=False) + ":"
    return lines + _behind(head, entry, indent, inner, column)


def _behind(head: str, entry: Entry, indent: int, shape: Shape, column: int) -> list[str]:
    """The lines of a key, written `head`, and its value."""
    value = entry.value
    if isinstance(value, Group) and not _is_inline(value, shape):
        note = joined(entry.key_note, entry.note)
        return [
            _noted(head, note),
            *_comments(entry.inner, indent + STEP),
            *_block(value, indent + STEP, shape),
        ]
    first, *rest = _inline(value, shape, in_flow=False)
    if not entry.key_note and not entry.inner:
        space = " " * max(1, column - len(head))
        return _beside([head + space + first, *rest], indent + STEP, entry)
    lines = _beside([" " * (indent + STEP) + first, *rest], indent + STEP, entry)
    return [_noted(head, entry.key_note), *_comments(entry.inner, indent + STEP), *lines]


def _above(entry: Entry, shape: Shape) -> list[Comment]:
    """The comments above an entry: for an item also those for which a line with a dash has no room."""
    value = entry.value
    if entry.key is not None:
        return entry.leading
    comments = [*entry.leading]
    comments += [Comment(entry.key_note, after_blank=False)] if entry.key_note else []
    comments += entry.inner
    if isinstance(value, Group) and not _is_inline(value, shape):
        comments += [Comment(entry.note, after_blank=False)] if entry.note else []
        first = value.entries[0]
        comments += _above(first, part(shape, None if first.key is None else first.key.text))
    return comments


def _item(entry: Entry, indent: int, shape: Shape) -> list[str]:
    value = entry.value
    dash = " " * indent + "- "
    if isinstance(value, Group) and not _is_inline(value, shape):
        bare = _block(_without_comments(value, shape), indent + STEP, shape)
        return [dash + bare[0][indent + STEP :], *bare[1:]]
    first, *rest = _inline(value, shape, in_flow=False)
    return _beside([dash + first, *rest], indent + STEP, entry)


def _without_comments(group: Group, shape: Shape) -> Group:
    """`group`, whose first entry begins on the line of a dash: without what `_above` says of it."""
    first, *rest = group.entries
    value, inner = first.value, part(shape, None if first.key is None else first.key.text)
    bare = Entry(first.key, value, column=first.column, is_spaced=first.is_spaced)
    if first.key is not None:
        bare.key_note, bare.inner, bare.note = first.key_note, first.inner, first.note
    elif isinstance(value, Group) and not _is_inline(value, inner):
        bare.value = _without_comments(value, inner)
    else:
        bare.note = first.note
    return Group(group.is_table, group.is_flow, [bare, *rest], group.tail, group.column)


def _beside(lines: Sequence[str], indent: int, entry: Entry) -> list[str]:
    """The lines of the value of `entry`, of which the first is indented already, with the comment behind it.

    That stands behind the header of a block scalar, else behind the last line.
    """
    indented = [lines[0], *(" " * indent + line if line else "" for line in lines[1:])]
    is_block = isinstance(entry.value, Word) and entry.value.style is Style.BLOCK
    at = 0 if is_block else len(indented) - 1
    indented[at] = _noted(indented[at], entry.note)
    return indented


def _noted(line: str, note: str) -> str:
    return f"{line} {note}" if note else line


# -- on one line


def _is_inline(group: Group, shape: Shape) -> bool:
    """Whether `group` stands on one line: as its author wrote it, if it fits."""
    return not group.entries or (_is_flow(group) and len(_flow(group, shape)) <= MAX_WIDTH)


def _is_flow(layout: Layout | None) -> bool:
    """Whether all of `layout` was written on one line, so that it holds no comment."""
    if isinstance(layout, Group):
        return layout.is_flow and all(_is_flow(each.value) for each in layout.entries)
    return layout is not None and len(layout.lines) == 1


def _inline(value: Layout | None, shape: Shape, *, in_flow: bool) -> tuple[str, ...]:
    """The lines of a value that begins on the line of its key."""
    if isinstance(value, Group):
        return (_flow(value, shape),)
    if value is None:
        return ("null",)
    lines = spell(value, is_expression=shape.is_expression, in_flow=in_flow)
    return lines if lines[0] or len(lines) > 1 else ("null",)


def _flow(group: Group, shape: Shape) -> str:
    parts: list[str] = []
    for entry in group.entries:
        key = entry.key
        (value,) = _inline(entry.value, part(shape, None if key is None else key.text), in_flow=True)
        name = "" if key is None else spell_key(key, in_flow=True) + ": "
        parts.append(name + value)
    inside = ", ".join(parts)
    return f"{{{inside}}}" if group.is_table else f"[{inside}]"


# -- in columns


def _aligned(group: Group, shape: Shape, indent: int) -> dict[int, int]:
    """The column of the value of those entries whose author aligned them, by their number.

    A run of entries is aligned where all values began in one column, and spaces were put before one of them.
    """
    columns: dict[int, int] = {}
    run: list[int] = []
    for at, entry in enumerate(group.entries):
        inner = part(shape, None if entry.key is None else entry.key.text)
        is_block = isinstance(entry.value, Group) and not _is_inline(entry.value, inner)
        if run and (is_block or entry.column != group.entries[run[0]].column):
            columns |= _columns(group, run, indent)
            run = []
        if entry.column >= 0 and not is_block:
            run.append(at)
    return columns | _columns(group, run, indent)


def _columns(group: Group, run: Sequence[int], indent: int) -> dict[int, int]:
    entries = [group.entries[at] for at in run]
    if not any(each.is_spaced for each in entries):
        return {}
    keys = [each.key for each in entries if each.key is not None]
    longest = max(len(spell_key(key, in_flow=False)) for key in keys)
    return dict.fromkeys(run, indent + longest + 2)
