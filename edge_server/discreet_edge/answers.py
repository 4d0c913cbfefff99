"""Answers, before they are sent: status, body, media type and headers. Every answer carries the security headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import orjson
from starlette.types import Message

Header: TypeAlias = tuple[bytes, bytes]

JSON: Final = b"application/json"
NOT_STORED: Final[Sequence[Header]] = ((b"cache-control", b"private, no-store"),)
SECURITY: Final[Sequence[Header]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# Pages of other origins that the operator named may read the answer, and so embed it.
CROSS_ORIGIN_SECURITY: Final[Sequence[Header]] = (
    *SECURITY[:-1],
    (b"cross-origin-resource-policy", b"cross-origin"),
)
# What else the connection holds may be long: it is not waited for.
CLOSE: Final[Header] = (b"connection", b"close")
BODILESS: Final = frozenset((204, 304))


class Answer:
    """One answer. Without other headers it says that nobody may store it."""

    __slots__ = ("body", "headers", "media_type", "status")

    def __init__(
        self,
        status: int,
        body: bytes,
        media_type: bytes = JSON,
        headers: Sequence[Header] = (),
    ) -> None:
        self.status, self.body, self.media_type = status, body, media_type
        self.headers = headers or NOT_STORED

    def start(self, security: Sequence[Header]) -> Message:
        """The ASGI message that opens it."""
        headers = [*security, *self.headers]
        if self.status not in BODILESS:
            headers += ((b"content-type", self.media_type), (b"content-length", b"%d" % len(self.body)))
        return {"type": "http.response.start", "status": self.status, "headers": headers}


def as_json(document: object, *, status: int = 200, headers: Sequence[Header] = ()) -> Answer:
    """The answer that says `document`. A double keeps its point: `10.0` is not `10`."""
    return Answer(status, orjson.dumps(document), JSON, headers)


def not_stored(*headers: Header) -> Sequence[Header]:
    """Headers beside the one that forbids storing."""
    return (*NOT_STORED, *headers) if headers else NOT_STORED
