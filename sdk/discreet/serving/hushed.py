"""Requests of which no HTTP client's logger tells: what it would say shows the address, with its query, and headers.

httpx says at INFO what it asked for; httpcore and hpack say at DEBUG what came back, and more.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_LOGGERS: Final = (  # each by itself: a logger's filter does not see what comes from those below it
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "hpack.hpack",
    "hpack.table",
)
_is_hushed: Final = ContextVar("discreet_hushed", default=False)


@contextmanager
def hushed() -> Generator[None]:
    """In this block, and in this thread or task alone, HTTP clients log nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_told)  # once: it is not added again
    token = _is_hushed.set(True)
    try:
        yield
    finally:
        _is_hushed.reset(token)


def _is_told(_: logging.LogRecord) -> bool:
    return not _is_hushed.get()
