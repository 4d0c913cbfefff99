"""Every answer carries the security headers; other origins get in where the operator named them."""

from __future__ import annotations

import pytest

from discreet_edge import EdgeSettings
from support.asgi import ask
from support.edge import edge_app

SHOP, OTHER = "https://shop.example", "https://other.example"
CORS = EdgeSettings(cors_origins=(SHOP, "http://localhost:3000"), cors_credentials=True)
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/decide"), ("POST", "/ofrep/v1/evaluate/flags"), ("POST", "/ofrep/v1/evaluate/flags/page.footer"),
        ("GET", "/v1/bundle"), ("POST", "/v1/exposures"), ("PUT", "/v1/profile"), ("DELETE", "/v1/profile"),
        ("POST", "/v1/reload"), ("GET", "/.well-known/gpc.json"), ("GET", "/openapi.json"), ("GET", "/healthz"),
        ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/nowhere"),
    ],
)  # fmt: skip
def test_every_answer_carries_the_security_headers(method: str, path: str) -> None:
    reply = ask(edge_app(), method, path, body=b"{}")

    assert reply.header("x-content-type-options") == "nosniff"
    assert reply.header("referrer-policy") == "no-referrer"
    assert reply.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
    assert reply.header("cross-origin-resource-policy") == "same-origin"
    assert reply.header("cache-control") is not None
    assert not [name for name, _ in reply.pairs if name.startswith(b"access-control")]
    assert reply.header("server") is None


def test_an_origin_that_was_named_may_read_the_answer() -> None:
    reply = ask(edge_app(settings=CORS), "POST", "/v1/decide", document={}, headers={"origin": SHOP})

    assert reply.header("access-control-allow-origin") == SHOP
    assert reply.header("access-control-allow-credentials") == "true"
    assert reply.header("vary") == "origin"


@pytest.mark.parametrize(
    "origin", [OTHER, SHOP + ".evil.example", "null", "https://SHOP.example", SHOP + "/", "*"]
)
def test_another_may_not(origin: str) -> None:
    reply = ask(edge_app(settings=CORS), "POST", "/v1/decide", document={}, headers={"origin": origin})

    assert reply.header("access-control-allow-origin") is None
    assert reply.header("access-control-allow-credentials") is None
    assert reply.header("vary") == "origin"
    assert (
        ask(edge_app(settings=CORS), "OPTIONS", "/v1/decide", headers={"origin": origin, **PREFLIGHT}).status
        == 405
    )


def test_a_preflight_says_what_there_is() -> None:
    reply = ask(edge_app(settings=CORS), "OPTIONS", "/v1/profile", headers={"origin": SHOP, **PREFLIGHT})

    assert (reply.status, reply.body) == (204, b"")
    assert reply.header("access-control-allow-origin") == SHOP
    assert reply.header("access-control-allow-methods") == "DELETE, PUT"
    assert reply.header("access-control-allow-headers") == "authorization, content-type, if-none-match"


def test_refusals_can_be_read_across_origins_too() -> None:
    reply = ask(edge_app(settings=CORS), "POST", "/v1/decide", body=b"{", headers={"origin": SHOP})

    assert (reply.status, reply.header("access-control-allow-origin")) == (400, SHOP)


def test_a_star_lets_everybody_in_without_cookies() -> None:
    app = edge_app(settings=EdgeSettings(cors_origins=("*",)))

    reply = ask(app, "POST", "/v1/decide", document={}, headers={"origin": OTHER})

    assert reply.header("access-control-allow-origin") == "*"
    assert reply.header("access-control-allow-credentials") is None
