"""Replacing files that belong to somebody: whole or not at all, and with the mode and owner that they had."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..files import whole
from .files import OutputRefused, check_output


def replace_all(files: Mapping[Path, bytes]) -> None:
    """Put new content into existing files, each under the name to which its path leads.

    Mode and owner stay, and nobody reads the new content who might not read the old. A further name of the same
    file (a hard link) keeps the old one.

    Raises:
        OutputRefused: a file is read-only for everybody, no regular one, or a private key; then none is written.
        OSError: a file cannot be written; then those behind it are as they were.
    """
    for path in files:
        check_output(path)
        if not path.stat().st_mode & 0o222:
            raise OutputRefused(f"`{path}` is read-only")
    for path, data in files.items():
        _replace(path.resolve(), data)


def _replace(real: Path, data: bytes) -> None:
    was = real.stat()
    with whole(real, durable=True) as part:
        part.unlink()  # whoever has opened it while everybody could shall see nothing
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        if hasattr(os, "chown"):
            with suppress(PermissionError):  # only root may give a file away
                os.chown(part, was.st_uid, was.st_gid)
        part.chmod(stat.S_IMODE(was.st_mode))
