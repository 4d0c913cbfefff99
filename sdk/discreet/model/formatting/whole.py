"""A file in its one layout: read, laid out, read again, and given back only if it still says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from discreet.errors import DiscreetError

from ..lexing import take_apart
from ..nodes import Items, Node, Scalar, Source, Table
from ..problems import Place
from ..report import Report
from ..source import read_bytes
from ..types import Model
from .comments import comments_of
from .json_writing import write_json
from .layout import Group
from .order import Shape, keep_head, part, put_in_order, rank, shape_of
from .reading import read_page
from .writing import write_page

LONG_KEY = 500  # characters; YAML wants a `?` before a key of 1,024, quotes and escapes included
_MARK = "\ufeff"


class LayoutRefused(DiscreetError):
    """The file cannot be laid out anew without a loss. Unless a reason is given, that is a mistake of this package."""


def formatted(data: bytes, file: str) -> bytes:
    """The file `data`, called `file`, in the one layout of the format; it says what it said, with every comment.

    JSON when `file` ends in `.json`, else YAML. A byte order mark stays, and so do the line ends of the first line.

    Raises:
        ModelError: with every problem that the file has for itself. Names are not looked up.
        LayoutRefused: a key is too long to stand on a line, or the file would not say the same or lose a comment.
        MissingExtra: it is YAML, and the extra `author` is not installed.
    """
    node = _sound(data, file)
    text = data.decode("utf-8")
    mark, text = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    ends = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    shape = shape_of(is_table=isinstance(node, Table))
    is_json = file.lower().endswith(".json")
    laid_out = write_json(node, shape) if is_json else _write_yaml(text, shape)
    again = (mark + laid_out.replace("\n", ends)).encode("utf-8")
    _check_same(node, again, file, shape)
    if not is_json:
        _check_comments(text, laid_out, file)
    return again


def _sound(data: bytes, file: str) -> Node:
    report = Report()
    node = read_bytes(data, file, report)
    if node is not None:
        shape = shape_of(is_table=isinstance(node, Table))
        for expression in _expressions(node, shape):
            for fault in take_apart(str(expression.value)).faults:
                report.add(expression.at(fault.offset), fault.code, fault.message)
    report.raise_if_any()
    if node is None:
        raise LayoutRefused(f"`{file}` cannot be read")
    return node


def _long_keys(node: Node) -> Iterator[Place]:
    if isinstance(node, Items):
        for each in node.items:
            yield from _long_keys(each)
    elif isinstance(node, Table):
        for key, entry in node.entries.items():
            if len(key) > LONG_KEY:
                yield entry.key
            yield from _long_keys(entry.node)


def _expressions(node: Node, shape: Shape) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        if shape.is_expression and isinstance(node.value, str):
            yield node
    elif isinstance(node, Items):
        for each in node.items:
            yield from _expressions(each, part(shape, None))
    elif isinstance(node, Table):
        for key, entry in node.entries.items():
            yield from _expressions(entry.node, part(shape, key))


def _write_yaml(text: str, shape: Shape) -> str:
    page = read_page(text)
    root = page.root.value
    if isinstance(root, Group) and root.entries:
        first = root.entries[0]
        put_in_order(root, shape)
        keep_head(root, first)
    return write_page(page, shape)


# -- the same


def _check_same(node: Node, data: bytes, file: str, shape: Shape) -> None:
    report = Report()
    again = read_bytes(data, file, report)
    is_read = again is not None and not report.problems
    for key in [] if is_read else _long_keys(node):
        raise LayoutRefused(f"{key}: this key is too long for one line; make it shorter (no file is changed)")
    changed = next(_changed(node, again, shape), None) if is_read and again is not None else node
    if changed is not None:
        raise LayoutRefused(
            f"{changed.place}: laid out anew this would not say the same, so no file is changed"
        )


def _check_comments(before: str, after: str, file: str) -> None:
    old, new = comments_of(before), comments_of(after)
    for comment in (*(old - new), *(new - old)):
        place = Source(file, before).place(max(0, before.find(comment)))
        raise LayoutRefused(f"{place}: laid out anew this comment would not stay, so no file is changed")


def _changed(one: Node, other: Node, shape: Shape) -> Iterator[Node]:
    """The parts of `one` that `other` does not say alike, in the same order but for the keys of the format."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        if not _is_same(one, other, shape):
            yield one
    elif isinstance(one, Items) and isinstance(other, Items) and len(one.items) == len(other.items):
        for before, after in zip(one.items, other.items, strict=True):
            yield from _changed(before, after, part(shape, None))
    elif isinstance(one, Table) and isinstance(other, Table):
        keys = sorted(one.entries, key=lambda key: rank(shape, key))
        if keys != list(other.entries):
            yield one
            return
        for key in keys:
            yield from _changed(one.entries[key].node, other.entries[key].node, part(shape, key))
    else:
        yield one


def _is_same(one: Scalar, other: Scalar, shape: Shape) -> bool:
    if shape.is_expression and isinstance(one.value, str) and isinstance(other.value, str):
        return _words(one.value) == _words(other.value)
    return repr(one.value) == repr(other.value)


def _words(expression: str) -> list[tuple[str, object]]:
    """The words of an expression, without the commas that end a list."""
    tokens = take_apart(expression).tokens
    pairs = [(each.canonical if each.literal is None else repr(each.literal), each.kind) for each in tokens]
    closes = [each.written in ("]", ")") for each in tokens[1:]]
    return [
        pair
        for pair, token, closing in zip(pairs, tokens, [*closes, False], strict=True)
        if not (token.written == "," and closing)
    ]


def same_models(one: Sequence[Model], other: Sequence[Model]) -> bool:
    """Whether models are the same but for the spelling of their conditions."""
    return [_without_words(each) for each in one] == [_without_words(each) for each in other]


def _without_words(model: Model) -> Model:
    return replace(model, conditions=tuple(replace(each, source="") for each in model.conditions))
