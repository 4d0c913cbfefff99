"""Reading a file that anybody may have put there: a pipe does not make us wait, and nothing stays open."""

from __future__ import annotations

import errno
import os
import stat
from typing import Final, TypeAlias

Stamp: TypeAlias = tuple[int, int, int, int, int]

# `O_NONBLOCK` says nothing of regular files; without it, opening a pipe waits for somebody who writes.
GUARDED: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)


class NotAFile(OSError):
    """It is a folder, a pipe, a device."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "not a regular file")


def opened(path: str | os.PathLike[str], flags: int) -> int:
    """A handle on the regular file at `path`; what is none is not left open.

    Raises:
        OSError: it cannot be opened.
        NotAFile: it is something else.
    """
    handle = os.open(path, flags | GUARDED, 0o666)
    try:
        is_file = stat.S_ISREG(os.fstat(handle).st_mode)
    except OSError:
        os.close(handle)
        raise
    if not is_file:
        os.close(handle)
        raise NotAFile
    return handle


def read_at_most(path: str | os.PathLike[str], most: int, *, flags: int = 0) -> tuple[bytes, Stamp, Stamp]:
    """The first `most + 1` bytes of a regular file, and its stamps before and after they were read.

    Raises:
        OSError: it cannot be read.
    """
    with os.fdopen(opened(path, os.O_RDONLY | flags), "rb") as file:
        before = stamp(os.fstat(file.fileno()))
        data = file.read(most + 1)
        return data, before, stamp(os.fstat(file.fileno()))


def stamp(found: os.stat_result) -> Stamp:
    """What tells one state of a file from another: times, size and place on the disk."""
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)
