"""Facts of the request itself, for contextual attributes: one table from a fact's name to what reads it.

Every reader is total and bounded: hostile headers give None, an unknown fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import unquote_to_bytes, urlsplit

from discreet_consent import AttributeType

from ..errors import nearest
from .cdn import CDNS, Cdn, country_of, device_of, region_of, zone_of
from .device import device_class
from .errors import SettingsError
from .incoming import Incoming
from .zones import zone_called

Read: TypeAlias = "Callable[[Incoming, Cdn | None, str | None], str | float | None]"

MAX_VALUE = 128  # characters of a campaign parameter
MAX_QUERY = 8_192  # octets of a query string, and its fields, that are looked at
MAX_FIELDS = 64
MAX_REFERRER = 2_048
MAX_LANGUAGES, MAX_ACCEPT_LANGUAGE = 16, 256
_MAX_HOST = 253
_REMEMBERED = 1_024
_QUERY = "query."
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


def _country(incoming: Incoming, cdn: Cdn | None, _: str | None) -> str | None:
    return None if cdn is None else country_of(incoming, cdn)


def _region(incoming: Incoming, cdn: Cdn | None, _: str | None) -> str | None:
    return None if cdn is None else region_of(incoming, cdn)


def _device(incoming: Incoming, cdn: Cdn | None, _: str | None) -> str | None:
    said = None if cdn is None else device_of(incoming, cdn)
    if said is not None:
        return said[0]
    header = incoming.header
    return device_class(header(b"sec-ch-ua-form-factors"), header(b"sec-ch-ua-mobile"), header(b"user-agent"))


def _language(incoming: Incoming, _: Cdn | None, __: str | None) -> str | None:
    value = incoming.header(b"accept-language")
    return None if value is None else _preferred(value[:MAX_ACCEPT_LANGUAGE])


@lru_cache(_REMEMBERED)
def _preferred(header: bytes) -> str | None:
    """The primary subtag of the language with the highest weight, the first of equals."""
    best, weight = None, 0.0
    for item in header.split(b",")[:MAX_LANGUAGES]:
        tag, _, parameters = item.partition(b";")
        primary = tag.strip().partition(b"-")[0].lower()
        quality = _quality(parameters)
        if quality > weight and 2 <= len(primary) <= 3 and primary.isalpha():
            best, weight = primary.decode(), quality
    return best


def _quality(parameters: bytes) -> float:
    """The weight of RFC 9110, 12.4.2: 1 where none is said, 0 where it cannot be read."""
    name, sign, value = parameters.strip().partition(b"=")
    if not sign:
        return 0.0 if name else 1.0
    value = value.strip()
    if name.strip().lower() != b"q" or len(value) > 5 or not value.replace(b".", b"", 1).isdigit():
        return 0.0
    quality = float(value)
    return quality if quality <= 1 else 0.0


def _referrer(incoming: Incoming, _: Cdn | None, __: str | None) -> str | None:
    value = incoming.header(b"referer")
    if value is None or len(value) > MAX_REFERRER or not value.isascii():
        return None
    try:
        parts = urlsplit(value.decode())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or len(host) > _MAX_HOST:
        return None
    return host if _HOST.issuperset(host) else None


def _parameter(name: str) -> Read:
    wanted = name.encode()

    def read(incoming: Incoming, _cdn: Cdn | None, _zone: str | None) -> str | None:
        query = incoming.query_string
        if len(query) > MAX_QUERY or (wanted not in query and b"%" not in query):
            return None
        for field in query.split(b"&", MAX_FIELDS)[:MAX_FIELDS]:
            key, _, value = field.partition(b"=")
            if key == wanted or (b"%" in key and unquote_to_bytes(key) == wanted):
                return _decoded(value)
        return None

    return read


def _decoded(value: bytes) -> str | None:
    try:
        text = unquote_to_bytes(value.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= MAX_VALUE else None


def _local(part: Callable[[datetime], str | float]) -> Read:
    def read(incoming: Incoming, cdn: Cdn | None, timezone: str | None) -> str | float | None:
        zone = None if cdn is None else zone_of(incoming, cdn)
        if zone is None:
            zone = UTC if timezone is None else zone_called(timezone)
        try:
            return part(datetime.fromtimestamp(incoming.now_s, zone))
        except (ValueError, OverflowError, OSError, TypeError):  # no clock shows such an instant
            return None

    return read


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the request.

    Args:
        read: From the request, the CDN that is believed, and the site's time zone, to the fact; None: not known.
        type: Of an attribute that it fills.
    """

    read: Read
    type: AttributeType = AttributeType.STRING


FACTS: Mapping[str, Fact] = {
    "geo.country": Fact(_country),
    "geo.region": Fact(_region),
    "device.class": Fact(_device),
    "language": Fact(_language),
    "referrer.host": Fact(_referrer),
    "local.hour": Fact(_local(lambda at: at.hour), AttributeType.NUMBER),
    "local.weekday": Fact(_local(lambda at: _WEEKDAYS[at.weekday()])),
    "local.date": Fact(_local(lambda at: at.date().isoformat())),
}


def fact_called(name: str, attribute: str) -> Fact:
    """The fact `name`, which fills `attribute`. `query.NAME` is the parameter NAME of the query string.

    Raises:
        SettingsError: there is no such fact.
    """
    if name.startswith(_QUERY) and len(name) > len(_QUERY):
        return Fact(_parameter(name.removeprefix(_QUERY)))
    if name not in FACTS:
        raise SettingsError(f"attributes.{attribute}", f"there is no fact `{name}`{nearest(name, FACTS)}")
    return FACTS[name]


def cdn_called(name: str | None) -> Cdn | None:
    """The CDN called `name`; None for no name.

    Raises:
        SettingsError: there is no such CDN.
    """
    if name is None:
        return None
    if name not in CDNS:
        raise SettingsError(
            "cdn", f"there is no CDN `{name}`{nearest(name, CDNS)}; there are {', '.join(CDNS)}"
        )
    return CDNS[name]
