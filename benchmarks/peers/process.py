"""Processes with one engine in each: a worker that is asked again and again, and a fresh one for one start."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]  # from where `benchmarks` can be imported
PATIENCE_S: Final = 300.0
GRACE_S: Final = 5.0


class Failed(Exception):
    """An engine raised, ended, or took too long; the message says what."""


class Worker:
    """A running worker. Only one is asked at a time, so that they do not get in each other's way."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.worker", name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, what: str, **details: Any) -> Mapping[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            Failed: the engine failed; its process is of no more use when it ended or took too long.
        """
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps({"do": what, **details}) + "\n")
            stdin.flush()
            line = self._lines.get(timeout=PATIENCE_S)
        except OSError:
            line = ""
        except queue.Empty:
            self._process.kill()
            raise Failed(f"`{what}` took longer than {PATIENCE_S:.0f} s") from None
        if not line:
            raise Failed(f"its process ended with {self._process.wait()}")
        answer: Mapping[str, Any] = json.loads(line)
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer

    def end(self) -> None:
        """End the process, by force if it does not end by itself."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.close()
            self._process.wait(timeout=GRACE_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with stdout:
            for line in stdout:
                self._lines.put(line)
        self._lines.put("")


def run_fresh(name: str, config: Path, *mode: str) -> Mapping[str, Any]:
    """Measure engine `name` in a fresh process: what `benchmarks.peers.fresh` prints, or `failed` with the reason."""
    command = [sys.executable, "-m", "benchmarks.peers.fresh", name, str(config), *mode]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"its start took longer than {PATIENCE_S:.0f} s"}
    if not done.stdout:
        return {"failed": f"its process ended with {done.returncode}"}
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer
