"""The WSGI middleware: gives each request a page, and its response the caching headers that its decisions ask for.

For Flask, Django, or an application of one's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from discreet.visitors import Incoming

from .caching import Caching, is_all
from .page_site import Site

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from discreet.events import Journal
    from discreet.serving import Bundles
    from discreet.visitors import Visit, Visitors

    from .caching import Pair
    from .fragments import Answer, Fragments
    from .page import Page

    ExcInfo: TypeAlias = (
        tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None
    )

ENVIRON = "discreet.page"
_REASONS = {200: "OK", 304: "Not Modified", 404: "Not Found", 405: "Method Not Allowed"}


class Personalized:
    """`app`, each of whose requests has a page at `environ["discreet.page"]`.

    A visitor is met when a decision first needs it. The response is on its way with the first octets of its body, not
    before: decisions count that are made until then. Bundles and journal are the caller's to start and to close.

    Args:
        bundles: The bundle in service; each request reads it once.
        visitors: How visitors are met; a profile source of theirs is asked without an event loop (`ProfilesNow`).
        journal: Where decisions are recorded; None: nowhere.
        caching: What caches may do with pages.
        fragments: Answers for fragments, and lets a cache in front put them into pages; None: there are none.
        surface: The word for these pages in records.
        clock_s: Unix seconds, read when a request comes, and once more when its response leaves.
    """

    def __init__(
        self,
        app: WSGIApplication,
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

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        site = self.site
        incoming = Incoming.from_environ(environ, now_s=site.clock_s())
        root: str = environ.get("SCRIPT_NAME", "")
        page = environ[ENVIRON] = self._page(incoming, root)
        response = _Response(site, page, incoming, environ["REQUEST_METHOD"], start_response)
        placement = site.fragment_at(environ.get("PATH_INFO", ""))
        try:
            if site.fragments is not None and placement is not None:
                return response.answer(site.fragments.answer_now(page, placement, environ["REQUEST_METHOD"]))
            body = self.app(environ, response.start)
            wrapper = environ.get("wsgi.file_wrapper")
            if isinstance(wrapper, type) and isinstance(body, wrapper) and not page.made:
                response.send(b"")
                page.finish()
                return body  # a file, and not a page: the server has a short way to send it
            return response.body(body)
        except BaseException:
            response.finish()
            raise

    def _page(self, incoming: Incoming, root: str) -> Page:
        served, visitors = self.site.bundles.current, self.site.visitors

        def visit() -> Visit:
            return visitors.arrive_now(served.evaluator, incoming)

        return self.site.page(served, incoming, visit, root)


class _Response:
    """One response on its way through the middleware: told by the application, sent with the first of its body."""

    __slots__ = (
        "_exc_info",
        "_incoming",
        "_is_cut",
        "_method",
        "_page",
        "_site",
        "_start_response",
        "_told",
        "_write",
    )

    def __init__(
        self, site: Site, page: Page, incoming: Incoming, method: str, start_response: StartResponse
    ) -> None:
        self._site, self._page, self._incoming, self._method = site, page, incoming, method
        self._start_response = start_response
        self._told: tuple[str, list[tuple[str, str]]] | None = None
        self._exc_info: ExcInfo = None
        self._write: Callable[[bytes], object] | None = None
        self._is_cut = False  # a 304 went instead, and the body stays here

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None, /
    ) -> Callable[[bytes], object]:
        """What the application calls: noted, until it gives the first of the body."""
        if self._write is not None:  # it is too late, and the server says so
            return self._start_response(status, headers, exc_info)
        if self._told is not None and exc_info is None:
            raise AssertionError("start_response was called twice without an error")
        self._told, self._exc_info = (status, headers), exc_info
        return self.write

    def write(self, data: bytes) -> None:
        """What `start` returns: a way of sending that old applications use."""
        write = self.send(data)
        if not self._is_cut:
            write(data)

    def send(self, first: bytes, *, is_whole: bool = False) -> Callable[[bytes], object]:
        """Start the response at the server, once. `first`: the first of its body; `is_whole`: all that is made of it.

        It is whole, too, where its Content-Length says so.
        """
        if self._write is None:
            if self._told is None:
                raise AssertionError("the body began before start_response was called")
            self._write = self._sent(*self._told, first, is_whole=is_whole)
        return self._write

    def finish(self) -> None:
        """Record what was decided. If nothing was sent, nobody saw it."""
        if self._write is None:
            self._page.unseen()
        self._page.finish()

    def _sent(
        self, status: str, told: list[tuple[str, str]], first: bytes, *, is_whole: bool
    ) -> Callable[[bytes], object]:
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told]
        number, cookie = int(status[:3]), self._cookie(headers)
        is_whole = is_whole or is_all(headers, len(first))
        now, headers = self._site.start(
            self._page, self._incoming, self._method, number, headers, cookie, is_whole=is_whole
        )
        self._is_cut = now != number
        line = f"{now} {_REASONS[now]}" if self._is_cut else status
        named = [(name.decode("latin-1").title(), value.decode("latin-1")) for name, value in headers]
        if self._exc_info:
            return self._start_response(line, named, self._exc_info)
        return self._start_response(line, named)

    def _cookie(self, headers: list[Pair]) -> bytes | None:
        page = self._page
        if page.keeping is None or not self._site.takes_cookie(page, headers):
            return None
        return page.keeping.cookie_now(page.met)

    def body(self, body: Iterable[bytes]) -> Iterable[bytes]:
        return _Body(self, body)

    def answer(self, answer: Answer) -> Iterable[bytes]:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers]
        self.start(f"{answer.status} {_REASONS[answer.status]}", headers)
        return self.body([answer.body])

    @property
    def is_cut(self) -> bool:
        return self._is_cut


class _Body:
    """The body of a response; the first of it sends the head."""

    __slots__ = ("_body", "_response")

    def __init__(self, response: _Response, body: Iterable[bytes]) -> None:
        self._response, self._body = response, body

    def __iter__(self) -> Iterator[bytes]:
        response = self._response
        is_whole = isinstance(self._body, (list, tuple))
        try:
            for part in self._body:
                if part:  # an empty one begins nothing: it may stand in front of the head
                    response.send(part, is_whole=is_whole)
                    if not response.is_cut:
                        yield part
            response.send(b"", is_whole=True)  # an empty body has a head, too
        except BaseException:
            response.finish()  # before anybody renders a page of errors
            raise

    def close(self) -> None:
        """Let go of the application's body, and record what was decided."""
        try:
            close: Any = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._response.finish()
