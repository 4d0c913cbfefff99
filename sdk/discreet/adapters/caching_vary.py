"""Which headers of a request a decision can come from: what `Vary` names, and which client hints are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from discreet.visitors import CDNS
from discreet_consent import Policy, Provenance

if TYPE_CHECKING:
    from discreet.visitors import VisitorSettings
    from discreet.visitors.cdn import Cdn
    from discreet_consent import Attribute, Catalogue

HeadersOf: TypeAlias = "Callable[[Cdn | None], Iterable[bytes]]"

COOKIE = "Cookie"
FORM_FACTORS = "Sec-CH-UA-Form-Factors"  # the one hint that browsers send only where it was asked for
DEVICE = "device.class"
_DEVICE_HEADERS = (b"sec-ch-ua-form-factors", b"sec-ch-ua-mobile", b"user-agent")


def _zone(cdn: Cdn | None) -> Iterable[bytes]:
    return () if cdn is None else (cdn.timezone,)


# From a fact of the request to the headers that it is read from. A parameter of the query is part of the address.
HEADERS: Mapping[str, HeadersOf] = {
    "geo.country": lambda cdn: () if cdn is None else (cdn.country,),
    "geo.region": lambda cdn: () if cdn is None else (cdn.country, cdn.subdivision),
    DEVICE: lambda cdn: (*(() if cdn is None else cdn.devices), *_DEVICE_HEADERS),
    "language": lambda _: (b"accept-language",),
    "referrer.host": lambda _: (b"referer",),
    "local.hour": _zone,
    "local.weekday": _zone,
    "local.date": _zone,
}


def headers_read(depends: Iterable[str], catalogue: Catalogue, settings: VisitorSettings) -> set[str]:
    """The request headers on which decisions can depend that depend on these attributes: theirs, and the consent's."""
    attributes = [each for each in map(_declared(catalogue), depends) if each is not None]
    if not attributes:
        return set()
    cdn = None if settings.cdn is None else CDNS[settings.cdn]
    found = {COOKIE, *(settings.policy or Policy.default()).headers}
    headers = set(HEADERS["geo.region"](cdn))  # the region says which rules judge the consent
    for attribute in attributes:
        fact = _fact(attribute, settings)
        if fact is not None and fact in HEADERS:
            headers.update(HEADERS[fact](cdn))
    return {each.title() for each in found} | {each.decode().title() for each in headers}


def hints_wanted(
    permitted: Iterable[str], catalogue: Catalogue, settings: VisitorSettings
) -> tuple[str, ...]:
    """The client hints that would tell one of these attributes. Ask only for what may be known."""
    attributes = [each for each in map(_declared(catalogue), permitted) if each is not None]
    asked = any(_fact(each, settings) == DEVICE for each in attributes)
    return (FORM_FACTORS,) if asked else ()


def _declared(catalogue: Catalogue) -> Callable[[str], Attribute | None]:
    def declared(name: str) -> Attribute | None:
        slot = catalogue.slots.get(name)
        return None if slot is None else catalogue.attributes[slot]

    return declared


def _fact(attribute: Attribute, settings: VisitorSettings) -> str | None:
    """The fact that fills it; None for one that no fact fills."""
    if attribute.provenance is not Provenance.CONTEXTUAL:
        return None
    source = attribute.name if attribute.coarsens is None else attribute.coarsens.parent
    return settings.attributes.get(source)
