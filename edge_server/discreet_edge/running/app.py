"""The app as one process runs it: what lives as long as the server does, and what the app is told from outside."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from starlette.types import ASGIApp

from discreet.serving import watch

from ..app import EdgeApp, create_app
from ..settings.reading import ServerSettings
from ..settings.rooms import Rooms
from .gate import Gate
from .hangups import on_hangup
from .shared_counts import SharedCounts, own_folder

__all__ = ["counts_folder", "make_app"]

_LOG: Final = logging.getLogger("discreet.server")
_WRITE_COUNTS_S: Final = 2.0


@contextmanager
def counts_folder(settings: ServerSettings) -> Generator[Path | None]:
    """Where the workers of this server share what they count, until the block ends; None for one worker."""
    state = settings["bundle.state"]
    if settings["server.workers"] == 1:
        yield None
    elif state is not None:
        with own_folder(Path(state) / "metrics") as folder:
            yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="discreet-", ignore_cleanup_errors=True) as name:
            yield Path(name)


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
    return Gate(app, _observed(app, settings), with_access_log=settings["server.access_log"])


def _observed(app: EdgeApp, settings: ServerSettings) -> ASGIApp:
    """`app`, with OpenTelemetry around it and reading its counters where that is wanted.

    Raises:
        MissingExtra: it is, and opentelemetry-api is not installed.
    """
    if not settings["server.opentelemetry"]:
        return app
    from ..telemetry import observe, traced

    observe(app)
    return traced(app)


def _lifespan(
    settings: ServerSettings, rooms: Rooms, shared: SharedCounts | None
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncGenerator[None]:
        woken = asyncio.Event()
        end_listening = on_hangup(woken.set)
        woken.set()  # a SIGHUP that came before was ignored
        tasks: list[asyncio.Task[Any]] = []
        tasks.append(asyncio.create_task(watch(rooms.bundles, settings["bundle.every_s"], woken=woken)))
        if shared is not None:
            tasks.append(asyncio.create_task(_keep_writing(shared)))
        try:
            yield
        finally:
            end_listening()
            await _end(tasks)
            if rooms.journal is not None and not await asyncio.to_thread(rooms.journal.close):
                _LOG.error("the journal did not take all records in time")
            close = getattr(rooms.visitors.profiles, "aclose", None)
            if close is not None:
                await close()
            if shared is not None:
                _write(shared)

    return lifespan


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
