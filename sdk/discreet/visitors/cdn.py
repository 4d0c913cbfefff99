"""What a CDN says of a visitor, by the headers that it sets. Only those of the one that is configured are read: of any
other, they are whatever the visitor wrote into them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from .countries import COUNTRIES
from .incoming import Incoming
from .zones import zone_called, zone_offset

MAX_SUBDIVISION = 3  # characters behind the hyphen of ISO 3166-2
MAX_ZONE = 64


@dataclass(frozen=True, slots=True)
class Cdn:
    """The headers of one CDN, in lower case.

    Args:
        country: ISO 3166-1 alpha-2.
        subdivision: The part of ISO 3166-2 behind the hyphen.
        timezone: The visitor's time zone, which `zone` reads.
        zone: From that header's text to a time zone.
        devices: Header to its values (in lower case) to device classes, the first that fits counts. None: the CDN
            knows the device, and it is none of the classes.
    """

    country: bytes
    subdivision: bytes
    timezone: bytes
    devices: Mapping[bytes, Mapping[bytes, str | None]]
    zone: Callable[[str], tzinfo | None] = zone_called

    @property
    def headers(self) -> frozenset[bytes]:
        """All of them."""
        return frozenset((self.country, self.subdivision, self.timezone, *self.devices))


CDNS: Mapping[str, Cdn] = {
    "cloudflare": Cdn(
        country=b"cf-ipcountry",
        subdivision=b"cf-region-code",
        timezone=b"cf-timezone",
        devices={b"cf-device-type": {b"mobile": "phone", b"tablet": "tablet", b"desktop": "desktop"}},
    ),
    "cloudfront": Cdn(
        country=b"cloudfront-viewer-country",
        subdivision=b"cloudfront-viewer-country-region",
        timezone=b"cloudfront-viewer-time-zone",
        devices={
            b"cloudfront-is-smarttv-viewer": {b"true": None},
            b"cloudfront-is-tablet-viewer": {b"true": "tablet"},  # before: a tablet may count as mobile, too
            b"cloudfront-is-mobile-viewer": {b"true": "phone"},
            b"cloudfront-is-desktop-viewer": {b"true": "desktop"},
        },
    ),
    "fastly": Cdn(
        country=b"client-geo-country",
        subdivision=b"client-geo-region",
        timezone=b"client-geo-utc-offset",
        zone=zone_offset,
        devices={b"client-device-class": {b"phone": "phone", b"tablet": "tablet", b"desktop": "desktop"}},
    ),
}


def country_of(incoming: Incoming, cdn: Cdn) -> str | None:
    """The country as an ISO 3166-1 code; None when the CDN does not know it, or says what is no country."""
    code = _code(incoming.header(cdn.country))
    return code if code in COUNTRIES else None


def region_of(incoming: Incoming, cdn: Cdn) -> str | None:
    """The subdivision as an ISO 3166-2 code (`US-CA`); None when it, or its country, is not known."""
    country = country_of(incoming, cdn)
    subdivision = _code(incoming.header(cdn.subdivision))
    if country is None or subdivision is None:
        return None
    return f"{country}-{subdivision}"


def zone_of(incoming: Incoming, cdn: Cdn) -> tzinfo | None:
    """The visitor's time zone; None when the CDN says none that there is."""
    name = incoming.header(cdn.timezone)
    return cdn.zone(name.decode()) if name is not None and len(name) <= MAX_ZONE and name.isascii() else None


def device_of(incoming: Incoming, cdn: Cdn) -> tuple[str | None] | None:
    """The device class that the CDN knows (a None in it: none of ours); None when it says nothing."""
    for header, classes in cdn.devices.items():
        value = incoming.header(header)
        if value is not None:
            key = value.strip().lower()
            if key in classes:
                return (classes[key],)
    return None


def _code(value: bytes | None) -> str | None:
    """One to three letters or digits, in upper case."""
    if value is None or len(value) > MAX_SUBDIVISION or not value.isalnum():
        return None
    return value.upper().decode()  # `isalnum` of bytes is about ASCII
