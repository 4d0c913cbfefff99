"""What the server says while it runs: a line each on stderr, requests on stdout; never an error's own text."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Final, TextIO

__all__ = ["set_up_logs"]

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _WithoutTexts(logging.Formatter):
    """An error is told by its kind and its place: its own words may quote what a visitor sent."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        kind, _, trace = ei if isinstance(ei, tuple) else (None, None, None)
        frames = traceback.extract_tb(trace)
        place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        return f"{getattr(kind, '__name__', 'an error')}{place}"

    def formatStack(self, stack_info: str) -> str:  # noqa: ARG002, N802 - logging's name
        return ""


def set_up_logs() -> None:
    """Log warnings of everybody to stderr, and requests, where they are logged, to stdout."""
    root = logging.getLogger()
    root.handlers = [_handler(sys.stderr, _FORMAT)]
    root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # "Invalid HTTP request received", for each
    access = logging.getLogger("discreet.access")
    access.handlers = [_handler(sys.stdout, "%(asctime)s %(message)s")]
    access.setLevel(logging.INFO)
    access.propagate = False


def _handler(stream: TextIO, form: str) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_WithoutTexts(form))
    return handler
