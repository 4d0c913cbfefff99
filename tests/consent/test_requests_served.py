"""A request that went over a wire, read as docs/embedding.md says."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote
from wsgiref.simple_server import WSGIRequestHandler, make_server

from discreet_consent import Status, read_request, resolve
from support.readme import blocks
from support.source import REPOSITORY
from support.tc_strings import NOW_S
from support.visits import GPP, GRANTS, NOISE, ONETRUST


def examples() -> list[Any]:
    """`consent_of` for ASGI and for WSGI, as docs/embedding.md writes them."""
    pages = blocks(REPOSITORY / "docs/embedding.md", "From a request to a consent", "python")
    found: list[Any] = []
    for page in pages:
        names: dict[str, Any] = {}
        exec(page, names)  # noqa: S102 - our own documentation
        names["time"] = type("Clock", (), {"time": staticmethod(lambda: NOW_S)})
        found.append(names["consent_of"])
    return found


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        pass


@contextmanager
def served(seen: list[Any]) -> Generator[HTTPConnection]:
    """A WSGI server that keeps the environment of each request."""

    def app(environ: Any, start: Any) -> list[bytes]:
        seen.append(dict(environ))
        start("204 No Content", [])
        return []

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        try:
            yield connection
        finally:
            connection.close()
            server.shutdown()
            thread.join()


def test_the_examples_for_both_kinds_of_servers_read_a_real_request() -> None:
    asgi, wsgi = examples()
    cookies = "; ".join(
        [NOISE, f"euconsent-v2={GRANTS}", *(f"{name}={value}" for name, value in ONETRUST.items()), "x=é"]
    )
    sent = {"Cookie": cookies.encode(), "Sec-GPC": b"1"}
    seen: list[Any] = []
    with served(seen) as connection:
        connection.request("GET", f"/?gpp={quote(GPP)}", headers=sent)
        connection.getresponse().read()

    scope = {
        "headers": [(b"cookie", cookies.encode()), (b"sec-gpc", b"1")],
        "query_string": f"gpp={quote(GPP)}".encode(),
    }
    signals = read_request(sent, query={"gpp": GPP})
    assert {source for source, status in signals.statuses.items() if status is Status.READ} == {
        "tcf",
        "gpp",
        "gpc",
        "onetrust",
    }
    for region in ("IT", "US-CA"):
        expected = resolve(signals=signals, region=region, now_s=NOW_S)
        assert wsgi(seen[0], region) == asgi(scope, region) == expected
        assert wsgi(seen[0], region).reasons == asgi(scope, region).reasons == expected.reasons


def test_two_cookie_headers_that_a_server_joined_by_a_comma_hide_nothing() -> None:
    _, wsgi = examples()
    seen: list[Any] = []
    with served(seen) as connection:
        connection.putrequest("GET", "/")
        connection.putheader("Cookie", "_ga=1")
        connection.putheader("Cookie", f"euconsent-v2={GRANTS}")
        connection.endheaders()
        connection.getresponse().read()

    assert "," in seen[0]["HTTP_COOKIE"]
    assert not wsgi(seen[0], "IT").purposes
    assert "cannot be read" in " ".join(wsgi(seen[0], "IT").reasons)
