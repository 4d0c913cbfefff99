"""What a page has stored with the visitor, and the one Set-Cookie header that comes of it.

A cookie is set only where the consent to store was given. One that came without it is expired, on pages that no shared
cache keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discreet_consent import Provenance

from ..errors import DiscreetError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from discreet.runtime import Evaluator
    from discreet.visitors import Incoming, Profile, Visit, Visitors

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

    __slots__ = ("_forgets", "_incoming", "_profile", "_values", "_visitors", "is_asked")

    def __init__(self, visitors: Visitors, incoming: Incoming) -> None:
        self._visitors = visitors
        self._incoming = incoming
        self._values: dict[str, object] = {}
        self._profile: Profile | None = None
        self._forgets = False
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
        self._values.update(values)
        self._profile = self._visitors.kept(evaluator, visit, self._values)
        stored: Collection[str] = () if self._profile is None else self._profile.values
        return frozenset(name for name in values if name in stored)

    def forget(self) -> None:
        """Note that nothing is to stay stored: neither what was, nor what this page remembers before or after."""
        self.is_asked = self._forgets = True

    @property
    def may_matter(self) -> bool:
        """Whether there can be a cookie to set or to expire."""
        name = self._visitors.settings.cookie_name.encode()
        return self.is_asked or any(name in each for each in self._incoming.all(b"cookie"))

    async def cookie(self, visit: Callable[[], Visit]) -> bytes | None:
        """Store, or forget, and give the Set-Cookie value that belongs to the response.

        Raises:
            ProfilesError: the profile source did not answer.
        """
        if not self.may_matter:
            return None
        if self._forgets:
            return await self._visitors.forget(self._incoming)
        if self._profile is not None:
            return await self._visitors.store(self._profile, visit())
        return self._visitors.expire_cookie(self._incoming, visit())

    def cookie_now(self, visit: Callable[[], Visit]) -> bytes | None:
        """`cookie` without an event loop.

        Raises:
            ProfilesError: the profile source did not answer.
        """
        if not self.may_matter:
            return None
        if self._forgets:
            return self._visitors.forget_now(self._incoming)
        if self._profile is not None:
            return self._visitors.store_now(self._profile, visit())
        return self._visitors.expire_cookie(self._incoming, visit())
