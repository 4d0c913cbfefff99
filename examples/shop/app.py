"""The shop as an ASGI application."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from discreet.adapters import Fragments
from discreet.adapters.asgi import Personalized
from discreet.visitors import Visitors, VisitorSettings
from discreet_consent import Policy

from . import changes, pages
from .rendering import HERE, Renderer, environment

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

    from discreet.events import Journal
    from discreet.serving import Bundles
    from discreet.visitors import Sealer

HOME_ZONE: Final = "Europe/Rome"
# From the model's contextual attributes to what the request says.
FACTS: Final = {
    "country": "geo.country",
    "language": "language",
    "device": "device.class",
    "campaign": "query.utm_campaign",
    "hour": "local.hour",
}
_OWN: Final = (b"script-src", b"style-src", b"img-src", b"connect-src", b"form-action")
_NOTHING_ELSE: Final = b"; base-uri 'none'; frame-ancestors 'none'"
_HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; " + b"; ".join(b"%s 'self'" % each for each in _OWN) + _NOTHING_ELSE,
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)


def visitors_of(
    sealer: Sealer, *, cdn: str | None, region: str | None, is_supposing: bool = False
) -> Visitors:
    """How the shop meets its visitors: by its own policy, with the profile in a sealed cookie.

    Args:
        cdn: Whose headers on the visitor's place are believed.
        region: Where visitors are of whom no CDN says anything.
        is_supposing: Whether the caller may state the consent: for the inspector alone.
    """
    settings = VisitorSettings(
        cdn=cdn,
        region=region,
        attributes=FACTS,
        timezone=_timezone(),
        policy=Policy.read(HERE / "policy.toml"),
        cookie_name="__Host-kettle",
        accept_stated=is_supposing,
    )
    return Visitors(settings, sealer=sealer)


def _timezone() -> str | None:
    """The house's own time zone; None, which is UTC, where the machine has no time zone database."""
    try:
        return ZoneInfo(HOME_ZONE).key
    except ZoneInfoNotFoundError:
        return None


def create_shop(
    bundles: Bundles,
    visitors: Visitors,
    *,
    journal: Journal | None = None,
    supposing: Visitors | None = None,
    clock_s: Callable[[], float] = time.time,
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """The shop. The bundles and the journal are the caller's to start and to close.

    Args:
        supposing: Meets the same visitors, but lets the inspector state what they consented to. It puts the inspector
            on each page: for development, never for visitors.
    """
    templates = environment()
    fragments = Fragments(templates, surrogate="capable" if supposing is None else "never")
    shop = Starlette(
        routes=[
            *pages.routes(),
            *changes.routes(),
            Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        ],
        middleware=[
            Middleware(_Guarded),
            Middleware(
                Personalized,
                bundles=bundles,
                visitors=visitors,
                journal=journal,
                fragments=fragments,
                clock_s=clock_s,
            ),
        ],
        exception_handlers={404: pages.missing},
        lifespan=lifespan,
    )
    shop.state.renderer = Renderer(templates, supposing=supposing)
    return shop


class _Guarded:
    """Adds the headers that keep foreign scripts, frames and forms out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                added = [pair for pair in _HEADERS if pair[0] not in said]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)
