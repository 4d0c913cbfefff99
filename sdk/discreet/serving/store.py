"""The last good bundle and the ratchet on disk, in one folder, for all workers of a machine.

    last-good.bundle    the file, exactly as it was received
    ratchet.json        what was served: see `Ratchet`
    lock                held while both are looked at or replaced

The bundle is replaced before the ratchet, each whole or not at all. So a ratchet may be older than the bundle beside
it, which its `file` tells, but never newer: what was served can always be served again.

A name in it that is no regular file, a pipe or a link for one, is neither waited for nor followed.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from discreet.files import remove_parts, write_whole
from discreet.runtime.wire import MAX_BUNDLE_BYTES

from .errors import StoreError
from .forking import renewed_after_fork
from .ratchet import Ratchet
from .reading import NO_LINK, opened, read_at_most

LAST_GOOD: Final = "last-good.bundle"
RATCHET: Final = "ratchet.json"
LOCK: Final = "lock"
_MAX_RATCHET_BYTES: Final = 4_096
_LOOK_AGAIN_S: Final = 0.02


class BundleStore:
    """A folder that keeps the last good bundle and the ratchet. Any number of threads and processes may share it.

    The folder is made when it is first used. Nothing in it is believed: a bundle from it is verified like any other.

    Args:
        patience_s: How long to wait for another process that holds the lock.
    """

    def __init__(self, folder: str | os.PathLike[str], *, patience_s: float = 10.0) -> None:
        self._folder = Path(folder)
        self._patience_s = patience_s
        self._mutex = threading.Lock()
        self._handle: int | None = None
        renewed_after_fork(self)

    def __repr__(self) -> str:
        return f"BundleStore({str(self._folder)!r})"

    def renew(self) -> None:
        """In a forked child: let go of a lock that a thread of the parent holds."""
        self._mutex = threading.Lock()
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    @contextmanager
    def locked(self) -> Generator[None]:
        """Nobody else looks at the folder or changes it until the block ends.

        Raises:
            StoreError: the lock cannot be had.
        """
        with self._mutex:
            self._handle = self._opened()
            try:
                self._wait_for(self._handle)
                yield
            finally:
                self._let_go()

    def last_good(self) -> bytes | None:
        """The bundle that was kept last; None where none was.

        Raises:
            StoreError: it cannot be read.
        """
        return self._read(LAST_GOOD, MAX_BUNDLE_BYTES)

    def ratchet(self) -> Ratchet | None:
        """What was served; None where nothing was.

        Raises:
            StoreError: it cannot be read, or is not as it was written.
        """
        data = self._read(RATCHET, _MAX_RATCHET_BYTES)
        if data is None:
            return None
        try:
            return Ratchet.parse(data)
        except (ValueError, RecursionError) as error:
            raise StoreError(f"`{self._folder / RATCHET}` is not as it was written") from error

    def keep(self, data: bytes, ratchet: Ratchet) -> None:
        """Keep `data` as the last good bundle, and `ratchet`, which then names it; only within `locked`.

        When this returns, both survive a crash and a loss of power; until then, or when it fails, what was kept before.

        Raises:
            StoreError: the folder cannot be written.
        """
        line = ratchet.naming(data).to_bytes()
        try:
            if self._read_or_none(LAST_GOOD, MAX_BUNDLE_BYTES) != data:
                self._write(LAST_GOOD, data)
            if self._read_or_none(RATCHET, _MAX_RATCHET_BYTES) != line:
                self._write(RATCHET, line)
        except OSError as error:
            raise self._error("written", error) from error

    def _write(self, name: str, data: bytes) -> None:
        remove_parts(self._folder / name)
        write_whole(self._folder / name, data)

    def _read(self, name: str, most: int) -> bytes | None:
        try:
            data, _, _ = read_at_most(self._folder / name, most, flags=NO_LINK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error("read", error) from error
        if len(data) > most:
            raise StoreError(f"`{self._folder / name}` is larger than {most} bytes")
        return data

    def _read_or_none(self, name: str, most: int) -> bytes | None:
        with suppress(StoreError):
            return self._read(name, most)
        return None

    def _opened(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return opened(self._folder / LOCK, os.O_RDWR | os.O_CREAT | NO_LINK)
        except OSError as error:
            raise self._error("locked", error) from error

    def _wait_for(self, handle: int) -> None:
        end_s = time.monotonic() + self._patience_s
        try:
            while not _lock(handle):
                if time.monotonic() > end_s:
                    raise StoreError(f"`{self._folder}` is locked by another process")
                time.sleep(_LOOK_AGAIN_S)
        except OSError as error:
            raise self._error("locked", error) from error

    def _let_go(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            try:
                _unlock(handle)
            finally:
                os.close(handle)

    def _error(self, done: str, error: OSError) -> StoreError:
        return StoreError(f"`{self._folder}` cannot be {done}: {error.strerror or 'no reason given'}")


try:
    import fcntl
except ImportError:  # where there is no flock, there are no forked workers either

    def _lock(handle: int) -> bool:  # noqa: ARG001 - what the other one takes
        return True

    def _unlock(handle: int) -> None:
        pass

else:

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        # Said, not only closed: a process that was forked in the meantime may still hold the handle.
        fcntl.flock(handle, fcntl.LOCK_UN)
