"""CSV files of visitors. A cell is text, and its attribute's declaration says what it stands for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pyarrow.compute as pc  # type: ignore[import-untyped] # it has no types
import pyarrow.csv as pcsv  # type: ignore[import-untyped] # it has no types

from discreet_consent import AttributeType, Catalogue

from .columns import array_of
from .errors import UnreadableVisitors

_BYTES_A_ROW: Final = 128  # about; a block of the file holds about as many rows as a batch


class CsvVisitors:
    """The rows of a CSV file with a line of names, in batches; UTF-8, quoted as RFC 4180 says.

    An empty cell is null, a quoted empty one the empty text. A cell of a number, boolean or set is its JSON.

    Raises:
        UnreadableVisitors: there is no line of names.
        OSError: it cannot be read.
    """

    rows: int | None = None  # nobody has counted them

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self._path = path
        self._kinds: Mapping[str, AttributeType] = {each.name: each.type for each in catalogue}
        with path.open("rb") as source:
            head = source.readline()
        try:
            self.columns: list[str] = pcsv.read_csv(pa.BufferReader(head)).schema.names
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise UnreadableVisitors(f"`{path}` does not begin with a line of names") from error

    def batches(self, columns: Collection[str], rows: int, texts: Collection[str] = ()) -> Iterator[Any]:
        """The named columns, about so many rows at a time; those in `texts` as they are written.

        Raises:
            UnreadableVisitors: a row is not like the others, or not UTF-8; the message has the number before it.
        """
        wanted = [name for name in dict.fromkeys(self.columns) if name in columns or name in texts]
        number = 0
        try:
            with self._open(wanted or self.columns[:1], rows) as source:  # none at all would be all of them
                for batch in source:
                    number += batch.num_rows
                    yield self._typed(batch)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise UnreadableVisitors(
                f"`{self._path}`: a row after row {number} is not CSV in UTF-8"
            ) from error

    def _open(self, wanted: list[str], rows: int) -> Any:
        return pcsv.open_csv(
            self._path,
            read_options=pcsv.ReadOptions(block_size=rows * _BYTES_A_ROW),
            parse_options=pcsv.ParseOptions(newlines_in_values=True),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    def _typed(self, batch: Any) -> Any:
        arrays = [
            _READERS.get(self._kinds.get(name), _as_text)(column)
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _as_text(cells: Any) -> Any:
    return cells


def _numbers(cells: Any) -> Any:
    try:
        return pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        return _by_json(cells)


def _booleans(cells: Any) -> Any:
    words = cells.dictionary_encode()
    known = {"true": True, "false": False}
    if all(word in known for word in words.dictionary.to_pylist()):
        meant = pa.array([known[word] for word in words.dictionary.to_pylist()], pa.bool_())
        return pa.DictionaryArray.from_arrays(words.indices, meant)
    return _by_json(cells)


def _by_json(cells: Any) -> Any:
    """Each different cell as the JSON that it is; one that is none stays text, which is malformed."""
    words = cells.dictionary_encode()
    meant = [_json(word) for word in words.dictionary.to_pylist()]
    return array_of([None if place is None else meant[place] for place in words.indices.to_pylist()])


def _json(cell: str) -> object:
    try:
        value: object = json.loads(cell, parse_constant=str)
    except (ValueError, RecursionError):
        return cell
    return cell if value is None else value


def _datetimes(cells: Any) -> Any:
    """Text as it is; a cell that is a number is epoch milliseconds."""
    words = cells.dictionary_encode()
    texts = words.dictionary.to_pylist()
    if any(word.lstrip("-")[:4].isdigit() and "-" not in word[1:] for word in texts):
        meant = [value if type(value := _json(word)) in (int, float) else word for word in texts]
        return array_of([None if place is None else meant[place] for place in words.indices.to_pylist()])
    return words


_READERS: Final[Mapping[AttributeType | None, Callable[[Any], Any]]] = {
    AttributeType.NUMBER: _numbers,
    AttributeType.BOOLEAN: _booleans,
    AttributeType.STRINGS: _by_json,
    AttributeType.DATETIME: _datetimes,
}
