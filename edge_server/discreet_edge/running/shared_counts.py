"""The counts of several workers as one: a file for each, added up by whichever of them is asked.

What was once told never goes back: a worker writes its counts before it tells the sum, and those of workers that are
gone are kept. Counting begins at zero with each start of the server.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from discreet.files import write_whole

from ..counters import Counts, sum_counts

__all__ = ["SharedCounts"]

_GONE: Final = "gone.json"
_LOCK: Final = "lock"


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

    @staticmethod
    def clear(folder: Path) -> None:
        """Make `folder`, and forget what a former server counted in it."""
        folder.mkdir(parents=True, exist_ok=True)
        for each in folder.glob("*.json"):
            each.unlink(missing_ok=True)

    def write(self) -> None:
        """Let the others see what this process has counted so far.

        Raises:
            OSError: the folder cannot be written.
        """
        _write(self._folder / self._name, self.own())

    def total(self) -> Counts:
        """What all workers have counted, those that are gone too; where the folder fails, what this one has."""
        try:
            with self._locked():
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
            counts = sum_counts([counts, *map(_read, fresh)])
            names |= {each.name for each in fresh}
            _write(self._folder / _GONE, {"counts": counts, "names": sorted(names)})
        for each in dead:
            each.unlink(missing_ok=True)
        return counts if isinstance(counts, Mapping) else {}

    def _files(self) -> Iterable[Path]:
        return sorted(self._folder.glob("[0-9]*-*.json"))

    @contextmanager
    def _locked(self) -> Generator[None]:
        import fcntl  # several workers are forked, so there is one

        handle = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


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
