"""The app as one process runs it: what lives as long as the server does, and what the app is told from outside."""

from __future__ import annotations

import asyncio
import logging
import signal
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from discreet.serving import watch

from ..app import create_app
from ..settings.reading import ServerSettings
from ..settings.rooms import Rooms
from .gate import Gate
from .shared_counts import SharedCounts

__all__ = ["counts_folder", "make_app"]

_LOG: Final = logging.getLogger("discreet.server")
_WRITE_COUNTS_S: Final = 2.0


def counts_folder(settings: ServerSettings) -> Path | None:
    """Where several workers share what they count, emptied; None for one worker."""
    if settings["server.workers"] == 1:
        return None
    state = settings["bundle.state"]
    folder = Path(tempfile.mkdtemp(prefix="discreet-")) if state is None else Path(state) / "metrics"
    SharedCounts.clear(folder)
    return folder


def make_app(settings: ServerSettings, rooms: Rooms, counts: Path | None) -> Gate:
    """The app over rooms whose bundles are started, for the process that calls this.

    Its lifespan watches the source of bundles, looks at once on SIGHUP, and closes the journal at the end.

    Args:
        counts: The folder of `counts_folder`.
    """
    shared = None if counts is None else SharedCounts(counts)
    app = create_app(
        rooms.bundles,
        visitors=rooms.visitors,
        journal=rooms.journal,
        settings=rooms.edge,
        lifespan=_lifespan(settings, rooms, shared),
        totals=None if shared is None else shared.total,
    )
    if shared is not None:
        shared.own = app.counts
    return Gate(app, with_access_log=settings["server.access_log"])


def _lifespan(
    settings: ServerSettings, rooms: Rooms, shared: SharedCounts | None
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncGenerator[None]:
        woken = asyncio.Event()
        _on_hangup(woken)
        tasks: list[asyncio.Task[Any]] = []
        tasks.append(asyncio.create_task(watch(rooms.bundles, settings["bundle.every_s"], woken=woken)))
        if shared is not None:
            tasks.append(asyncio.create_task(_keep_writing(shared)))
        try:
            yield
        finally:
            await _end(tasks)
            if rooms.journal is not None and not await asyncio.to_thread(rooms.journal.close):
                _LOG.error("the journal did not take all records in time")
            close = getattr(rooms.visitors.profiles, "aclose", None)
            if close is not None:
                await close()
            if shared is not None:
                _write(shared)

    return lifespan


def _on_hangup(woken: asyncio.Event) -> None:
    with suppress(NotImplementedError, AttributeError, RuntimeError, ValueError):  # Windows; no main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, woken.set)


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_writing(shared: SharedCounts) -> None:
    while True:
        _write(shared)
        await asyncio.sleep(_WRITE_COUNTS_S)


def _write(shared: SharedCounts) -> None:
    try:
        shared.write()
    except OSError as error:
        _LOG.warning("counts cannot be shared: %s", error.strerror)
