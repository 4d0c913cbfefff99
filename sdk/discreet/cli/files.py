"""Writing files so that nobody ever sees half of one, and nothing of value is overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import DiscreetError
from ..files import write_whole

_HEAD_BYTES = 4_096
_SECRET = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")


class OutputRefused(DiscreetError):
    """The file that a command was told to write holds something that must not be lost."""


def check_output(output: Path, read: Iterable[Path] = ()) -> None:
    """See that `output` may be written by a command that reads the files `read`.

    Raises:
        OutputRefused: it is one of them, under whatever name; it is a private key; or it is no regular file.
        OSError: something is there that cannot be looked at.
    """
    if not output.exists():
        return
    if not output.is_file():
        raise OutputRefused(f"`{output}` is not a regular file; name another output")
    if is_secret(output):
        raise OutputRefused(f"`{output}` is a private key, which is never overwritten; name another output")
    for path in read:
        if path.exists() and path.samefile(output):
            raise OutputRefused(f"`{output}` is also read by this command; name another output")


def check_drawn(output: Path, mark: str) -> None:
    """See that `output` is new, empty, or a file that was drawn by us: one that begins or ends with our `mark`.

    Raises:
        OutputRefused: it is another file.
        OSError: something is there that cannot be looked at.
    """
    if not output.exists():
        return
    data = output.read_bytes()
    if data and mark.encode() not in data[:_HEAD_BYTES] and not data.rstrip().endswith(mark.encode()):
        raise OutputRefused(f"`{output}` is there, and was not drawn by discreet; name another output")


def is_secret(path: Path) -> bool:
    """Whether the file at `path` begins as a private key in PEM does."""
    with path.open("rb") as file:
        return _SECRET.search(file.read(_HEAD_BYTES)) is not None


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`, replacing what is there; a reader sees the old file or the new one, never a part.

    Raises:
        OutputRefused: what is there is a private key, or no regular file.
        OSError: it cannot be written; then `path` is as it was.
    """
    check_output(path)
    write_whole(path, data)


def write_new(path: Path, data: bytes) -> None:
    """Put `data` at `path`, where nothing may be yet.

    Raises:
        FileExistsError: something is there; it stays as it was.
        OSError: it cannot be written.
    """
    with path.open("xb") as file:
        file.write(data)
