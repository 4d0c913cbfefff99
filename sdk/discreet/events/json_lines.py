"""Records in a file, one JSON object a line; it is rotated by its size, and several processes may share it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import EventsRefused, SinkFailed
from .sinks import Event

MAX_BYTES = 64 * 1024 * 1024
KEEP = 10
MODE = 0o600
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class JsonLinesSink:
    """Appends to the file at `path`, which only its owner can read. POSIX systems only.

    A batch is one write, so lines of several processes do not mix. A file that somebody moved away is opened anew at
    its old place. Rotated files are `path.1` (the youngest) to `path.{keep}`; whoever writes holds a shared lock on
    the file, and whoever rotates an exclusive one.

    Args:
        path: `{pid}` in the name stands for the process: then every worker has a file of its own.
        max_bytes: From this size on the file is rotated, before the next batch.
        keep: How many rotated files stay; 0: none.
        compress: Whether rotated files are compressed: `path.1.gz`.
    Raises:
        EventsRefused: the sizes make no sense.
        OSError: the folder is not there.
    """

    batch = 100  # some 1 ms of work at a time

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_bytes: int = MAX_BYTES,
        keep: int = KEEP,
        compress: bool = False,
    ) -> None:
        if max_bytes < 1 or not 0 <= keep <= 1_000:
            raise EventsRefused("a log needs a size above 0, and keeps 0 to 1,000 rotated files")
        self._name = os.fspath(path)
        self._max_bytes, self._keep, self._compress = max_bytes, keep, compress
        self._file: int | None = None
        self._pid = 0
        self._torn = False
        os.stat(self.path.parent)

    @property
    def name(self) -> str:
        """Where it writes, for logs."""
        return self._name

    @property
    def path(self) -> Path:
        """Where this process writes."""
        return Path(self._name.replace("{pid}", str(os.getpid())))

    def write(self, events: Sequence[Event], /) -> None:
        """Append a line for each.

        Raises:
            SinkFailed: the device took only a part, so many lines of it whole.
            OSError: nothing was written.
        """
        lines = [(_encode(event.record) + "\n").encode() for event in events]
        with self._locked() as file:
            if self._torn:  # what the device did not take whole must not spoil a later line
                os.write(file, b"\n")
                self._torn = False
            batch = b"".join(lines)
            written = os.write(file, batch)
            if written != len(batch):
                taken, rest = _whole_lines(lines, written)
                self._torn = rest > 0
                raise SinkFailed("the device took only a part of a batch", taken=taken)

    def close(self) -> None:
        """Close the file; a later `write` opens it again."""
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
        self._file = None

    @contextmanager
    def _locked(self) -> Generator[int]:
        """The file at `path`, below its largest size, under a shared lock."""
        import fcntl

        if self._pid != os.getpid():  # a forked child must not close over its parent's place in the file
            self.close()
            self._pid, self._torn = os.getpid(), False
        file = self._opened()
        try:
            yield file
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _opened(self) -> int:
        import fcntl

        while True:
            if self._file is None:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(self.path, flags, MODE)
                _close_to_others(self._file)
            file = self._file
            fcntl.flock(file, fcntl.LOCK_SH)
            if self._is_in_place(file):
                if os.fstat(file).st_size < self._max_bytes:
                    return file
                fcntl.flock(file, fcntl.LOCK_EX)  # others may have rotated it in between: looked at again
                if self._is_in_place(file):
                    self._rotate()
            fcntl.flock(file, fcntl.LOCK_UN)  # closing does not, where a forked child has the file too
            self.close()

    def _is_in_place(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), os.stat(self.path))
        except FileNotFoundError:
            return False

    def _rotate(self) -> None:
        """Move the file away, and the older ones before it. The caller holds the file's exclusive lock."""
        path = self.path
        for number in range(max(self._keep, 1), 0, -1):
            for ending in ("", ".gz"):
                old = Path(f"{path}.{number}{ending}")
                if number >= self._keep:
                    old.unlink(missing_ok=True)
                elif old.exists():
                    old.rename(f"{path}.{number + 1}{ending}")
        if self._keep == 0:
            path.unlink()
            return
        path.rename(f"{path}.1")
        if self._compress:
            _compress(Path(f"{path}.1"))


def _close_to_others(file: int) -> None:
    """A file that was there before may be read by others: from now on only by its owner."""
    mode = os.fstat(file).st_mode
    if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~MODE:
        os.fchmod(file, MODE)


def rotated(path: Path) -> Iterator[Path]:
    """The file at `path` and those that were rotated away from it, the oldest first."""
    found: list[tuple[int, Path]] = []
    for each in path.parent.glob(f"{_literally(path.name)}.*"):
        number = each.name.removeprefix(path.name + ".").removesuffix(".gz")
        if number.isascii() and number.isdigit():
            found.append((-int(number), each))
    yield from (each for _, each in sorted(found))
    if path.exists() or not found:
        yield path


def _literally(name: str) -> str:
    import glob

    return glob.escape(name)


def _compress(path: Path) -> None:
    import gzip
    import shutil

    target = Path(f"{path}.gz")
    part = Path(f"{target}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
    with path.open("rb") as source, os.fdopen(handle, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as to:
        shutil.copyfileobj(source, to, 1 << 20)
    part.replace(target)
    path.unlink()


def _whole_lines(lines: Sequence[bytes], written: int) -> tuple[int, int]:
    """How many lines lie whole in the first `written` bytes, and how many bytes of the next one."""
    for number, line in enumerate(lines):
        if written < len(line):
            return number, written
        written -= len(line)
    return len(lines), written
