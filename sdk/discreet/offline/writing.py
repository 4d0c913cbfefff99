"""Decisions into files, batch by batch, by the file's ending."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow.parquet as pq  # type: ignore[import-untyped] # it has no types

from .errors import UnreadableVisitors


class DecisionsFile(Protocol):
    """A file that decisions are written to, and that is whole once it is closed."""

    def write(self, batch: Any) -> None: ...

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
        self._file.write(head)

    def write(self, batch: Any) -> None:
        self._file.writelines(map(self._line, batch.to_pylist()))

    def close(self) -> None:
        self._file.close()


def _csv_line(values: Any) -> str:
    line = io.StringIO()
    cells = [
        "" if value is None else json.dumps(value) if isinstance(value, list) else value for value in values
    ]
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _json_line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, default=str) + "\n"


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
