"""Where bundles come from: whatever has a name and can be asked. A file that is looked at often, but seldom read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from discreet.runtime.wire import MAX_BUNDLE_BYTES

from .errors import SourceError
from .reading import Stamp, read_at_most, stamp

_SETTLED_S: Final = 2.0  # coarser than any file system's clock


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
        self._seen: Stamp | None = None

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
            if self._seen is not None and stamp(os.stat(self._path)) == self._seen:
                return None
            data, before, after = read_at_most(self._path, MAX_BUNDLE_BYTES)
        except OSError as error:
            raise SourceError(
                f"`{self.name}` cannot be read: {error.strerror or 'no reason given'}"
            ) from error
        if len(data) > MAX_BUNDLE_BYTES:
            raise SourceError(f"`{self.name}` is larger than {MAX_BUNDLE_BYTES} bytes")
        is_settled = before == after and abs(self._clock_s() - after[0] / 1e9) > _SETTLED_S
        self._seen = after if is_settled else None
        return data
