"""Where bundles come from: whatever has a name and can be asked. A file that is looked at often, but seldom read."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from discreet.runtime.wire import MAX_BUNDLE_BYTES

from .errors import SourceError

_SETTLED_S: Final = 2.0  # coarser than any file system's clock
_Stamp: TypeAlias = tuple[int, int, int, int, int]


class BundleSource(Protocol):
    """Where bundles come from."""

    @property
    def name(self) -> str:
        """For people: in logs and status. It shows no credential."""
        ...

    def fetch(self) -> bytes | None:
        """The bundle's bytes; None where they are those that the last call but those that failed returned.

        It may block, and is called by one thread at a time.

        Raises:
            SourceError: it cannot be read now.
        """
        ...


class FileSource:
    """A bundle file. It is read when its time, size or place on the disk changed.

    A file that was written a moment ago is read again at the next look: a file system's clock may be too coarse to
    tell that it was still being written.

    Args:
        clock_s: Unix seconds, by the clock of the file system.
    """

    def __init__(self, path: str | os.PathLike[str], *, clock_s: Callable[[], float] = time.time) -> None:
        self._path = Path(path)
        self._clock_s = clock_s
        self._seen: _Stamp | None = None

    def __repr__(self) -> str:
        return f"FileSource({self.name!r})"

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self._path)

    def fetch(self) -> bytes | None:
        """The file's bytes; None where it is as it was.

        Raises:
            SourceError: it is not there, cannot be read, is no regular file, or is larger than any bundle.
        """
        try:
            if self._seen is not None and _stamp(os.stat(self._path)) == self._seen:
                return None
            return self._read()
        except OSError as error:
            raise SourceError(
                f"`{self.name}` cannot be read: {error.strerror or 'no reason given'}"
            ) from error

    def _read(self) -> bytes:
        # A pipe or a device must not make us wait: `O_NONBLOCK` says nothing of regular files.
        handle = os.open(self._path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise SourceError(f"`{self.name}` is not a regular file")
            data = file.read(MAX_BUNDLE_BYTES + 1)
            if len(data) > MAX_BUNDLE_BYTES:
                raise SourceError(f"`{self.name}` is larger than {MAX_BUNDLE_BYTES} bytes")
            after = os.fstat(handle)
        is_settled = _stamp(before) == _stamp(after) and abs(self._clock_s() - after.st_mtime) > _SETTLED_S
        self._seen = _stamp(after) if is_settled else None
        return data


def _stamp(found: os.stat_result) -> _Stamp:
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)
