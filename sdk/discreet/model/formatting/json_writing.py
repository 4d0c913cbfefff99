"""A JSON file laid out anew: two spaces a step, and on one line what holds nothing but a few plain values."""

from __future__ import annotations

import json

from ..nodes import Items, Node, Scalar, Table
from ..source import CONTROL
from .order import Shape, part, rank
from .spelling import respelled

MAX_WIDTH = 100


def write_json(node: Node, shape: Shape) -> str:
    """The text of `node`, with line feeds, one of them at its end."""
    return _written(node, shape, 0) + "\n"


def _written(node: Node, shape: Shape, indent: int) -> str:
    if isinstance(node, Items):
        parts = [_written(each, part(shape, None), indent + 2) for each in node.items]
        return _bracketed("[]", parts, indent, is_flat=_is_flat(node))
    if isinstance(node, Table):
        keys = sorted(node.entries, key=lambda key: rank(shape, key))
        values = {key: _written(node.entries[key].node, part(shape, key), indent + 2) for key in keys}
        parts = [f"{_text(key)}: {value}" for key, value in values.items()]
        return _bracketed("{}", parts, indent, is_flat=_is_flat(node))
    return _scalar(node, shape) if isinstance(node, Scalar) else "null"


def _is_flat(node: Items | Table) -> bool:
    inner = node.items if isinstance(node, Items) else [each.node for each in node.entries.values()]
    return all(isinstance(each, Scalar) for each in inner)


def _bracketed(brackets: str, parts: list[str], indent: int, *, is_flat: bool) -> str:
    line = f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
    if not parts or (is_flat and indent + len(line) <= MAX_WIDTH):
        return line
    space = "\n" + " " * (indent + 2)
    return f"{brackets[0]}{space}{f',{space}'.join(parts)}{space[:-2]}{brackets[1]}"


def _scalar(node: Scalar, shape: Shape) -> str:
    if shape.is_expression and isinstance(node.value, str):
        return _text(respelled(node.value))
    if node.origin is not None:  # numbers and escapes stay as they were written
        return node.origin.source.text[node.origin.start : node.origin.end]
    return json.dumps(node.value)


def _text(text: str) -> str:
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
