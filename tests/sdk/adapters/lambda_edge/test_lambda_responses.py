"""What CloudFront and browsers may keep of a page with decisions, and the cookie that goes with the consent."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from discreet.adapters import lambda_edge
from discreet.runtime import Evaluator
from discreet.serving import Bundles
from discreet.visitors import Sealer, Visitors, VisitorSettings
from support.cloudfront import Event, Pairs, answered, event, values
from support.compiled import document
from support.edge import ALL_TCF, BUNDLE, FACTS, NO_TCF, NOW_S, edge_evaluator
from support.products import evaluator_of

PERSONAL, SHARED = ["page.footer", "home.hero"], ["page.footer"]
RESPONSES = ("origin-response", "viewer-response")
PUBLIC = "public, max-age=60"
NOTE = "x-discreet--depends"


def handler(placements: list[str], **options: Any) -> lambda_edge.Handler:
    sealer = Sealer([b"s" * 32], use="profile-cookie")
    visitors = Visitors(VisitorSettings(region="IT", attributes=FACTS), sealer=sealer)
    return lambda_edge.handler(
        edge_evaluator(), visitors, placements=placements, clock_s=lambda: NOW_S, **options
    )


def after(function: lambda_edge.Handler, kind: str, pairs: Pairs = (), **options: Any) -> Event:
    """The event `kind` of a page that `function` decided at the origin's request, after the events in between."""
    return passed_on(function, kind, answered(function, event("origin-request", pairs)), **options)


def passed_on(function: lambda_edge.Handler, kind: str, request: Any, **options: Any) -> Event:
    sent = event("origin-response", **options)
    sent["Records"][0]["cf"]["request"]["headers"] = request["headers"]
    if kind == "origin-response":
        return sent
    # CloudFront shows the viewer's event the response that its cache has, and the request as the viewer sent it.
    between = answered(function, sent)
    sent = event(kind)
    sent["Records"][0]["cf"]["response"] = between
    return sent


def kept(kind: str, placements: list[str], **options: Any) -> str:
    function = handler(placements, **options)
    (said,) = values(answered(function, after(function, kind)), "cache-control")
    return said


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_page_that_can_depend_on_somebody_is_for_one_browser(kind: str) -> None:
    assert kept(kind, PERSONAL) == "private, no-store"


def test_a_page_that_depends_on_nobody_stays_as_it_is() -> None:
    function, came = handler(SHARED), event("origin-response")["Records"][0]["cf"]["response"]

    cached = answered(function, after(function, "origin-response"))
    shown = answered(function, after(function, "viewer-response"))

    assert cached == {**came, "headers": {**came["headers"], NOTE: cached["headers"][NOTE]}}
    assert shown == came  # the note is CloudFront's alone


def test_where_the_cache_key_has_the_decisions_cloudfront_may_keep_the_page_and_the_browser_may_not() -> None:
    def said(placements: list[str]) -> list[str]:
        function = handler(placements, keyed=True)
        request = answered(function, event("viewer-request"))
        shown: list[str] = []
        for kind in RESPONSES:
            sent = event(kind)
            sent["Records"][0]["cf"]["request"] = request
            shown += values(answered(function, sent), "cache-control")
        return shown

    assert said(PERSONAL) == [PUBLIC, "private, no-store"]
    assert said(SHARED) == [PUBLIC, PUBLIC]


SALE_ENDS_S = 1_893_456_020
SALE = {"id": "sale", "placements": ["p"], "content": {}, "valid": {"until": "2030-01-01T00:00:20Z"}}
WITH_A_SALE = evaluator_of([document(SALE)], {**BUNDLE, "expires_s": SALE_ENDS_S + 86_400})


def of(bundles: Bundles, placement: str, now_s: float = NOW_S) -> lambda_edge.Handler:
    visitors = Visitors(VisitorSettings(region="IT", attributes=FACTS))
    return lambda_edge.handler(bundles, visitors, placements=[placement], clock_s=lambda: now_s)


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_shared_page_is_kept_no_longer_than_its_decisions_hold_by_the_clock(kind: str) -> None:
    def at(now_s: float) -> list[str]:
        function = of(Bundles.of(WITH_A_SALE), "p", now_s)
        return values(answered(function, after(function, kind)), "cache-control")

    assert at(SALE_ENDS_S - 3600) == [PUBLIC]
    assert at(SALE_ENDS_S - 20) == ["public, max-age=20"]
    assert at(SALE_ENDS_S) == [PUBLIC]


def after_a_swap(before: Evaluator, now: Evaluator, placement: str, kind: str, now_s: float) -> list[str]:
    """What is said of a page that `before` decided, when its response comes under `now`."""
    bundles = Bundles.of(before)
    function = of(bundles, placement, now_s)
    request = answered(function, event("origin-request"))
    bundles.current = Bundles.of(now).current
    return values(answered(function, passed_on(function, kind, request)), "cache-control")


IMPERSONAL = evaluator_of([document(placements={"home.hero": {"fallback": "none"}})])
ELSEWHERE = evaluator_of([document(placements={"home.new": {"fallback": "none"}})])


@pytest.mark.parametrize("kind", RESPONSES)
@pytest.mark.parametrize("now", [IMPERSONAL, ELSEWHERE], ids=["depends on nobody", "is gone"])
def test_a_page_is_personal_by_the_bundle_that_decided_it_not_by_that_of_its_response(
    now: Evaluator, kind: str
) -> None:
    assert after_a_swap(edge_evaluator(), now, "home.hero", kind, NOW_S) == ["private, no-store"]
    assert after_a_swap(now, edge_evaluator(), now.placements[0], kind, NOW_S) == [PUBLIC]


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_page_is_kept_no_longer_than_the_decisions_in_it_hold_whatever_serves_by_then(kind: str) -> None:
    without = evaluator_of([document(placements={"p": {"fallback": "none"}})], {**BUNDLE, "version": 13})

    said = after_a_swap(WITH_A_SALE, without, "p", kind, SALE_ENDS_S - 20)

    assert said == ["public, max-age=20"]


NO_NOTES = {
    "none": [],
    "somebody": ["somebody"],
    "another word": ["nobody "],
    "another end": ["nobody; until=soon"],
    "no end": ["nobody; until="],
    "another alphabet": ["nobody; until=\u0661"],
    "two": ["nobody", "nobody"],
}


@pytest.mark.parametrize("notes", NO_NOTES.values(), ids=NO_NOTES)
@pytest.mark.parametrize("keyed", [False, True], ids=["not keyed", "keyed"])
def test_a_page_of_which_nothing_is_known_is_for_one_browser(keyed: bool, notes: list[str]) -> None:
    lines = [("X-Discreet--Depends", each) for each in notes]
    cached = event("origin-response", lines)
    shown = event("viewer-response", lines, response=[*lines, ("Cache-Control", "public")])
    function = handler(SHARED, keyed=keyed)

    said = [values(answered(function, sent), "cache-control")[0] for sent in (cached, shown)]

    assert said == [PUBLIC if keyed else "private, no-store", "private, no-store"]


@pytest.mark.parametrize("keyed", [False, True], ids=["not keyed", "keyed"])
def test_what_an_origin_says_in_our_name_reaches_no_cache(keyed: bool) -> None:
    said = [("X-Discreet--Depends", "nobody"), ("Cache-Control", "public")]
    function = handler(PERSONAL, keyed=keyed)

    cached = answered(function, after(function, "origin-response", response=said))

    assert values(cached, NOTE) == ([] if keyed else ["somebody"])


def test_what_a_visitor_says_in_our_name_loosens_nothing() -> None:
    forged = [("X-Discreet--Depends", "nobody")]
    function = handler(PERSONAL)
    between = answered(function, after(function, "origin-response", forged))
    shown = event("viewer-response", forged)  # as it came: no function was at the viewer's request
    shown["Records"][0]["cf"]["response"] = between

    assert values(answered(function, shown), "cache-control") == ["private, no-store"]


@pytest.mark.parametrize(
    "header",
    [("Expires", "Wed, 21 Oct 2037 07:28:00 GMT"), ("ETag", '"1"'), ("Surrogate-Control", "max-age=9"),
     ("CDN-Cache-Control", "public, max-age=99"), ("Cache-Control", "s-maxage=99")],
)  # fmt: skip
def test_nothing_else_lets_a_cache_keep_it(header: tuple[str, str]) -> None:
    sent = event("origin-response", response=[("Content-Type", "text/html"), header])

    returned = answered(handler(PERSONAL), sent)

    assert set(returned["headers"]) == {
        "via", "transfer-encoding", "content-encoding", "content-type", "cache-control", NOTE
    }  # fmt: skip
    assert values(returned, "cache-control") == ["private, no-store"]


def test_the_origins_cookies_stay_and_ours_goes_with_the_consent() -> None:
    cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]

    def set_cookies(kind: str, tcf: str) -> list[str]:
        sent = event(kind, [("Cookie", f"euconsent-v2={tcf}; __Host-discreet=x")], response=cookies)
        return values(answered(handler(PERSONAL), sent), "set-cookie")

    assert set_cookies("viewer-response", ALL_TCF) == ["a=1", "b=2"]
    assert set_cookies("origin-response", NO_TCF) == ["a=1", "b=2"]  # which a cache may keep
    assert set_cookies("viewer-response", NO_TCF)[:2] == ["a=1", "b=2"]
    assert "Max-Age=0" in set_cookies("viewer-response", NO_TCF)[2]


@pytest.mark.parametrize(
    "broken", [{"headers": None}, {"headers": {"a": [{"key": "A"}]}}, {"headers": {"a": "b"}}]
)
@pytest.mark.parametrize("kind", RESPONSES)
def test_a_response_that_cannot_be_read_passes_on_and_is_kept_nowhere(
    kind: str, broken: dict[str, Any]
) -> None:
    sent = event(kind)
    sent["Records"][0]["cf"]["response"].update(copy.deepcopy(broken))
    function = handler(PERSONAL)

    returned = function(sent, None)

    kept_nowhere = {"cache-control": [{"key": "Cache-Control", "value": "private, no-store"}]}
    assert returned["headers"] == (broken["headers"] and {**broken["headers"], **kept_nowhere})
    assert function.failures == 1


@pytest.mark.parametrize("kind", RESPONSES)
def test_where_the_request_of_a_response_cannot_be_read_no_cache_keeps_it(kind: str) -> None:
    sent = event(kind)
    sent["Records"][0]["cf"]["request"]["headers"] = None
    function = handler(PERSONAL)

    assert values(function(sent, None), "cache-control") == ["private, no-store"]


def test_headers_in_any_alphabet_stay_as_they_are() -> None:
    sent = event(
        "origin-response", response=[("X-Name", "€\udc80"), ("X-Name", "é"), ("Cache-Control", "public")]
    )
    function = handler(PERSONAL)

    returned = answered(function, sent)

    assert values(returned, "x-name") == ["€\udc80", "é"]
    assert values(returned, "cache-control") == ["private, no-store"]
    assert function.failures == 0
