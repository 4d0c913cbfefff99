"""The shop as a server: what the options name is read, then it serves until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.types import Lifespan

from discreet.events import Journal, JsonLinesSink
from discreet.serving import Bundles, watch
from discreet.visitors import Sealer, read_secrets

from .app import create_shop, visitors_of
from .publishing import built_here, from_file
from .refusals import NotStarted, needing

_NOBODY_KNOWS: Final = (
    "Without --cdn or --region nobody knows where a visitor is, so the strictest rules judge: "
    "nothing is kept or used before a yes.\n"
)


def serve(asked: argparse.Namespace) -> None:
    """Serve as `asked`, until interrupted.

    Raises:
        DiscreetError: it cannot; the message says why, and the way out.
    """
    shop = _shop(asked)
    with _listening(asked.host, asked.port) as listener:
        sys.stdout.write(f"Fern & Kettle at {_address(listener)} (Ctrl-C stops it)\n")
        if asked.cdn is None and asked.region is None:
            sys.stdout.write(_NOBODY_KNOWS)
        sys.stdout.flush()
        server = uvicorn.Server(uvicorn.Config(shop, log_level="warning", server_header=False))
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with needing(f"{host}:{port}", "choose another --host or --port"):
        return socket.create_server((host, port), family=family, backlog=2048)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _shop(asked: argparse.Namespace) -> Starlette:
    bundles, journal = _bundles(asked.bundle, asked.trust), _journal(asked.log)
    met = partial(visitors_of, _sealer(asked.secret), cdn=asked.cdn, region=asked.region)
    return create_shop(
        bundles,
        met(),
        journal=journal,
        supposing=met(is_supposing=True) if asked.inspector else None,
        lifespan=_lifespan(bundles, journal, is_watched=asked.bundle is not None),
    )


def _bundles(bundle: Path | None, trust: Path | None) -> Bundles:
    if bundle is None and trust is None:
        return built_here()
    if bundle is None or trust is None:
        raise NotStarted("--bundle and --trust belong together; without both, the shop builds its own model")
    return from_file(bundle, trust)


def _sealer(path: Path | None) -> Sealer:
    if path is None:
        return Sealer([Sealer.new_secret()], use="profile-cookie")
    with needing(f"--secret {path}", f"`discreet keys secret -o {path}` makes one"):
        return Sealer(read_secrets(path), use="profile-cookie")


def _journal(path: Path | None) -> Journal | None:
    if path is None:
        return None
    with needing(f"--log {path}", f"make the folder `{path.parent}` first, or name another file"):
        return Journal([JsonLinesSink(path)])


def _lifespan(bundles: Bundles, journal: Journal | None, *, is_watched: bool) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def running(_: Starlette) -> AsyncGenerator[None]:
        watching = asyncio.create_task(watch(bundles, every_s=0.5)) if is_watched else None
        if journal is not None:
            journal.start()
        try:
            yield
        finally:
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
            if journal is not None:
                journal.close(5)

    return running
