"""What came with a request is the same, whatever server took it."""

from __future__ import annotations

from wsgiref.util import setup_testing_defaults

import pytest

from discreet.visitors import Given, Incoming
from support.tc_strings import NOW_S

CANARY = "canary-7141"


def test_asgi_wsgi_and_pairs_come_to_the_same() -> None:
    scope = {
        "headers": [(b"cookie", b"a=\xc3\xa9"), (b"sec-gpc", b"1")],
        "query_string": b"x=1",
        "path": "/hats",
    }
    environ = {
        "HTTP_COOKIE": "a=\xc3\xa9", "HTTP_SEC_GPC": "1", "QUERY_STRING": "x=1", "PATH_INFO": "/hats", "wsgi.x": 1
    }  # fmt: skip
    pairs: list[tuple[str | bytes, str | bytes]] = [("Cookie", "a=\xc3\xa9"), (b"Sec-GPC", b"1")]
    came = [
        Incoming.from_scope(scope, now_s=NOW_S),
        Incoming.from_environ(environ, now_s=NOW_S),
        Incoming.from_headers(pairs, query_string="x=1", path="/hats", now_s=NOW_S),
    ]

    assert len({(tuple(each.headers), each.query_string, each.path, each.now_s) for each in came}) == 1


def test_of_a_repeated_header_the_first_is_given_and_all_are_there() -> None:
    incoming = Incoming([(b"x", b"1"), (b"y", b"2"), (b"x", b"3")], now_s=NOW_S)

    assert incoming.header(b"x") == b"1"
    assert incoming.all(b"x") == [b"1", b"3"]
    assert incoming.header(b"z") is None


def test_the_environ_of_the_standard_library_is_read() -> None:
    environ: dict[str, object] = {}
    setup_testing_defaults(environ)

    assert Incoming.from_environ(environ, now_s=NOW_S).header(b"host") == b"127.0.0.1"


def test_headers_that_are_no_list_can_be_read_twice() -> None:
    incoming = Incoming.from_scope({"headers": iter([(b"x", b"1")])}, now_s=NOW_S)

    assert incoming.header(b"x") == b"1"
    assert incoming.all(b"x") == [b"1"]


@pytest.mark.parametrize("text", ["\u20ac", "\ud800", "\xff"])
def test_any_text_becomes_octets(text: str) -> None:
    assert Incoming.from_headers([("x", text)], now_s=NOW_S).header(b"x")


def test_no_repr_shows_what_came() -> None:
    incoming = Incoming.from_headers([("cookie", CANARY)], query_string=CANARY, path=CANARY, now_s=NOW_S)
    given = Given({CANARY: CANARY}, {"tcf": CANARY})

    assert CANARY not in f"{incoming!r} {incoming} {given!r} {given}"
