"""What the server says while it runs: a line each on stderr, requests on stdout; never an error's own text."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Final, TextIO

__all__ = ["say_changes", "set_up_logs"]

_CHANGES: Final = "discreet.serving"
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_BY_PROCESS: Final = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


class _WithoutTexts(logging.Formatter):
    """An error is told by its kind and its place: its own words may quote what a visitor sent."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        kind, _, trace = ei if isinstance(ei, tuple) else (None, None, None)
        frames = traceback.extract_tb(trace)
        place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        return f"{getattr(kind, '__name__', 'an error')}{place}"

    def formatStack(self, stack_info: str) -> str:  # noqa: ARG002, N802 - logging's name
        return ""


def set_up_logs(workers: int) -> None:
    """Log warnings of everybody to stderr, and requests, where they are logged, to stdout.

    Args:
        workers: With several, a line on stderr says which process it is of.
    """
    root = logging.getLogger()
    root.handlers = [_handler(sys.stderr, _FORMAT if workers == 1 else _BY_PROCESS)]
    root.setLevel(logging.WARNING)
    logging.getLogger(_CHANGES).setLevel(logging.WARNING)  # a forked worker begins anew
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # "Invalid HTTP request received", for each
    access = logging.getLogger("discreet.access")
    access.handlers = [_handler(sys.stdout, "%(asctime)s %(message)s")]
    access.setLevel(logging.INFO)
    access.propagate = False


def say_changes() -> None:
    """From now on, log too when another bundle is in service, and when what was wrong with its source is over.

    Called once the first bundle is in service: that one is announced.
    """
    logging.getLogger(_CHANGES).setLevel(logging.INFO)


def _handler(stream: TextIO, form: str) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_WithoutTexts(form))
    return handler
