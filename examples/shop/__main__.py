"""Run the shop: `python -m examples.shop`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from discreet.errors import DiscreetError, MissingExtra
from discreet.visitors import CDNS

_COULD_NOT_RUN = 2


def main() -> None:
    """Serve the shop until interrupted, or say in one line why not."""
    asked = _parser().parse_args()
    try:
        _serve(asked)
    except DiscreetError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(_COULD_NOT_RUN) from error


def _serve(asked: argparse.Namespace) -> None:
    try:
        from .running import serve
    except ModuleNotFoundError as error:
        raise MissingExtra("the shop", "server,pages") from error
    serve(asked)


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
    parser.add_argument(
        "--region",
        help="where visitors are of whom no CDN says anything, such as IT or US-CA; without it, the strictest rules "
        "judge them",
    )
    parser.add_argument("--log", type=Path, help="append decisions to this file, as JSON lines")
    parser.add_argument("--inspector", action="store_true", help="for development: show why, on each page")
    return parser


if __name__ == "__main__":
    main()
