"""The lines of a log that a server wrote, one at a time, with its rotated and compressed files."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from discreet.events.json_lines import rotated

MAX_LINE_BYTES = 4 * 1024 * 1024
_EVERY = 1_000  # lines between two reports of progress


class Line(NamedTuple):
    """A line of a log; `text` is None where it is too long, or where a compressed file breaks off."""

    file: str
    number: int
    text: bytes | None


def files_of(logs: Sequence[Path]) -> list[Path]:
    """The files at `logs`, each after those that were rotated away from it, the oldest first; none twice.

    Raises:
        FileNotFoundError: there is no such log.
    """
    found: dict[Path, Path] = {}
    for log in logs:
        for path in rotated(log):
            found.setdefault(path.resolve(strict=True), path)
    return [*found.values()]


def lines_of(files: Sequence[Path], advance: Callable[[int, int], None]) -> Iterator[Line]:
    """Every line that is not empty. `advance` hears how many bytes are read, of how many.

    Raises:
        OSError: a file cannot be read.
    """
    total = sum(os.stat(path).st_size for path in files)
    before = 0
    for path in files:
        with path.open("rb") as raw:
            read = gzip.GzipFile(fileobj=raw).readline if path.suffix == ".gz" else raw.readline
            for number, text in _lines(read):
                if number % _EVERY == 0:
                    advance(min(before + raw.tell(), total), total)
                if text is None or text.strip():
                    yield Line(str(path), number, text)
            before += raw.tell()
    advance(total, total)


def _lines(read: Callable[[int], bytes]) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    while True:
        number += 1
        try:
            text = read(MAX_LINE_BYTES)
            if not text:
                return
            is_whole = text.endswith(b"\n") or len(text) < MAX_LINE_BYTES
            while not text.endswith(b"\n") and len(text) == MAX_LINE_BYTES:
                text = read(MAX_LINE_BYTES)  # the rest of what is too long
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield number, None
            return
        yield number, text if is_whole else None
