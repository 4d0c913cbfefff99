"""One rich bundle for everything that serves: every provenance, stages, tokens, windows, a sensitive attribute, two
models, and a placement that depends on nothing. And the TC strings of its visitors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from discreet import Evaluator, load_bytes
from discreet.events import Journal
from discreet.runtime import Decision
from discreet.serving import Bundles
from discreet.visitors import Sealer, Visitors, VisitorSettings
from discreet_edge import EdgeApp, EdgeSettings, create_app

from .products import TEST_RING, bundle_bytes
from .tc_strings import CREATED_S, NOW_S, encode_tc

LIMITED, PROFILED, STORAGE = (
    "personalize.content.limited",
    "personalize.content.profiled",
    "functional.storage",
)
ANALYTICS = "analytics.reporting.content_performance"
BUNDLE: dict[str, Any] = {
    "name": "edge-shop",
    "version": 12,
    "floor": 10,
    "created_s": CREATED_S,
    "expires_s": CREATED_S + 365 * 86_400,
}


def _attribute(kind: str, provenance: str, *purposes: str, **more: object) -> dict[str, Any]:
    return {"type": kind, "provenance": provenance, "purposes": list(purposes), **more}


ATTRIBUTES: Mapping[str, Mapping[str, Any]] = {
    "country": _attribute("string", "contextual", LIMITED),
    "device": _attribute("string", "contextual", LIMITED, lower=True),
    "campaign": _attribute("string", "contextual", LIMITED, lower=True),
    "hour": _attribute("number", "contextual", LIMITED),
    "basket_items": _attribute("number", "first_party", "essential.service", retention="12h"),
    "purchases": _attribute("number", "first_party", PROFILED, STORAGE, retention="365d"),
    "last_visit": _attribute("datetime", "first_party", PROFILED, STORAGE, retention="90d"),
    "first_name": _attribute("string", "declared", PROFILED),
    "interests": _attribute("strings", "declared", PROFILED, lower=True),
    "allergic": _attribute("boolean", "declared", PROFILED, sensitive="health"),
    "income_band": _attribute("string", "third_party", PROFILED),
}

WEB: Mapping[str, Any] = {
    "model": "edge-shop",
    "channel": "web",
    "attributes": ATTRIBUTES,
    "conditions": {
        "returning": {"says": "The visitor has bought from us before", "when": "purchases >= 1"},
        "enjoys_running": {"says": "The visitor told us they run", "when": '"running" in interests'},
    },
    "stages": [
        {"id": "discover"}, {"id": "consider", "when": "basket_items >= 1"}, {"id": "stay", "when": "returning"},
    ],
    "placements": {
        "home.hero": {"fallback": "welcome"},
        "home.aside": {"fallback": "newsletter"},
        "basket.note": {"fallback": "delivery"},
        "account.tip": {"fallback": "newsletter"},
    },
    "offers": [
        {"id": "welcome", "content": {"title": "Welcome", "rate": 1.0, "image": "hero.avif", "dark": False}},
        {"id": "newsletter", "content": {"title": "Our newsletter", "rate": 0.0, "tags": ["mail"], "note": None}},
        {"id": "delivery", "content": {"title": "Delivered in two days", "days": 2}},
        {
            "id": "spring_shoes",
            "placements": ["home.hero"],
            "when": ["enjoys_running", 'country in ["IT", "FR"]'],
            "priority": 80,
            "content": {"title": "New shoes, {first_name|friend}", "rate": 10.0, "image": "shoes.avif", "dark": True},
        },
        {
            "id": "thanks",
            "stages": ["stay"],
            "placements": ["home.hero", "account.tip"],
            "when": "returning",
            "priority": 10,
            "content": {"title": "Thank you, {first_name|dear customer}", "rate": 2.5, "bought": "{purchases|some}"},
        },
        {
            "id": "italian_summer",
            "placements": ["home.hero", "home.aside"],
            "when": 'country == "IT"',
            "priority": 20,
            "valid": {"from": "2026-06-01T00:00:00Z", "until": "2026-09-01T00:00:00Z"},
            "content": {"title": "Summer by the sea", "rate": 3.0, "image": "sea.avif", "dark": False},
        },
        {
            "id": "app",
            "placements": ["home.aside"],
            "when": ['device == "mobile"', "hour >= 6"],
            "content": {"title": "Take us along", "rate": 0.5, "link": {"href": "/app", "new": True}},
        },
        {
            "id": "campaign_gift",
            "placements": ["home.aside"],
            "when": 'campaign == "spring"',
            "priority": 90,
            "content": {"title": "A gift for you", "rate": 7.0},
        },
        {
            "id": "nut_free",
            "placements": ["basket.note"],
            "when": "allergic",
            "content": {"title": "Without nuts", "days": 3},
        },
        {
            "id": "free_delivery",
            "stages": ["consider"],
            "placements": ["basket.note"],
            "when": "basket_items >= 3",
            "content": {"title": "Free delivery", "days": 1},
        },
        {
            "id": "come_back",
            "placements": ["account.tip"],
            "when": "days_since(last_visit) > 30",
            "priority": 5,
            "content": {"title": "Good to see you again", "rate": 4.0},
        },
    ],
}  # fmt: skip

FOOTER: Mapping[str, Any] = {
    "model": "edge-footer",
    "channel": "web-footer",
    "stages": [{"id": "always"}],
    "placements": {"page.footer": {"fallback": "imprint"}},
    "offers": [
        {"id": "imprint", "content": {"title": "Imprint"}},
        {"id": "shops", "placements": ["page.footer"], "content": {"title": "Our shops", "count": 7}},
    ],
}  # depends on nothing

SECRET = bytes(range(32))  # public on purpose, as the test key is
MODELS = (WEB, FOOTER)
PLACEMENTS = ("home.hero", "home.aside", "basket.note", "account.tip", "page.footer")

# What the attributes are read off, for `VisitorSettings(attributes=...)`.
FACTS = {
    "country": "geo.country",
    "device": "device.class",
    "campaign": "query.utm_campaign",
    "hour": "local.hour",
}

ALL_TCF = encode_tc(purposes=range(1, 12), publisher=range(1, 12))  # storage and analytics too
NO_TCF = encode_tc(publisher=())
LIMITED_TCF = encode_tc(publisher=(11,))  # contextual facts only, and nothing stored


def edge_bundle(**changes: Any) -> bytes:
    """The signed bundle; `changes` are of its name, version, floor or times."""
    return bundle_bytes(MODELS, {**BUNDLE, **changes})


def edge_evaluator(**changes: Any) -> Evaluator:
    """The bundle, verified and decoded."""
    return load_bytes(edge_bundle(**changes), TEST_RING, now_s=NOW_S)


def edge_bundles(**changes: Any) -> Bundles:
    """The bundle in service, from no source."""
    data = edge_bundle(**changes)
    return Bundles.of(load_bytes(data, TEST_RING, now_s=NOW_S), data)


def edge_app(
    *,
    settings: EdgeSettings | None = None,
    visitors: Visitors | None = None,
    bundles: Bundles | None = None,
    journal: Journal | None = None,
    clock_s: Callable[[], float] = lambda: NOW_S,
) -> EdgeApp:
    """The edge server's app over the bundle, in Italy as Cloudflare says, with profile cookies, at `NOW_S`."""
    return create_app(
        bundles or Bundles.of(edge_evaluator(), edge_bundle(), clock_s=clock_s),
        visitors=visitors or edge_visitors(),
        journal=journal,
        settings=settings,
        clock_s=clock_s,
    )


def edge_visitors(**settings: Any) -> Visitors:
    """Visitors whose profile cookies are sealed with a published secret."""
    sealer = Sealer([SECRET], use="profile-cookie")
    stated: dict[str, Any] = {"cdn": "cloudflare", "attributes": FACTS, **settings}
    return Visitors(VisitorSettings(**stated), sealer=sealer)


def shown(decision: Decision) -> tuple[str, str]:
    """The offer and the reason."""
    return decision.offer, decision.reason.value


__all__ = [
    "ALL_TCF",
    "ANALYTICS",
    "ATTRIBUTES",
    "BUNDLE",
    "FACTS",
    "LIMITED",
    "LIMITED_TCF",
    "MODELS",
    "NOW_S",
    "NO_TCF",
    "PLACEMENTS",
    "PROFILED",
    "SECRET",
    "STORAGE",
    "TEST_RING",
    "edge_app",
    "edge_bundle",
    "edge_bundles",
    "edge_evaluator",
    "edge_visitors",
    "shown",
]  # fmt: skip
