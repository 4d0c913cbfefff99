"""Writing files so that nobody ever sees half of one, and nothing of value is overwritten."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path`, replacing what is there; a reader sees the old file or the new one, never a part.

    Raises:
        OSError: it cannot be written; then `path` is as it was.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def write_new(path: Path, data: bytes) -> None:
    """Put `data` at `path`, where nothing may be yet.

    Raises:
        FileExistsError: something is there; it stays as it was.
        OSError: it cannot be written.
    """
    with path.open("xb") as file:
        file.write(data)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
