"""The bundle in service as a signed file, for workers and lambdas that decide themselves; for everybody the same."""

from __future__ import annotations

from typing import Final

from discreet.serving import Served

from ..answers import Answer, Header
from ..parts import Parts
from ..problems import Problem, Refused
from ..received import Received

MEDIA_TYPE: Final = b"application/vnd.discreet.bundle"
_ASK_AGAIN: Final[Header] = (b"cache-control", b"public, no-cache")
_FOR_EVER: Final[Header] = (b"cache-control", b"public, max-age=31536000, immutable")


class BundleFiles:
    """The two handlers. Neither looks at who is asking."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def current(self, received: Received) -> Answer:
        """Whatever is in service now."""
        return self._answer(received, self._parts.bundles.current, _ASK_AGAIN)

    async def by_digest(self, received: Received) -> Answer:
        """The bundle of this digest, as long as it is in service. Its bytes may be kept for ever."""
        served = self._parts.bundles.current
        if received.scope["path_params"]["digest"] != served.digest:
            raise Refused(Problem.UNKNOWN_BUNDLE)
        return self._answer(received, served, _FOR_EVER)

    def _answer(self, received: Received, served: Served, caching: Header) -> Answer:
        if not self._parts.settings.public_bundle or not served.data:
            raise Refused(Problem.UNKNOWN_BUNDLE)
        tag = served.etag.encode()
        headers = (caching, (b"etag", tag))
        if received.has_tag(tag):
            return Answer(304, b"", headers=headers)
        return Answer(200, served.data, MEDIA_TYPE, headers)
