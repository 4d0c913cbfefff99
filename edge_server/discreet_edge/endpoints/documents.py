"""JSON from a body: strict, bounded in depth, without keys that stand twice, and never quoted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import orjson

from ..edge_settings import EdgeSettings
from ..problems import Problem, Refused

MAX_DEPTH: Final = 16
_SCALARS: Final = frozenset((str, int, float, bool, type(None)))  # all that JSON has beside objects and lists


def read_object(body: bytes) -> dict[str, Any]:
    """The one JSON object that `body` is.

    Raises:
        Refused: it is not JSON (UTF-8, without NaN and infinities), nests too deep, has a key twice, or is no object.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(Problem.MALFORMED_BODY) from None
    members = _members(document, MAX_DEPTH) if isinstance(document, dict | list) else 0
    # Each key has its colon. Where there are no others, none was lost; else texts have some, or a key stands twice.
    if body.count(b":") != members and not _is_unequivocal(body):
        raise Refused(Problem.MALFORMED_BODY)
    if type(document) is not dict:
        raise Refused(Problem.INVALID_REQUEST)
    return document


def _members(whole: dict[str, Any] | list[Any], levels: int) -> int:
    """How many keys there are in `whole` and everything in it.

    Raises:
        Refused: there is something below so many levels. Nothing goes deeper to find out.
    """
    if levels == 0 and whole:
        raise Refused(Problem.MALFORMED_BODY)
    number = len(whole) if isinstance(whole, dict) else 0
    inner: Iterable[Any] = whole.values() if isinstance(whole, dict) else whole
    for each in inner:
        if type(each) not in _SCALARS:
            number += _members(each, levels - 1)
    return number


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")


def _is_unequivocal(body: bytes) -> bool:
    """Whether no key of this JSON, which is known to be shallow, stands twice. orjson takes the last in silence."""
    try:
        # Numbers stay texts: long ones would take their time.
        json.loads(body.decode(), object_pairs_hook=_once, parse_int=str, parse_float=str)
    except ValueError:
        return False
    return True


def whole(value: object) -> int | None:
    """`value` as a whole number, which JSON may write as `1.0`; None for what is none."""
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def check_names(names: dict[str, Any], settings: EdgeSettings) -> None:
    """Refuse too many attributes, and names that are too long.

    Raises:
        Refused: there are.
    """
    if len(names) > settings.max_attributes or (names and max(map(len, names)) > settings.max_name_length):
        raise Refused(Problem.TOO_MANY_NAMES)
