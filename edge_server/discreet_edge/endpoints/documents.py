"""JSON from a body: strict, bounded in depth, without keys that stand twice, and never quoted."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from ..edge_settings import EdgeSettings
from ..problems import Problem, Refused

MAX_DEPTH: Final = 16


def read_object(body: bytes) -> dict[str, Any]:
    """The one JSON object that `body` is.

    Raises:
        Refused: it is not JSON (UTF-8, without NaN and infinities), nests too deep, has a key twice, or is no object.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(Problem.MALFORMED_BODY) from None
    # Fewer brackets than the bound cannot nest deeper: most bodies are done with two counts.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and not _is_shallow(document):
        raise Refused(Problem.MALFORMED_BODY)
    # Each key has its colon. Where there are no others, none was lost; else texts have some, or a key stands twice.
    if body.count(b":") != _members(document) and not _is_unequivocal(body):
        raise Refused(Problem.MALFORMED_BODY)
    if type(document) is not dict:
        raise Refused(Problem.INVALID_REQUEST)
    return document


def _is_shallow(document: object) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        level = [
            each
            for whole in level
            if isinstance(whole, dict | list)
            for each in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return True
    return False


def _members(document: Any) -> int:
    """How many keys there are in all objects together."""
    number, waiting = 0, [document]
    for each in waiting:
        if type(each) is dict:
            number += len(each)
            waiting += [value for value in each.values() if type(value) is dict or type(value) is list]
        elif type(each) is list:
            waiting += [value for value in each if type(value) is dict or type(value) is list]
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
