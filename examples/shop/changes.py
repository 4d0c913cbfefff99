"""What a visitor does: choices, visits, the basket, an order, the account. Nothing is kept but with consent.

Forms from other sites are refused. Forms lead on to a page; the page's script is told how many tins are kept.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from . import memory
from .carrying import address, carried, in_basket
from .choices import COOKIE, COOKIE_LIFE_S, answered
from .rendering import APART, page_of
from .tc_string import encode

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

    from .teas import Tea

_MAX_BODY: Final = 4_096
_STORAGE: Final = 1
_FORBIDDEN, _TOO_LARGE = 403, 413
_HEADERS: Final = {"Cache-Control": APART}


def routes() -> list[Route]:
    """The addresses that take something."""
    return [
        Route("/choices", choose, methods=["POST"]),
        Route("/visits", visit, methods=["POST"]),
        Route("/basket", fill, methods=["POST"]),
        Route("/basket/less", take_out, methods=["POST"]),
        Route("/orders", order, methods=["POST"]),
        Route("/account", tell, methods=["POST"]),
        Route("/account/forget", forget, methods=["POST"]),
    ]


async def choose(request: Request) -> Response:
    """The banner's form, for a browser without scripts: the server writes the TC string."""
    purposes = answered(await _form(request))
    page = page_of(request)
    if _STORAGE not in purposes:
        page.forget()
    response = _on(address("/choices", carried(request)))
    response.set_cookie(
        COOKIE,
        encode(purposes, now_s=page.now_s),
        max_age=COOKIE_LIFE_S,
        secure=request.url.scheme == "https",
        samesite="lax",
    )
    return response


async def visit(request: Request) -> Response:
    """What the page's script tells: somebody is here, and looks at this shelf."""
    body = await _body(request)
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    page = page_of(request)
    if page.visit.storage_granted:
        viewed = told.get("viewed") if isinstance(told, dict) else None
        memory.came(page, viewed if isinstance(viewed, str) else None)
    if not memory.may_keep(page, "basket"):
        return Response(status_code=204, headers=_HEADERS)
    return JSONResponse({"tins": len(memory.basket(page))}, headers=_HEADERS)


async def fill(request: Request) -> Response:
    """Put tins into the basket."""
    added = (await _form(request)).get("tea", ())
    held = in_basket(request, page_of(request))
    return _with_basket(request, memory.tins((*(each.id for each in held), *added)))


async def take_out(request: Request) -> Response:
    """Take tins out of the basket."""
    out = (await _form(request)).get("tea", ())
    held = in_basket(request, page_of(request))
    return _with_basket(request, [each for each in held if each.id not in out])


def _with_basket(request: Request, teas: Collection[Tea]) -> Response:
    """Let `teas` be the basket: in the sealed cookie, or else in the address."""
    page = page_of(request)
    if not memory.may_keep(page, "basket"):
        return _on(address("/basket", teas))
    memory.put_in_basket(page, teas)
    return _on("/basket")


async def order(request: Request) -> Response:
    """Order what the form holds. It counts as a purchase where that may be remembered."""
    if memory.tins((await _form(request)).get("tea", ())):
        memory.bought(page_of(request))
        return _on("/thanks")
    return _on(address("/basket", carried(request)))


async def tell(request: Request) -> Response:
    """Keep what the visitor tells of themselves."""
    form = await _form(request)
    memory.told(page_of(request), form.get("first_name", [""])[0], form.get("interests", ()))
    return _on(address("/account", carried(request)))


async def forget(request: Request) -> Response:
    """Forget the visitor, whatever they consented to."""
    await _body(request)
    page_of(request).forget()
    return _on(address("/account", carried(request)))


def _on(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, headers=_HEADERS)


async def _form(request: Request) -> dict[str, list[str]]:
    try:
        return parse_qs((await _body(request)).decode(), max_num_fields=64)
    except ValueError:
        return {}


async def _body(request: Request) -> bytes:
    """The body of a request of our own pages.

    Raises:
        HTTPException: it comes from another site, or is too large.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(_FORBIDDEN)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            raise HTTPException(_TOO_LARGE)
    return body
