"""The pages that are looked at."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.routing import Route

from discreet_consent import TCF_DATA_USES

from . import memory
from .carrying import in_basket
from .rendering import APART, SHARED, Renderer, page_of
from .teas import SHELVES, TEAS, on_shelf, price_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_MISSING: Final = 404


def routes() -> list[Route]:
    """The addresses of all pages."""
    return [
        Route("/", home),
        Route("/shelves/{shelf}", shelf),
        Route("/teas/{tea}", tea),
        Route("/story", story),
        Route("/account", account),
        Route("/basket", basket),
        Route("/thanks", thanks),
        Route("/choices", choices),
    ]


def _renderer(request: Request) -> Renderer:
    renderer: Renderer = request.app.state.renderer
    return renderer


async def home(request: Request) -> Response:
    """The large offer, the shelves, a row of teas."""
    return _renderer(request).page(request, "home.html", cache=SHARED, kind="home")


async def shelf(request: Request) -> Response:
    """All teas of one kind."""
    name = request.path_params["shelf"]
    if name not in SHELVES:
        raise HTTPException(_MISSING)
    return _renderer(request).page(request, "shelf.html", cache=SHARED, shelf=name)


async def tea(request: Request) -> Response:
    """One tea."""
    found = TEAS.get(request.path_params["tea"])
    if found is None:
        raise HTTPException(_MISSING)
    beside = [each.id for each in on_shelf(found.shelf) if each is not found]
    return _renderer(request).page(
        request, "tea.html", cache=SHARED, tea=found, beside=beside, shelf=found.shelf
    )


async def story(request: Request) -> Response:
    """The one page without an offer: the same for everybody."""
    return _renderer(request).page(request, "story.html", cache=SHARED, kind="story")


async def thanks(request: Request) -> Response:
    """After an order."""
    return _renderer(request).page(request, "thanks.html", cache=SHARED)


async def account(request: Request) -> Response:
    """What is known of the visitor, and what they may tell."""
    page = page_of(request)
    return _renderer(request).page(
        request,
        "account.html",
        cache=APART,
        kind="account",
        may_keep=memory.may_keep(page, "first_name"),
        first_name=memory.value(page, "first_name", ""),
        interests=memory.value(page, "interests", frozenset()),
        known=memory.known(page),
        in_basket=len(in_basket(request, page)),
    )


async def basket(request: Request) -> Response:
    """What lies in the basket: in the sealed cookie, or in the address."""
    page = page_of(request)
    lines = in_basket(request, page)
    return _renderer(request).page(
        request,
        "basket.html",
        cache=APART,
        kind="basket",
        lines=lines,
        in_basket=len(lines),
        total=price_of(lines),
        is_kept=memory.may_keep(page, "basket"),
    )


async def choices(request: Request) -> Response:
    """The question of consent as a form."""
    consent = page_of(request).visit.consent
    consented = _numbers(consent.purposes_at(page_of(request).now_s))
    return _renderer(request).page(request, "choices.html", cache=APART, consented=consented)


def _numbers(purposes: Collection[str]) -> frozenset[int]:
    """The purposes of the TCF that are granted; a grant covers what lies below it."""

    def is_granted(use: str) -> bool:
        return any(use == each or use.startswith(each + ".") for each in purposes)

    return frozenset(number for number, uses in TCF_DATA_USES.items() if all(map(is_granted, uses)))


async def missing(request: Request, _: Exception) -> Response:
    """What an unknown address answers."""
    return _renderer(request).page(request, "missing.html", cache=APART, status=_MISSING)
