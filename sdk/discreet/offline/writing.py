"""Decisions into files, batch by batch, by the file's ending."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pyarrow.compute as pc  # type: ignore[import-untyped] # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # it has no types

from .errors import UnreadableVisitors


class DecisionsFile(Protocol):
    """A file that decisions are written to, and that is whole once it is closed."""

    def write(self, batch: Any) -> None:
        """Write a batch of them.

        Raises:
            UnreadableVisitors: a value that is kept beside them has no form in such a file.
        """
        ...

    def close(self) -> None: ...


class _Parquet:
    def __init__(self, path: Path, schema: Any) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, batch: Any) -> None:
        self._writer.write_batch(batch)

    def close(self) -> None:
        self._writer.close()


class _Text:
    """A file of lines, each written by `line` from a decision's record."""

    def __init__(self, path: Path, head: str, line: Callable[[Mapping[str, Any]], str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._line = line
        self._rows = 0
        self._file.write(head)

    def write(self, batch: Any) -> None:
        names = batch.schema.names
        columns = [
            _values(name, column, self._rows) for name, column in zip(names, batch.columns, strict=True)
        ]
        self._file.writelines(
            self._line(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)
        )
        self._rows += batch.num_rows

    def close(self) -> None:
        self._file.close()


def _values(name: str, column: Any, before: int) -> list[Any]:
    """A column's values as Python has them, instants as text.

    Raises:
        UnreadableVisitors: Python has none for one of them; the message says for which decision's, of all that
            `before` were written and these.
    """
    kind = column.type
    if pa.types.is_temporal(kind):
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            column = column.cast(pa.timestamp(kind.unit, tz="UTC"))  # whatever name of a zone the writer had
        with suppress(pa.ArrowException):
            column = pc.cast(column, pa.string())
    found: list[Any] = []
    with suppress(
        ValueError, OverflowError, TypeError, LookupError, NotImplementedError
    ):  # they may quote the value
        found.extend(value.as_py() for value in column)
        return found
    raise UnreadableVisitors(f"`{name}` of decision {before + len(found) + 1} cannot be written as text")


def _finite(value: Any) -> Any:
    """What JSON has no words for is null: NaN and the infinities, wherever they stand."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, list | tuple):
        items: Iterator[Any] = map(_finite, value)
        return list(items)
    if isinstance(value, dict):
        return {str(name): _finite(each) for name, each in value.items()}
    return value


def _csv_line(values: Any) -> str:
    line = io.StringIO()
    cells = [
        "" if value is None else json.dumps(value) if isinstance(value, list) else value for value in values
    ]
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _json_line(record: Mapping[str, Any]) -> str:
    try:
        line = json.dumps(record, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        line = json.dumps(_finite(record), ensure_ascii=False, default=str, allow_nan=False)
    return line + "\n"


def _csv(path: Path, schema: Any) -> DecisionsFile:
    return _Text(path, _csv_line(schema.names), lambda record: _csv_line(record.values()))


def _json_lines(path: Path, _: Any) -> DecisionsFile:
    return _Text(path, "", _json_line)


_KINDS: Final[Mapping[str, Callable[[Path, Any], DecisionsFile]]] = {
    ".parquet": _Parquet,
    ".csv": _csv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}


def check_ending(path: Path) -> None:
    """See that decisions can be written to a file of this ending.

    Raises:
        UnreadableVisitors: it is none that is known.
    """
    if path.suffix.lower() not in _KINDS:
        raise UnreadableVisitors(f"`{path}`: the ending is none of {', '.join(_KINDS)}")


def create_decisions(path: Path, ending: str, schema: Any) -> DecisionsFile:
    """A new file at `path` for batches of one schema, of the kind that `ending` says."""
    return _KINDS[ending.lower()](path, schema)
