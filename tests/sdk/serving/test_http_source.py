"""An HTTP origin is asked with conditions, read within limits, and told no secret that is not its own."""

from __future__ import annotations

import base64
import gzip
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from discreet.errors import MissingExtra
from discreet.runtime.wire import MAX_BUNDLE_BYTES
from discreet.serving import HttpSource, Outcome, SourceError
from discreet.serving.http_source import retry_after
from support.origins import Answer, Origin, origin
from support.served_bundles import Shop, bundle, spoiled, version_of
from support.system import free_port

SECRET = "hunter2"  # noqa: S105 - a canary: it must never be shown


@pytest.fixture
def shop_origin() -> Iterator[Origin]:
    with origin() as made:
        yield made


@pytest.fixture
def elsewhere() -> Iterator[Origin]:
    with origin() as made:
        yield made


def refusal(source: HttpSource) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.fetch()
    return caught.value


def test_a_tag_is_sent_back_and_nothing_is_read_twice(shop_origin: Origin) -> None:
    shop_origin.holds(b"one", '"1"')
    source = HttpSource(shop_origin.url)

    assert [source.fetch(), source.fetch()] == [b"one", None]
    shop_origin.holds(b"two", '"2"')
    assert [source.fetch(), source.fetch()] == [b"two", None]
    assert [asked["if-none-match"] for asked in shop_origin.asked] == [None, '"1"', '"1"', '"2"']
    assert {asked["accept-encoding"] for asked in shop_origin.asked} == {"identity"}


def test_a_date_is_sent_back_where_there_is_no_tag(shop_origin: Origin) -> None:
    old = formatdate(1_000_000, usegmt=True)
    shop_origin.holds(b"one", **{"last-modified": old, "date": formatdate(usegmt=True)})
    source = HttpSource(shop_origin.url)
    source.fetch()
    shop_origin.answer = lambda asked: Answer(304 if asked["if-modified-since"] == old else 500)

    assert source.fetch() is None


def test_a_date_of_this_very_second_is_no_condition(shop_origin: Origin) -> None:
    now = formatdate(usegmt=True)  # whatever is written later in this second would have the same
    shop_origin.holds(b"one", **{"last-modified": now, "date": now})
    source = HttpSource(shop_origin.url)

    assert [source.fetch(), source.fetch()] == [b"one", b"one"]
    assert shop_origin.asked[1]["if-modified-since"] is None


@pytest.mark.parametrize("tag", ["x" * 2_000, '"\xe4"'])
def test_a_tag_that_cannot_be_sent_back_is_none(shop_origin: Origin, tag: str) -> None:
    shop_origin.answer = lambda _: Answer(body=b"one", headers={"etag": tag})
    source = HttpSource(shop_origin.url)

    assert [source.fetch(), source.fetch()] == [b"one", b"one"]


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500, 503])
def test_any_other_answer_is_no_bundle(shop_origin: Origin, status: int) -> None:
    shop_origin.answer = lambda _: Answer(status)
    error = refusal(HttpSource(shop_origin.url))

    assert str(error) == f"{shop_origin.url} answers {status}"
    assert error.retry_after_s is None


def test_the_origin_may_say_when_to_come_again(shop_origin: Origin) -> None:
    shop_origin.answer = lambda _: Answer(503, headers={"retry-after": "17"})

    assert refusal(HttpSource(shop_origin.url)).retry_after_s == 17


def test_when_to_come_again_is_seconds_or_a_date() -> None:
    assert [retry_after(each) for each in (None, "", "soon", "-3", "1.5", "٣")] == [None] * 6
    assert retry_after(" 120 ") == 120
    assert retry_after("9" * 400) == 999_999_999
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert 3_000 < (retry_after(formatdate(time.time() + 3_600, usegmt=True)) or 0) <= 3_600


def test_an_answer_that_states_too_many_bytes_is_not_read(shop_origin: Origin) -> None:
    shop_origin.answer = lambda _: Answer(headers={"content-length": str(MAX_BUNDLE_BYTES + 1)})

    assert str(refusal(HttpSource(shop_origin.url))) == (
        f"{shop_origin.url} sends more than {MAX_BUNDLE_BYTES} bytes"
    )


def test_an_answer_that_never_ends_is_read_no_further_than_a_bundle(shop_origin: Origin) -> None:
    shop_origin.answer = lambda _: Answer(body=b"x" * 1_000_000, endless=True)

    assert str(refusal(HttpSource(shop_origin.url))) == (
        f"{shop_origin.url} sends more than {MAX_BUNDLE_BYTES} bytes"
    )


def test_a_bomb_is_not_unpacked(shop_origin: Origin) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    shop_origin.holds(bomb, **{"content-encoding": "gzip"})

    assert str(refusal(HttpSource(shop_origin.url))) == (
        f"{shop_origin.url} sends the bundle encoded, which nobody asked for"
    )


def test_an_origin_that_is_silent_is_given_up(shop_origin: Origin) -> None:
    shop_origin.answer = lambda _: Answer(late_s=1, body=b"one")

    assert str(refusal(HttpSource(shop_origin.url, timeout_s=0.1))).endswith(": no answer in time")


def test_an_origin_that_drips_is_given_up(shop_origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "discreet.serving.http_source._TOTAL", 0.001
    )  # of a timeout that no single wait exceeds
    shop_origin.answer = lambda _: Answer(body=b"x" * 40, drip_s=0.05)

    assert str(refusal(HttpSource(shop_origin.url))).endswith(": no whole answer in time")


def test_half_an_answer_is_no_bundle(shop_origin: Origin) -> None:
    shop_origin.answer = lambda _: Answer(body=b"x" * 1_000, cut=1)
    source = HttpSource(shop_origin.url)

    assert str(refusal(source)).endswith(": the answer is not HTTP, or broke off")
    shop_origin.holds(b"one", '"1"')
    assert source.fetch() == b"one"


def test_where_nobody_listens_there_is_no_connection() -> None:
    url = f"http://127.0.0.1:{free_port()}/shop.bundle"

    assert str(refusal(HttpSource(url))) == f"{url}: no connection"


def test_a_connection_that_is_not_secure_is_none(shop_origin: Origin) -> None:
    url = shop_origin.url.replace("http://", "https://")

    assert str(refusal(HttpSource(url))).startswith(f"{url}: no secure connection (")
    assert shop_origin.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(shop_origin: Origin, status: int) -> None:
    def answer(asked: object) -> Answer:
        is_first = shop_origin.asked[-1][":path"] == "/shop.bundle"
        return Answer(status, headers={"location": "/now.bundle"}) if is_first else Answer(body=b"one")

    shop_origin.answer = answer
    source = HttpSource(shop_origin.url, headers={"authorization": SECRET})

    assert source.fetch() == b"one"
    assert [asked["authorization"] for asked in shop_origin.asked] == [SECRET, SECRET]


def test_a_redirect_to_another_origin_takes_no_secret_along(shop_origin: Origin, elsewhere: Origin) -> None:
    elsewhere.holds(b"one")
    shop_origin.answer = lambda _: Answer(302, headers={"location": elsewhere.url})
    url = shop_origin.url.replace("http://", f"http://user:{SECRET}@")
    source = HttpSource(url, headers={"x-api-key": SECRET})

    assert source.fetch() == b"one"
    assert shop_origin.asked[0]["x-api-key"] == SECRET
    assert shop_origin.asked[0]["authorization"].startswith("Basic ")
    assert (elsewhere.asked[0]["x-api-key"], elsewhere.asked[0]["authorization"]) == (None, None)


def test_a_client_of_ones_own_is_not_led_to_another_origin(shop_origin: Origin, elsewhere: Origin) -> None:
    shop_origin.answer = lambda _: Answer(302, headers={"location": elsewhere.url})
    with httpx.Client(headers={"authorization": SECRET}, follow_redirects=True) as client:
        error = refusal(HttpSource(shop_origin.url, client=client))

    assert str(error) == f"{shop_origin.url} redirects to another origin"
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://127.0.0.1:1/shop.bundle", "redirects to another scheme"),
        ("file:///etc/passwd", "redirects to another scheme"),
        ("ftp://127.0.0.1/x", "redirects to another scheme"),
        ("http://127.0.0.1:abc/", "the answer is not HTTP"),
        (None, "redirects to nowhere"),
        ("/shop.bundle", "redirects more than 5 times"),
    ],
)
def test_a_redirect_that_leads_astray_is_not_followed(
    shop_origin: Origin, location: str | None, said: str
) -> None:
    headers = {} if location is None else {"location": location}
    shop_origin.answer = lambda _: Answer(302, headers=headers)

    assert said in str(refusal(HttpSource(shop_origin.url)))
    assert len(shop_origin.asked) == (6 if location == "/shop.bundle" else 1)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        Answer(302, headers={"location": "http://127.0.0.1:1/"}),
        Answer(body=b"x" * 10, cut=5),
        Answer(late_s=0.3),
        Answer(302, headers={"location": f"https://user:{SECRET}@127.0.0.1:1/"}),
        Answer(302, headers={"location": f"http://user:{SECRET}@127.0.0.1:1/"}),
        Answer(headers={"content-encoding": SECRET}),
    ],
)
def test_no_credential_is_ever_shown(shop_origin: Origin, answer: Answer) -> None:
    shop_origin.answer = lambda _: answer
    url = shop_origin.url.replace("http://", f"http://{SECRET}:{SECRET}@") + f"?token={SECRET}#{SECRET}"
    source = HttpSource(url, headers={"authorization": SECRET}, timeout_s=0.1)
    error: BaseException | None = refusal(source)

    assert source.name == shop_origin.url
    while error is not None:
        assert SECRET not in str(error) + repr(error) + repr(source)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize("is_own", [True, False], ids=["a client of the caller's", "ours"])
def test_no_logger_of_the_client_tells_of_a_fetch(
    shop_origin: Origin, is_own: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop_origin.answer = lambda asked: (
        Answer(body=b"one", headers={"set-cookie": SECRET})
        if "again" in asked[":path"]
        else Answer(302, headers={"location": f"/again?token={SECRET}"})
    )
    url = shop_origin.url.replace("http://", f"http://{SECRET}:{SECRET}@") + f"?token={SECRET}"
    with httpx.Client() as client:
        caplog.clear()
        source = HttpSource(url, headers={"x-api-key": SECRET}, client=client if is_own else None)
        assert source.fetch() == b"one"
        assert [each.name for each in caplog.records] == []

        shop_origin.holds(b"one")
        client.get(shop_origin.url)
        assert {"httpx", "httpcore.http11"} <= {each.name for each in caplog.records}  # nobody else is hushed
    assert SECRET not in caplog.text


def test_a_name_and_a_password_are_in_no_address_that_the_client_is_given(shop_origin: Origin) -> None:
    seen: list[httpx.Request] = []
    shop_origin.holds(b"one")
    url = shop_origin.url.replace("http://", f"http://us%40er:{SECRET}@")
    with httpx.Client(event_hooks={"request": [seen.append]}) as client:
        HttpSource(url, client=client).fetch()

    assert str(seen[0].url) == shop_origin.url
    stated = base64.b64decode(shop_origin.asked[0]["authorization"].removeprefix("Basic "))
    assert stated == f"us@er:{SECRET}".encode()


def test_a_redirect_within_the_origin_takes_the_name_and_the_password_along(shop_origin: Origin) -> None:
    whole = shop_origin.url.replace("/shop.bundle", "/now.bundle")
    shop_origin.answer = lambda asked: (
        Answer(body=b"one") if asked[":path"] == "/now.bundle" else Answer(302, headers={"location": whole})
    )

    assert HttpSource(shop_origin.url.replace("http://", f"http://user:{SECRET}@")).fetch() == b"one"
    assert [asked["authorization"][:5] for asked in shop_origin.asked] == ["Basic", "Basic"]


@pytest.mark.parametrize(
    "url", ["", "shop.bundle", "file:///shop.bundle", "ftp://x/y", "http://", f"http://{SECRET}:x:y/"]
)
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(SourceError, match="the bundle's address is") as caught:
        HttpSource(url)
    assert SECRET not in str(caught.value)


def test_an_address_of_six_groups_is_named_as_it_is_written() -> None:
    assert HttpSource("http://[::1]:8080/a?b").name == "http://[::1]:8080/a"


def test_a_bundle_comes_into_service_over_http(shop_origin: Origin, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop_origin.holds(bundle(7), '"7"')
    bundles = shop.bundles(source=HttpSource(shop_origin.url))
    bundles.start()
    assert bundles.refresh() is Outcome.UNCHANGED
    shop_origin.holds(spoiled(bundle(8)), '"8"')
    assert [bundles.refresh(), bundles.refresh()] == [Outcome.REFUSED] * 2  # a 304 does not make it better
    shop_origin.holds(bundle(8), '"8b"')
    assert bundles.refresh() is Outcome.SWAPPED
    shop_origin.answer = lambda _: Answer(503, headers={"retry-after": "9"})
    assert bundles.refresh() is Outcome.UNREACHABLE

    status = bundles.status()
    assert (version_of(bundles), status.retry_after_s, status.source) == (8, 9, shop_origin.url)


WITHOUT_HTTPX = """
import sys
sys.modules["httpx"] = None
from discreet.serving import HttpSource
try:
    HttpSource("http://127.0.0.1/")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_without_its_extra_it_says_which_one_is_missing() -> None:
    ran = subprocess.run([sys.executable, "-c", WITHOUT_HTTPX], check=True, capture_output=True, text=True)

    assert ran.stdout.strip() == f"MissingExtra {MissingExtra('bundles from an HTTP origin', 'server')}"
