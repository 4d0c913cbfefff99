"""Whatever a visitor sends: nothing personal leaves as shared, nothing forbidden shows, nothing is stored unasked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from discreet.adapters import Caching, Fragments
from support.edge import LIMITED_TCF, NO_TCF
from support.pages import (
    AGREED,
    ITALY,
    Answered,
    Header,
    agreed,
    asgi_site,
    asked,
    asked_wsgi,
    cookies,
    environment,
    evaluator,
    profile_cookie,
    wsgi_site,
)  # fmt: skip

PLACEMENTS = evaluator().placements
PERSONAL = [each for each in PLACEMENTS if each.startswith("home.")]
KEPT = ("public", "s-maxage", "max-age")
DIRECTIVES = (
    "public", "private", "no-cache", "no-store", "max-age=600", "s-maxage=9", "stale-while-revalidate=60",
    'private="x"', "no-transform", "must-revalidate", "immutable",
)  # fmt: skip

cache_controls = st.lists(st.sampled_from(DIRECTIVES), min_size=1, max_size=4).map(", ".join)
response_headers = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["Cache-Control", "CDN-Cache-Control", "Surrogate-Control"]), cache_controls),
        st.sampled_from(
            [("Expires", "Mon, 01 Jun 2099 00:00:00 GMT"), ("ETag", '"a"'), ("X-Accel-Expires", "60"),
             ("Vary", "Accept-Encoding"), ("Netlify-CDN-Cache-Control", "public, max-age=3")]
        ),
    ),
    max_size=4,
)  # fmt: skip
texts = st.text(st.characters(codec="ascii", exclude_characters=';,"', min_codepoint=33), max_size=12)
consents = st.sampled_from(
    [AGREED[1], f"euconsent-v2={LIMITED_TCF}", f"euconsent-v2={NO_TCF}", "euconsent-v2=cut", "a=b"]
)
visitors = st.tuples(
    consents,
    st.lists(
        st.one_of(
            st.tuples(st.just("CF-IPCountry"), st.sampled_from(["IT", "US", "DE", "XX", ""])),
            st.tuples(st.just("Accept-Language"), texts),
            st.tuples(st.just("User-Agent"), texts),
            st.tuples(st.just("Sec-GPC"), st.sampled_from(["1", "0", "x"])),
            st.tuples(st.just("If-None-Match"), texts),
        ),
        max_size=3,
        unique_by=lambda header: header[0],
    ),
).map(lambda each: [("Cookie", each[0]), *each[1]])
placements = st.lists(st.sampled_from(PLACEMENTS), max_size=4)


def both(
    wanted: Sequence[str], headers: Sequence[Header], visitor: Sequence[Header], **more: Any
) -> list[Answered]:
    """The answer under ASGI, and under WSGI."""
    return [
        asked(asgi_site(*wanted, headers=tuple(headers), **more), *visitor),
        asked_wsgi(wsgi_site(*wanted, headers=tuple(headers), **more), *visitor),
    ]


@settings(max_examples=150, deadline=None)
@given(wanted=placements, headers=response_headers, visitor=visitors, revalidate=st.booleans())
def test_what_can_depend_on_somebody_never_leaves_as_shared(
    wanted: list[str], headers: list[Header], visitor: list[Header], revalidate: bool
) -> None:
    personal = bool(set(wanted) & set(PERSONAL))
    for answer in both(wanted, headers, visitor, caching=Caching(revalidate=revalidate)):
        if personal:
            (control,) = answer.headers["cache-control"]
            assert control.startswith(("private, no-store", "private, no-cache"))
            assert not any(name.endswith("cdn-cache-control") for name in answer.headers)
            assert not {"expires", "surrogate-control", "x-accel-expires"} & answer.headers.keys()
            assert {"cookie", "sec-gpc"} <= answer.vary
        assert "set-cookie" not in answer.headers


@settings(max_examples=100, deadline=None)
@given(wanted=placements, headers=response_headers, visitor=visitors)
def test_both_servers_answer_alike(wanted: list[str], headers: list[Header], visitor: list[Header]) -> None:
    one, other = both(wanted, headers, visitor)
    other.headers.pop("content-type")

    assert one == other


@settings(max_examples=60, deadline=None)
@given(
    tcf=st.sampled_from([NO_TCF, LIMITED_TCF]),
    wanted=placements,
    one=st.dictionaries(st.sampled_from(["first_name", "purchases"]), texts),
    other=st.dictionaries(st.sampled_from(["first_name", "purchases"]), texts),
    countries=st.tuples(*[st.sampled_from(["IT", "FR", "DE"])] * 2),
    device=st.sampled_from(["?0", "?1"]),
)
def test_visitors_equal_on_what_is_permitted_get_the_same_octets(
    tcf: str,
    wanted: list[str],
    one: dict[str, str],
    other: dict[str, str],
    countries: tuple[str, str],
    device: str,
) -> None:
    """They differ in what is stored of them; and in where and on what they are, unless the consent permits that."""

    def answers(stored: dict[str, str], country: str, mobile: str) -> list[Answered]:
        cookie = agreed(profile_cookie(stored), tcf=tcf)
        return both(wanted, (), [cookie, ("CF-IPCountry", country), ("Sec-CH-UA-Mobile", mobile)])

    if tcf == LIMITED_TCF:
        assert answers(one, countries[0], device) == answers(other, countries[0], device)
    else:
        assert answers(one, countries[0], "?0") == answers(other, countries[1], "?1")


@settings(max_examples=60, deadline=None)
@given(visitor=visitors, wanted=placements, stored=st.booleans())
def test_no_cookie_is_set_without_the_consent_to_store(
    visitor: list[Header], wanted: list[str], stored: bool
) -> None:
    """The one that may go out empties what came."""
    (_, sent), *rest = visitor
    jar = cookies(sent, *([profile_cookie({"purchases": 1})] if stored else []))
    agreed_to_all = sent == AGREED[1]
    for answer in both(wanted, (), [jar, *rest]):
        for each in answer.headers.get("set-cookie", []):
            assert each.startswith("__Host-discreet=; Max-Age=0;")
            assert stored
            assert not agreed_to_all
            assert answer.one("cache-control") == "private, no-store"


@settings(max_examples=60, deadline=None)
@given(visitor=visitors, placement=st.sampled_from(PLACEMENTS))
def test_a_shared_fragment_is_the_same_for_everybody(visitor: list[Header], placement: str) -> None:
    site = asgi_site(fragments=Fragments(environment()))
    answer = asked(site, *visitor, path=f"/_offers/{placement}")

    if answer.one("cache-control") != "private, no-store":
        assert answer == asked(site, AGREED, ITALY, path=f"/_offers/{placement}")
        assert placement not in PERSONAL
