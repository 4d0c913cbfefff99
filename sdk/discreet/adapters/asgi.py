"""The ASGI middleware: gives each request a page, and its response the caching headers that its decisions ask for.

Plain ASGI: for Starlette, FastAPI, Django under ASGI, or an application of one's own.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from discreet.visitors import Incoming, Profiles

from .caching import Caching, is_all
from .page_keeping import Keeping
from .page_site import Site

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
        clock_s: Unix seconds, read when a request comes, and once more when its response leaves.
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
            await response.end()
        finally:
            if not response.is_started:
                page.unseen()
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

    __slots__ = ("_incoming", "_is_cut", "_method", "_page", "_send", "_site", "_waiting", "is_started")

    def __init__(self, site: Site, page: Page, incoming: Incoming, method: str, send: Send) -> None:
        self._site, self._page, self._incoming = site, page, incoming
        self._method, self._send = method, send
        self._waiting: Message | None = (
            None  # the head, until the first of the body tells whether that is all
        )
        self._is_cut = False  # a 304 went instead, and the body stays here
        self.is_started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._waiting = message
            if not self._site.caching.revalidate:
                await self._start(is_whole=False)
            return
        if self._waiting is not None:
            await self._start(is_whole=self._is_all(message))
        if not (self._is_cut and message["type"].startswith("http.response.")):
            await self._send(message)

    async def answer(self, answer: Answer) -> None:
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": answer.body})

    async def end(self) -> None:
        """Send a head that still waits: its application has returned without a body."""
        if self._waiting is not None:
            await self._start(is_whole=False)

    def _is_all(self, message: Message) -> bool:
        """Whether nothing of the body comes after this part of it."""
        if message["type"] != "http.response.body" or self._waiting is None:
            return False
        return not message.get("more_body", False) or is_all(self._headers(), len(message.get("body", b"")))

    def _headers(self) -> list[Pair]:
        told = () if self._waiting is None else self._waiting.get("headers", ())
        return [(bytes(name).lower(), bytes(value)) for name, value in told]

    async def _start(self, *, is_whole: bool) -> None:
        headers, message, self._waiting = self._headers(), self._waiting, None
        if message is None:
            return
        cookie = await self._cookie(headers)
        status, headers = self._site.start(
            self._page, self._incoming, self._method, message["status"], headers, cookie, is_whole=is_whole
        )
        self.is_started = True
        self._is_cut = status != message["status"]
        await self._send({**message, "status": status, "headers": headers})
        if self._is_cut:
            await self._send({"type": "http.response.body", "body": b""})

    async def _cookie(self, headers: list[Pair]) -> bytes | None:
        page = self._page
        if page.keeping is None or not self._site.takes_cookie(page, headers):
            return None
        return await page.keeping.cookie(page.met)
