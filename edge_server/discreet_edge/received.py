"""One request, as far as the server itself reads it: a few headers, their sizes, and the body within its limits.

Who the visitor is, and what may be known, is `discreet.visitors`' work.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from starlette.types import Receive, Scope

from .answers import CLOSE
from .edge_settings import EdgeSettings
from .patience import Patience
from .problems import Problem, Refused

# The headers that the server itself acts upon.
_READ: Final = frozenset(
    (b"authorization", b"content-length", b"content-type", b"if-none-match", b"origin",
     b"access-control-request-method")
)  # fmt: skip
_SEPARATORS: Final = 4  # octets of a header beside its name and value: `: ` and the end of its line
JSON_TYPES: Final = frozenset((b"application/json",))


class Disconnected(Exception):
    """The client went away before its body had come; there is nobody to answer."""


class Received:
    """The head of a request, and the way to its body."""

    __slots__ = ("_patience", "_receive", "head", "scope", "settings")

    def __init__(self, scope: Scope, receive: Receive, settings: EdgeSettings, patience: Patience) -> None:
        self.scope, self.settings, self._receive, self._patience = scope, settings, receive, patience
        self.head: dict[bytes, bytes] = {}

    def read_head(self) -> None:
        """Keep the headers that the server acts upon.

        Raises:
            Refused: the address, the headers or the cookies are too large, or the headers too many.
        """
        scope, settings = self.scope, self.settings
        headers = scope["headers"]
        size = len(scope["path"]) + len(scope["query_string"]) + _SEPARATORS * len(headers)
        head, cookies = self.head, 0
        for name, value in headers:  # a plain loop: of so few, nothing else is faster
            size += len(name) + len(value)
            if name in _READ:
                head[name] = value
            elif name == b"cookie":
                cookies += len(value)
        if (
            size > settings.max_header_bytes
            or cookies > settings.max_cookie_bytes
            or len(headers) > settings.max_headers
        ):
            raise Refused(Problem.HEADERS_TOO_LARGE, (CLOSE,))

    def has_tag(self, tag: bytes) -> bool:
        """Whether the client has this entity tag already (RFC 9110, If-None-Match)."""
        known = self.head.get(b"if-none-match")
        if known is None:
            return False
        return known.strip() == b"*" or tag in (
            each.strip().removeprefix(b"W/") for each in known.split(b",")
        )

    def body(self, media_types: frozenset[bytes] = JSON_TYPES) -> Awaitable[bytes]:
        """The whole body, to be awaited.

        Raises:
            Refused: it is too large, too slow, or says that it is not JSON.
            Disconnected: it will never be whole.
        """
        media_type = self.head.get(b"content-type")
        if media_type is not None and media_type not in media_types:
            self._check_type(media_type, media_types)
        stated = self.head.get(b"content-length")
        if stated is not None and not _fits(stated, self.settings.max_body_bytes):
            raise Refused(Problem.BODY_TOO_LARGE, (CLOSE,))
        return self._patience.wait_for(self._chunks())

    @staticmethod
    def _check_type(stated: bytes, media_types: frozenset[bytes]) -> None:
        if stated.partition(b";")[0].strip().lower() not in media_types:
            raise Refused(Problem.UNSUPPORTED_MEDIA_TYPE)

    async def _chunks(self) -> bytes:
        message = await self._receive()
        if not message.get("more_body") and message["type"] == "http.request":  # most often it is all there
            body: bytes = message.get("body", b"")
            self._within(body)
            return body
        whole = bytearray()
        while True:
            if message["type"] != "http.request":
                raise Disconnected
            whole += message.get("body", b"")
            self._within(whole)
            if not message.get("more_body"):
                return bytes(whole)
            message = await self._receive()

    def _within(self, body: bytes | bytearray) -> None:
        if len(body) > self.settings.max_body_bytes:
            raise Refused(Problem.BODY_TOO_LARGE, (CLOSE,))


def _fits(stated: bytes, limit: int) -> bool:
    # Longer digits than any limit has are not even read: `int` would take its time for them.
    return stated.isdigit() and len(stated) <= 12 and int(stated) <= limit
