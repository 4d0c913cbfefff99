"""One process that answers, or several: what each of them runs."""

from __future__ import annotations

import socket
from functools import partial
from pathlib import Path

from ..settings.reading import ServerSettings, SettingRefused
from ..settings.rooms import Rooms
from .app import make_app
from .with_uvicorn import serve_uvicorn
from .workers import can_fork, supervise

__all__ = ["serve_workers"]


def serve_workers(
    settings: ServerSettings, rooms: Rooms, listener: socket.socket, counts: Path | None
) -> int:
    """Serve on `listener` with uvicorn until the process is told to stop, and return the exit code.

    Args:
        rooms: With a bundle in service; forked workers inherit it.
        counts: The folder of `counts_folder`.
    """
    number = settings["server.workers"]
    if number == 1:
        return serve_uvicorn(settings, make_app(settings, rooms, counts), listener)
    if not can_fork():
        raise SettingRefused("`server.workers`", "this system cannot fork: run several servers")
    stop_s = settings["server.drain_s"] + settings["server.shutdown_s"]
    work = partial(_work, settings, rooms, listener, counts)
    # A socket that the parent held on to would take connections that nobody answers any more.
    return supervise(number, work, stop_s=stop_s, on_stop=listener.close)


def _work(
    settings: ServerSettings, rooms: Rooms, listener: socket.socket, counts: Path | None, alive: int
) -> int:
    # What the parent loaded serves even where the source is gone by now; what it has by now is better.
    rooms.bundles.refresh()
    return serve_uvicorn(settings, make_app(settings, rooms, counts), listener, alive)
