"""What is answered when a request is refused: RFC 9457 problem details, from one table.

The title says what kind of thing is wrong, the detail which rule was broken. Both are fixed texts: nothing that a
visitor sent is in them, not even a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

import orjson

from .answers import Answer, Header, not_stored

PREFIX: Final = "urn:discreet:problem:"
MEDIA_TYPE: Final = b"application/problem+json"


class Problem(Enum):
    """Each problem as its status, its title and its detail; its type is `urn:discreet:problem:` and its name."""

    MALFORMED_BODY = (
        400,
        "Malformed body",
        "the body is not one JSON document that nests at most 16 deep and has no key twice",
    )
    INVALID_REQUEST = (400, "Invalid request", "the body is not what this endpoint takes: see /openapi.json")
    TOO_MANY_NAMES = (400, "Too many names", "too many attributes, or a name that is too long")
    NOT_AUTHORIZED = (401, "Not authorized", "this needs the admin token")
    EXPLAIN_NOT_ALLOWED = (403, "Explanations not allowed", "explanations need the admin token")
    STORAGE_NOT_GRANTED = (
        403,
        "Storage not granted",
        "nothing is kept of a visitor who did not grant storage",
    )
    NOT_FOUND = (404, "Not found", "there is nothing at this path")
    UNKNOWN_PLACEMENT = (404, "Unknown placement", "the bundle in service has no such placement")
    UNKNOWN_BUNDLE = (404, "Unknown bundle", "the bundle in service has another digest, or is not given out")
    PROFILES_NOT_KEPT = (404, "Profiles not kept", "this server keeps no profiles")
    METHOD_NOT_ALLOWED = (
        405,
        "Method not allowed",
        "this path does not take this method: see the header Allow",
    )
    BODY_TOO_SLOW = (408, "Body too slow", "the body did not arrive in time")
    NOT_RELOADED = (409, "Not reloaded", "no newer bundle is in service: see /readyz")
    BODY_TOO_LARGE = (413, "Body too large", "the body is larger than this server takes")
    UNSUPPORTED_MEDIA_TYPE = (415, "Unsupported media type", "the body must be application/json")
    UNKNOWN_EXPOSURE = (
        422,
        "Unknown exposure",
        "the bundle in service has no such placement, or not this offer for it",
    )
    TOO_MANY_REQUESTS = (429, "Too many requests", "see the header Retry-After")
    HEADERS_TOO_LARGE = (
        431,
        "Headers too large",
        "the address, the headers or the cookies are larger than this server takes",
    )
    INTERNAL_ERROR = (500, "Internal error", "the server failed; nothing was decided")
    PROFILES_FAILED = (502, "Profiles failed", "the profile source did not answer; try again")
    NOT_READY = (503, "Not ready", "no bundle is in service, or it has expired")

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail
        self.type = PREFIX + self.name.lower().replace("_", "-")
        self.body = orjson.dumps(self.as_dict())

    def as_dict(self) -> dict[str, str | int]:
        return {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}

    def answer(self, headers: Sequence[Header] = ()) -> Answer:
        """The answer for it."""
        return Answer(self.status, self.body, MEDIA_TYPE, not_stored(*headers))


class Refused(Exception):
    """The request gets this problem for an answer."""

    def __init__(self, problem: Problem, headers: Sequence[Header] = ()) -> None:
        super().__init__(problem.name)
        self.problem, self.headers = problem, headers
