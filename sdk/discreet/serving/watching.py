"""Looking at the source again and again: in a thread of its own, or beside an event loop.

Looks are `every_s` apart, a little more or less so that many workers spread out. While the source is unreachable the
pause is drawn between nothing and a ceiling that doubles up to `max_backoff_s` (full jitter), and is never shorter than
the source asked for, as far as that is no more than `max_backoff_s`.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from .bundles import Bundles
from .forking import renewed_after_fork
from .status import Outcome
from .unforeseen import unforeseen

if TYPE_CHECKING:
    import asyncio

_LOG: Final = logging.getLogger("discreet.serving")
_SPREAD: Final = 0.1  # a tenth of a pause, up or down
_MOST_DOUBLINGS: Final = 32


class Backoff:
    """How long to wait for the next look.

    Args:
        dice: A number in [0, 1), a new one each time.
    """

    def __init__(self, every_s: float, max_backoff_s: float, dice: Callable[[], float]) -> None:
        self._every_s = every_s
        self._max_s = max(every_s, max_backoff_s)
        self._dice = dice
        self._failures = 0

    def after(self, outcome: Outcome, retry_after_s: float | None = None) -> float:
        """The pause after a look that came to `outcome`, in seconds."""
        if outcome is not Outcome.UNREACHABLE:
            self._failures = 0
            return self.usual()
        self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
        ceiling_s = min(self._max_s, self._every_s * 2.0**self._failures)
        return max(self._dice() * ceiling_s, min(retry_after_s or 0.0, self._max_s))

    def usual(self) -> float:
        """The pause where nothing is wrong."""
        return self._every_s * (1 - _SPREAD + 2 * _SPREAD * self._dice())


class Watcher:
    """Refreshes `bundles` in a thread of its own until it is stopped; a forked child has its own thread at once.

    Args:
        every_s: Between two looks. max_backoff_s: the longest pause while the source is unreachable.
        dice: Random numbers in [0, 1), for spreading the looks.
    """

    def __init__(
        self,
        bundles: Bundles,
        every_s: float = 2.0,
        max_backoff_s: float = 60.0,
        *,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._bundles = bundles
        self._settings = (every_s, max_backoff_s, dice)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._calls: queue.SimpleQueue[bool] = queue.SimpleQueue()
        renewed_after_fork(self, starts_threads=True)

    @property
    def is_running(self) -> bool:
        """Whether its thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Look from now on, first after a pause. Does nothing where it is running."""
        with self._lock:
            if not self.is_running:
                self._calls = queue.SimpleQueue()
                self._thread = threading.Thread(
                    target=self._run, args=(self._calls,), name="discreet-watcher", daemon=True
                )
                self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Look no more. A look that is under way is waited for, but not longer than `timeout_s`."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._calls.put(False)
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)

    def wake(self) -> None:
        """Look now. Fit for a signal handler: it takes no lock."""
        self._calls.put(True)

    def renew(self) -> None:
        """In a forked child: threads do not come along, so start one where the parent had one."""
        self._lock = threading.Lock()
        had_one, self._thread = self._thread is not None, None
        self._calls = queue.SimpleQueue()
        if had_one:
            self.start()

    def _run(self, calls: queue.SimpleQueue[bool]) -> None:
        backoff = Backoff(*self._settings)
        pause_s = backoff.usual()
        while _is_called(calls, pause_s):
            pause_s = look(self._bundles, backoff)


async def watch(
    bundles: Bundles,
    every_s: float = 2.0,
    max_backoff_s: float = 60.0,
    *,
    woken: asyncio.Event | None = None,
    dice: Callable[[], float] = random.random,
) -> NoReturn:
    """Refresh `bundles` until cancelled; each look runs in a worker thread, so the event loop never waits.

    Args:
        woken: Set it, from the loop's own thread, to look now: `loop.add_signal_handler(SIGHUP, woken.set)`.
        every_s, max_backoff_s, dice: As for `Watcher`.
    """
    import asyncio  # a thread needs none of it

    called = asyncio.Event() if woken is None else woken
    backoff = Backoff(every_s, max_backoff_s, dice)
    pause_s = backoff.usual()
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(called.wait(), pause_s)
        called.clear()
        pause_s = await asyncio.to_thread(look, bundles, backoff)


def look(bundles: Bundles, backoff: Backoff) -> float:
    """Refresh `bundles` once; how long to pause then."""
    outcomes: list[Outcome] = []
    error = unforeseen(lambda: outcomes.append(bundles.refresh()))
    if error is not None:  # a watcher that died would leave the bundle to go stale unseen
        _LOG.error("looking for a bundle failed: %s", type(error).__name__)
        return backoff.after(Outcome.UNREACHABLE)
    return backoff.after(outcomes[0], bundles.status().retry_after_s)


def _is_called(calls: queue.SimpleQueue[bool], pause_s: float) -> bool:
    """Wait for a call or the end of the pause; whether to look. Several calls are one."""
    try:
        goes_on = calls.get(timeout=pause_s)
        while goes_on:
            goes_on = calls.get_nowait()
    except queue.Empty:
        return True
    return False
