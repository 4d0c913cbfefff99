"""What a setting may be: each kind reads a value from a TOML file and from text, and refuses the rest."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

_FLAGS: Final = {"true": True, "false": False}
HIDDEN: Final = "***"


class Kind(Enum):
    """The form of a setting's value; the text is what the settings' table calls it."""

    TEXT = "text"
    FILE = "file"
    PLACE = "file or URL"
    WHOLE = "whole number"
    NUMBER = "number"
    FLAG = "true or false"
    LIST = "list"
    TABLE = "table"


class NotOfKind(ValueError):
    """A value is not what its setting takes; the message says what that would be, never the value."""


def from_toml(kind: Kind, value: object) -> Any:
    """`value` as TOML has it, when it is of `kind`.

    Raises:
        NotOfKind: it is not.
    """
    if not _IS[kind](value):
        raise NotOfKind(f"takes a {kind.value}" if kind is not Kind.FLAG else "takes true or false")
    return value


def from_text(kind: Kind, text: str) -> Any:
    """`text`, from the environment, as a value of `kind`: a list with commas, a table as JSON.

    Raises:
        NotOfKind: it is not one.
    """
    try:
        value = _READ[kind](text.strip())
    except (ValueError, KeyError, RecursionError) as error:
        raise NotOfKind(f"takes {_FORMS.get(kind, f'a {kind.value}')}") from error
    return from_toml(kind, value)


def shown(value: object) -> object:
    """`value` as it may be printed: what a URL carries beside scheme, host and path is left out."""
    if not isinstance(value, str) or "://" not in value:
        return value
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return HIDDEN
    user = f"{HIDDEN}@" if "@" in parts.netloc else ""
    place = f"{user}{f'[{host}]' if ':' in host else host}{port}"
    return urlunsplit((parts.scheme, place, parts.path, HIDDEN if parts.query else "", ""))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values())


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value


_IS: Final[Mapping[Kind, Callable[[object], bool]]] = {
    Kind.TEXT: _is_text,
    Kind.FILE: _is_text,
    Kind.PLACE: _is_text,
    Kind.WHOLE: _is_whole,
    Kind.NUMBER: _is_number,
    Kind.FLAG: lambda value: isinstance(value, bool),
    Kind.LIST: _is_list,
    Kind.TABLE: _is_table,
}
_READ: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.TEXT: str,
    Kind.FILE: str,
    Kind.PLACE: str,
    Kind.WHOLE: int,
    Kind.NUMBER: float,
    Kind.FLAG: lambda text: _FLAGS[text.lower()],
    Kind.LIST: lambda text: [each.strip() for each in text.split(",") if each.strip()],
    Kind.TABLE: json.loads,
}
_FORMS: Final = {
    Kind.FLAG: "`true` or `false`",
    Kind.LIST: "words with commas between them",
    Kind.TABLE: "a JSON object of texts",
}
