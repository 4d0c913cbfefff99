"""Several processes that answer on one socket: forked, watched, started anew, stopped together.

The parent opens the socket and loads the bundle once; a child inherits both, so a worker that has to be started anew
serves at once, even where the source of bundles is gone. The parent answers nothing and has no threads. When it is
killed, its children see a pipe close, and drain.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

__all__ = ["can_fork", "supervise"]

_LOG: Final = logging.getLogger("discreet.workers")
_EARLY_S: Final = 2.0  # a worker that ends sooner did not really start
_MOST_EARLY: Final = 5
_LONGEST_WAIT_S: Final = 5.0
_KILL_AFTER_S: Final = 5.0
CRASHED: Final = 70  # EX_SOFTWARE


def can_fork() -> bool:
    """Whether this system can run several workers."""
    return hasattr(os, "fork")


def supervise(
    number: int, work: Callable[[int], int], *, stop_s: float, on_stop: Callable[[], object]
) -> int:
    """Run `number` forked processes until the process is told to stop, and return the exit code.

    SIGTERM and SIGINT stop all, SIGHUP is passed on. A worker that ends is started anew, with a pause that grows when
    it never lives long; when none of them does, all is given up.

    Args:
        work: What a worker does. It gets the descriptor of a pipe that closes when the parent is gone.
        stop_s: How long the workers may take to end before they are killed.
        on_stop: Called in the parent when no more workers will be started: let go of what they share.
    """
    return _Supervisor(number, work, stop_s, on_stop).run()


class _Supervisor:
    def __init__(
        self, number: int, work: Callable[[int], int], stop_s: float, on_stop: Callable[[], object]
    ) -> None:
        self.number, self.work, self.stop_s, self.on_stop = number, work, stop_s, on_stop
        self.alive, self.held = os.pipe()  # children read the first, the parent holds the second
        self.woken, self.waking = os.pipe()
        for end in (self.woken, self.waking):
            os.set_blocking(end, False)
        self.born_s: dict[int, float] = {}
        self.early = 0  # workers that ended early, one after the other
        self.next_s = 0.0
        self.is_stopping = False
        self.kill_s = float("inf")

    def run(self) -> int:
        for each in _SIGNALS:
            signal.signal(each, _only_wake)
        signal.set_wakeup_fd(self.waking, warn_on_full_buffer=False)
        try:
            while True:
                self._reap()
                if self.is_stopping and not self.born_s:
                    return CRASHED if self.early > _MOST_EARLY else 0
                self._fill()
                for number in self._wait():
                    self._on_signal(number)
        finally:
            signal.set_wakeup_fd(-1)
            self._send(signal.SIGKILL)

    def _wait(self) -> bytes:
        now_s = time.monotonic()
        end_s = self.kill_s if self.is_stopping else max(self.next_s, now_s + 1)
        with selectors.DefaultSelector() as selector:
            selector.register(self.woken, selectors.EVENT_READ)
            selector.select(min(1.0, max(0.0, end_s - now_s)))
        with suppress(BlockingIOError):
            return os.read(self.woken, 1_024)
        return b""

    def _on_signal(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._send(signal.SIGHUP)
        elif number in (signal.SIGTERM, signal.SIGINT):
            self._stop()

    def _stop(self) -> None:
        if not self.is_stopping:
            self.is_stopping = True
            self.kill_s = time.monotonic() + self.stop_s + _KILL_AFTER_S
            self.on_stop()
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        for pid in self.born_s:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _reap(self) -> None:
        for pid, born_s in list(self.born_s.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self.born_s[pid]
                if not self.is_stopping:
                    self._lost(pid, os.waitstatus_to_exitcode(status), time.monotonic() - born_s)
        if self.is_stopping and time.monotonic() > self.kill_s:
            self._send(signal.SIGKILL)

    def _lost(self, pid: int, code: int, lived_s: float) -> None:
        self.early = self.early + 1 if lived_s < _EARLY_S else 0
        pause_s = min(_LONGEST_WAIT_S, 0.1 * 2**self.early) if self.early else 0.0
        self.next_s = time.monotonic() + pause_s
        _LOG.warning("worker %d ended with %d; starting another", pid, code)
        if self.early > _MOST_EARLY:
            _LOG.error("no worker lives: stopping")
            self._stop()

    def _fill(self) -> None:
        while not self.is_stopping and len(self.born_s) < self.number and time.monotonic() >= self.next_s:
            pid = self._fork()
            self.born_s[pid] = time.monotonic()

    def _fork(self) -> int:
        # Blocked until the child has forgotten our handlers: its signals must not wake us.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._be_a_worker()
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _be_a_worker(self) -> NoReturn:
        code = CRASHED
        try:
            signal.set_wakeup_fd(-1)
            for end in (self.held, self.woken, self.waking):
                os.close(end)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent passes it on
            signal.signal(
                signal.SIGHUP, signal.SIG_IGN
            )  # until the server listens to it: its bundle is new anyway
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            code = self.work(self.alive)
        finally:
            kind = sys.exc_info()[0]
            if kind is not None:
                _LOG.error("a worker failed: %s", kind.__name__)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """The descriptor that wakes us tells which signal it was."""


_SIGNALS: Final = (
    (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD) if can_fork() else (signal.SIGTERM,)
)
