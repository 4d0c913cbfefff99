"""JSON lines of visitors: one strict JSON object a line. A value may be `{"value": ..., "observed": ISO}`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from discreet_consent import Observed
from discreet_consent.values import epoch_ms

from .columns import array_of
from .errors import UnreadableVisitors

_OBSERVED: Final = frozenset({"value", "observed"})
_MOST_DIGITS: Final = 400  # no double has as many
MAX_LINE: Final = 4 * 1024 * 1024  # bytes


class JsonVisitors:
    """The rows of a file of JSON lines, in batches; UTF-8, blank lines are skipped.

    Raises:
        OSError: it cannot be read.
    """

    rows: int | None = None  # nobody has counted them
    columns: list[str] | None = None  # nobody has read them

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb"):
            pass

    def batches(self, columns: Collection[str], rows: int, texts: Collection[str] = ()) -> Iterator[Any]:
        """At most so many rows at a time, with all names that their lines have; the values of `columns` alone.

        Those in `texts` alone are text, or the JSON that they are; what nobody has is null.

        Raises:
            UnreadableVisitors: a line is not one JSON object; the message has its number.
        """
        kept: list[dict[str, Any]] = []
        for line in self._lines():
            kept.append(line)
            if len(kept) == rows:
                yield _batch(kept, columns, texts)
                kept = []
        if kept:
            yield _batch(kept, columns, texts)

    def _lines(self) -> Iterator[dict[str, Any]]:
        with self._path.open("rb") as source:
            number = 0
            while line := source.readline(MAX_LINE + 1):
                number += 1
                visitor = _read(line)
                if isinstance(
                    visitor, str
                ):  # said here, and not where it was found: a cause would quote the line
                    raise UnreadableVisitors(f"`{self._path}`, line {number}: {visitor}")
                if visitor is not None:
                    yield visitor


def _batch(lines: Sequence[dict[str, Any]], columns: Collection[str], texts: Collection[str]) -> Any:
    came = dict.fromkeys(name for line in lines for name in line)
    names = list(dict.fromkeys([*texts, *filter(_is_text, came)]))  # a name that is no text is nobody's
    arrays: list[Any] = []
    for name in names:
        if name in columns:  # even where it is a signal too: it is the same value to both
            arrays.append(array_of([line.get(name) for line in lines]))
        elif name in texts:
            arrays.append(pa.array([_text(line.get(name)) for line in lines], pa.string()))
        else:
            arrays.append(pa.nulls(len(lines)))
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _text(value: object) -> str | None:
    text = value if value is None or isinstance(value, str) else json.dumps(value, default=lambda _: None)
    return None if text is None else _as_text(text)


def _is_text(name: str) -> bool:
    return name == _as_text(name)


def _as_text(text: str) -> str:
    """The text, with `?` for lone surrogates."""
    return text.encode(errors="replace").decode()


def _read(line: bytes) -> dict[str, Any] | str | None:
    """The object of one line, None for a blank one, or what is wrong with it."""
    try:
        return _object(line)
    except ValueError as error:
        return str(error)


def _object(line: bytes) -> dict[str, Any] | None:
    """The object of one line; None for a blank one. Raises ValueError with what is wrong, and no value."""
    if len(line) > MAX_LINE:
        raise ValueError(f"longer than {MAX_LINE} bytes")
    try:
        text = line.decode().removeprefix("\N{BYTE ORDER MARK}").strip()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if not text:
        return None
    try:
        found = json.loads(text, object_pairs_hook=_members, parse_constant=_refuse, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at column {error.colno}") from None
    except RecursionError:
        raise ValueError("it nests too deep") from None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return {name: _value(name, value) for name, value in found.items()}


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def _whole(digits: str) -> int | float:
    """A whole number; one far beyond the doubles, which Python may refuse to read, is an infinity."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _refuse(_: str) -> NoReturn:
    raise ValueError("NaN and infinities have no place in JSON")


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, dict) or value.keys() != _OBSERVED:
        return value
    instant_ms = epoch_ms(value["observed"]) if isinstance(value["observed"], str) else None
    if instant_ms is None:
        raise ValueError(f"`observed` of `{_as_text(name)}` is not an ISO 8601 instant with an offset")
    return Observed(value["value"], at_s=instant_ms / 1_000)
