"""HTTP connections with deadlines: a visitor who sends or reads too slowly, or too much, does not hold a place.

uvicorn bounds the time between requests. Here each connection also has a time for the head of a request, for the
unread rest of one that was answered early, and for taking the answer; a size for the head; and there is a limit on
connections, beyond which new ones are told to come back while the others are served on.

An offer to speak another protocol (`Upgrade`) is ignored, as HTTP allows: the request is served as it is, body and all.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

import httptools
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .whole_answers import WholeAnswers

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
    from uvicorn.config import Config
    from uvicorn.server import ServerState

__all__ = ["ConnectionLimits", "EdgeProtocol", "protocol_with"]

_MAX_PIPELINED: Final = 16  # requests that wait behind one of the same connection
_NOTHING: Final = object()
_SURPLUS_S: Final = 1.0  # how long a connection beyond the limit may take to ask, to be told that it is one
# uvicorn's own `on_headers_complete`, by whose name for the class of a request and its answer ours is found. To change
# the class of what it made instead would cost every later access to an attribute its short cut.
_begin_cycle: Final = FunctionType(
    HttpToolsProtocol.on_headers_complete.__code__,
    {**vars(httptools_impl), "RequestResponseCycle": WholeAnswers},
)
_REFUSALS: Final = {
    400: ("Bad Request", "the request is not HTTP"),
    431: ("Request Header Fields Too Large", "the head of the request is too large"),
    503: ("Service Unavailable", "too many connections; try again shortly"),
}


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one connection may take, and how many there may be in one worker.

    Attributes:
        head_timeout_s: For a whole head, from the moment when it is waited for, and for the rest of a body that was
            answered already.
        send_timeout_s: For the visitor to take any part of an answer that waits to be sent.
        max_head_bytes: The request line and the headers.
        max_connections: Twice as many are still told `503`; from then on they are closed at once.
    """

    head_timeout_s: float = 5.0
    send_timeout_s: float = 10.0
    max_head_bytes: int = 32_768
    max_connections: int = 1_000


def protocol_with(limits: ConnectionLimits) -> Any:
    """What uvicorn's `http=` takes: it makes an `EdgeProtocol` under `limits` for each connection."""
    return partial(EdgeProtocol, limits)


def refusal(status: int) -> bytes:
    """A whole answer, with problem details, for what never becomes a request."""
    title, detail = _REFUSALS[status]
    body = f'{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}"}}'.encode()
    head = (
        f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
        "cache-control: no-store\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


class EdgeProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools with the deadlines and limits of `ConnectionLimits`."""

    def __init__(
        self,
        limits: ConnectionLimits,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.limits = limits
        self._head_bytes = 0  # of an unfinished head, in former chunks
        self._chunk_bytes = 0
        # The scope of the last whole head; while another comes, `scope` is that one's.
        self._asked: object = _NOTHING
        self._refused = 400  # the status of what the parser does not take
        self._head_timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin the time for the first head; beyond the limit, let it end with `503`."""
        super().connection_made(transport)
        number, limit = len(self.connections), self.limits.max_connections
        if number > 2 * limit:
            self.connections.discard(self)  # at once: many may come in one turn of the loop
            transport.abort()
            return
        timeout_s = self.limits.head_timeout_s
        if number > limit:
            self.app = come_back
            timeout_s = min(timeout_s, _SURPLUS_S)
        self._head_timer = self.loop.call_later(timeout_s, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget its timers."""
        super().connection_lost(exc)
        for timer in (self._head_timer, self._send_timer, self.timeout_keep_alive_task):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._send_timer = None

    # Reading

    def data_received(self, data: bytes) -> None:
        """Parse, and see that an unfinished head has a deadline and a size."""
        began_before = self.scope is not self._asked
        self._chunk_bytes = len(data)
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse(self._refused)
        # Most often a whole request came, and nothing else.
        if self._asked is not self.scope or self.cycle.response_complete:
            self._see_head(began_before)

    def on_headers_complete(self) -> None:
        """Let the request begin, if its head is of a size that we take."""
        if self.pipeline or self._head_bytes + self._chunk_bytes > self.limits.max_head_bytes:
            self._check_head()
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self.parser.should_upgrade():
            return  # `_parse` lets it begin
        _begin_cycle(self)
        self._asked = self.scope

    def on_message_complete(self) -> None:
        """Let the app know that the body is whole."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _parse(self, data: bytes) -> None:
        """Feed the parser. At the head of a request that offers another protocol it stops, and would skip the body."""
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = data[offer.args[0] :]
                self._decline()
            else:
                return

    def _decline(self) -> None:
        """Begin the request at hand anew, without its offer, in a parser that then reads its body.

        Raises:
            HttpParserError: it asks for a tunnel, or what remains is no request that we take.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            raise httptools.HttpParserError("no tunnels")
        # Values hold no line breaks: the parser takes no folded ones.
        lines = [b"%b: %b\r\n" % each for each in self.headers if each[0] != b"upgrade"]
        head = b"%b %b HTTP/%b\r\n%b\r\n" % (method, self.url, version.encode(), b"".join(lines))
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
        self.parser.feed_data(head)

    def _see_head(self, began_before: bool) -> None:
        """After a chunk that did not end with a request under way."""
        is_in_head = self.scope is not self._asked
        if is_in_head:
            # What stood before the head in the chunk where it begins is not its own: that one is not counted.
            self._head_bytes += self._chunk_bytes if began_before else 0
            if self._head_bytes > self.limits.max_head_bytes:
                self._refuse(431)
        waits = is_in_head or not (self._is_answering() or self.pipeline or self.timeout_keep_alive_task)
        if waits and self._head_timer is None and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(self.limits.head_timeout_s, self._too_slow)

    def _check_head(self) -> None:
        """Stop the parser, which then calls `send_400_response`, where the head is too large or one too many."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.max_head_bytes or len(self.pipeline) >= _MAX_PIPELINED:
            self._refused = 431
            raise ValueError("refused")

    def _is_answering(self) -> bool:
        return self._asked is not _NOTHING and not self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        if not self._is_answering():  # else it would be taken for the answer to the request before
            self.transport.write(refusal(status))
        self._close()

    def _too_slow(self) -> None:
        """The head did not come in time. A request of before that is being answered may still end."""
        self._head_timer = None
        if self._is_answering():
            self.cycle.keep_alive = False
        else:
            self._close()

    # Sending

    def pause_writing(self) -> None:
        """The visitor takes the answer slowly: from now on some of it must go in every `send_timeout_s`."""
        super().pause_writing()
        self._watch_sending()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked: close, and wait for the rest of the answer only as long as it moves."""
        self._close()

    def shutdown(self) -> None:
        """The server stops: close after the answer that is under way."""
        super().shutdown()
        self._watch_sending()

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
        self._watch_sending()

    def _watch_sending(self) -> None:
        self._unsent_bytes = self.transport.get_write_buffer_size()
        if self._send_timer is None and self._unsent_bytes:
            self._send_timer = self.loop.call_later(self.limits.send_timeout_s, self._see_sending)

    def _see_sending(self) -> None:
        self._send_timer = None
        unsent_bytes = self.transport.get_write_buffer_size()
        if unsent_bytes and unsent_bytes >= self._unsent_bytes:
            self.transport.abort()
        else:
            self._watch_sending()


async def come_back(_scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer `503` to a connection beyond the limit."""
    head, _, body = refusal(503).partition(b"\r\n\r\n")
    lines = (line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    headers = [(name, value) for name, value in lines]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
