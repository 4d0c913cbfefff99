"""Packing offers' content: JSON values as they are, strings with tokens as templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from discreet.model import Token, parse_template
from discreet.runtime.contents import MAX_KEYS, MAX_SHAPES
from discreet.runtime.wire import pack, template

if TYPE_CHECKING:
    import msgpack


MANY = 8  # contents with the same keys that are worth columns of their own
_FLAT = frozenset((str, int, float, bool, type(None)))


def portable_content(
    content: Mapping[str, object], attributes: Mapping[str, int]
) -> tuple[Mapping[str, object], frozenset[int]]:
    """The content as it travels, and the numbers of the attributes that its tokens read."""
    tokens: set[int] = set()
    return {key: _portable(content[key], attributes, tokens) for key in content}, frozenset(tokens)


def shaped(contents: Sequence[Mapping[str, object]]) -> tuple[list[object], list[int]]:
    """The contents by their shapes, as the wire has them, and for each content the number of its shape.

    Flat contents whose keys many share become columns; the others are packed each.
    """
    keys_of = [_keys(content) for content in contents]
    counts = Counter(keys_of)
    own: dict[tuple[str, ...] | None, int] = {}
    numbers: dict[tuple[str, ...] | None, int] = {}
    for keys in keys_of:
        worth_columns = keys is not None and counts[keys] >= MANY and len(keys) <= MAX_KEYS
        shape = keys if worth_columns and (keys in numbers or len(numbers) < MAX_SHAPES - 1) else None
        own[keys] = numbers.setdefault(shape, len(numbers))
    shape_of = [own[keys] for keys in keys_of]
    shapes: list[object] = []
    for keys, number in numbers.items():
        these = [content for content, shape in zip(contents, shape_of, strict=True) if shape == number]
        columns = (
            [[pack(each) for each in these]] if keys is None else [[c[key] for c in these] for key in keys]
        )
        shapes.append([None if keys is None else list(keys), columns])
    return shapes, shape_of


def _keys(content: Mapping[str, object]) -> tuple[str, ...] | None:
    """The keys of a flat content, in their order; None for one that is not flat."""
    return tuple(content) if _FLAT.issuperset(map(type, content.values())) else None


def _portable(value: object, attributes: Mapping[str, int], tokens: set[int]) -> object:
    if isinstance(value, str):
        return _string(value, attributes, tokens)
    if isinstance(value, Mapping):
        return {key: _portable(value[key], attributes, tokens) for key in value}
    if isinstance(value, (list, tuple)):
        return [_portable(each, attributes, tokens) for each in value]
    return value


def _string(text: str, attributes: Mapping[str, int], tokens: set[int]) -> str | msgpack.ExtType:
    parts = parse_template(text)
    if not any(isinstance(part, Token) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    portable: list[object] = []
    for part in parts:
        if isinstance(part, Token):
            number = attributes[part.attribute]
            tokens.add(number)
            portable.append([number, part.default])
        else:
            portable.append(part)
    return template(portable)
