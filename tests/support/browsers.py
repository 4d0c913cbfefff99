"""Browsers that come to a site: their requests, and a bundle whose attributes a request, a cookie or a body fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from discreet import Evaluator
from discreet.visitors import Given, Incoming, Profile, Sealer, Visit, Visitors, VisitorSettings

from .products import evaluator_of
from .tc_strings import ALL_PURPOSES, NOW_S, encode_tc

LIMITED, PROFILED, STORAGE = (
    "personalize.content.limited",
    "personalize.content.profiled",
    "functional.storage",
)
ALL = encode_tc(publisher=ALL_PURPOSES)
NO_STORAGE = encode_tc(publisher=[each for each in ALL_PURPOSES if each != 1])
ONLY_STORAGE = encode_tc(publisher=[1])
NONE = encode_tc(publisher=())
CONSENTS = (ALL, NO_STORAGE, ONLY_STORAGE, NONE)
SECRET = bytes(range(32))
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36"
FACTS = {
    "country": "geo.country",
    "device": "device.class",
    "language": "language",
    "referrer": "referrer.host",
    "campaign": "query.utm_campaign",
    "hour": "local.hour",
}
Document = dict[str, Any]


def attribute(kind: str, provenance: str, purpose: str, **more: object) -> Document:
    return {"type": kind, "provenance": provenance, "purposes": [purpose], **more}


ATTRIBUTES: Mapping[str, Document] = {
    **{name: attribute("string", "contextual", LIMITED) for name in FACTS if name != "hour"},
    "hour": attribute("number", "contextual", LIMITED),
    "basket": attribute("number", "first_party", "essential.service"),
    "purchases": attribute("number", "first_party", PROFILED, retention="30d"),
    "interests": attribute("strings", "declared", PROFILED),
    "postcode": attribute("string", "declared", "analytics.reporting"),
    "area": {"coarsens": "postcode", "by": {"characters": 2}, "purposes": [PROFILED]},
    "bought": attribute("string", "third_party", PROFILED),
}


@cache
def evaluator() -> Evaluator:
    """Decides over a bundle with `ATTRIBUTES`."""
    return evaluator_of(
        [
            {
                "model": "browsers", "channel": "web", "attributes": dict(ATTRIBUTES), "stages": [{"id": "first"}],
                "placements": {"home.hero": {"fallback": "none"}},
                "offers": [{"id": "none", "content": {"title": "none"}}],
            }
        ]
    )  # fmt: skip


def settings(**more: Any) -> VisitorSettings:
    """Everything believed of Cloudflare, and every fact used."""
    given: dict[str, Any] = {"cdn": "cloudflare", "attributes": FACTS, **more}
    return VisitorSettings(**given)


def sealer(*secrets: bytes) -> Sealer:
    return Sealer(secrets or [SECRET], use="profile-cookie")


def visitors(**more: Any) -> Visitors:
    """A site with a profile cookie."""
    return Visitors(settings(**more), sealer=sealer())


def request(
    tc: str | None = ALL,
    *,
    cookies: Sequence[str] = (),
    country: str | None = "IT",
    query: str = "",
    now_s: float = NOW_S,
    headers: Sequence[tuple[str, str]] = (),
) -> Incoming:
    """One request of a desktop browser from Italy."""
    jar = [*([f"euconsent-v2={tc}"] if tc is not None else []), *cookies]
    pairs = [
        ("Host", "shop.example"),
        ("User-Agent", CHROME),
        ("Accept", "text/html"),
        *([("CF-IPCountry", country)] if country is not None else []),
        *([("Cookie", "; ".join(jar))] if jar else []),
        *headers,
    ]
    return Incoming.from_headers(pairs, query_string=query, path="/hats", now_s=now_s)


def cookie_of(site: Visitors, values: Mapping[str, Any], *, now_s: float = NOW_S) -> str:
    """The cookie of a visitor of whom `values` are stored, as the browser sends it back."""
    consenting = site.visit(evaluator(), request(now_s=now_s))
    header = site.set_cookie(Profile.new().with_values(values, now_s), consenting)
    assert header is not None
    return header.decode().partition(";")[0]


def met(incoming: Incoming, given: Given | None = None, site: Visitors | None = None, **known: Any) -> Visit:
    """The visit of one request at a site with a profile cookie."""
    return (site or visitors()).visit(evaluator(), incoming, given, **known)


def known(visit: Visit) -> dict[str, Any]:
    """What is known of the visitor."""
    return {
        name: value for name in visit.permitted.known() if (value := visit.permitted.get(name)) is not None
    }
