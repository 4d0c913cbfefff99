"""Parquet files of visitors, one row group after the other, and of decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # it has no types

from .errors import UnreadableVisitors


class ParquetVisitors:
    """The rows of a Parquet file, in batches.

    Raises:
        UnreadableVisitors: it is no Parquet file.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows: int | None = None
        with suppress(pa.ArrowException), path.open("rb") as source:
            self._schema = pq.read_schema(source)
            self.rows = pq.read_metadata(path).num_rows
        if self.rows is None:
            raise UnreadableVisitors(f"`{path}` is not a Parquet file")

    @property
    def columns(self) -> list[str]:
        names: list[str] = self._schema.names
        return names

    def batches(self, columns: Collection[str], rows: int, texts: Collection[str] = ()) -> Iterator[Any]:
        """The named columns, at most so many rows at a time; those in `texts` as the file has them.

        Raises:
            UnreadableVisitors: the file is damaged; the message has the number of the row before.
        """
        wanted = [name for name in dict.fromkeys(self.columns) if name in columns or name in texts]
        repeated = [each.name for each in self._schema if each.name in columns and each.type == pa.string()]
        number, failed = 0, False
        try:
            with pq.ParquetFile(self._path, read_dictionary=repeated) as source:
                for batch in source.iter_batches(batch_size=rows, columns=wanted):
                    number += batch.num_rows
                    yield batch
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the system's; Arrow's own has none
                raise
            failed = True  # to be said outside: what Arrow says may quote a row
        if failed:
            raise UnreadableVisitors(f"`{self._path}`: damaged after row {number}")
