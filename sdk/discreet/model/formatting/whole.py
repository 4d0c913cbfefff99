"""A file in its one layout: read, laid out, read again, and given back only if it still says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from discreet.errors import DiscreetError

from ..lexing import take_apart
from ..nodes import Items, Node, Scalar, Table
from ..report import Report
from ..source import read_bytes
from ..types import Model
from .json_writing import write_json
from .layout import Group
from .order import Shape, keep_head, part, put_in_order, rank, shape_of
from .reading import read_page
from .writing import write_page

_MARK = "\ufeff"


class LayoutRefused(DiscreetError):
    """Laying the file out anew would change what it says; it is a mistake of this package, not of the author."""


def formatted(data: bytes, file: str) -> bytes:
    """The file `data`, called `file`, in the one layout of the format; it says what it said, with every comment.

    JSON when `file` ends in `.json`, else YAML. A byte order mark stays, and so do the line ends of the first line.

    Raises:
        ModelError: with every problem that the file has for itself. Names are not looked up.
        LayoutRefused: this text cannot be laid out; no case of it is known.
        MissingExtra: it is YAML, and the extra `author` is not installed.
    """
    node = _sound(data, file)
    text = data.decode("utf-8")
    mark, text = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    ends = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    shape = shape_of(is_table=isinstance(node, Table))
    laid_out = write_json(node, shape) if file.lower().endswith(".json") else _write_yaml(text, shape)
    again = (mark + laid_out.replace("\n", ends)).encode("utf-8")
    if not _says_the_same(node, again, file, shape):
        raise LayoutRefused(f"`{file}` stays as it is: laid out anew it would not say the same")
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


def is_model(data: bytes, file: str) -> bool:
    """Whether the sound file `data` is a model, and not an included file or scenarios."""
    node = read_bytes(data, file, Report())
    return isinstance(node, Table) and "model" in node.entries


# -- the same


def _says_the_same(node: Node, data: bytes, file: str, shape: Shape) -> bool:
    report = Report()
    again = read_bytes(data, file, report)
    return again is not None and not report.problems and _same(node, again, shape)


def _same(one: Node, other: Node, shape: Shape) -> bool:
    """Whether two trees say the same, in the same order but for the keys of the format."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        if shape.is_expression and isinstance(one.value, str) and isinstance(other.value, str):
            return _words(one.value) == _words(other.value)
        return repr(one.value) == repr(other.value)
    if isinstance(one, Items) and isinstance(other, Items):
        inner = part(shape, None)
        pairs = zip(one.items, other.items, strict=False)
        return len(one.items) == len(other.items) and all(_same(a, b, inner) for a, b in pairs)
    if isinstance(one, Table) and isinstance(other, Table):
        keys = sorted(one.entries, key=lambda key: rank(shape, key))
        return keys == list(other.entries) and all(
            _same(one.entries[key].node, other.entries[key].node, part(shape, key)) for key in keys
        )
    return False


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
