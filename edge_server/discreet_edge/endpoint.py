"""What all endpoints have in common: limits, rates, methods, CORS, security headers, refusals, failures, counting."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from starlette.types import Receive, Scope, Send

from .answers import CLOSE, CROSS_ORIGIN_SECURITY, SECURITY, Answer, Header
from .limiting import Bucket
from .parts import Parts
from .problems import Problem, Refused
from .received import Disconnected, Received

Handler: TypeAlias = Callable[[Received], Awaitable[Answer]]
ForRefusal: TypeAlias = Callable[[Problem, Sequence[Header]], Answer]

_log = logging.getLogger("discreet.edge")
_SECONDS_OF_PREFLIGHT: Final = b"600"
_VARY: Final[Header] = (b"vary", b"origin")


class Endpoint:
    """One path: an ASGI app that answers with its handlers, and with a problem where that cannot be.

    Args:
        name: For the counters.
        handlers: By method. GET answers HEAD too.
        bucket: How often it may be asked; None: as often as anybody likes.
        for_refusal: How a problem is answered.
    """

    __slots__ = (
        "_allow",
        "_bucket",
        "_for_refusal",
        "_handlers",
        "_is_same_origin",
        "_parts",
        "_security",
        "name",
    )

    def __init__(
        self,
        name: str,
        parts: Parts,
        handlers: Mapping[str, Handler],
        *,
        bucket: Bucket | None = None,
        for_refusal: ForRefusal = Problem.answer,
    ) -> None:
        self.name, self._parts, self._bucket, self._for_refusal = name, parts, bucket, for_refusal
        self._handlers = {**handlers, **({"HEAD": handlers["GET"]} if "GET" in handlers else {})}
        self._allow = ", ".join(sorted(self._handlers)).encode()
        self._is_same_origin = not parts.settings.cors_origins
        self._security = SECURITY if self._is_same_origin else CROSS_ORIGIN_SECURITY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began_s = time.perf_counter()
        parts = self._parts
        received = Received(scope, receive, parts.settings, parts.patience)
        try:
            answer = await self._opened(received)(received)
        except Refused as refused:
            answer = self._refusal(refused, scope)
        except Disconnected:
            return
        except Exception as error:  # noqa: BLE001 - the outermost edge
            answer = self._failure(error, scope)
        start = answer.start(self._security if self._is_same_origin else self._security_for(received))
        await send(start)
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})
        parts.counters.answered(self.name, answer.status, time.perf_counter() - began_s)

    def _opened(self, received: Received) -> Handler:
        """What answers this request, whose head is within the limits.

        Raises:
            Refused: nothing does, the head is too large, or there were too many requests.
        """
        received.read_head()
        handler = self._handlers.get(received.scope["method"])
        if handler is None:
            return self._without_handler(received)
        if self._bucket is not None:
            self._bucket.pass_one()
        return handler

    def _without_handler(self, received: Received) -> Handler:
        """A preflight where it may pass; else the methods that there are."""
        preflight = (
            received.scope["method"] == "OPTIONS" and b"access-control-request-method" in received.head
        )
        if preflight and self._is_allowed(received.head.get(b"origin")):
            return self._preflight
        if not self._handlers:
            raise Refused(Problem.NOT_FOUND)
        raise Refused(Problem.METHOD_NOT_ALLOWED, ((b"allow", self._allow),))

    async def _preflight(self, _: Received) -> Answer:
        return Answer(204, b"", headers=(
            (b"access-control-allow-methods", self._allow),
            (b"access-control-allow-headers", b"authorization, content-type, if-none-match"),
            (b"access-control-max-age", _SECONDS_OF_PREFLIGHT),
        ))  # fmt: skip

    def _refusal(self, refused: Refused, scope: Scope) -> Answer:
        self._parts.counters.refused(refused.problem.name.lower())
        headers = refused.headers
        if scope.get("http_version", "1.1")[:1] != "1":  # newer ones have no such header
            headers = [each for each in headers if each != CLOSE]
        return self._for_refusal(refused.problem, headers)

    def _failure(self, error: Exception, scope: Scope) -> Answer:
        """An answer that says nothing; the log says what kind of error, and where. Its text may hold values."""
        if not hasattr(self._parts.bundles, "current"):  # not started yet: what was asked for is not there
            return self._refusal(Refused(Problem.NOT_READY), scope)
        frame = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        _log.error("%s failed: %s in %s, line %s", self.name, kind, frame.name, frame.lineno)
        self._parts.counters.refused(Problem.INTERNAL_ERROR.name.lower())
        return self._for_refusal(Problem.INTERNAL_ERROR, ())

    def _is_allowed(self, origin: bytes | None) -> bool:
        allowed = self._parts.settings.cors_origins
        return origin is not None and ("*" in allowed or origin.decode("latin-1") in allowed)

    def _security_for(self, received: Received) -> Sequence[Header]:
        """The security headers, and what CORS lets this origin do."""
        settings = self._parts.settings
        origin = received.head.get(b"origin")
        if origin is None or not self._is_allowed(origin):
            return [*self._security, _VARY]
        shown = b"*" if "*" in settings.cors_origins else origin  # exactly one that the operator named
        headers = [*self._security, _VARY, (b"access-control-allow-origin", shown),
                   (b"access-control-expose-headers", b"etag, retry-after")]  # fmt: skip
        if settings.cors_credentials:
            headers.append((b"access-control-allow-credentials", b"true"))
        return headers
