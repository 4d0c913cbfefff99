"""What the headers of a response become: for one visitor, and for all until the clock changes a decision."""

from __future__ import annotations

import math

import pytest

from discreet import DiscreetError
from discreet.adapters import Caching
from discreet.adapters.caching import (
    bounded,
    is_all,
    is_apart,
    is_kept_nowhere,
    personal,
    shared,
    still_holds,
    varying,
    with_esi,
)  # fmt: skip

NOW_S = 1_780_272_000.0  # Mon, 01 Jun 2026 00:00:00 GMT
CC = b"cache-control"


def words(value: bytes) -> list[tuple[bytes, bytes]]:
    return [(CC, value)]


def cut(name: bytes, value: bytes, age_s: float) -> list[bytes]:
    return [each for _, each in bounded([(name, value)], age_s, now_s=NOW_S)]


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        (CC, b"public, max-age=50", b"public, max-age=50"),
        (CC, b"public, max-age=500", b"public, max-age=100"),
        (CC, b"public,max-age = 500 , s-maxage=900", b"public,max-age=100 , s-maxage=100"),
        (CC, b'MAX-AGE="500"', b"MAX-AGE=100"),
        (CC, b"max-age=nonsense", b"max-age=0"),
        (CC, b"max-age", b"max-age=0"),
        (CC, b"max-age=60, stale-while-revalidate=600", b"max-age=60, stale-while-revalidate=40"),
        (CC, b"max-age=600, stale-if-error=600", b"max-age=100, stale-if-error=0"),
        (CC, b"s-maxage=90, stale-while-revalidate=5", b"s-maxage=90, stale-while-revalidate=5"),
        (CC, b"no-store, max-age=500", b"no-store, max-age=100"),
        (b"cdn-cache-control", b"max-age=900", b"max-age=100"),
        (b"cloudflare-cdn-cache-control", b"s-maxage=900, must-revalidate", b"s-maxage=100, must-revalidate"),
        (b"surrogate-control", b"max-age=30+3600", b"max-age=30"),
        (b"surrogate-control", b'max-age=3600, content="ESI/1.0"', b'max-age=100, content="ESI/1.0"'),
        (b"edge-control", b"!no-store, max-age=10m", b"!no-store, max-age=100s"),
        (b"edge-control", b"downstream-ttl=1m", b"downstream-ttl=1m"),
        (b"edge-control", b"cache-maxage=10m", b"cache-maxage=100s"),
        (b"x-litespeed-cache-control", b"public,max-age=600", b"public,max-age=100"),
        (b"x-accel-expires", b"500", b"100"),
        (b"x-accel-expires", b"@1999999999", b"0"),
        (b"expires", b"Mon, 01 Jun 2026 02:00:00 GMT", b"Mon, 01 Jun 2026 00:01:40 GMT"),
        (b"expires", b"Mon, 01 Jun 2026 00:01:00 GMT", b"Mon, 01 Jun 2026 00:01:00 GMT"),
        (b"expires", b"0", b"0"),
        (b"content-type", b"max-age=500", b"max-age=500"),
    ],
)
def test_a_lifetime_is_cut_and_never_made_longer(name: bytes, value: bytes, left: bytes) -> None:
    assert cut(name, value, 100.9)[0] == left


def test_what_the_clock_never_changes_keeps_its_headers() -> None:
    headers = [(CC, b"public, max-age=500"), (b"x", b"y")]

    assert bounded(headers, math.inf, now_s=NOW_S) == headers


@pytest.mark.parametrize(
    ("value", "added"),
    [
        (b"public", True),
        (b"no-cache", False),
        (b"private", False),
        (b"max-age=1", False),
        (b"no-transform", True),
    ],
)
def test_a_response_that_says_no_lifetime_is_asked_about_near_a_change(value: bytes, added: bool) -> None:
    assert (b"max-age=0, must-revalidate" in cut(CC, value, 3_600)) is added
    assert cut(CC, value, 90_000) == [value]


def test_with_a_last_modified_it_is_asked_about_however_far_the_change_is() -> None:
    """Caches take a part of the page's age for a lifetime, and a page may be years old."""
    dated = (b"last-modified", b"Tue, 03 Mar 2020 00:00:00 GMT")

    assert bounded([dated], 10**8, now_s=NOW_S) == [dated, (CC, b"max-age=0, must-revalidate")]
    assert bounded([dated], math.inf, now_s=NOW_S) == [dated]
    assert bounded([dated, (CC, b"max-age=5")], 10**8, now_s=NOW_S) == [dated, (CC, b"max-age=5")]


@pytest.mark.parametrize("other", [b"expires", b"surrogate-control", b"cdn-cache-control"])
def test_one_that_says_it_otherwise_says_it(other: bytes) -> None:
    assert len(cut(other, b"max-age=5", 10)) == 1


def test_a_personal_page_keeps_nothing_for_shared_caches() -> None:
    headers = [
        (b"content-type", b"text/html"), (CC, b"public, s-maxage=60"), (CC, b"max-age=5"), (b"etag", b'"a"'),
        (b"expires", b"x"), (b"last-modified", b"x"), (b"surrogate-control", b"max-age=9"),
        (b"cdn-cache-control", b"max-age=9"), (b"vercel-cdn-cache-control", b"max-age=9"), (b"edge-control", b"x"),
        (b"x-accel-expires", b"9"), (b"x-litespeed-cache-control", b"public,max-age=9"), (b"pragma", b"public"),
        (b"akamai-cache-control", b"max-age=9"), (b"vary", b"Accept-Encoding"), (b"surrogate-key", b"home"),
    ]  # fmt: skip

    assert personal(headers, vary=["Cookie"]) == [
        (b"content-type", b"text/html"),
        (b"surrogate-key", b"home"),
        (CC, b"private, no-store"),
        (b"vary", b"Accept-Encoding, Cookie"),
    ]


def test_what_may_not_be_transformed_stays_so() -> None:
    assert (CC, b"private, no-store, no-transform") in personal(words(b"no-transform, public"), vary=())


def test_a_browser_may_revalidate_where_the_application_speaks_for_the_rest() -> None:
    def etag(own: bytes, key: str) -> bytes:
        headers = dict(personal([(b"etag", own)], vary=(), etag_of=key))
        assert headers[CC] == b"private, no-cache"
        return headers[b"etag"]

    assert etag(b'"a"', "k") == etag(b'"a"', "k")
    assert len({etag(b'"a"', "k"), etag(b'"a"', "l"), etag(b'"b"', "k")}) == 3
    assert dict(personal([], vary=(), etag_of="k")) == {CC: b"private, no-store"}


@pytest.mark.parametrize(
    ("asked", "holds"),
    [(b'W/"a"', True), (b'"a"', True), (b'"b", W/"a"', True), (b'"b"', False), (b"*", False), (None, False)],
)
def test_an_entity_tag_is_compared_weakly(asked: bytes | None, holds: bool) -> None:
    assert still_holds([(b"etag", b'W/"a"')], asked) is holds


def test_without_an_entity_tag_nothing_holds() -> None:
    assert not still_holds([], b'"a"')


@pytest.mark.parametrize(
    ("headers", "apart", "nowhere"),
    [
        (words(b"private, max-age=5"), True, False),
        (words(b"no-store"), True, True),
        (words(b'private="set-cookie"'), False, False),  # of this header only
        (words(b"no-cache"), False, False),
        (words(b"public"), False, False),
        ([], False, False),
        ([*words(b"no-store"), (b"cdn-cache-control", b"max-age=60")], False, False),
        ([*words(b"private"), (b"surrogate-control", b"max-age=60")], False, False),
    ],
)
def test_what_its_application_keeps_from_caches(
    headers: list[tuple[bytes, bytes]], apart: bool, nowhere: bool
) -> None:
    assert (is_apart(headers), is_kept_nowhere(headers)) == (apart, nowhere)


@pytest.mark.parametrize(
    ("said", "names", "left"),
    [
        ([], ["B", "a"], [b"a, B"]),
        ([b"Cookie, X"], ["cookie"], [b"Cookie, X"]),
        ([b"A", b"B"], ["C"], [b"A, B, C"]),
        ([b"*"], ["C"], [b"*"]),
        ([b"A", b"B"], [], [b"A", b"B"]),
    ],
)
def test_vary_grows(said: list[bytes], names: list[str], left: list[bytes]) -> None:
    assert [value for _, value in varying([(b"vary", each) for each in said], names)] == left


ESI = b'content="ESI/1.0"'


def put_together(*headers: tuple[bytes, bytes], is_shared: bool = True) -> dict[bytes, bytes]:
    return dict(with_esi(headers, is_shared=is_shared, now_s=NOW_S))


@pytest.mark.parametrize(
    ("headers", "age_s"),
    [
        (words(b"public, max-age=60"), 60),
        (words(b"public, max-age=0, s-maxage=60"), 60),
        (words(b"max-age=90, max-age=60"), 60),
        ([*words(b"max-age=60"), (b"surrogate-control", b"max-age=30+600")], 30),
        (
            [*words(b"private"), (b"surrogate-control", b"max-age=30")],
            30,
        ),  # that is for this cache, and goes first
        ([*words(b"max-age=60"), (b"surrogate-control", ESI)], 60),
        ([(b"surrogate-control", b"max-age=9"), (b"cdn-cache-control", b"max-age=8")], 8),
        ([(b"edge-control", b"!no-store, max-age=1m")], 60),
        ([(b"x-accel-expires", b"70")], 70),
        ([(b"x-accel-expires", b"@1780272050")], 50),
        ([(b"expires", b"Mon, 01 Jun 2026 00:01:40 GMT")], 100),
    ],
)
def test_the_cache_that_puts_fragments_in_gets_the_lifetime(
    headers: list[tuple[bytes, bytes]], age_s: int
) -> None:
    assert put_together(*headers)[b"surrogate-control"] == b"max-age=%d, " % age_s + ESI


@pytest.mark.parametrize(
    "headers",
    [
        [],
        words(b"public"),
        words(b"private, max-age=60"),
        words(b"no-store"),
        words(b"no-cache, max-age=60"),
        words(b"max-age=0"),
        words(b"s-maxage=0, max-age=60"),
        [*words(b"max-age=60"), (b"surrogate-control", b"no-store")],
        [*words(b"private, max-age=60"), (b"surrogate-control", ESI)],
        [*words(b"max-age=60"), (b"set-cookie", b"a=b")],
        [(b"expires", b"0")],
        [(b"expires", b"Mon, 01 Jun 2020 00:01:40 GMT")],
    ],
)
def test_or_it_keeps_nothing(headers: list[tuple[bytes, bytes]]) -> None:
    assert put_together(*headers)[b"surrogate-control"] == b"no-store, " + ESI


def test_around_fragments_a_page_that_is_not_shared_is_kept_nowhere() -> None:
    said = put_together((CC, b"public, max-age=60"), is_shared=False)

    assert said == {CC: b"private, no-store", b"surrogate-control": b"no-store, " + ESI}


def test_put_together_a_page_is_one_visitors() -> None:
    """Nothing is left by which another cache keeps it, or a browser asks whether the page around still holds."""
    said = put_together(
        (CC, b"public, max-age=60, no-transform"), (b"etag", b'"a"'), (b"last-modified", b"x"),
        (b"expires", b"x"), (b"cdn-cache-control", b"max-age=70"), (b"pragma", b"public"),
        (b"content-type", b"text/html"),
    )  # fmt: skip

    assert said == {
        b"content-type": b"text/html",
        CC: b"private, no-store, no-transform",
        b"surrogate-control": b"max-age=70, " + ESI,
    }


@pytest.mark.parametrize(
    ("length", "whole"), [(b"3", True), (b"4", False), (b"03", False), (b"x", False), (None, False)]
)
def test_a_body_is_whole_when_its_length_says_so(length: bytes | None, whole: bool) -> None:
    assert is_all([] if length is None else [(b"content-length", length)], 3) is whole


def test_a_shared_answer_says_for_how_long() -> None:
    assert shared(60.5) == [(CC, b"public, max-age=60")]
    assert shared(-1) == [(CC, b"public, max-age=0")]


def test_an_age_below_zero_is_refused() -> None:
    with pytest.raises(DiscreetError, match="shared_max_age_s"):
        Caching(shared_max_age_s=-1)
