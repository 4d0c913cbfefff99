"""Packing offers' content: JSON values as they are, strings with tokens as templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from discreet.model import Token, parse_template
from discreet.runtime.wire import pack, template

if TYPE_CHECKING:
    import msgpack


def pack_content(content: object, attributes: Mapping[str, int]) -> tuple[bytes, frozenset[int]]:
    """The packed content, and the numbers of the attributes that its tokens read."""
    tokens: set[int] = set()
    packed = pack(_portable(content, attributes, tokens))
    return packed, frozenset(tokens)


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
