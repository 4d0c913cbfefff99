"""Answers through the server's own way of sending them: whole ones at once, all others as uvicorn sends them."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from discreet_edge.running.protocol import ConnectionLimits, protocol_with
from support.system import wait_until

Headers = list[tuple[bytes, bytes]]


def app_of(status: int, headers: Headers, *parts: bytes) -> Any:
    """An app that answers every request with this."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for number, part in enumerate(parts, 1):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})

    return app


@contextmanager
def connected(app: Any) -> Generator[http.client.HTTPConnection]:
    config = uvicorn.Config(
        app, port=0, http=protocol_with(ConnectionLimits()), ws="none", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, "the server starts")
    port = server.servers[0].sockets[0].getsockname()[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        yield connection
    finally:
        connection.close()
        server.should_exit = server.force_exit = True
        thread.join()


def answer(connection: http.client.HTTPConnection, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection.request(method, "/")
    got = connection.getresponse()
    body = got.read()
    return got.status, {name.lower(): value for name, value in got.getheaders()}, body


def test_an_answer_arrives_with_its_headers_again_and_again_on_one_connection() -> None:
    headers = [(b"content-length", b"3"), (b"x-one", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    with connected(app_of(201, headers, b"yes")) as connection:
        for _ in range(3):
            status, found, body = answer(connection)

            assert (status, body, found["x-one"], found["content-length"]) == (201, b"yes", "1", "3")
            assert "date" in found


@pytest.mark.parametrize(
    ("status", "headers", "parts", "method", "body"),
    [
        (200, [], (b"a", b"b"), "GET", b"ab"),
        (200, [(b"content-length", b"2")], (b"a", b"b"), "GET", b"ab"),
        (200, [], (b"ab",), "GET", b"ab"),
        (200, [(b"content-length", b"2")], (b"ab",), "HEAD", b""),
        (204, [], (b"",), "GET", b""),
        (304, [(b"etag", b'"x"')], (b"",), "GET", b""),
    ],
    ids=["chunks", "parts", "no length", "HEAD", "204", "304"],
)
def test_an_answer_that_is_not_whole_or_has_no_body_arrives_too(
    status: int, headers: Headers, parts: tuple[bytes, ...], method: str, body: bytes
) -> None:
    with connected(app_of(status, headers, *parts)) as connection:
        assert [answer(connection, method)[::2] for _ in range(2)] == [(status, body)] * 2


def test_an_answer_that_ends_the_connection_says_so() -> None:
    with connected(app_of(200, [(b"content-length", b"1"), (b"connection", b"close")], b"a")) as connection:
        assert answer(connection)[1]["connection"] == "close"


@pytest.mark.parametrize(
    "header", [(b"x", b"a\r\nset-cookie: b"), (b"x y", b"a"), (b"x", b"a\0"), (b"content-length", b"7")]
)
def test_a_header_that_http_forbids_is_never_sent_whatever_was_sent_before(
    header: tuple[bytes, bytes],
) -> None:
    lengths = [] if header[0] == b"content-length" else [(b"content-length", b"1")]
    with connected(app_of(200, [*lengths, header], b"a")) as connection:
        for _ in range(2):
            try:
                status, found, _ = answer(connection)
            except (http.client.HTTPException, OSError):
                connection.close()
                continue
            assert status == 500 or header[0] == b"content-length"
            assert "set-cookie" not in found


async def fails_late(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    raise RuntimeError("late")


def test_an_app_that_fails_before_its_body_is_answered_500() -> None:
    with connected(fails_late) as connection:
        assert answer(connection)[0] == 500
