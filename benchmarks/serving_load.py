"""Load with wrk, and the servers that it is put on: each a process of its own, on the loopback address."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_PATIENCE_S: Final = 30.0
_DONE: Final = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\n{"requests": %d, "seconds": %f, "p50_us": %f, "p99_us": %f, "status": %d, "sockets": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of request."""

    path: str
    body: str = ""
    headers: Mapping[str, str] | None = None
    lua_after: str = ""  # what the script says beside it

    def lua(self) -> str:
        """The wrk script that sends it."""
        lines = [f"wrk.method = {_lua('POST' if self.body else 'GET')}"]
        if self.body:
            lines.append(f"wrk.body = {_lua(self.body)}")
            lines.append('wrk.headers["Content-Type"] = "application/json"')
        lines += [f"wrk.headers[{_lua(name)}] = {_lua(text)}" for name, text in (self.headers or {}).items()]
        return "\n".join([*lines, self.lua_after, _DONE])


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run of wrk. `errors`: answers from 400 on, and connections that failed."""

    requests: int
    seconds: float
    p50_us: float
    p99_us: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def missing() -> str | None:
    """Why no load can be made here; None where it can."""
    return None if shutil.which("wrk") else "wrk is not installed: `apt install wrk`"


def load(port: int, ask: Ask, folder: Path, *, seconds: float, connections: int) -> Load:
    """Ask the server on `port` for `seconds` over `connections` that are kept alive.

    Args:
        folder: Where the script is written.
    """
    script = folder / "ask.lua"
    script.write_text(ask.lua(), encoding="utf-8")
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        "--timeout",
        "10s",
        "-s",
        str(script),
    ]
    ran = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{ask.path}"], capture_output=True, text=True, check=True
    )
    found = json.loads(ran.stdout.splitlines()[-1])
    errors = found["status"] + found["sockets"]
    return Load(found["requests"], found["seconds"], found["p50_us"], found["p99_us"], errors)


def bare_command(port: int, *, server: str) -> list[str]:
    """The bare endpoint on the same HTTP server, as its own command line starts it."""
    target, address = "benchmarks.serving_bare:app", ["--host", "127.0.0.1", "--port", str(port)]
    if server == "granian":
        return [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", *address, target]
    return [sys.executable, "-m", "uvicorn", "--no-access-log", "--log-level", "error", *address, target]


def serve_command(port: int, bundle: Path, ring: Path, *more: str) -> list[str]:
    """`discreet serve` as a user starts it."""
    serve = [sys.executable, "-m", "discreet", "serve", str(bundle), "--trust", str(ring)]
    return [*serve, "--port", str(port), *more]


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(commands: Sequence[tuple[int, Sequence[str]]]) -> Generator[None]:
    """Each command with the port on which it listens, until the block ends."""
    with ExitStack() as stack:
        for port, command in commands:
            stack.enter_context(_one(port, command))
        yield


@contextmanager
def _one(port: int, command: Sequence[str]) -> Generator[None]:
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        end_s = time.monotonic() + _PATIENCE_S
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end_s:
                said = process.stderr.read().decode(errors="replace") if process.stderr else ""
                raise SystemExit(f"{' '.join(command[:4])} does not serve: {said[-1000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _lua(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
