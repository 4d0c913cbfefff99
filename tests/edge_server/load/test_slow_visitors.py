"""Visitors who mean harm: slow heads and bodies, floods, ever new cookies. The others are served, memory is bounded."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from subprocess import Popen

import pytest

from benchmarks.serving_load import Ask, load
from support.served import ask, serving, shelf
from support.system import needs, wait_until
from support.tc_strings import ALL_PURPOSES, encode_tc

HEADS, BODIES = 120, 60
MORE_KB = 40_000  # what the server may take beside what it has when it is warm
COOKIES = 100_000

# Every request has another consent string and another profile cookie; `%s` is another one in every run of wrk.
DISTINCT = """
local number = 0
request = function()
  number = number + 1
  local text = string.format("%s%%07d", number)
  wrk.headers["Cookie"] = "euconsent-v2=BEFORE" .. text .. "AFTER; __Host-discreet=gAAAA" .. text .. "; id=" .. text
  return wrk.format(nil)
end
"""
DIGITS = 8  # of `text`, all of them in the bits of vendors


def distinct(run: int) -> Ask:
    """The request of one run, with TC strings that are read, and say the same in ever new words."""
    created_s = time.time() // 86_400 * 86_400 - 10 * 86_400
    vendors = [(each, each) for each in range(1, 600, 2)]
    text = encode_tc(ALL_PURPOSES, ALL_PURPOSES, created_s=created_s, vendor_consents=vendors)
    script = (DISTINCT % run).replace("BEFORE", text[:60]).replace("AFTER", text[60 + DIGITS :])
    return Ask("/v1/decide", "{}", lua_after=script)


def resident_kb(process: Popen[bytes]) -> int:
    """The memory that the process has in use."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0])


class Trickle:
    """A connection that sends a byte now and then, until the server closes it."""

    def __init__(self, port: int, start: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall(start)
        self.socket.setblocking(False)
        self.got = b""
        self.is_over = False

    def step(self) -> None:
        """One more byte, and a look at what came back."""
        try:
            self.socket.send(b"a")
            chunk = self.socket.recv(65_536)
            self.got += chunk
            self.is_over = not chunk
        except BlockingIOError:
            pass
        except OSError:
            self.is_over = True


@contextmanager
def trickling(port: int) -> Generator[list[Trickle]]:
    """Connections with heads and bodies that never end, stepping in a thread until the block ends."""
    body = b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
    head = b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nX-A: "
    slow = [Trickle(port, head) for _ in range(HEADS)] + [Trickle(port, body) for _ in range(BODIES)]
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(0.05):
            for each in slow:
                if not each.is_over:
                    each.step()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield slow
    finally:
        stop.set()
        thread.join()
        for each in slow:
            each.socket.close()


@pytest.mark.slow
def test_slow_heads_and_bodies_end_while_the_others_are_served(tmp_path: Path) -> None:
    limits = {"DISCREET_SERVER_HEAD_TIMEOUT_S": "2", "DISCREET_EDGE_BODY_TIMEOUT_S": "2"}
    with serving(shelf(tmp_path), **limits) as server:
        for _ in range(20):
            server.decide()
        before_kb = resident_kb(server.process)
        served = 0
        with trickling(server.port) as slow:
            while not all(each.is_over for each in slow):
                server.decide()  # raises where it fails, or is not answered in time
                served += 1
        after_kb = resident_kb(server.process)

    assert served >= 3
    assert all(each.got == b"" for each in slow[:HEADS])
    assert all(each.got == b"" or each.got.startswith(b"HTTP/1.1 408 ") for each in slow[HEADS:])
    assert any(each.got for each in slow[HEADS:])
    assert after_kb - before_kb < MORE_KB


def test_what_is_too_large_is_refused_through_a_real_connection(tmp_path: Path) -> None:
    with serving(shelf(tmp_path)) as server:
        body = server.ask("POST", "/v1/decide", {"attributes": {"a": "b" * 70_000}})
        header = server.ask("POST", "/v1/decide", {}, **{"X-A": "b" * 20_000})
        head = server.ask("POST", "/v1/decide", {}, **{"X-A": "b" * 60_000})
        cookies = server.ask("POST", "/v1/decide", {}, Cookie="a=" + "b" * 9_000)
        chunked = send_chunks(server.port, 200)

        assert [each[0] for each in (body, header, head, cookies)] == [413, 431, 431, 431]
        assert all("problem" in each[1]["content-type"] for each in (body, header, head, cookies))
        assert chunked.startswith(b"HTTP/1.1 413 ")
        assert server.version == 1


def send_chunks(port: int, count: int) -> bytes:
    """What a body is answered that never said how long it would be."""
    chunk = b"400\r\n" + b"b" * 0x400 + b"\r\n"
    head = b"POST /v1/decide HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        with suppress(OSError):
            connection.sendall(head)
            for _ in range(count):
                connection.sendall(chunk)
        with suppress(ConnectionResetError):
            return connection.recv(1_000)
    return b""


def test_a_flood_of_connections_is_answered_503_and_passes(tmp_path: Path) -> None:
    with serving(
        shelf(tmp_path), DISCREET_SERVER_MAX_CONNECTIONS="50", DISCREET_SERVER_HEAD_TIMEOUT_S="2"
    ) as server:
        with ExitStack() as stack:
            for _ in range(70):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            status, headers, problem = server.ask("POST", "/v1/decide", {})

            assert (status, headers["retry-after"], problem["status"]) == (503, "1", 503)
        wait_until(lambda: ask(server.port, "GET", "/healthz")[0] == 200, "it passes")

        assert server.version == 1


@pytest.mark.slow
def test_a_hundred_thousand_distinct_cookies_leave_memory_bounded(tmp_path: Path) -> None:
    needs("wrk")
    with serving(shelf(tmp_path), "--region", "IT") as server:
        # What is remembered of consents fills up to its own bound first.
        total, run = load(server.port, distinct(1), tmp_path, seconds=3, connections=8).requests, 1
        warm_kb = resident_kb(server.process)
        while total < COOKIES:
            run += 1
            found = load(server.port, distinct(run), tmp_path, seconds=3, connections=8)
            assert found.errors == 0
            total += found.requests
        after_kb = resident_kb(server.process)

    assert after_kb - warm_kb < MORE_KB
