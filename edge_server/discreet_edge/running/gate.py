"""Around the app: what is said while the server drains, and a line for each request where that is wanted."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..app import EdgeApp

__all__ = ["Gate"]

_ACCESS: Final = logging.getLogger("discreet.access")
_DRAINING: Final = (
    b'{"type":"urn:discreet:problem:draining","title":"Draining","status":503,'
    b'"detail":"this server is about to stop; ask another"}'
)
_HEADERS: Final = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_DRAINING)).encode()),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
]


class Gate:
    """The app, and the word that it is about to stop.

    Once `is_draining`, /readyz answers 503, and every answer ends its connection; all else is as before.

    Args:
        asked: The app with what stands around it, where something does: it gets the requests.
        with_access_log: Whether each request is logged: method, endpoint, status and milliseconds. Nothing that a
            visitor sent is in such a line, the path only where it is one of the table's.
    """

    def __init__(self, app: EdgeApp, asked: ASGIApp | None = None, *, with_access_log: bool = False) -> None:
        self.app = app
        self._asked = asked or app
        self.is_draining = False
        self._logs = with_access_log

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # No coroutine of its own: most often the gate stands open, and the server awaits what the app gave it.
        if scope["type"] == "http":
            if self.is_draining:
                if scope["path"] == "/readyz":
                    return _say_draining(send)
                send = _closing(send)
            if self._logs:
                return self._logged(scope, receive, send)
        return self._asked(scope, receive, send)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, began_s = 0, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._asked(scope, receive, noting)
        finally:
            took_ms = (time.perf_counter() - began_s) * 1_000
            _ACCESS.info(
                "%s %s %d %.1f ms",
                self._method(scope),
                self.app.route_of(scope["path"]) or "other",
                status,
                took_ms,
            )

    @staticmethod
    def _method(scope: Scope) -> Any:
        return scope["method"] if scope["method"] in _METHODS else "other"


_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))


async def _say_draining(send: Send) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _DRAINING})


def _closing(send: Send) -> Send:
    async def last(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return last
