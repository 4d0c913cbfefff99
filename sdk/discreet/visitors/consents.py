"""From a request to the visitor's consent: `read_request` and `resolve`, and what is remembered of requests alike."""

from __future__ import annotations

import re
from _thread import allocate_lock
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from cachetools import FIFOCache

from discreet_consent import Consent, Policy, read_request, resolve

from .cdn import country_of, region_of
from .facts import cdn_called
from .given import Given
from .incoming import Incoming
from .settings import DAY_S, VisitorSettings

_Stated: TypeAlias = tuple[Any, ...]  # the signals in the order of `_SIGNALS`, the age, the region
_Key: TypeAlias = tuple[tuple[tuple[bytes, bytes], ...], bytes, _Stated | None]
_Remembered: TypeAlias = tuple[Consent, float, int]  # for which day (UTC), and the octets of the key

MAX_KEY = 8_192  # octets of one request's signals; of more nothing is remembered
_OVERHEAD = 2_048  # octets that remembering a consent takes beside its key, and
_COPIES = 3  # how often a consent and its key hold the signals' text
_SIGNALS = ("tcf", "gpp", "us_privacy", "gpc", "consent_mode")
_MAX_STATED = 256  # purposes that a caller may state
_UNREADABLE = object()  # of no type that a signal has


class Consents:
    """Works out the consent of each request. Safe for threads.

    Args:
        remember_bytes: How much memory, roughly, remembered consents may take; 0: nothing is remembered.
    """

    __slots__ = ("_cdn", "_lock", "_memory", "_policy", "_settings", "_signals_in", "_wanted")

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
        self._memory: FIFOCache[_Key, _Remembered] = FIFOCache(remember_bytes, _size_of)
        self._lock = allocate_lock()

    def of(self, incoming: Incoming, given: Given | None = None) -> Consent:
        """The consent that the request's signals, and those that its caller states, come to. Never raises."""
        stated = None
        if given is not None and given.consent is not None and given.consent != {}:
            granted, stated = self._read(given.consent, incoming)
            if granted is not None:
                return granted
        wanted = self._wanted
        headers = tuple([(name, value) for name, value in incoming.headers if name in wanted])
        query = incoming.query_string
        if query and self._signals_in(query) is None:
            query = b""
        key = (headers, query, stated)
        now_s = incoming.now_s
        try:
            consent, day, _ = self._memory[key]
        except (KeyError, TypeError):  # of what has no hash, nothing is remembered
            return self._anew(key, incoming)
        if now_s // DAY_S == day and (consent.expires_s is None or now_s < consent.expires_s):
            return consent
        return self._anew(key, incoming)

    @property
    def remembered(self) -> int:
        """How many requests' consents are remembered."""
        return len(self._memory)

    def _anew(self, key: _Key, incoming: Incoming) -> Consent:
        headers, query, stated = key
        now_s, policy = incoming.now_s, self._policy
        signals = read_request(headers, query=query, policy=policy)
        region: Any = self._region(incoming)
        more: dict[str, Any] = {}
        if stated is not None:
            more = dict(zip((*_SIGNALS, "age_years"), stated, strict=False))
            region = region if stated[-1] is None else stated[-1]
        consent = resolve(signals=signals, region=region, now_s=now_s, policy=policy, **more)
        in_force = consent.resolved_s is not None and (consent.expires_s is None or now_s < consent.expires_s)
        octets = _octets_of(key)
        if in_force and octets <= MAX_KEY:
            self._remember(key, (consent, now_s // DAY_S, octets))
        return consent

    def _remember(self, key: _Key, remembered: _Remembered) -> None:
        # Two writers could both forget the same one; readers need no lock. Where there is no room, or no hash, nothing
        # is kept.
        with self._lock, suppress(ValueError, TypeError):
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


def _octets_of(key: _Key) -> int:
    headers, query, stated = key
    texts = sum(len(each) for each in stated or () if isinstance(each, str))
    return len(query) + texts + sum(len(value) for _, value in headers)


def _size_of(remembered: _Remembered) -> int:
    return _OVERHEAD + _COPIES * remembered[2]
