"""From a request to the visitor's consent: `read_request` and `resolve`, and what is remembered of requests alike."""

from __future__ import annotations

import os
import re
from _thread import allocate_lock
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from marshal import dumps
from typing import Any, TypeAlias

from cachetools import FIFOCache

from discreet_consent import Consent, Policy, read_request, resolve
from discreet_consent.regimes.resolution import UNKNOWN

from .cdn import country_of, region_of
from .facts import cdn_called
from .given import Given
from .incoming import Incoming
from .settings import DAY_S, VisitorSettings

_Stated: TypeAlias = tuple[Any, ...]  # the signals in the order of `_SIGNALS`, the age, the region
_Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
_Remembered: TypeAlias = tuple[Consent, float, int]  # for which day (UTC), and what it takes, in octets

MAX_TOLD = 8_192  # octets of what one request's consent depends on, and
MAX_SIGNALS = 8  # its signals; of more nothing is remembered
# Octets that a remembered consent takes, at most, as a test measures: by itself, for each signal, for each judgement of
# a signal, of which every regime passes one where the region is unknown, and for each reason beside its text.
_ALONE, _PER_SIGNAL, _PER_JUDGEMENT, _PER_REASON = 2_560, 1_024, 768, 64
_SIGNALS = ("tcf", "gpp", "us_privacy", "gpc", "consent_mode")
_MAX_STATED = 256  # purposes that a caller may state
_UNREADABLE = object()  # of no type that a signal has
_NO_HEADERS: _Headers = ()
_NOTHING_CAME = b""  # longer ones are digests


class Consents:
    """Works out the consent of each request. Safe for threads.

    What a consent depends on holds cookies that are not ours. So it is not kept, but a digest of it, keyed with a
    secret that this object alone knows; and with the first consent of another day, those of the day before go.

    Args:
        remember_bytes: How much memory, at most, remembered consents may take; 0: nothing is remembered.
    """

    __slots__ = (
        "_cdn", "_day", "_digest", "_lock", "_memory", "_policy", "_remember_bytes", "_settings", "_signals_in",
        "_wanted",
    )  # fmt: skip

    def __init__(self, settings: VisitorSettings, *, remember_bytes: int) -> None:
        self._settings = settings
        self._policy = settings.policy or Policy.default()
        self._cdn = cdn_called(settings.cdn)
        self._wanted = frozenset(name.lower().encode() for name in self._policy.headers) | {b"cookie"}
        if self._cdn is not None:
            self._wanted |= {self._cdn.country, self._cdn.subdivision}
        # Where a parameter that the policy names may stand. A name may be percent-encoded.
        names = [re.escape(name.encode()) for name in self._policy.parameters]
        self._signals_in = re.compile(b"|".join([b"%", *names])).search
        self._remember_bytes = remember_bytes
        self._digest = blake2b(key=os.urandom(32), digest_size=16)  # of nothing yet: copied for each request
        self._memory: FIFOCache[bytes, _Remembered] = FIFOCache(remember_bytes, _size_of)
        self._day = 0.0
        self._lock = allocate_lock()

    def of(self, incoming: Incoming, given: Given | None = None) -> Consent:
        """The consent that the request's signals, and those that its caller states, come to. Never raises."""
        stated = None
        if given is not None and given.consent is not None and given.consent != {}:
            granted, stated = self._read(given.consent, incoming)
            if granted is not None:
                return granted
        wanted, headers = self._wanted, _NO_HEADERS
        for each in incoming.headers:  # most often none is, or one
            if each[0] in wanted:
                headers += (each,)
        query = incoming.query_string
        if query and self._signals_in(query) is None:
            query = b""
        key = self._key(headers, query, stated)
        now_s = incoming.now_s
        remembered = None if key is None else self._memory.get(key)
        if remembered is not None:
            consent, day, _ = remembered
            if now_s // DAY_S == day and (consent.expires_s is None or now_s < consent.expires_s):
                return consent
        return self._anew(key, headers, query, stated, incoming)

    @property
    def remembered(self) -> int:
        """How many requests' consents are remembered."""
        return len(self._memory)

    def _key(self, headers: _Headers, query: bytes, stated: _Stated | None) -> bytes | None:
        """Under what a consent is remembered; None where it is not."""
        if not headers and not query and stated is None:
            return _NOTHING_CAME
        try:
            # Each part with its type and length, so that no two requests are written alike; version 2 knows no
            # references, which would write the same texts differently.
            told = dumps((headers, query, stated), 2)
        except ValueError:  # of what only Python objects say, nothing is remembered
            return None
        if len(told) > MAX_TOLD:
            return None
        digest = self._digest.copy()
        digest.update(told)
        return digest.digest()

    def _anew(
        self, key: bytes | None, headers: _Headers, query: bytes, stated: _Stated | None, incoming: Incoming
    ) -> Consent:
        now_s, policy = incoming.now_s, self._policy
        signals = read_request(headers, query=query, policy=policy)
        region: Any = self._region(incoming)
        more: dict[str, Any] = {}
        if stated is not None:
            more = dict(zip((*_SIGNALS, "age_years"), stated, strict=False))
            region = region if stated[-1] is None else stated[-1]
        consent = resolve(signals=signals, region=region, now_s=now_s, policy=policy, **more)
        in_force = consent.resolved_s is not None and (consent.expires_s is None or now_s < consent.expires_s)
        judged = len(signals.sent) + sum(each is not None for each in more.values())
        if in_force and key is not None and judged <= MAX_SIGNALS:
            regimes = len(policy.presets) if consent.regime == UNKNOWN else 1
            self._remember(key, (consent, now_s // DAY_S, _octets_of(consent, judged, regimes)))
        return consent

    def _remember(self, key: bytes, remembered: _Remembered) -> None:
        # Two writers could both forget the same one; readers need no lock. Where there is no room nothing is kept.
        with self._lock, suppress(ValueError):
            if remembered[1] != self._day:
                self._memory, self._day = FIFOCache(self._remember_bytes, _size_of), remembered[1]
            self._memory[key] = remembered

    def _region(self, incoming: Incoming) -> str | None:
        """What the CDN says; the setting's only where it says nothing. A country that nobody knows is not known."""
        cdn = self._cdn
        if cdn is None or incoming.header(cdn.country) is None:
            return self._settings.region
        return region_of(incoming, cdn) or country_of(incoming, cdn)

    def _read(self, given: object, incoming: Incoming) -> tuple[Consent | None, _Stated]:
        """What a caller states: grants, where it may; else signals, age and, where it may, the region."""
        settings = self._settings
        stated: Mapping[str, Any] = given if isinstance(given, Mapping) else {"gpc": _UNREADABLE}
        age_years = stated.get("age_years")
        region = stated.get("region") if settings.accept_region else None
        signals = tuple(_signal(name, stated.get(name)) for name in _SIGNALS)
        granted = None
        if settings.accept_stated and (
            stated.get("purposes") is not None or stated.get("sensitive") is not None
        ):
            where: Any = self._region(incoming) if region is None else region
            judged = resolve(region=where, now_s=incoming.now_s, age_years=age_years, policy=self._policy)
            granted = _granted(stated, contextual_only=judged.contextual_only)
        return granted, (*signals, age_years, region)


def _signal(name: str, value: object) -> object:
    """A signal as `resolve` takes it. What is neither text nor of a type that it reads is unreadable, never absent."""
    if value is None or isinstance(value, str) or (name == "consent_mode" and isinstance(value, Mapping)):
        return value
    if name == "gpc" and (value is True or value is False):
        return value
    return _UNREADABLE


def _granted(stated: Mapping[str, Any], *, contextual_only: bool) -> Consent:
    """The grants that a trusted caller states; those of the wrong type are none."""
    purposes, items = (_names(stated.get(name)) for name in ("purposes", "sensitive"))
    if purposes is None or items is None:
        return Consent((), contextual_only=contextual_only, reasons=("what was stated cannot be read",))
    return Consent(
        purposes, sensitive=items, contextual_only=contextual_only, reasons=("granted by the caller",)
    )


def _names(given: object) -> frozenset[str] | None:
    """A list of texts; None for anything else."""
    if given is None:
        return frozenset()
    if not isinstance(given, list | tuple | set | frozenset) or len(given) > _MAX_STATED:
        return None
    return frozenset(given) if all(isinstance(each, str) for each in given) else None


def _octets_of(consent: Consent, judged: int, regimes: int) -> int:
    reasons = sum(len(each) + _PER_REASON for each in consent.reasons)  # each judgement may have its own
    return _ALONE + judged * (_PER_SIGNAL + regimes * (_PER_JUDGEMENT + reasons))


def _size_of(remembered: _Remembered) -> int:
    return remembered[2]
