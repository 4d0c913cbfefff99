"""What the operator and the browser ask of the server itself."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from discreet.serving import Bundles, BundleStore, SourceError
from discreet_edge import EdgeSettings
from support.asgi import ask
from support.edge import NOW_S, TEST_RING, edge_app, edge_bundle, edge_evaluator

TOKEN = "a token that is long enough"  # noqa: S105 - made up
ADMIN = EdgeSettings(admin_token_sha256=hashlib.sha256(TOKEN.encode()).hexdigest())
BEARER = {"authorization": f"Bearer {TOKEN}"}


class Source:
    """A source that has what a test puts into it."""

    name = "test"

    def __init__(self, data: bytes | None) -> None:
        self.data = data

    def fetch(self) -> bytes | None:
        if self.data is None:
            raise SourceError("the source cannot be reached")
        return self.data


@pytest.fixture
def source() -> Source:
    return Source(edge_bundle())


@pytest.fixture
def clock() -> list[float]:
    return [NOW_S]


@pytest.fixture
def app(source: Source, clock: list[float]) -> Any:
    bundles = Bundles(source, TEST_RING, clock_s=lambda: clock[0], stale_after_s=60)
    bundles.start()
    return edge_app(bundles=bundles, settings=ADMIN, clock_s=lambda: clock[0])


def test_a_process_that_answers_lives() -> None:
    assert ask(edge_app(), "GET", "/healthz").json == {"status": "ok"}


def test_it_is_ready_with_a_bundle_in_force(app: Any) -> None:
    reply = ask(app, "GET", "/readyz")

    assert reply.status == 200
    assert reply.json["ready"] is True
    assert reply.json["bundle"] == {
        "name": "edge-shop",
        "version": 12,
        "digest": edge_evaluator().bundle.digest,
    }
    assert (reply.json["refused"], reply.json["expired"], reply.json["stale"]) == (None, False, False)
    assert (reply.json["unreachable"], reply.json["not_kept"]) == (None, None)


def test_it_is_not_ready_before_there_is_one(source: Source) -> None:
    reply = ask(edge_app(bundles=Bundles(source, TEST_RING)), "GET", "/readyz")

    assert (reply.status, reply.json["type"]) == (503, "urn:discreet:problem:not-ready")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/decide"), ("POST", "/ofrep/v1/evaluate/flags"), ("POST", "/v1/exposures"), ("GET", "/metrics"),
        ("GET", "/v1/bundle"), ("GET", "/v1/bundles/00"), ("PUT", "/v1/profile"),
    ],
)  # fmt: skip
def test_before_there_is_a_bundle_whatever_needs_one_says_so(
    source: Source, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    document: dict[str, Any] = {"attributes": {}} if method == "PUT" else {}
    if path == "/v1/exposures":
        document = {"exposures": [{"placement": "a", "offer": "b", "version": 1}]}

    reply = ask(edge_app(bundles=Bundles(source, TEST_RING)), method, path, document=document)

    assert (reply.status, reply.json["type"]) == (503, "urn:discreet:problem:not-ready")
    assert caplog.records == []


def test_it_is_not_ready_when_the_bundle_has_expired(app: Any, clock: list[float]) -> None:
    clock[0] = NOW_S + 10 * 365 * 86_400

    reply = ask(app, "GET", "/readyz")

    assert (reply.status, reply.json["ready"], reply.json["expired"]) == (503, False, True)


def reload(app: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    reply = ask(app, "POST", "/v1/reload", headers=BEARER if headers is None else headers)
    return reply.status, reply.json


def test_the_admin_may_ask_for_a_newer_bundle(app: Any, source: Source) -> None:
    assert reload(app) == (202, {"outcome": "unchanged", "version": 12})
    source.data = edge_bundle(version=13)
    assert reload(app) == (202, {"outcome": "swapped", "version": 13})
    assert ask(app, "POST", "/v1/decide", document={}).json["bundle"]["version"] == 13


@pytest.mark.parametrize(
    ("data", "kind", "version"),
    [
        (b"nonsense", "MalformedBundle", None),
        (edge_bundle(version=11), "OlderThanServed", 11),
        (edge_bundle(version=14, expires_s=int(NOW_S) - 1), "ExpiredBundle", None),
    ],
)
def test_a_bundle_that_is_refused_is_told_and_the_last_good_one_serves(
    app: Any, source: Source, data: bytes, kind: str, version: int | None
) -> None:
    source.data = data

    status, problem = reload(app)
    health = ask(app, "GET", "/readyz")

    assert (status, problem["type"]) == (409, "urn:discreet:problem:not-reloaded")
    assert health.status == 200
    assert (health.json["refused"]["kind"], health.json["refused"]["version"]) == (kind, version)
    assert ask(app, "POST", "/v1/decide", document={}).json["bundle"]["version"] == 12


def test_a_source_that_is_out_of_reach_is_told_with_its_first_instant_and_nothing_is_refused(
    app: Any, source: Source, clock: list[float]
) -> None:
    source.data = b"nonsense"
    reload(app)
    source.data = None
    for _ in range(2):
        clock[0] += 5
        reload(app)
    health = ask(app, "GET", "/readyz").json

    assert health["unreachable"] == {"kind": "SourceError", "at": NOW_S + 5}
    assert (health["refused"], health["failures"], health["ready"]) == (None, 3, True)
    source.data = edge_bundle()
    reload(app)
    assert ask(app, "GET", "/readyz").json["unreachable"] is None


def test_a_state_folder_that_keeps_nothing_is_told(tmp_path: Path, source: Source) -> None:
    (tmp_path / "file").touch()
    store = BundleStore(tmp_path / "file" / "below")
    bundles = Bundles(source, TEST_RING, store=store, clock_s=lambda: NOW_S)
    bundles.start()

    health = ask(edge_app(bundles=bundles), "GET", "/readyz").json

    assert (health["not_kept"], health["ready"]) == ({"kind": "StoreError", "at": NOW_S}, True)
    assert str(tmp_path) not in str(health)


def test_nobody_else_may(app: Any) -> None:
    for headers in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": ""},
    ):
        reply = ask(app, "POST", "/v1/reload", headers=headers)
        assert (reply.status, reply.header("www-authenticate")) == (401, "Bearer")
    assert ask(edge_app(), "POST", "/v1/reload", headers=BEARER).status == 404  # no token was set


def test_decisions_say_stale_when_the_source_is_out_of_reach_for_too_long(
    app: Any, source: Source, clock: list[float]
) -> None:
    def is_stale() -> Any:
        return ask(app, "POST", "/v1/decide", document={"placement": "page.footer"}).json["stale"]

    assert is_stale() is False
    source.data = None
    clock[0] += 30
    assert reload(app)[0] == 409
    assert is_stale() is False
    clock[0] += 40
    assert is_stale() is True
    assert ask(app, "GET", "/readyz").json["stale"] is True
    source.data = edge_bundle()
    assert reload(app)[0] == 202
    clock[0] += 2  # it is looked up once a second
    assert is_stale() is False


def test_a_browser_reads_that_gpc_is_honoured() -> None:
    dated = edge_app(settings=EdgeSettings(gpc_last_update="2026-01-31"))

    assert ask(edge_app(), "GET", "/.well-known/gpc.json").json == {"gpc": True}
    assert ask(dated, "GET", "/.well-known/gpc.json").json == {"gpc": True, "lastUpdate": "2026-01-31"}
    assert ask(edge_app(settings=EdgeSettings(gpc=False)), "GET", "/.well-known/gpc.json").json == {
        "gpc": False
    }
    assert ask(edge_app(settings=EdgeSettings(gpc=None)), "GET", "/.well-known/gpc.json").status == 404
