"""What a page has stored with the visitor, and the one Set-Cookie header that comes of it.

A cookie is set only where the consent to store was given. One that came without it is expired, on pages that no shared
cache keeps.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from discreet.visitors import NotForgotten, ProfilesError
from discreet_consent import Provenance

from ..errors import DiscreetError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from discreet.runtime import Evaluator
    from discreet.visitors import Incoming, Profile, Visit, Visitors

logger = logging.getLogger("discreet.adapters")

_STORED = (Provenance.FIRST_PARTY, Provenance.DECLARED)


class NotStored(DiscreetError):
    """A page is asked to remember what is no attribute that is ever stored."""

    def __init__(self, name: str, known: frozenset[str]) -> None:
        super().__init__(f"there is no first-party or declared attribute `{name}`{nearest(name, known)}")
        self.name = name


class Keeping:
    """What one page wants stored with its visitor.

    Attributes:
        is_asked: Whether the page was asked to remember or to forget something.
    """

    __slots__ = (
        "_cookie", "_forgets", "_incoming", "_is_done", "_is_kept", "_profile", "_values", "_visitors", "is_asked",
    )  # fmt: skip

    def __init__(self, visitors: Visitors, incoming: Incoming) -> None:
        self._visitors = visitors
        self._incoming = incoming
        self._values: dict[str, object] = {}
        self._profile: Profile | None = None
        self._forgets = False
        self._is_done = False  # what was asked for until now
        self._is_kept = True
        self._cookie: bytes | None = None
        self.is_asked = False

    def remember(self, evaluator: Evaluator, visit: Visit, values: Mapping[str, object]) -> frozenset[str]:
        """Note what is to be stored; the names of what will be.

        Raises:
            NotStored: a name is that of no first-party or declared attribute.
        """
        known = frozenset(each.name for each in evaluator.catalogue if each.provenance in _STORED)
        for name in values:
            if name not in known:
                raise NotStored(name, known)
        self.is_asked = True
        if self._forgets:
            return frozenset()
        self._is_done = False
        self._values.update(values)
        self._profile = self._visitors.kept(evaluator, visit, self._values)
        stored = {} if self._profile is None or visit.is_unread else self._profile.values
        before = {} if visit.profile is None else visit.profile.values
        # What stays as it was is not what was to be stored: that was none, or not permitted.
        return frozenset(name for name in values if name in stored and stored[name] is not before.get(name))

    def forget(self) -> None:
        """Note that nothing is to stay stored: neither what was, nor what this page remembers before or after."""
        if not self._forgets:
            self._is_done = False
        self.is_asked = self._forgets = True

    @property
    def may_matter(self) -> bool:
        """Whether there can be a cookie to set or to expire."""
        name = self._visitors.settings.cookie_name.encode()
        return self.is_asked or any(name in each for each in self._incoming.all(b"cookie"))

    async def keep(self, visit: Callable[[], Visit]) -> bool:
        """Store, or forget, what was asked for until now; whether that was done. The operator is told of a failure."""
        if not self._is_done:
            try:
                self._done(await self._told(visit))
            except ProfilesError as error:
                self._failed(error)
        return self._is_kept

    def keep_now(self, visit: Callable[[], Visit]) -> bool:
        """`keep` without an event loop."""
        if not self._is_done:
            try:
                self._done(self._told_now(visit))
            except ProfilesError as error:
                self._failed(error)
        return self._is_kept

    async def cookie(self, visit: Callable[[], Visit]) -> bytes | None:
        """The Set-Cookie value that belongs to the response, after all that was asked for is done."""
        if not self.may_matter:
            return None
        await self.keep(visit)
        return self._cookie

    def cookie_now(self, visit: Callable[[], Visit]) -> bytes | None:
        """`cookie` without an event loop."""
        if not self.may_matter:
            return None
        self.keep_now(visit)
        return self._cookie

    async def _told(self, visit: Callable[[], Visit]) -> bytes | None:
        if self._forgets:
            return await self._visitors.forget(self._incoming)
        if self._profile is not None:
            return await self._visitors.store(self._profile, visit())
        return self._visitors.expire_cookie(self._incoming, visit())

    def _told_now(self, visit: Callable[[], Visit]) -> bytes | None:
        if self._forgets:
            return self._visitors.forget_now(self._incoming)
        if self._profile is not None:
            return self._visitors.store_now(self._profile, visit())
        return self._visitors.expire_cookie(self._incoming, visit())

    def _done(self, cookie: bytes | None) -> None:
        self._is_done = self._is_kept = True
        self._cookie = cookie

    def _failed(self, error: ProfilesError) -> None:
        """The visitor gets the page all the same, and whoever wishes to be forgotten loses the cookie."""
        self._is_done, self._is_kept = True, False
        self._cookie = error.cookie if isinstance(error, NotForgotten) else None
        logger.warning("a profile was not %s: %s", "forgotten" if self._forgets else "stored", error)
