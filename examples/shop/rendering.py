"""How pages are rendered: one environment, which the fragments share, and one way to answer with a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from .carrying import carried, on_every_link
from .choices import ASKED
from .inspector import inspect
from .teas import SHELVES, TEAS, on_shelf

if TYPE_CHECKING:
    from starlette.requests import Request

    from discreet.adapters import Page
    from discreet.visitors import Visitors

HERE: Final = Path(__file__).parent
# What caches of our own may keep for a minute, if nobody's decision is in it; browsers ask each time.
SHARED: Final = "public, max-age=0, s-maxage=60"
APART: Final = "private, no-store"


def environment() -> Environment:
    """The templates, with what every one of them may use."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["discreet.adapters.jinja.OfferExtension"],
    )
    known: dict[str, Any] = {"shelves": SHELVES, "teas": TEAS, "on_shelf": on_shelf, "asked": ASKED}
    found.globals.update(known)
    return found


class Renderer:
    """Answers with pages. `supposing` adds the inspector to each, which makes each private."""

    def __init__(self, templates: Environment, *, supposing: Visitors | None) -> None:
        self._templates = templates
        self._supposing = supposing

    def page(
        self, request: Request, template: str, *, cache: str, status: int = 200, **names: Any
    ) -> HTMLResponse:
        """The page that `template` makes of `names`, with `cache` as its Cache-Control.

        Where the address carries a basket, every link on the page does, and no cache keeps it.
        """
        teas = carried(request)
        usual: Mapping[str, Any] = {"kind": "", "shelf": "", "in_basket": len(teas), "request": request}
        inspected = self._inspected(request)
        body = self._templates.get_template(template).render({**usual, **names}, inspected=inspected)
        if teas:
            body, cache = on_every_link(body, teas), APART
        return HTMLResponse(body, status, headers={"Cache-Control": cache})

    def _inspected(self, request: Request) -> object:
        if self._supposing is None:
            return None
        page = page_of(request)
        page.keep_private()
        return inspect(page, self._supposing, request.scope)


def page_of(request: Request) -> Page:
    """The decisions of this request."""
    page: Page = request.state.discreet
    return page
