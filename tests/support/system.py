"""Programs of the machine that some tests need, free ports, and servers that run for the length of a test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_PATIENCE_S = 30.0


def needs(*programs: str) -> None:
    """Skip the test where one of `programs` is not installed; fail it where the machine was promised to have them."""
    missing = [each for each in programs if shutil.which(each) is None]
    if not missing:
        return
    if os.environ.get("DISCREET_REQUIRE_SYSTEM"):
        pytest.fail(f"not installed: {', '.join(missing)}")
    pytest.skip(f"not installed: {', '.join(missing)}")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody accepts connections on `port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], bool], what: str, *, patience_s: float = _PATIENCE_S) -> None:
    """Return once `condition` holds; fail the test when it does not in time."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not in {patience_s:.0f} s: {what}")
        time.sleep(0.02)


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    port: int | None = None,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Generator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; with `port`, not before it listens there. `log` gets what it prints."""
    with open(log or os.devnull, "wb") as output:
        process = subprocess.Popen(
            [str(each) for each in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else {**os.environ, **environment},
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 - it takes no lock, and the threads of tests are few
        )
    try:
        if port is not None:
            wait_until(
                lambda: listens(port) or process.poll() is not None, f"{Path(command[0]).name} listens"
            )
            if process.poll() is not None:
                said = log.read_text(errors="replace") if log is not None else ""
                pytest.fail(f"{Path(command[0]).name} ended with {process.returncode}: {said[-2000:]}")
        yield process
    finally:
        _end(process)


def _hears_ctrl_c() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # what it left behind
    process.wait()
