"""The bundle in service is given out as it was signed, to everybody alike."""

from __future__ import annotations

from discreet import load_bytes
from discreet.serving import Bundles
from discreet_edge import EdgeSettings
from support.asgi import ask
from support.edge import NOW_S, TEST_RING, edge_app, edge_bundle, edge_evaluator

DIGEST = edge_evaluator().bundle.digest


def test_the_bundle_is_given_out_byte_for_byte() -> None:
    for path in ("/v1/bundle", f"/v1/bundles/{DIGEST}"):
        reply = ask(edge_app(), "GET", path)

        assert (reply.status, reply.body) == (200, edge_bundle())
        assert load_bytes(reply.body, TEST_RING, now_s=NOW_S).bundle.digest == DIGEST
        assert reply.header("content-type") == "application/vnd.discreet.bundle"


def test_what_is_current_is_asked_for_again_and_what_has_a_digest_never() -> None:
    app = edge_app()

    assert ask(app, "GET", "/v1/bundle").header("cache-control") == "public, no-cache"
    immutable = ask(app, "GET", f"/v1/bundles/{DIGEST}").header("cache-control")
    assert immutable == "public, max-age=31536000, immutable"


def test_who_has_it_already_gets_304() -> None:
    app = edge_app()
    tag = ask(app, "GET", "/v1/bundle").header("etag") or ""

    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        reply = ask(app, "GET", "/v1/bundle", headers={"if-none-match": known})
        assert (reply.status, reply.body, reply.header("etag")) == (304, b"", tag)
    assert ask(app, "GET", "/v1/bundle", headers={"if-none-match": '"other"'}).status == 200


def test_a_head_has_the_length_and_no_body() -> None:
    reply = ask(edge_app(), "HEAD", "/v1/bundle")

    assert (reply.status, reply.body, reply.header("content-length")) == (200, b"", str(len(edge_bundle())))


def test_another_digest_is_unknown_and_not_repeated() -> None:
    reply = ask(edge_app(), "GET", "/v1/bundles/c0ffee")

    assert (reply.status, reply.json["type"]) == (404, "urn:discreet:problem:unknown-bundle")
    assert b"c0ffee" not in reply.everything


def test_it_can_be_kept_back() -> None:
    app = edge_app(settings=EdgeSettings(public_bundle=False))

    assert ask(app, "GET", "/v1/bundle").status == 404
    assert ask(app, "GET", f"/v1/bundles/{DIGEST}").status == 404


def test_an_evaluator_without_its_file_has_none_to_give() -> None:
    assert ask(edge_app(bundles=Bundles.of(edge_evaluator())), "GET", "/v1/bundle").status == 404
