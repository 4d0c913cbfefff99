"""The counts of several workers as one: a file for each, added up by whichever of them is asked.

What was once told never goes back: a worker writes its counts before it tells the sum, and those of workers that are
gone are kept. Each server has a folder of its own, so counting begins at zero with its start.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from discreet.files import write_whole

from ..counters import Counts, sum_counts
from ..families import LEVELS

__all__ = ["SharedCounts", "own_folder"]

_GONE: Final = "gone.json"
_LOCK: Final = "lock"
_ALIVE: Final = "alive"  # locked as long as a process of its server lives
_PREFIX: Final = "server-"
_LEVELS: Final = frozenset(each.place for each in LEVELS)


@contextmanager
def own_folder(place: Path) -> Generator[Path]:
    """A new folder in `place`, there until the block ends. Those of servers that are gone are removed first.

    Whether one is gone its lock tells, which forked workers hold too: process ids come again, and differ by container.
    """
    place.mkdir(parents=True, exist_ok=True)
    with _lock(place / _LOCK):
        for each in place.iterdir():
            if each.name.startswith(_PREFIX) and _is_gone(each):
                shutil.rmtree(each, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        alive = _opened(folder / _ALIVE)
        _try_lock(alive)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(alive)


class SharedCounts:
    """This process's part of what all workers count, in a folder that they share.

    Attributes:
        own: Gives the counts of this process; set it once they are there.
    """

    own: Callable[[], Mapping[str, Any]]

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.own = dict
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}.json"  # a process id comes again

    def write(self) -> None:
        """Let the others see what this process has counted so far.

        Raises:
            OSError: the folder cannot be written.
        """
        _write(self._folder / self._name, self.own())

    def total(self) -> Counts:
        """What all workers have counted, those that are gone too; where the folder fails, what this one has."""
        try:
            with _lock(self._folder / _LOCK):
                self.write()
                gone = self._fold()
                return sum_counts([gone, *(_read(each) for each in self._files())])
        except OSError:
            return sum_counts([self.own()])

    def _fold(self) -> Mapping[str, Any]:
        """Move what dead workers have counted into one file, which also says whose it holds: each counts once."""
        kept = _read(self._folder / _GONE) or {"counts": {}, "names": []}
        counts, names = kept["counts"], set(kept["names"])
        dead = [each for each in self._files() if not _lives(each)]
        fresh = [each for each in dead if each.name not in names]
        if fresh:
            counts = sum_counts([counts, *(_that_stay(_read(each)) for each in fresh)])
            names |= {each.name for each in fresh}
            _write(self._folder / _GONE, {"counts": counts, "names": sorted(names)})
        for each in dead:
            each.unlink(missing_ok=True)
        return counts if isinstance(counts, Mapping) else {}

    def _files(self) -> Iterable[Path]:
        return sorted(self._folder.glob("[0-9]*-*.json"))


@contextmanager
def _lock(path: Path) -> Generator[None]:
    import fcntl  # several workers are forked, so there is one

    handle = _opened(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(handle: int) -> bool:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_gone(folder: Path) -> bool:
    """Whether nobody holds the lock of this folder any more."""
    try:
        handle = _opened(folder / _ALIVE)
    except OSError:  # somebody else's
        return False
    try:
        return _try_lock(handle)
    finally:
        os.close(handle)


def _that_stay(counts: Mapping[str, Any]) -> Counts:
    """The counts of a process without what goes with it."""
    return {name: each for name, each in counts.items() if name not in _LEVELS}


def _write(path: Path, counts: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(counts).encode(), durable=False)  # a restart counts anew


def _read(path: Path) -> dict[str, Any]:
    with suppress(FileNotFoundError, ValueError):
        found = json.loads(path.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}


def _lives(file: Path) -> bool:
    try:
        os.kill(int(file.name.partition("-")[0]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
