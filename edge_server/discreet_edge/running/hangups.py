"""SIGHUP asks for a look at the source of bundles. Before anybody listens to it, it must not end the server."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

__all__ = ["ignore_hangups", "on_hangup"]


def ignore_hangups() -> None:
    """From now on SIGHUP does nothing, until somebody listens: what is about to start looks for a bundle anyway."""
    if hasattr(signal, "SIGHUP"):
        with suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGHUP, signal.SIG_IGN)


def on_hangup(do: Callable[[], None]) -> Callable[[], None]:
    """Call `do` in the running loop on every SIGHUP; returned is what ends that, and has it ignored again."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGHUP, do)
    except (NotImplementedError, AttributeError, RuntimeError, ValueError):  # Windows; no main thread
        return lambda: None

    def end() -> None:
        loop.remove_signal_handler(signal.SIGHUP)
        ignore_hangups()

    return end
