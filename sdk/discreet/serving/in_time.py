"""An end to waiting, whatever the other side does: an answer can come so slowly that no single wait is too long.

The work is done in a thread of its own, which is given up when its time is over; its connections are broken off, so
that it ends too. Only that way do name servers, proxies and clients of other people's have an end as well.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from .unforeseen import unforeseen

_T = TypeVar("_T")


class Connections:
    """The connections of one piece of work, so that another thread can break them off.

    httpcore tells of each that it opens where this is the `trace` of a request.

    Args:
        known: Those of the work before, one of which may be used again without a word.
    """

    def __init__(self, known: WeakSet[socket.socket]) -> None:
        self._lock = threading.Lock()
        self._sockets = known
        self.is_cut = False

    def __call__(self, _: str, told: Mapping[str, Any]) -> None:
        self.note(told.get("return_value"))

    def note(self, stream: object) -> None:
        """Remember the socket of an httpcore stream; anything else is none."""
        ask = getattr(stream, "get_extra_info", None)
        found: object = ask("socket") if callable(ask) else None
        if isinstance(found, socket.socket):
            with self._lock:
                self._sockets.add(found)
            if self.is_cut:
                self.cut()

    def cut(self) -> None:
        """Break off all of them, and from now on each new one: whoever reads from one reads no more."""
        self.is_cut = True
        with self._lock:
            for each in list(self._sockets):
                with suppress(OSError):
                    # The socket's own: that of TLS would take away what the other thread is reading with.
                    socket.socket.shutdown(each, socket.SHUT_RDWR)


class InTime(Generic[_T]):
    """Does one piece of work at a time, and waits for it only so long."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._sockets: WeakSet[socket.socket] = WeakSet()

    @property
    def is_busy(self) -> bool:
        """Whether what was given up has not ended yet."""
        return self._thread is not None and self._thread.is_alive()

    def do(self, work: Callable[[Connections], _T], limit_s: float) -> _T:
        """What `work` returns; what it raises is raised here. Only where nothing is under way.

        Raises:
            TimeoutError: it took longer than `limit_s`. What becomes of it then is seen by nobody.
        """
        done: list[_T] = []
        failed: list[Exception | None] = []
        connections = Connections(self._sockets)

        def run() -> None:
            failed.append(unforeseen(lambda: done.append(work(connections))))

        self._thread = threading.Thread(target=run, name="discreet-fetch", daemon=True)
        self._thread.start()
        try:
            self._thread.join(limit_s)
        finally:  # also when this thread was interrupted
            is_late = not failed  # asked once: what is cut off fails at once, and its error is not the reason
            if is_late:
                connections.cut()
        if is_late:
            raise TimeoutError
        if failed[0] is not None:
            raise failed[0]
        return done[0]
