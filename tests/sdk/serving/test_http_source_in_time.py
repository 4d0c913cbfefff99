"""However an origin answers, a fetch comes to an end, and leaves nothing behind."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest

from discreet.serving import HttpSource, SourceError
from support.served_bundles import Shop, bundle, version_of
from support.slow_origins import DRIPS, certified, dripping
from support.system import wait_until

HEADER = DRIPS["a header"]
KEPT_ALIVE = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 3\r\n\r\none'


@pytest.fixture(autouse=True)
def little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "discreet.serving.http_source._TOTAL", 0.1
    )  # of a timeout that no single wait exceeds


def refused(source: HttpSource) -> str:
    with pytest.raises(SourceError) as caught:
        source.fetch()
    return str(caught.value)


def fetches() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "discreet-fetch"]


def until_nothing_is_left() -> None:
    wait_until(lambda: not fetches(), "what was given up has ended")


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
def test_an_origin_that_drips_anything_is_given_up(drip: tuple[bytes, bytes]) -> None:
    with dripping(drip) as url:
        source = HttpSource(url, timeout_s=3)

        assert refused(source) == f"{url}: no whole answer in time"
        until_nothing_is_left()
        assert refused(source) == f"{url}: no whole answer in time"  # each look asks anew
        until_nothing_is_left()


def test_an_origin_that_drips_keeps_nobody_from_starting(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.started(bundle(7))
    with dripping(HEADER) as url:
        again = shop.bundles(source=HttpSource(url, timeout_s=3))
        again.start()

    assert (version_of(again), again.status().from_store) == (7, True)


def test_a_secure_connection_is_broken_off_too(tmp_path: Path) -> None:
    with (
        dripping(HEADER, secured=certified(tmp_path)) as url,
        httpx.Client(verify=False) as client,  # noqa: S501 - of an origin that this test made
    ):
        assert refused(HttpSource(url, timeout_s=3, client=client)) == f"{url}: no whole answer in time"
        until_nothing_is_left()


def test_an_answer_on_a_connection_that_was_open_before_is_given_up() -> None:
    with httpx.Client() as client, dripping(HEADER, first=KEPT_ALIVE) as url:
        source = HttpSource(url, timeout_s=3, client=client)

        assert source.fetch() == b"one"
        assert refused(source) == f"{url}: no whole answer in time"
        until_nothing_is_left()
        assert source.fetch() == b"one"  # on a new connection


def test_an_answer_that_comes_after_all_is_not_taken_for_one_that_was() -> None:
    comes, asked = threading.Event(), list[httpx.Headers]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers)
        comes.wait(60)  # as a name server may keep us waiting: there is no connection to break off
        return httpx.Response(200, stream=httpx.ByteStream(b"one"), headers={"etag": '"1"'})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        source = HttpSource("http://origin.example/shop.bundle", timeout_s=3, client=client)
        assert refused(source).endswith(": no whole answer in time")
        assert refused(source).endswith(": the request before was given up, and has not ended")
        comes.set()
        until_nothing_is_left()

        assert source.fetch() == b"one"
    assert ["if-none-match" in each for each in asked] == [False, False]
