"""Files of visitors, by their ending."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from discreet_consent import Catalogue

from .csv_rows import CsvVisitors
from .errors import UnreadableVisitors
from .json_lines import JsonVisitors
from .parquet import ParquetVisitors


class Visitors(Protocol):
    """A file of visitors.

    Attributes:
        rows: How many there are; None: nobody has counted them.
        columns: The names of the columns; None: nobody has read them.
    """

    @property
    def rows(self) -> int | None: ...

    @property
    def columns(self) -> list[str] | None: ...

    def batches(self, columns: Collection[str], rows: int, texts: Collection[str] = ()) -> Iterator[Any]:
        """Record batches of about so many rows, with the named columns; those in `texts` are no attributes.

        The file is never in memory as a whole.

        Raises:
            UnreadableVisitors: the file is not what its ending says; the message has the place.
        """
        ...


_KINDS: Final[Mapping[str, Callable[[Path, Catalogue], Visitors]]] = {
    ".parquet": lambda path, _: ParquetVisitors(path),
    ".csv": CsvVisitors,
    ".jsonl": lambda path, _: JsonVisitors(path),
    ".ndjson": lambda path, _: JsonVisitors(path),
}
ENDINGS: Final = tuple(_KINDS)


def open_visitors(path: Path, catalogue: Catalogue) -> Visitors:
    """The visitors in the file at `path`; its ending says what it is.

    Raises:
        UnreadableVisitors: the ending is none of `ENDINGS`, or the file is not what it says.
        OSError: it cannot be read.
    """
    make = _KINDS.get(path.suffix.lower())
    if make is None:
        raise UnreadableVisitors(f"`{path}`: the ending is none of {', '.join(ENDINGS)}")
    return make(path, catalogue)
