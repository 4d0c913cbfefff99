"""Connections that are slow, large or many: through real sockets, they end, and the others are served."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from discreet_edge.running.protocol import ConnectionLimits, protocol_with
from support.system import wait_until

LIMITS = ConnectionLimits(head_timeout_s=0.4, send_timeout_s=0.4, max_head_bytes=4_096, max_connections=20)
LARGE = 8 * 1024 * 1024
ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers at once, after reading the body, with the body, or with much, as the path says."""
    assert scope["type"] == "http"
    body = b"x" * LARGE if scope["path"] == "/large" else b"yes"
    if scope["path"] == "/slow":
        await asyncio.sleep(1.0)
    if scope["path"] == "/body":
        while (await receive()).get("more_body"):
            pass
    if scope["path"] == "/echo":
        body = scope["method"].encode() + b" got "
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message.get("body", b"") + b"."
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def listening(limits: ConnectionLimits = LIMITS, **settings: Any) -> Generator[tuple[int, uvicorn.Server]]:
    """The app under `limits`, in a thread."""
    config = uvicorn.Config(
        app,
        port=0,
        http=protocol_with(limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        **settings,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, "the server starts")
    try:
        yield server.servers[0].sockets[0].getsockname()[1], server
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    got = bytearray()
    with suppress(ConnectionResetError):
        while chunk := connection.recv(65_536):
            got += chunk
    return bytes(got)


def trickle(connection: socket.socket, data: bytes) -> None:
    """Send a byte now and then, for as long as the server listens."""
    with suppress(OSError):
        for each in data:
            connection.sendall(bytes([each]))
            time.sleep(0.02)


def is_served(port: int) -> bool:
    with suppress(ConnectionError), connect(port) as connection:
        connection.sendall(ASKED)
        return connection.recv(1_000).endswith(b"yes")
    return False


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"\r\n" * 50, b"POST /body HTTP/1.1\r\nX-A: " + b"a" * 200],
    ids=["nothing", "half a head", "empty lines", "one header"],
)
def test_a_head_that_does_not_come_in_time_ends_the_connection(sent: bytes) -> None:
    with listening() as (port, _), connect(port) as connection:
        trickle(connection, sent)

        assert everything(connection) == b""
        assert is_served(port)


def test_the_next_head_of_a_connection_has_a_deadline_too() -> None:
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(ASKED)
        assert connection.recv(1_000).endswith(b"yes")
        trickle(connection, b"GET / HTTP/1.1\r\nX-B: " + b"b" * 200)

        assert everything(connection) == b""


def test_many_requests_on_one_connection_outlive_the_deadline_of_a_head() -> None:
    with listening() as (port, _), connect(port) as connection:
        for _ in range(8):
            connection.sendall(ASKED)
            assert connection.recv(1_000).endswith(b"yes")
            time.sleep(0.1)


def test_the_rest_of_a_body_that_was_answered_already_has_a_deadline() -> None:
    with listening(timeout_keep_alive=60) as (port, _), connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        assert connection.recv(1_000).endswith(b"yes")
        trickle(connection, b"b" * 200)

        assert everything(connection) == b""


def test_an_answer_that_is_on_its_way_is_not_cut_by_a_head_that_follows_too_slowly() -> None:
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")

        assert everything(connection).endswith(b"yes")


@pytest.mark.parametrize("pieces", [1, 10])
def test_a_head_that_is_too_large_is_answered_431(pieces: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 10_000 + b"\r\n\r\n"
    with listening() as (port, _), connect(port) as connection:
        size = -(-len(head) // pieces)
        with suppress(OSError):
            for at in range(0, len(head), size):
                connection.sendall(head[at : at + size])
                time.sleep(0.01)
        answer = everything(connection)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"application/problem+json" in answer
    assert b"aaaa" not in answer


def test_a_large_body_does_not_count_as_a_head() -> None:
    with listening() as (port, _), connect(port) as connection:
        for _ in range(3):
            body = b"b" * 50_000
            connection.sendall(
                b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + body + ASKED
            )
            got = b""
            while got.count(b"yes") < 2:
                chunk = connection.recv(10_000)
                assert chunk
                got += chunk


def test_a_few_requests_behind_one_another_are_answered_and_a_crowd_is_not_kept() -> None:
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(ASKED * 5)
        got = b""
        while got.count(b"yes") < 5:
            got += connection.recv(10_000)
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" + ASKED * 60)

        assert everything(connection).count(b"yes") < 60
        assert is_served(port)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_http_is_answered_400_with_problem_details(sent: bytes) -> None:
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(sent)
        answer = everything(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer


def test_a_visitor_who_takes_nothing_of_the_answer_is_cut() -> None:
    with listening(timeout_keep_alive=1) as (port, server), ExitStack() as stack:
        for _ in range(5):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: len(server.server_state.connections) == 5, "they are there")

        wait_until(lambda: not server.server_state.connections, "they are cut")


def test_a_visitor_who_takes_a_large_answer_slowly_gets_all_of_it() -> None:
    with listening(timeout_keep_alive=1) as (port, _), connect(port) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        got = 0
        while got < LARGE:
            chunk = connection.recv(262_144)
            assert chunk
            got += len(chunk)
            time.sleep(0.05)

    assert got > LARGE


def test_connections_beyond_the_limit_are_told_503_while_the_others_are_served_and_it_recovers() -> None:
    with listening() as (port, server), ExitStack() as stack:
        first = stack.enter_context(connect(port))
        first.sendall(ASKED)
        assert first.recv(1_000).endswith(b"yes")
        crowd = [stack.enter_context(connect(port)) for _ in range(LIMITS.max_connections - 1)]
        for each in crowd:
            each.sendall(ASKED)
            assert each.recv(1_000).endswith(b"yes")

        with connect(port) as late:
            late.sendall(ASKED)
            answer = everything(late)
        first.sendall(ASKED)
        still = first.recv(1_000)
        for each in crowd:
            each.close()
        wait_until(lambda: len(server.server_state.connections) < LIMITS.max_connections, "they leave")

        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in answer
        assert b"application/problem+json" in answer
        assert still.endswith(b"yes")
        assert is_served(port)


def test_a_flood_of_silent_connections_is_bounded_and_ends() -> None:
    with listening() as (port, server), ExitStack() as stack:
        most = 0
        for _ in range(6 * LIMITS.max_connections):
            stack.enter_context(connect(port))
            most = max(most, len(server.server_state.connections))
        wait_until(lambda: is_served(port), "they end")

        assert most <= 2 * LIMITS.max_connections + 1


OFFER = b"Connection: keep-alive, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
POSTED = b"POST /echo HTTP/1.1\r\nHost: x\r\n" + OFFER
# What each of them sends would be another request if it was not read as a body.
WITH_BODIES = {
    "whole": [POSTED + b"Content-Length: %d\r\n\r\n" % len(ASKED) + ASKED],
    "body apart": [POSTED + b"Content-Length: %d\r\n\r\n" % len(ASKED), ASKED],
    "in chunks": [
        POSTED + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(ASKED),
        ASKED + b"\r\n0\r\n\r\n",
    ],
    "head in pieces": [POSTED[:50], POSTED[50:], b"Content-Length: %d\r\n\r\n" % len(ASKED), ASKED],
}


@pytest.mark.parametrize("parts", WITH_BODIES.values(), ids=WITH_BODIES)
def test_an_offer_to_upgrade_is_ignored_and_its_body_is_a_body(parts: list[bytes]) -> None:
    with listening() as (port, _), connect(port) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.05)
        connection.sendall(
            ASKED.replace(b"GET / ", b"GET /echo ").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        got = everything(connection)

    assert got.count(b"HTTP/1.1 200 ") == 2
    assert b"POST got " + ASKED + b"." in got
    assert got.endswith(b"GET got .")


def test_offers_behind_one_another_are_each_ignored_and_a_crowd_is_not_kept() -> None:
    one = POSTED + b"Content-Length: 2\r\n\r\n{}"
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(one * 5)
        got = b""
        while got.count(b"POST got {}.") < 5:
            chunk = connection.recv(10_000)
            assert chunk
            got += chunk
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" + one * 60)

        assert everything(connection).count(b"got") < 60
        assert is_served(port)


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Content-Length: -1\r\n",
    ],
)
def test_an_offer_whose_body_has_no_one_length_is_refused_and_nothing_behind_it_is_read(
    framing: bytes,
) -> None:
    with listening() as (port, _), connect(port) as connection:
        connection.sendall(POSTED + framing + b"\r\n" + ASKED * 3)
        got = everything(connection)

    assert got == b"" or got.startswith(b"HTTP/1.1 400 ")
    assert b"yes" not in got
