"""The basket of who lets the shop keep nothing: it travels in the address, from page to page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from .memory import basket, tins

if TYPE_CHECKING:
    from starlette.requests import Request

    from discreet.adapters import Page

    from .teas import Tea

# Links and forms of our own that have no query yet. Static files have no use for a basket.
_OURS: Final = re.compile(r'\b(href|action)="(/(?!static/)[^"?#]*)"')


def carried(request: Request) -> tuple[Tea, ...]:
    """The tins in the address. Nobody's consent is looked at for it."""
    return tins(request.query_params.getlist("tea"))


def in_basket(request: Request, page: Page) -> tuple[Tea, ...]:
    """The tins in the basket: those that are kept, and those in the address."""
    return tins(each.id for each in (*basket(page), *carried(request)))


def address(path: str, teas: Iterable[Tea]) -> str:
    """The address of `path` with `teas` in it."""
    query = urlencode([("tea", each.id) for each in teas])
    return f"{path}?{query}" if query else path


def on_every_link(html: str, teas: Iterable[Tea]) -> str:
    """The page `html` with `teas` in the address of every link and form that stays in the shop."""
    carrying = escape(address("", teas))
    return _OURS.sub(rf'\1="\2{carrying}"', html)
