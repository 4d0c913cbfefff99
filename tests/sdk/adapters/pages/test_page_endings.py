"""How a page ends: what was sent was seen, and what runs after it, outside of the middleware, is nobody's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from discreet import UnknownPlacement
from discreet.adapters.asgi import Personalized as PersonalizedAsgi
from discreet.adapters.wsgi import Personalized as PersonalizedWsgi
from support.pages import (
    AGREED,
    ITALY,
    NOW_S,
    Answered,
    Header,
    agreed,
    asgi_site,
    asked,
    asked_wsgi,
    bundles,
    profile_cookie,
    visitors,
    wsgi_site,
)  # fmt: skip


@dataclass(frozen=True)
class Server:
    """One of the two middlewares: how to make a site, and how to ask it."""

    site: Callable[..., Any]
    ask: Callable[..., Answered]


@pytest.fixture(params=[Server(asgi_site, asked), Server(wsgi_site, asked_wsgi)], ids=["asgi", "wsgi"])
def server(request: pytest.FixtureRequest) -> Server:
    chosen: Server = request.param
    return chosen


def wsgi_app(app: Any, **more: Any) -> Any:
    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S, **more}
    return PersonalizedWsgi(app, **given)


def test_an_application_that_fails_still_leaves_its_record(server: Server) -> None:
    from discreet.events import Journal
    from support.journals import Kept

    sink = Kept()
    journal = Journal([sink], hold_s=0)
    site = server.site("page.footer", "home.nowhere", journal=journal)
    with pytest.raises(Exception, match=r"home\.nowhere"):
        server.ask(site, agreed(profile_cookie({})))
    assert journal.close()

    assert [each["placement"] for each in sink.records] == ["page.footer"]


def exposed(site: Callable[[Any], Any], *headers: Header) -> list[str]:
    """What the journal of `site` has of one request to it."""
    from discreet.events import Journal
    from support.journals import Kept

    sink = Kept()
    journal = Journal([sink], hold_s=0)
    with suppress(RuntimeError):
        asked_wsgi(site(journal), *headers)
    assert journal.close()
    return sorted(str(each["kind"]) for each in sink.records)


def test_what_was_rendered_and_never_sent_was_exposed_to_nobody() -> None:
    def failing(environ: Any, start_response: Any) -> Any:
        environ["discreet.page"].exposed("home.place")
        raise RuntimeError("no")

    def unchanged(environ: Any, start_response: Any) -> Any:
        environ["discreet.page"].exposed("home.place")
        start_response("304 Not Modified", [])
        return []

    def fine(environ: Any, start_response: Any) -> Any:
        environ["discreet.page"].exposed("home.place")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"-"]

    def kinds(app: Any) -> list[str]:
        return exposed(lambda journal: wsgi_app(app, journal=journal), AGREED)

    assert kinds(failing) == kinds(unchanged) == ["decision"]
    assert kinds(fine) == ["decision", "exposure"]


def test_a_handler_of_errors_gets_what_everybody_would_get() -> None:
    """Starlette calls that of `Exception` outside of every middleware: no header is set there."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def home(request: Any) -> Any:
        request.state.discreet.decision("home.hero")
        raise RuntimeError("no")

    async def sorry(request: Any, _: Exception) -> Any:
        page = request.state.discreet
        shown = [page.decision(each).content["title"] for each in ("home.hero", "home.place")]
        shown.append(str(page.visit.permitted.get("first_name")))
        return PlainTextResponse(" ".join(shown), 500)

    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S}
    app = Starlette(
        routes=[Route("/", home)],
        exception_handlers={Exception: sorry},
        middleware=[Middleware(PersonalizedAsgi, **given)],
    )
    said: list[Any] = []

    async def failing(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(RuntimeError):  # Starlette raises it again, for the server's log
            await app(scope, receive, send)
        said.append(scope["state"]["discreet"])

    ada = agreed(profile_cookie({"purchases": 3, "first_name": "Ada"}))
    assert asked(failing, ada, ITALY).text == "welcome welcome None"
    assert said[0].too_late == ("home.hero", "home.place")


def test_under_wsgi_a_page_of_errors_is_nobodys_too() -> None:
    def failing(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        for placement in ("home.place", "home.nowhere"):
            environ["discreet.page"].decision(placement)
        yield b"-"

    def outside(environ: Any, start_response: Any) -> Any:
        body = iter(inside(environ, lambda *_: None))
        with pytest.raises(UnknownPlacement):
            next(body)
        start_response("500 Broken", [("Content-Type", "text/plain")])
        return [environ["discreet.page"].decision("home.place").offer.encode()]

    inside = wsgi_app(failing)
    assert asked_wsgi(outside, AGREED, ITALY).text == "welcome"


def test_under_wsgi_a_page_whose_file_the_server_sends_is_finished() -> None:
    class Wrapper:
        """What a server sends by itself."""

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Wrapper()

    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.file_wrapper": Wrapper}
    wsgi_app(app)(environ, lambda *_: None)
    assert environ["discreet.page"].visit is environ["discreet.page"].nobody
