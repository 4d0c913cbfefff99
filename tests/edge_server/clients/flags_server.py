"""The edge server over one bundle file, for clients: `flags_server.py PORT BUNDLE [RATE]`. Its clock stands still."""

from __future__ import annotations

import sys

import uvicorn

from discreet.serving import Bundles, FileSource, Watcher
from discreet.visitors import Visitors, VisitorSettings
from discreet_edge import EdgeSettings, create_app
from support.edge import FACTS, NOW_S, TEST_RING


def now_s() -> float:
    return NOW_S


def main(port: str, bundle: str, rate: str | None = None) -> None:
    bundles = Bundles(FileSource(bundle), TEST_RING, clock_s=now_s)
    bundles.start()
    Watcher(bundles, every_s=0.05).start()
    visitors = Visitors(VisitorSettings(region="IT", attributes=FACTS))
    settings = EdgeSettings(rate_per_s=float(rate), burst=2) if rate else EdgeSettings()
    app = create_app(bundles, visitors=visitors, settings=settings, clock_s=now_s)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


main(*sys.argv[1:])
