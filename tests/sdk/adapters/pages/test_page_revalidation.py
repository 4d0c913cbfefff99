"""When a browser may keep a personal page and ask: only a whole one, by all that was decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from discreet.adapters import Caching
from discreet.adapters.asgi import Personalized as PersonalizedAsgi
from discreet.adapters.wsgi import Personalized as PersonalizedWsgi
from support.pages import (
    AGREED,
    ITALY,
    NOW_S,
    REFUSED,
    Answered,
    Header,
    asgi_site,
    asked,
    asked_wsgi,
    bundles,
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


def wsgi_app(app: Any, **more: Any) -> Any:
    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S, **more}
    return PersonalizedWsgi(app, **given)


def test_a_browser_that_has_the_page_gets_no_second_copy(server: Server) -> None:
    site = server.site("home.place", headers=PUBLIC, caching=Caching(revalidate=True))
    first = server.ask(site, AGREED, ITALY)
    etag = first.one("etag")
    assert etag is not None
    again = server.ask(site, AGREED, ITALY, ("If-None-Match", etag))
    after_withdrawal = server.ask(site, REFUSED, ITALY, ("If-None-Match", etag))

    assert (first.one("cache-control"), first.text) == ("private, no-cache", "for_italy")
    assert (again.status, again.body, again.one("etag")) == (304, b"", etag)
    assert again.one("content-type") is None
    assert (after_withdrawal.status, after_withdrawal.text) == (200, "welcome")


def test_a_page_without_an_etag_of_its_application_is_not_revalidated(server: Server) -> None:
    site = server.site("home.place", caching=Caching(revalidate=True))

    assert server.ask(site, AGREED, ITALY).one("cache-control") == "private, no-store"


def test_only_a_whole_page_is_revalidated() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["discreet"].decision("home.place")
        await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", b'"v1"')]})
        await send({"type": "http.response.body"})

    caching = Caching(revalidate=True)
    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S}
    answer = asked(PersonalizedAsgi(app, caching=caching, **given), AGREED)

    assert (answer.one("cache-control"), answer.one("etag")) == ("private, no-store", None)


def test_a_post_is_never_answered_as_unchanged(server: Server) -> None:
    site = server.site("home.place", headers=PUBLIC, caching=Caching(revalidate=True))
    etag = server.ask(site, AGREED).one("etag")
    assert etag is not None

    assert server.ask(site, AGREED, ("If-None-Match", etag), method="POST").status == 200


def parts(*told: bytes, headers: tuple[Header, ...] = ()) -> Any:
    """An ASGI site with a private page of so many parts, which decides right before the last of them."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        page = scope["state"]["discreet"]
        page.keep_private()
        pairs = [(b"etag", b'"v1"'), *((name.encode(), value.encode()) for name, value in headers)]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        for part in told[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        page.decision("home.place")
        await send({"type": "http.response.body", "body": told[-1]})

    caching = Caching(revalidate=True)
    return PersonalizedAsgi(
        app, bundles=bundles(), visitors=visitors(), clock_s=lambda: NOW_S, caching=caching
    )


def test_a_page_that_leaves_in_parts_is_not_revalidated() -> None:
    """What is decided after the head is not in its ETag: a browser would go on showing it."""
    answer = asked(parts(b"so: ", b"Italy"), AGREED, ITALY)

    assert (answer.one("cache-control"), answer.one("etag")) == ("private, no-store", None)


def test_a_page_that_leaves_whole_is_revalidated_by_all_that_was_decided() -> None:
    etags = [asked(parts(b"so"), visitor, ITALY).one("etag") for visitor in (AGREED, AGREED, REFUSED)]

    assert etags[0] == etags[1] != etags[2]
    assert asked(parts(b"so"), AGREED, ITALY, ("If-None-Match", etags[0] or "")).status == 304


def test_a_part_that_is_all_by_its_length_is_whole() -> None:
    answer = asked(parts(b"so", b"", headers=(("Content-Length", "2"),)), AGREED, ITALY)

    assert answer.one("cache-control") == "private, no-cache"


def test_an_application_that_ends_without_a_body_has_its_head_sent() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S}
    assert asked(PersonalizedAsgi(app, caching=Caching(revalidate=True), **given)).status == 204


def test_under_wsgi_a_page_that_is_still_being_made_is_not_revalidated() -> None:
    def site(*, is_list: bool, headers: tuple[Header, ...] = ()) -> Any:
        def app(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [("Content-Type", "text/plain"), ("ETag", '"v1"'), *headers])
            body = (environ["discreet.page"].decision("home.place").offer.encode() for _ in range(1))
            return [*body] if is_list else body

        return wsgi_app(app, caching=Caching(revalidate=True))

    def control(site: Any) -> str | None:
        return asked_wsgi(site, AGREED, ITALY).one("cache-control")

    assert control(site(is_list=False)) == "private, no-store"
    assert control(site(is_list=True)) == "private, no-cache"
    assert control(site(is_list=False, headers=(("Content-Length", "9"),))) == "private, no-cache"


def test_what_an_application_makes_of_the_visit_is_in_no_etag() -> None:
    """So a page that looks at the visit is not revalidated: it could show it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        word = b"yes" if scope["state"]["discreet"].visit.storage_granted else b"no"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"v1"')]})
        await send({"type": "http.response.body", "body": word})

    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S}
    answer = asked(PersonalizedAsgi(app, caching=Caching(revalidate=True), **given), AGREED)

    assert (answer.text, answer.one("cache-control"), answer.one("etag")) == (
        "yes",
        "private, no-store",
        None,
    )
