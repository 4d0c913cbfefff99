"""The responses of both middlewares: what caches are told, and what happens when the response leaves early."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from discreet.adapters import Caching
from discreet.adapters.asgi import Personalized as PersonalizedAsgi
from discreet.adapters.wsgi import Personalized as PersonalizedWsgi
from discreet.serving import Bundles
from support.pages import (
    AGREED,
    ITALY,
    LIMITED_AGREED,
    NOW_S,
    REFUSED,
    SALE_ENDS_S,
    Answered,
    Header,
    asgi_site,
    asked,
    asked_wsgi,
    bundles,
    evaluator,
    visitors,
    wsgi_site,
)  # fmt: skip

PUBLIC: tuple[Header, ...] = (("Cache-Control", "public, max-age=600"), ("ETag", '"v1"'))


@dataclass(frozen=True)
class Server:
    """One of the two middlewares: how to make a site, and how to ask it."""

    site: Callable[..., Any]
    ask: Callable[..., Answered]


@pytest.fixture(params=[Server(asgi_site, asked), Server(wsgi_site, asked_wsgi)], ids=["asgi", "wsgi"])
def server(request: pytest.FixtureRequest) -> Server:
    chosen: Server = request.param
    return chosen


def test_a_page_without_decisions_is_left_alone(server: Server) -> None:
    answer = server.ask(server.site(headers=PUBLIC), AGREED, ITALY)

    answer.headers.pop("content-type", None)
    assert answer.headers == {"cache-control": ["public, max-age=600"], "etag": ['"v1"']}


def test_a_page_that_depends_on_nobody_stays_shared(server: Server) -> None:
    answer = server.ask(server.site("page.footer", headers=PUBLIC), AGREED, ITALY)

    assert (answer.one("cache-control"), answer.one("etag")) == ("public, max-age=600", '"v1"')
    assert "vary" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("visitor", [(), (AGREED, ITALY), (REFUSED,)], ids=["nobody", "agreed", "refused"])
def test_a_page_that_can_depend_on_somebody_is_private_for_everybody(
    server: Server, visitor: tuple[Header, ...]
) -> None:
    answer = server.ask(server.site("page.footer", "home.place", headers=PUBLIC), *visitor)

    assert answer.one("cache-control") == "private, no-store"
    assert answer.one("etag") is None
    assert answer.vary >= {"cookie", "sec-gpc", "cf-ipcountry"}


def test_vary_names_only_what_the_decisions_read(server: Server) -> None:
    answer = server.ask(server.site("home.language", headers=(("Vary", "Accept-Encoding"),)), AGREED)

    assert answer.vary == {
        "accept-encoding", "accept-language", "cookie", "sec-gpc", "cf-ipcountry", "cf-region-code",
    }  # fmt: skip


def test_a_page_is_shared_no_longer_than_its_offers_last(server: Server) -> None:
    headers = (("Cache-Control", "public, max-age=999999"),)

    assert (
        server.ask(server.site("page.sale", headers=headers)).one("cache-control") == "public, max-age=432000"
    )


def test_a_site_bounds_how_long_old_offers_show(server: Server) -> None:
    site = server.site("page.footer", headers=PUBLIC, caching=Caching(shared_max_age_s=120))

    assert server.ask(site).one("cache-control") == "public, max-age=120"
    assert server.ask(server.site(headers=PUBLIC, caching=Caching(shared_max_age_s=0))).one(
        "cache-control"
    ) == ("public, max-age=600")


@pytest.mark.parametrize(("visitor", "asks"), [(LIMITED_AGREED, True), (REFUSED, False)])
def test_a_client_hint_is_asked_for_only_where_it_may_be_known(
    server: Server, visitor: Header, asks: bool
) -> None:
    answer = server.ask(server.site("home.device"), visitor, ITALY)

    assert answer.one("accept-ch") == ("Sec-CH-UA-Form-Factors" if asks else None)


def test_no_hint_is_asked_for_that_no_decision_reads(server: Server) -> None:
    assert server.ask(server.site("home.place"), AGREED, ITALY).one("accept-ch") is None


@pytest.mark.parametrize("visitor", [AGREED, REFUSED])
def test_a_page_that_shows_the_visit_is_private(visitor: Header) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        page = scope["state"]["discreet"]
        page.decision("page.footer")
        word = b"no banner" if page.visit.consent.grants[0] else b"a banner"
        headers = [(name.encode(), value.encode()) for name, value in PUBLIC]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": word})

    site = PersonalizedAsgi(app, bundles=bundles(), visitors=visitors(), clock_s=lambda: NOW_S)
    answer = asked(site, visitor)

    assert (answer.one("cache-control"), answer.one("etag")) == ("private, no-store", None)


def test_a_visit_that_is_asked_for_too_late_is_nobodys() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=60")])
        yield b"from "
        yield str(environ["discreet.page"].visit.permitted.get("country")).encode()

    answer = asked_wsgi(wsgi_app(app), AGREED, ITALY)
    assert (answer.text, answer.one("cache-control")) == ("from None", "public, max-age=60")


@pytest.mark.parametrize(("took_s", "control"), [(30.0, "public, max-age=30"), (61.0, "public, max-age=0")])
def test_a_lifetime_counts_from_when_the_response_leaves(took_s: float, control: str) -> None:
    clock = [SALE_ENDS_S - 60.0]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["discreet"].decision("page.sale")
        clock[0] += took_s
        headers = [(b"cache-control", b"public, max-age=600")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    site = PersonalizedAsgi(app, bundles=bundles(), visitors=visitors(), clock_s=lambda: clock[0])
    assert asked(site).one("cache-control") == control


def test_a_clock_that_is_set_back_makes_no_lifetime_longer() -> None:
    clock = iter([SALE_ENDS_S - 60.0, SALE_ENDS_S - 600.0])
    site = asgi_site("page.sale", headers=(("Cache-Control", "max-age=999"),), clock_s=lambda: next(clock))

    assert asked(site).one("cache-control") == "max-age=60"


def test_a_swap_while_a_page_is_made_shows_on_the_next() -> None:
    serving, seen = bundles(), list[int]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        page = scope["state"]["discreet"]
        seen.append(page.decision("page.footer").version)
        serving.current = Bundles.of(evaluator(version=4)).current
        seen.append(page.decision("home.place").version)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    site = PersonalizedAsgi(app, bundles=serving, visitors=visitors(), clock_s=lambda: NOW_S)
    asked(site, AGREED)
    asked(site, AGREED)

    assert seen == [3, 3, 4, 4]


# What leaves early


def streaming(headers: list[Header], *, private: bool = False) -> tuple[Any, list[Any]]:
    """An ASGI site that decides after its response has started, and the pages that it made."""
    pages: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        page = scope["state"]["discreet"]
        pages.append(page)
        if private:
            page.keep_private()
        pairs = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        for placement in ("page.footer", "home.place"):
            body = page.decision(placement).offer.encode() + b" "
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body"})

    return PersonalizedAsgi(app, bundles=bundles(), visitors=visitors(), clock_s=lambda: NOW_S), pages


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Cache-Control", "public, max-age=60")],
        [("Cache-Control", "private, max-age=60")],  # a browser would show it after a withdrawal
        [("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=60")],
    ],
    ids=["silent", "public", "private", "for a CDN"],
)
def test_a_late_decision_never_enters_a_page_that_may_be_kept(headers: list[Header]) -> None:
    site, pages = streaming(headers)
    answer = asked(site, AGREED, ITALY)

    assert answer.text == "imprint welcome "
    assert answer.one("cache-control") == (dict(headers).get("Cache-Control"))
    assert pages[0].too_late == ("home.place",)
    assert asked(site, REFUSED).body == answer.body


def test_a_late_decision_is_the_visitors_where_nobody_keeps_the_page() -> None:
    site, _ = streaming([("Cache-Control", "no-store")])

    assert asked(site, AGREED, ITALY).text == "imprint for_italy "


def test_a_page_that_was_kept_private_may_decide_later() -> None:
    site, _ = streaming([("Cache-Control", "public, max-age=60")], private=True)
    answer = asked(site, AGREED, ITALY)

    assert (answer.text, answer.one("cache-control")) == ("imprint for_italy ", "private, no-store")


def wsgi_app(app: Any, **more: Any) -> Any:
    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S, **more}
    return PersonalizedWsgi(app, **given)


def test_under_wsgi_the_response_leaves_with_the_first_of_its_body() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=9")])
        yield b""
        yield environ["discreet.page"].decision("home.place").offer.encode()
        yield environ["discreet.page"].decision("home.language").offer.encode()

    early = asked_wsgi(wsgi_app(app), AGREED, ITALY, ("Accept-Language", "fr"))

    assert (early.text, early.one("cache-control")) == ("for_italyin_french", "private, no-store")

    def later(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "public, max-age=9")])
        yield b"so: "
        yield environ["discreet.page"].decision("home.place").offer.encode()

    late = asked_wsgi(wsgi_app(later), AGREED, ITALY)
    assert (late.text, late.one("cache-control")) == ("so: welcome", "public, max-age=9")


def test_under_wsgi_an_old_application_may_write() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        write = start_response("200 OK", [("Content-Type", "text/plain")])
        environ["discreet.page"].decision("home.place")
        write(b"for ")
        write(b"Italy")
        return []

    answer = asked_wsgi(wsgi_app(app), AGREED, ITALY)
    assert (answer.text, answer.one("cache-control")) == ("for Italy", "private, no-store")


def test_under_wsgi_an_error_replaces_the_response() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            raise OSError("no")
        except OSError as error:
            start_response("500 Broken", [("Content-Type", "text/plain")], (OSError, error, None))
        return [b"broken"]

    assert asked_wsgi(wsgi_app(app)).status == 500


def test_under_wsgi_starting_twice_is_an_error() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    with pytest.raises(AssertionError, match="twice"):
        asked_wsgi(wsgi_app(app))


def test_under_wsgi_a_file_goes_the_servers_way() -> None:
    class Wrapper:
        """What a server sends by itself."""

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return wrapper

    wrapper, started = Wrapper(), list[Any]()

    def start_response(status: str, headers: list[Header], exc_info: object = None) -> Any:
        started.append(status)

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.file_wrapper": Wrapper}
    assert wsgi_app(app)(environ, start_response) is wrapper
    assert started == ["200 OK"]


# What is no page


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_other_scopes_pass_through(kind: str) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    async def nothing(*_: Any) -> Any: ...

    scope = {"type": kind}
    site = PersonalizedAsgi(app, bundles=bundles(), visitors=visitors())
    asyncio.run(site(scope, nothing, nothing))

    assert seen == [(scope, nothing, nothing)]
    assert scope == {"type": kind}
