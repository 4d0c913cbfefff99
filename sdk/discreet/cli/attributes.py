"""A visitor's attributes from the command line: strict JSON. No message quotes a value."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from discreet_consent import Observed
from discreet_consent.values import epoch_ms

from ..errors import DiscreetError

MAX_CHARACTERS = 4 * 1024 * 1024


class UnreadableAttributes(DiscreetError):
    """The attributes are not what `--attributes` takes. The message may hold names, never a value."""


class _Members(list[tuple[str, Any]]):
    """A JSON object as its members in order, so that a key that stands twice is still to be seen."""


def read_attributes(given: str) -> dict[str, Any]:
    """Read attributes from JSON text, from `@file`, or from `-`, the standard input. A byte order mark is skipped.

    A value may be `{"value": ..., "observed": ISO}`, to say when it was observed.

    Raises:
        UnreadableAttributes: it is not one strict JSON object: malformed, a key twice, NaN, an infinity.
        OSError: the file cannot be read.
    """
    members = _parse(_text(given).removeprefix("\N{BYTE ORDER MARK}"))
    if not isinstance(members, _Members):
        raise UnreadableAttributes("the attributes must be a JSON object of names and values")
    attributes: dict[str, Any] = {}
    for name, value in members:
        if name in attributes:
            raise UnreadableAttributes(f"attribute `{name}` is given twice")
        attributes[name] = _value(name, value)
    return attributes


def _text(given: str) -> str:
    try:
        if given == "-":
            return sys.stdin.read(MAX_CHARACTERS + 1)
        if given.startswith("@"):
            with Path(given[1:]).open(encoding="utf-8") as file:
                return file.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise UnreadableAttributes("the attributes are not UTF-8 text") from error
    return given


def _parse(text: str) -> object:
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAttributes(f"the attributes are longer than {MAX_CHARACTERS} characters")
    try:
        return json.loads(text, object_pairs_hook=_Members, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnreadableAttributes(f"the attributes are not JSON: {place}") from None
    except (ValueError, RecursionError):
        raise UnreadableAttributes(
            "the attributes cannot be read: a number is too long, or it nests too deep"
        ) from None


def _refuse_constant(_: str) -> NoReturn:
    raise UnreadableAttributes("the attributes are not JSON: NaN and infinities have no place in it")


def _value(name: str, value: object) -> object:
    if not isinstance(value, _Members):
        return _plain(value)
    fields: Mapping[str, Any] = dict(value)
    if len(fields) != len(value) or fields.keys() != {"value", "observed"}:
        raise UnreadableAttributes(f'attribute `{name}`: an object must be {{"value": ..., "observed": ...}}')
    observed = fields["observed"]
    instant_ms = epoch_ms(observed) if isinstance(observed, str) else None
    if instant_ms is None:
        raise UnreadableAttributes(
            f"attribute `{name}`: `observed` is not an ISO 8601 instant with an offset"
        )
    return Observed(_plain(fields["value"]), at_s=instant_ms / 1000)


def _plain(value: object) -> object:
    """The value as it is; objects in depths where none belongs become dicts, which `permit` calls malformed."""
    return dict(value) if isinstance(value, _Members) else value
