"""Whoever withdraws the consent to storing loses the profile cookie with the next answer, whichever it is."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.visitors import Visitors, VisitorSettings
from discreet_edge import EdgeApp
from support.asgi import Reply, ask
from support.edge import ALL_TCF, LIMITED_TCF, NO_TCF, edge_app

SEEN = {"placement": "home.hero", "offer": "welcome", "version": 12}
MEETINGS: dict[str, tuple[str, Any, int]] = {
    "decide": ("/v1/decide", {}, 200),
    "decide what is not there": ("/v1/decide", {"placement": "nowhere"}, 404),
    "flags": ("/ofrep/v1/evaluate/flags", {}, 200),
    "flag": ("/ofrep/v1/evaluate/flags/home.hero", {}, 200),
    "flag that is not there": ("/ofrep/v1/evaluate/flags/nowhere", {}, 404),
    "exposures": ("/v1/exposures", {"exposures": [SEEN]}, 202),
}


@pytest.fixture
def app() -> EdgeApp:
    return edge_app()


def asked(app: EdgeApp, meeting: str, *cookies: str, **more: str) -> Reply:
    path, document, status = MEETINGS[meeting]
    headers = {"cf-ipcountry": "IT", "cookie": "; ".join(cookies), **more}
    reply = ask(app, "POST", path, document=document, headers=headers)
    assert reply.status == status
    return reply


def kept_by(app: EdgeApp) -> str:
    """The cookie of a visitor who agreed."""
    headers = {"cf-ipcountry": "IT", "cookie": f"euconsent-v2={ALL_TCF}"}
    reply = ask(app, "PUT", "/v1/profile", document={"attributes": {"first_name": "Ada"}}, headers=headers)
    return (reply.header("set-cookie") or "").partition(";")[0]


@pytest.mark.parametrize("meeting", MEETINGS)
@pytest.mark.parametrize("consent", [NO_TCF, LIMITED_TCF], ids=["nothing", "no storage"])
def test_without_the_consent_to_storing_the_cookie_that_came_is_ended(
    app: EdgeApp, meeting: str, consent: str
) -> None:
    cookie = kept_by(app)

    reply = asked(app, meeting, cookie, f"euconsent-v2={consent}")

    name, _, ended = (reply.header("set-cookie") or "").partition("=")
    assert name == cookie.partition("=")[0]
    assert ended.startswith("; Max-Age=0;")
    assert reply.header("cache-control") == "private, no-store"


@pytest.mark.parametrize("meeting", MEETINGS)
def test_a_cookie_is_ended_only_where_one_came_and_may_not_stay(app: EdgeApp, meeting: str) -> None:
    cookie = kept_by(app)

    assert asked(app, meeting, cookie, f"euconsent-v2={ALL_TCF}").all("set-cookie") == []
    assert asked(app, meeting, f"euconsent-v2={NO_TCF}").all("set-cookie") == []


@pytest.mark.parametrize("meeting", MEETINGS)
def test_a_server_without_a_secret_ends_no_cookie(app: EdgeApp, meeting: str) -> None:
    visitors = Visitors(VisitorSettings(cdn="cloudflare"))

    assert asked(edge_app(visitors=visitors), meeting, kept_by(app)).all("set-cookie") == []


def test_flags_that_have_not_changed_end_it_too(app: EdgeApp) -> None:
    cookies = (kept_by(app), f"euconsent-v2={NO_TCF}")
    tag = asked(app, "flags", *cookies).header("etag") or ""
    headers = {"cf-ipcountry": "IT", "cookie": "; ".join(cookies), "if-none-match": tag}

    reply = ask(app, "POST", "/ofrep/v1/evaluate/flags", document={}, headers=headers)

    assert reply.status == 304
    assert "Max-Age=0" in (reply.header("set-cookie") or "")
