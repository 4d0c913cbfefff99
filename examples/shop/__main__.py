"""Run the shop: `python -m examples.shop`."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.types import Lifespan

from discreet.errors import DiscreetError
from discreet.events import Journal, JsonLinesSink
from discreet.serving import Bundles, watch
from discreet.visitors import CDNS, Sealer, read_secrets

from .app import create_shop, visitors_of
from .publishing import built_here, from_file


def main() -> None:
    """Serve the shop until interrupted."""
    asked = _parser().parse_args()
    if (asked.bundle is None) != (asked.trust is None):
        raise SystemExit("--bundle and --trust belong together")
    try:
        shop = _shop(asked)
    except DiscreetError as error:
        raise SystemExit(f"error: {error}") from error
    uvicorn.run(shop, host=asked.host, port=asked.port, log_level="warning", server_header=False)


def _shop(asked: argparse.Namespace) -> Starlette:
    bundles = built_here() if asked.bundle is None else from_file(asked.bundle, asked.trust)
    secrets = [Sealer.new_secret()] if asked.secret is None else read_secrets(asked.secret)
    met = partial(visitors_of, Sealer(secrets, use="profile-cookie"), cdn=asked.cdn, region=asked.region)
    journal = None if asked.log is None else Journal([JsonLinesSink(asked.log)])
    return create_shop(
        bundles,
        met(),
        journal=journal,
        supposing=met(is_supposing=True) if asked.inspector else None,
        lifespan=_lifespan(bundles, journal, is_watched=asked.bundle is not None),
    )


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.shop", description="A tea house that is discreet."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--bundle", type=Path, help="serve this bundle; without it, the model is built at start"
    )
    parser.add_argument("--trust", type=Path, help="the keyring that the bundle is verified with")
    parser.add_argument("--secret", type=Path, help="secrets of the cookie; without it, one is made at start")
    parser.add_argument("--cdn", choices=sorted(CDNS), help="believe this CDN's headers on place and time")
    parser.add_argument("--region", default="IT", help="where visitors are of whom no CDN says anything")
    parser.add_argument("--log", type=Path, help="append decisions to this file, as JSON lines")
    parser.add_argument("--inspector", action="store_true", help="for development: show why, on each page")
    return parser


if __name__ == "__main__":
    main()
