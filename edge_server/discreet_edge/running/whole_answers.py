"""Answers that are whole when they are sent: one write, and headers that are checked once, not with every answer.

uvicorn looks through every header of every answer for characters that HTTP forbids, and writes head and body apart.
Here headers that came together before are known, so an answer costs one look-up. Everything else is uvicorn's own way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

__all__ = ["WholeAnswers"]

_MOST_LINES: Final = 256
# The lines of headers that are clean, and the same for every visitor.
_LINES: Final[dict[tuple[tuple[bytes, bytes], ...], bytes]] = {}
# Those of one visitor are never kept, and those that uvicorn acts upon are left to it.
_ONCE: Final = frozenset((b"date", b"etag", b"location", b"set-cookie", b"retry-after"))
_UVICORNS: Final = frozenset((b"connection", b"content-length", b"transfer-encoding"))
_NO_BODY: Final = frozenset((204, 304))


class WholeAnswers(RequestResponseCycle):
    """uvicorn's cycle of a request and its answer. The head waits for the first part of the body."""

    held: Any = None  # the start of the answer, until the body comes; a 500 takes its place

    async def send(self, message: ASGISendEvent) -> None:
        """Send a part of the answer, as ASGI has it."""
        if message["type"] == "http.response.start" and not self.response_started:
            self.held = message
            return
        start, self.held = self.held, None
        if (
            start is None
            or message["type"] != "http.response.body"
            or not self._is_sent_whole(start, message)
        ):
            if start is not None:
                await super().send(start)
            await super().send(message)

    def _is_sent_whole(self, start: Any, message: Any) -> bool:
        """Send head and body at once, if that is all, and nothing about it is special."""
        status, body = start["status"], message.get("body", b"")
        if message.get("more_body") or self.disconnected or self.flow.write_paused or self.access_log:
            return False
        if status in _NO_BODY or self.scope["method"] == "HEAD":
            return False
        lines = _lines(start.get("headers", ()), len(body))
        if lines is None:
            return False
        length = b"content-length: %d\r\n" % len(body)
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        ours = [b"%b: %b\r\n" % each for each in self.default_headers]
        self.transport.write(b"".join((STATUS_LINE[status], *ours, lines, length, end, body)))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


def _lines(headers: Iterable[tuple[bytes, bytes]], size: int) -> bytes | None:
    """The lines of `headers`; None where one of them is not clean, or the last is not the `content-length`."""
    *others, length = headers or (None,)
    if length != (b"content-length", b"%d" % size):
        return None
    key = tuple(others)
    lines = _LINES.get(key)
    return lines if lines is not None else _checked(key)


def _checked(headers: tuple[tuple[bytes, bytes], ...]) -> bytes | None:
    for name, value in headers:
        if name in _UVICORNS or HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            return None
    lines = b"".join([b"%b: %b\r\n" % (name.lower(), value) for name, value in headers])
    if len(_LINES) < _MOST_LINES and _ONCE.isdisjoint([name for name, _ in headers]):
        _LINES[headers] = lines
    return lines
