"""Whatever is too large, too slow, too deep or too often is refused before anything is done with it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from typing import Any

import pytest

from discreet_edge import EdgeSettings
from discreet_edge.limiting import Bucket
from support.asgi import Reply, ask, send
from support.edge import ALL_TCF, edge_app

DECIDE = ("POST", "/v1/decide")


def problem(reply: Reply) -> tuple[int, str]:
    assert reply.header("content-type") == "application/problem+json"
    return reply.status, reply.json["type"].removeprefix("urn:discreet:problem:")


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    app = edge_app(settings=EdgeSettings(max_body_bytes=100))

    async def never() -> Any:
        raise AssertionError("the body was read")

    async def answered() -> int:
        from support.asgi import scope_of

        sent: list[Any] = []

        async def take(message: Any) -> None:
            sent.append(message)

        for length in ("101", "9" * 5_000, "-1", "1e3", "0x10", "", "1, 1"):
            await app(scope_of(*DECIDE, [("content-length", length)]), never, take)
        statuses = {each["status"] for each in sent if each["type"] == "http.response.start"}
        assert len(statuses) == 1
        return int(statuses.pop())

    assert asyncio.run(answered()) == 413


def test_a_body_that_turns_out_too_large_is_refused_while_it_comes() -> None:
    app = edge_app(settings=EdgeSettings(max_body_bytes=100))
    taken: list[int] = []

    def chunks() -> Any:
        for number in range(1_000):
            taken.append(number)
            yield b" " * 40

    reply = ask(app, *DECIDE, body=list(chunks())[:50], headers=[])

    assert problem(reply) == (413, "body-too-large")
    assert reply.header("connection") == "close"


def test_a_body_in_pieces_is_put_together() -> None:
    reply = ask(edge_app(), *DECIDE, body=[b'{"place', b'ment": "page', b'.footer"}', b""])

    assert reply.json["decisions"][0]["offer"] == "shops"


def test_a_body_that_never_ends_is_given_up() -> None:
    app = edge_app(settings=EdgeSettings(body_timeout_s=0.2))

    for body in (b'{"placement": "page.footer"', b""):
        reply = ask(app, *DECIDE, body=body, stalls=True)
        assert problem(reply) == (408, "body-too-slow")
        assert reply.header("connection") == "close"


def test_those_who_wait_beside_it_are_answered() -> None:
    app = edge_app(settings=EdgeSettings(body_timeout_s=0.2))

    async def together() -> list[Any]:
        slow = [send(app, *DECIDE, body=b"{", stalls=True) for _ in range(20)]
        quick = [send(app, *DECIDE, document={"placement": "page.footer"}) for _ in range(20)]
        return [None if each is None else each.status for each in await asyncio.gather(*slow, *quick)]

    assert asyncio.run(together()) == [408] * 20 + [200] * 20


def test_a_client_that_goes_away_gets_no_answer_and_disturbs_nobody() -> None:
    app = edge_app()

    async def gone() -> Any:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def take(message: Any) -> None:
            sent.append(message)

        from support.asgi import scope_of

        await app(scope_of(*DECIDE), receive, take)
        return sent

    assert asyncio.run(gone()) == []


def test_a_task_that_is_cancelled_from_outside_stays_cancelled() -> None:
    app = edge_app(settings=EdgeSettings(body_timeout_s=5))

    async def cancelled() -> bool:
        task = asyncio.ensure_future(send(app, *DECIDE, body=b"{", stalls=True))
        await asyncio.sleep(0.05)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return True
        return False

    assert asyncio.run(cancelled())


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ([("x-long", "a" * 16_384)], "/v1/decide"),
        ([("x", "a")] * 9_000, "/v1/decide"),
        ([("cookie", "")] * 101, "/v1/decide"),
        ([("x" * 40, "a" * 120)] * 99 + [("y", "a" * 149)], "/v1/decide"),
        ([("cookie", "a" * 8_193)], "/v1/decide"),
        ([("cookie", "a" * 5_000), ("cookie", "b" * 5_000)], "/v1/decide"),
        ([], "/v1/decide?" + "q" * 16_384),
        ([], "/" + "p" * 16_384),
    ],
)
def test_headers_cookies_and_addresses_are_bounded(headers: list[tuple[str, str]], target: str) -> None:
    reply = ask(edge_app(), "POST", target, headers=headers, body=b"{}")

    assert problem(reply) == (431, "headers-too-large")


def test_as_many_headers_as_the_settings_say_are_read() -> None:
    app = edge_app(settings=EdgeSettings(max_headers=20))

    replies = [ask(app, *DECIDE, headers=[("x", "")] * number, body=b"{}") for number in (10, 21)]

    assert [each.status for each in replies] == [200, 431]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"{}{}", b"\xff", b'{"attributes": {"a": NaN}}', b'{"attributes": {"a": Infinity}}', b'{"a": 01}',
        b'{"attributes": {"a": "\\ud800"}}', b"{" * 30_000, b"[" * 60_000,
        b'{"attributes":' + b"[" * 17 + b"]" * 17 + b"}",
        gzip.compress(b"{}", mtime=0), b"\xef\xbb\xbf{}",
    ],
)  # fmt: skip
def test_what_is_not_json_or_nests_too_deep_is_refused(body: bytes) -> None:
    assert problem(ask(edge_app(), *DECIDE, body=body)) == (400, "malformed-body")


def test_sixteen_levels_are_deep_enough() -> None:
    body = b'{"attributes":{"interests":' + b"[" * 14 + b'"' + b"[{" * 20 + b'"' + b"]" * 14 + b"}}"

    assert ask(edge_app(), *DECIDE, body=body).status == 200


def test_names_of_attributes_are_bounded_in_number_and_length() -> None:
    app = edge_app()

    for attributes in ({f"a{each}": 1 for each in range(257)}, {"a" * 129: 1}):
        reply = ask(app, *DECIDE, document={"attributes": attributes})
        assert problem(reply) == (400, "too-many-names")
    assert ask(app, *DECIDE, document={"attributes": {"a" * 128: 1}}).status == 200


def test_a_body_that_says_it_is_something_else_is_refused() -> None:
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ):
        reply = ask(edge_app(), *DECIDE, body=b"{}", headers={"content-type": media_type})
        assert problem(reply) == (415, "unsupported-media-type")
    for media_type in ("application/json", "Application/JSON; charset=utf-8"):
        assert ask(edge_app(), *DECIDE, body=b"{}", headers={"content-type": media_type}).status == 200


def test_a_process_takes_so_many_requests_and_says_when_to_come_back() -> None:
    app = edge_app(settings=EdgeSettings(rate_per_s=0.1, burst=3))

    replies = [ask(app, *DECIDE, document={}) for _ in range(5)]

    assert [each.status for each in replies] == [200, 200, 200, 429, 429]
    assert problem(replies[-1]) == (429, "too-many-requests")
    assert replies[-1].header("retry-after") in {"9", "10"}


def test_health_and_metrics_are_answered_however_many_there_are() -> None:
    app = edge_app(settings=EdgeSettings(rate_per_s=0.1, burst=1))
    ask(app, *DECIDE, document={})

    assert [ask(app, "GET", path).status for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3


def test_what_changes_something_is_bounded_more_strictly() -> None:
    app = edge_app(settings=EdgeSettings(change_rate_per_s=0.1, burst=2))

    assert [ask(app, "PUT", "/v1/profile", document={}).status for _ in range(3)] == [400, 400, 429]
    assert ask(app, *DECIDE, document={}).status == 200


STRICT = EdgeSettings(
    change_rate_per_s=0.01, burst=2, admin_token_sha256=hashlib.sha256(b"the token").hexdigest()
)
ADMIN = {"authorization": "Bearer the token"}


def test_no_crowd_keeps_the_admin_from_reloading_and_explaining() -> None:
    app = edge_app(settings=STRICT)
    reload = ("POST", "/v1/reload")
    for _ in range(5):
        ask(app, "PUT", "/v1/profile", body=b"x")
    guesses = [ask(app, *reload, headers={"authorization": f"Bearer {each}"}) for each in range(4)]

    assert [each.status for each in guesses] == [401, 401, 429, 429]
    assert problem(guesses[-1]) == (429, "too-many-requests")
    assert guesses[-1].header("retry-after") is not None
    assert ask(app, *DECIDE, document={"explain": True}).status == 429
    assert [ask(app, *reload, headers=ADMIN).status for _ in range(5)] == [202] * 5
    assert ask(app, *DECIDE, document={"explain": True}, headers=ADMIN).status == 200
    assert ask(app, *DECIDE, document={}).status == 200


def test_no_crowd_keeps_a_visitor_from_being_forgotten() -> None:
    app = edge_app(settings=STRICT)
    headers = {"cf-ipcountry": "IT", "cookie": f"euconsent-v2={ALL_TCF}"}
    put = ask(app, "PUT", "/v1/profile", document={"attributes": {"first_name": "Ada"}}, headers=headers)
    cookie = (put.header("set-cookie") or "").partition(";")[0]
    name = cookie.partition("=")[0]
    for _ in range(5):
        ask(app, "PUT", "/v1/profile", body=b"x")
        assert ask(app, "DELETE", "/v1/profile").status == 204
        assert ask(app, "DELETE", "/v1/profile", headers={"cookie": f"{name}=forged"}).status == 204

    wishes = [ask(app, "DELETE", "/v1/profile", headers={"cookie": cookie}) for _ in range(3)]

    assert [each.status for each in wishes] == [204, 204, 429]
    assert "Max-Age=0" in (wishes[0].header("set-cookie") or "")


def test_a_bucket_fills_up_again() -> None:
    bucket = Bucket(2.0, 2, now_s=0.0)

    assert [bucket.take(now_s) for now_s in (0.0, 0.0, 0.0, 0.4, 0.5, 0.5, 10.0, 10.0, 10.0)] == [
        0,
        0,
        1,
        1,
        0,
        1,
        0,
        0,
        1,
    ]
