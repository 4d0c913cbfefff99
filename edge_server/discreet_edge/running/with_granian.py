"""granian as the server: the fast choice. What it does otherwise than the reference is told in docs/operating.md."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from discreet.errors import MissingExtra

from ..settings.reading import ServerSettings, SettingRefused
from .with_uvicorn import listen

if TYPE_CHECKING:
    from .gate import Gate

__all__ = ["serve_granian"]


def serve_granian(settings: ServerSettings, counts: Path | None, announce: Callable[[], None]) -> int:
    """Serve until SIGTERM or SIGINT. granian opens the socket and starts the workers; each makes its own app.

    Args:
        announce: Called before it serves, once nothing is missing.
    Raises:
        MissingExtra: granian is not installed.
        SettingRefused: there is no such host, or no port was chosen.
        OSError: the address or the port cannot be had.
    """
    try:
        from granian import Granian
        from granian.constants import Interfaces
        from granian.http import HTTP1Settings
        from granian.log import LogLevels
    except ImportError as error:
        raise MissingExtra("serving with granian", "granian") from error

    if settings["server.port"] == 0:
        raise SettingRefused("`server.port`", "granian needs one: it cannot take any that is free")
    listen(settings).close()  # what cannot be had is told before anything is announced
    timeout_ms = round(settings["server.head_timeout_s"] * 1_000)
    server = Granian(
        "discreet_edge.running_granian:load",
        address=settings["server.host"],
        port=settings["server.port"],
        interface=Interfaces.ASGI,
        workers=settings["server.workers"],
        backlog=max(128, settings["server.backlog"]),
        backpressure=settings["server.max_connections"],
        http1_settings=HTTP1Settings(header_read_timeout=timeout_ms),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=max(1, round(settings["server.shutdown_s"])),
        log_level=LogLevels.warning,
    )
    announce()
    server.serve(target_loader=partial(load, settings, counts), wrap_loader=False)
    return 0


def load(settings: ServerSettings, counts: Path | None) -> Gate:
    """The app, in a worker of granian.

    Raises:
        DiscreetError: there is no bundle to serve any more.
    """
    from ..settings.rooms import furnish
    from .app import make_app
    from .logs import say_changes, set_up_logs

    set_up_logs(settings["server.workers"])
    rooms = furnish(settings)
    rooms.bundles.start()
    say_changes()
    return make_app(settings, rooms, counts)
