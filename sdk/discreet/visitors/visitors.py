"""From a request to a visit: consent first, then only what that consent lets us look at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from discreet_consent import Consent, Observed
from discreet_consent.purposes import is_granted

from ..runtime import Evaluator
from .asking import asked, asked_now, forget_each, forget_each_now, told, told_now
from .consents import Consents
from .cookie import ProfileCookie, expiring_cookie, sent_values
from .errors import NotForgotten, ProfilesError
from .facts import cdn_called, fact_called
from .given import PLAIN, Given, observed
from .incoming import Incoming
from .looks import AllLooks, misfits, take
from .profile import MAX_KEPT_BYTES, MAX_STORED_BYTES, Profile
from .profiles import Profiles, ProfilesNow
from .sealing import Sealer
from .settings import VisitorSettings
from .visit import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from discreet_consent.consent import Grants

REMEMBER_BYTES = 32 * 1024 * 1024
_MOST_GRANTS = 4_096


class Visitors:
    """Meets visitors: works out their consent, then what may be known of them. Safe for threads.

    What a consent does not permit is not looked at: neither facts, nor the cookie, nor the profile source, nor what
    the caller states.

    Args:
        sealer: Opens and seals the profile cookie; None: there is none.
        profiles: Where values are kept beside the cookie, which then holds the id alone; None: in the cookie.
        remember_bytes: How much memory, roughly, remembered consents may take; 0: nothing is remembered.
    Attributes:
        failures: How often the profile source failed.
    """

    def __init__(
        self,
        settings: VisitorSettings | None = None,
        *,
        sealer: Sealer | None = None,
        profiles: Profiles | ProfilesNow | None = None,
        remember_bytes: int = REMEMBER_BYTES,
    ) -> None:
        self.settings = settings = settings or VisitorSettings()
        self.profiles = profiles
        self.failures = 0
        self._awaited = profiles if isinstance(profiles, Profiles) else None
        self._direct = profiles if isinstance(profiles, ProfilesNow) else None
        self._consents = Consents(settings, remember_bytes=remember_bytes)
        self._cookie = None if sealer is None else ProfileCookie(settings, sealer)
        self._cdn = cdn_called(settings.cdn)
        self._timezone = settings.timezone
        facts = {name: fact_called(fact, name) for name, fact in settings.attributes.items()}
        self._facts = facts
        self._looks = AllLooks(facts, settings.accept)
        # Worked out once per set of grants, of which there are few; bounded, for visitors choose them.
        self._stores = lru_cache(_MOST_GRANTS)(partial(_may_store, settings.storage_purpose))

    def consent(self, incoming: Incoming, given: Given | None = None) -> Consent:
        """What the visitor granted, by the signals that came with the request and beside it. Never raises."""
        return self._consents.of(incoming, given)

    def profile(self, incoming: Incoming, consent: Consent) -> Profile | None:
        """What is stored with the visitor; None when that is nothing, or nothing of ours. Never raises.

        Without storage consent the cookie is not looked at.
        """
        cookie = self._cookie
        if cookie is None:
            return None
        grants = consent.grants if consent.expires_s is None else consent.grants_at(incoming.now_s)
        return cookie.read(incoming) if self._stores(grants) else None

    def visit(
        self,
        evaluator: Evaluator,
        incoming: Incoming,
        given: Given | None = None,
        *,
        known: Mapping[str, Any] | None = None,
    ) -> Visit:
        """Meet the visitor of one request. No I/O; never raises because of what a visitor sent.

        Later wins: what is given, the profile's values, `known`, facts of the request.

        Args:
            known: What the site knows of the visitor: first-party and declared attributes.
        """
        consent = self._consents.of(incoming, given)
        grants = consent.grants if consent.expires_s is None else consent.grants_at(incoming.now_s)
        cookie = self._cookie
        profile = cookie.read(incoming) if cookie is not None and self._stores(grants) else None
        return self._met(evaluator, incoming, given, consent, grants, profile, known)

    async def arrive(self, evaluator: Evaluator, incoming: Incoming, given: Given | None = None) -> Visit:
        """`visit`, after asking the profile source for what it knows of the visitor whose cookie came.

        When it fails, or takes longer than `settings.profiles_timeout_s`, it knows nothing, and `failures` counts it.
        """
        consent = self._consents.of(incoming, given)
        profile = self.profile(incoming, consent)
        source = self._asynchronous("read")
        if profile is not None and source is not None:
            known = await asked(source, profile.id, self.settings.profiles_timeout_s)
            return self._met_with(evaluator, incoming, given, consent, profile, known)
        return self._met(
            evaluator, incoming, given, consent, consent.grants_at(incoming.now_s), profile, None
        )

    def arrive_now(self, evaluator: Evaluator, incoming: Incoming, given: Given | None = None) -> Visit:
        """`arrive` without an event loop, for WSGI and Lambda: it asks a source that has `read_now`.

        How long it waits is the source's own setting.
        """
        consent = self._consents.of(incoming, given)
        profile = self.profile(incoming, consent)
        source = self._synchronous("read_now")
        if profile is not None and source is not None:
            known = asked_now(source, profile.id)
            return self._met_with(evaluator, incoming, given, consent, profile, known)
        return self._met(
            evaluator, incoming, given, consent, consent.grants_at(incoming.now_s), profile, None
        )

    def kept(self, evaluator: Evaluator, visit: Visit, attributes: Mapping[str, Any]) -> Profile | None:
        """The visit's profile, or a new one, with those of `attributes` that may be stored: see `store`.

        These are first-party and declared ones that the settings accept, permitted under their own names, and
        well-formed. None as a value removes the one that is there. What may not be stored any more is removed as well.
        What finds no room is left out, oldest observation first; of those of `attributes` to which that happens, what
        was there before stays.

        Returns:
            None without storage consent, or without a sealer.
        """
        if self._cookie is None or not visit.storage_granted:
            return None
        looks = self._looks.under(evaluator.catalogue.plan(visit.consent.grants_at(visit.now_s)))
        names = looks.stored & looks.given
        came = {name: observed(attributes[name]) for name in attributes if name in names}
        permitted = evaluator.permit(came, visit.consent, now_s=visit.now_s)
        values: dict[str, Observed | None] = {}
        for name, value in came.items():
            admitted = permitted.get(name)
            if admitted is not None:
                at_s = value.at_s if isinstance(value, Observed) else visit.now_s
                values[name] = Observed(admitted, at_s=at_s)
            elif value is None:
                values[name] = None
        before = (visit.profile or Profile.new()).only(looks.stored)
        return _with_room(before, values, MAX_KEPT_BYTES if self.profiles is None else MAX_STORED_BYTES)

    async def store(self, profile: Profile, visit: Visit) -> bytes | None:
        """Keep `profile`: in the profile source where there is one, else in the cookie. Its Set-Cookie value.

        Returns:
            None without storage consent, or without a sealer: then nothing is kept.
        Raises:
            ProfilesError: the source did not keep it; or the visit is one without what the source holds, which
                `profile` would destroy.
        """
        header, source = self.set_cookie(profile, visit), self._asynchronous("write")
        if header is not None and source is not None:
            _check_read(visit)
            ttl_s = self.settings.cookie_max_age_s
            await self._told(source.write(profile.id, profile.values, ttl_s=ttl_s))
        return header

    def store_now(self, profile: Profile, visit: Visit) -> bytes | None:
        """`store` without an event loop."""
        header, source = self.set_cookie(profile, visit), self._synchronous("write_now")
        if header is not None and source is not None:
            _check_read(visit)
            ttl_s = self.settings.cookie_max_age_s
            self._told_now(lambda: source.write_now(profile.id, profile.values, ttl_s=ttl_s))
        return header

    async def forget(self, incoming: Incoming) -> bytes | None:
        """Forget the visitor, who wishes it: in the profile source, and by a Set-Cookie value that removes the cookie.

        For this alone, the cookie is opened whatever was consented; of several, each that opens.

        Returns:
            None when no cookie came.
        Raises:
            NotForgotten: the source did not forget it. Its `cookie` is the Set-Cookie value: send it all the same.
        """
        ids, source = self._wishing(incoming), self._asynchronous("forget")
        expiry = self._expiry(incoming)
        if ids and source is not None:
            try:
                await self._told(forget_each(source, ids))
            except ProfilesError as error:
                raise NotForgotten(error, expiry) from None
        return expiry

    def forget_now(self, incoming: Incoming) -> bytes | None:
        """`forget` without an event loop."""
        ids, source = self._wishing(incoming), self._synchronous("forget_now")
        expiry = self._expiry(incoming)
        if ids and source is not None:
            try:
                self._told_now(lambda: forget_each_now(source, ids))
            except ProfilesError as error:
                raise NotForgotten(error, expiry) from None
        return expiry

    def set_cookie(self, profile: Profile, visit: Visit) -> bytes | None:
        """The Set-Cookie value that keeps `profile` with the visitor; None without storage consent, or a sealer."""
        if self._cookie is None or not visit.storage_granted:
            return None
        return self._cookie.header(profile, visit.now_s, with_values=self.profiles is None)

    def expire_cookie(self, incoming: Incoming, visit: Visit) -> bytes | None:
        """The Set-Cookie value that removes a cookie which came though nothing may be stored; None otherwise."""
        return None if visit.storage_granted else self._expiry(incoming)

    def misfits(self, evaluator: Evaluator) -> list[str]:
        """What keeps the settings' facts from filling this bundle's attributes, a sentence each: for a start's log."""
        return misfits(evaluator.catalogue, self._facts)

    def _expiry(self, incoming: Incoming) -> bytes | None:
        if self._cookie is None or not sent_values(incoming, self.settings.cookie_name.encode()):
            return None
        return expiring_cookie(self.settings)

    def _asynchronous(self, method: str) -> Profiles | None:
        return self._awaited if self._awaited is not None or self.profiles is None else _lacks(method)

    def _synchronous(self, method: str) -> ProfilesNow | None:
        return self._direct if self._direct is not None or self.profiles is None else _lacks(method)

    def _wishing(self, incoming: Incoming) -> list[str]:
        """The ids of whoever wishes to be forgotten."""
        cookie = self._cookie
        return [] if cookie is None else [*dict.fromkeys(each.id for each in cookie.read_all(incoming))]

    def _met_with(
        self,
        evaluator: Evaluator,
        incoming: Incoming,
        given: Given | None,
        consent: Consent,
        profile: Profile,
        known: Mapping[str, Any] | None,
    ) -> Visit:
        """The visit of one whose profile source was asked; None is `known` where it failed."""
        now_s = incoming.now_s
        if known is None:
            self.failures += 1
        else:
            profile = profile.with_values(known, now_s)
        grants = consent.grants_at(now_s)
        is_read = known is not None
        return self._met(evaluator, incoming, given, consent, grants, profile, None, is_read=is_read)

    async def _told(self, telling: Awaitable[None]) -> None:
        try:
            await told(telling, self.settings.profiles_timeout_s)
        except ProfilesError:
            self.failures += 1
            raise

    def _told_now(self, tell: Callable[[], None]) -> None:
        try:
            told_now(tell)
        except ProfilesError:
            self.failures += 1
            raise

    def _met(
        self,
        evaluator: Evaluator,
        incoming: Incoming,
        given: Given | None,
        consent: Consent,
        grants: Grants,
        profile: Profile | None,
        known: Mapping[str, Any] | None,
        *,
        is_read: bool = False,
    ) -> Visit:
        now_s, catalogue = incoming.now_s, evaluator.catalogue
        # The plan says where to look, and reads: as `Evaluator.permit` does it, which would ask for the grants again.
        plan = catalogue.plans.get(grants) or catalogue.plan(grants)
        looks = self._looks.under(plan)
        values: dict[str, Any] = {}
        if given is not None:
            take(values, given.attributes, looks.given)
            for name, value in values.items():
                if type(value) not in PLAIN:  # most are
                    values[name] = observed(value)
        if profile is not None:
            take(values, profile.values, looks.kept)
        if known is not None:
            take(values, known, looks.kept)
        for name, read in looks.facts:
            fact = read(incoming, self._cdn, self._timezone)
            if fact is not None:
                values[name] = fact
        return Visit(
            consent,
            plan.read(values, now_s, consent.resolved_s),
            now_s=now_s,
            profile=profile,
            storage_granted=self._stores(grants),
            is_unread=not is_read and profile is not None and self.profiles is not None,
        )


def _lacks(method: str) -> NoReturn:
    """A source of the other kind would never be asked, and nobody would notice."""
    raise TypeError(f"the profile source has no `{method}`: see `Profiles` and `ProfilesNow`")


def _check_read(visit: Visit) -> None:
    if visit.is_unread:
        raise ProfilesError("the profile source was not read, so what it holds is not overwritten")


def _with_room(before: Profile, values: Mapping[str, Observed | None], room: int) -> Profile:
    """`before` with those of `values` for which there is room, beside it or in its place."""
    told = dict(values)
    while True:
        profile = before.with_values(told, 0).that_fits(room)
        fallen = [name for name, value in told.items() if value is not None and name not in profile.values]
        if not fallen:
            return profile
        for name in fallen:  # what was there before comes back, and may need the room of others
            del told[name]


def _may_store(purpose: str, grants: Grants) -> bool:
    """Whether something may be stored with a visitor: not with a known child, of whom only context may be known."""
    purposes, _, contextual_only = grants
    return not contextual_only and is_granted(purpose, purposes)
