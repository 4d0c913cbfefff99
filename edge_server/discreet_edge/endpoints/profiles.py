"""`PUT` and `DELETE /v1/profile`: what the visitor told us, kept as far as consent goes, and forgotten on demand."""

from __future__ import annotations

from typing import Any, Final

from discreet.serving import Served
from discreet.visitors import Given, Incoming, NotForgotten, ProfilesError
from discreet_consent import Provenance

from ..answers import Answer, Header, as_json, not_stored
from ..parts import Parts
from ..problems import Problem, Refused
from ..received import Received
from .documents import read_object
from .wishes import read_given

_MEMBERS: Final = frozenset(("attributes", "consent"))


class ProfileOf:
    """The two handlers."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def put(self, received: Received) -> Answer:
        """Keep those of the attributes that are declared ones, permitted and well-formed; say which found room."""
        parts, visitors = self._parts, self._parts.visitors
        document = read_object(await received.body())
        if "attributes" not in document or not _MEMBERS.issuperset(document):
            raise Refused(Problem.INVALID_REQUEST)
        given = read_given(document, parts.settings)
        served = parts.bundles.current
        visit = await parts.visit(served, received, given, parts.clock_s())
        if not visit.storage_granted:
            incoming = Incoming.from_scope(received.scope, now_s=visit.now_s)
            raise Refused(Problem.STORAGE_NOT_GRANTED, _cookie(visitors.expire_cookie(incoming, visit)))
        told = _told(served, given)
        profile = visitors.kept(served.evaluator, visit, told)
        if profile is None:
            raise Refused(Problem.PROFILES_NOT_KEPT)
        try:
            cookie = await visitors.store(profile, visit)
        except ProfilesError:
            raise Refused(Problem.PROFILES_FAILED) from None
        before = {} if visit.profile is None else visit.profile.values
        kept = [name for name in told if profile.values.get(name) is not before.get(name)]
        names = sorted(name for name in kept if name in profile.values)
        return as_json({"kept": names}, headers=not_stored(*_cookie(cookie)))

    async def delete(self, received: Received) -> Answer:
        """Forget what is kept, and expire the cookie."""
        parts = self._parts
        incoming = Incoming.from_scope(received.scope, now_s=parts.clock_s())
        try:
            cookie = await parts.visitors.forget(incoming)
        except NotForgotten as error:
            raise Refused(Problem.PROFILES_FAILED, _cookie(error.cookie)) from None
        return Answer(204, b"", headers=not_stored(*_cookie(cookie)))


def _told(served: Served, given: Given) -> dict[str, Any]:
    """What a visitor may tell: facts that we observe ourselves are not the visitor's to state."""
    return {
        each.name: given.attributes[each.name]
        for each in served.evaluator.catalogue
        if each.provenance is Provenance.DECLARED and each.name in given.attributes
    }


def _cookie(value: bytes | None) -> tuple[Header, ...]:
    return () if value is None else ((b"set-cookie", value),)
