"""Writing a file whole or not at all: whoever reads its name sees the old file or the new one, never a part."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PART: Final = ".part"
_RANDOM_BYTES: Final = 8


@contextmanager
def whole(path: Path, *, durable: bool = False) -> Generator[Path]:
    """A new, empty file beside `path` that takes its place when the block ends; when it fails, `path` is as it was.

    The new file has the mode that any new file gets here, whatever the old one had.

    Args:
        durable: The new file also survives a loss of power: it and its folder reach the disk before this returns.
    Raises:
        OSError: it cannot be written; named is `path`.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM_BYTES)}{_PART}")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        yield part
        if durable:
            _sync(part, os.O_RDWR)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise
    if durable:
        sync_folder(path.parent)


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put `data` at `path`, replacing what is there: see `whole`."""
    with whole(path, durable=durable) as part:
        part.write_bytes(data)


def sync_folder(folder: Path) -> None:
    """What was renamed or removed in `folder` until now survives a loss of power, where the system can say so."""
    if hasattr(os, "O_DIRECTORY"):
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def remove_parts(path: Path) -> None:
    """Remove what was left beside `path` by processes killed while they wrote it. Only while nobody else writes it."""
    for part in path.parent.glob(f".{path.name}.*{_PART}"):
        with suppress(OSError):
            part.unlink()


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
