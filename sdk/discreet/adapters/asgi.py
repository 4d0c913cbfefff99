"""The ASGI middleware: gives each request a page, and its response the caching headers that its decisions ask for.

Plain ASGI: for Starlette, FastAPI, Django under ASGI, or an application of one's own.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from discreet.visitors import Incoming, Profiles, ProfilesError

from .caching import Caching
from .page_keeping import Keeping
from .page_site import Site, cookie_failed

if TYPE_CHECKING:
    from discreet.events import Journal
    from discreet.serving import Bundles
    from discreet.visitors import Visit, Visitors

    from .caching import Pair
    from .fragments import Answer, Fragments
    from .page import Page

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

STATE = "discreet"  # `request.state.discreet`


class Personalized:
    """`app`, each of whose requests has a page at `scope["state"]["discreet"]`: `request.state.discreet`.

    Other scopes than `http` pass through. The bundles and the journal are the caller's to start and to close.

    Args:
        bundles: The bundle in service; each request reads it once.
        visitors: How visitors are met. Where they have a profile source, a visitor whose cookie came is met before
            `app` is called; else a visitor is met when a decision first needs it.
        journal: Where decisions are recorded; None: nowhere.
        caching: What caches may do with pages.
        fragments: Answers for fragments, and lets a cache in front put them into pages; None: there are none.
        surface: The word for these pages in records.
        clock_s: Unix seconds, read once per request.
    """

    def __init__(
        self,
        app: App,
        *,
        bundles: Bundles,
        visitors: Visitors,
        journal: Journal | None = None,
        caching: Caching = Caching(),  # noqa: B008 - it is immutable
        fragments: Fragments | None = None,
        surface: str = "page",
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        self.app = app
        self.site = Site(bundles, visitors, journal, caching, fragments, surface, clock_s)
        self._awaits_profiles = isinstance(visitors.profiles, Profiles)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        site = self.site
        incoming = Incoming.from_scope(scope, now_s=site.clock_s())
        root: str = scope.get("root_path", "")
        page = await self._page(incoming, root)
        scope.setdefault("state", {})[STATE] = page
        response = _Response(site, page, incoming, scope["method"], send)
        placement = site.fragment_at(scope["path"], root)
        try:
            if site.fragments is not None and placement is not None:
                await response.answer(await site.fragments.answer(page, placement, scope["method"]))
            else:
                await self.app(scope, receive, response.send)
        finally:
            page.finish()

    async def _page(self, incoming: Incoming, root: str) -> Page:
        served, visitors = self.site.bundles.current, self.site.visitors

        def visit() -> Visit:
            return visitors.visit(served.evaluator, incoming)

        if self._awaits_profiles and Keeping(visitors, incoming).may_matter:
            arrived = await visitors.arrive(served.evaluator, incoming)
            return self.site.page(served, incoming, arrived, root)
        return self.site.page(served, incoming, visit, root)


class _Response:
    """One response on its way through the middleware."""

    __slots__ = ("_incoming", "_is_cut", "_method", "_page", "_send", "_site")

    def __init__(self, site: Site, page: Page, incoming: Incoming, method: str, send: Send) -> None:
        self._site, self._page, self._incoming = site, page, incoming
        self._method, self._send = method, send
        self._is_cut = False  # a 304 went instead, and the body stays here

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif not (self._is_cut and message["type"].startswith("http.response.")):
            await self._send(message)

    async def answer(self, answer: Answer) -> None:
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": answer.body})

    async def _start(self, message: Message) -> None:
        headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
        status, headers = self._site.start(
            self._page, self._incoming, self._method, message["status"], headers, await self._cookie(headers)
        )
        self._is_cut = status != message["status"]
        await self._send({**message, "status": status, "headers": headers})
        if self._is_cut:
            await self._send({"type": "http.response.body", "body": b""})

    async def _cookie(self, headers: list[Pair]) -> bytes | None:
        page = self._page
        if page.keeping is None or not self._site.takes_cookie(page, headers):
            return None
        try:
            return await page.keeping.cookie(lambda: page.visit)
        except ProfilesError as error:
            cookie_failed(error)
            return None
