"""JSON from a body: strict, bounded in depth, and never quoted. Of a key that stands twice the last counts."""

from __future__ import annotations

from typing import Any, Final

import orjson

from ..edge_settings import EdgeSettings
from ..problems import Problem, Refused

MAX_DEPTH: Final = 16


def read_object(body: bytes) -> dict[str, Any]:
    """The one JSON object that `body` is.

    Raises:
        Refused: it is not JSON (UTF-8, without NaN and infinities), nests too deep, or is no object.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(Problem.MALFORMED_BODY) from None
    # Fewer brackets than the bound cannot nest deeper: most bodies are done with two counts.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and not _is_shallow(document):
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
