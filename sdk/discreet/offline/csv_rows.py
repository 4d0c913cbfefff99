"""CSV files of visitors. A cell is text, and its attribute's declaration says what it stands for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pyarrow.compute as pc  # type: ignore[import-untyped] # it has no types
import pyarrow.csv as pcsv  # type: ignore[import-untyped] # it has no types

from discreet_consent import AttributeType, Catalogue

from .columns import array_of
from .errors import UnreadableVisitors

_NUMBER: Final = r"^[ \t\r\n]*-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?[ \t\r\n]*$"  # in JSON
_QUOTED: Final = pcsv.ParseOptions(newlines_in_values=True)
_MOST_OF_HEAD: Final = 1 << 20  # bytes
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
            names = _names(_head(source))
        if names is None:  # said here, and not where it was found: Arrow's own error quotes the line
            raise UnreadableVisitors(f"`{path}` does not begin with a line of names")
        self.columns = names

    def batches(self, columns: Collection[str], rows: int, texts: Collection[str] = ()) -> Iterator[Any]:
        """The named columns, about so many rows at a time; those in `texts` as they are written.

        Raises:
            UnreadableVisitors: a row is not like the others, or not UTF-8; the message has the number before it.
        """
        wanted = [name for name in dict.fromkeys(self.columns) if name in columns or name in texts]
        number = 0
        with suppress(
            pa.ArrowException, UnicodeDecodeError
        ):  # they quote the row: nothing of them goes any further
            with self._open(wanted or self.columns[:1], rows) as source:  # none at all would be all of them
                for batch in source:
                    typed = self._typed(batch)
                    number += batch.num_rows
                    yield typed
            return
        raise UnreadableVisitors(f"`{self._path}`: a row after row {number} is not CSV in UTF-8")

    def _open(self, wanted: list[str], rows: int) -> Any:
        return pcsv.open_csv(
            self._path,
            read_options=pcsv.ReadOptions(block_size=rows * _BYTES_A_ROW),
            parse_options=_QUOTED,
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


def _head(source: IO[bytes]) -> bytes:
    """The line of names, of which a quoted one may have several."""
    head = source.readline(_MOST_OF_HEAD)
    while head.count(b'"') % 2 and len(head) < _MOST_OF_HEAD and (line := source.readline(_MOST_OF_HEAD)):
        head += line
    return head


def _names(head: bytes) -> list[str] | None:
    """The names in the first line; None where it is none."""
    try:
        names: list[str] = pcsv.read_csv(pa.BufferReader(head), parse_options=_QUOTED).schema.names
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    return names


# What a cell is depends on nothing but the cell and its attribute's declaration: another row's cell must not change it.


def _as_text(cells: Any) -> Any:
    return cells


def _numbers(cells: Any) -> Any:
    """Arrow reads the numbers of JSON as Python does; it also reads others, so it is asked about these alone."""
    if all(_are_numbers(cells.dictionary_encode().dictionary)):
        with suppress(pa.ArrowInvalid):
            return pc.cast(cells, pa.float64())
    return _by_json(cells)


def _are_numbers(words: Any) -> list[bool]:
    options = pc.MatchSubstringOptions(_NUMBER)
    found: list[bool] = pc.call_function("match_substring_regex", [words], options).to_pylist()
    return found


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
    """A cell that is a number in JSON is epoch milliseconds; any other is text as it is."""
    words = cells.dictionary_encode()
    are_numbers = _are_numbers(words.dictionary)
    if not any(are_numbers):
        return words
    texts = words.dictionary.to_pylist()
    meant = [_json(word) if is_number else word for word, is_number in zip(texts, are_numbers, strict=True)]
    return array_of([None if place is None else meant[place] for place in words.indices.to_pylist()])


_READERS: Final[Mapping[AttributeType | None, Callable[[Any], Any]]] = {
    AttributeType.NUMBER: _numbers,
    AttributeType.BOOLEAN: _booleans,
    AttributeType.STRINGS: _by_json,
    AttributeType.DATETIME: _datetimes,
}
