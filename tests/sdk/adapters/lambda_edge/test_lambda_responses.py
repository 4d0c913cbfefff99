"""What CloudFront and browsers may keep of a page with decisions, and the cookie that goes with the consent."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from discreet.adapters import lambda_edge
from discreet.visitors import Sealer, Visitors, VisitorSettings
from support.cloudfront import answered, event, values
from support.compiled import document
from support.edge import ALL_TCF, BUNDLE, FACTS, NO_TCF, NOW_S, edge_evaluator
from support.products import evaluator_of

PERSONAL, SHARED = ["page.footer", "home.hero"], ["page.footer"]
RESPONSES = ("origin-response", "viewer-response")
PUBLIC = "public, max-age=60"


def handler(placements: list[str], **options: Any) -> lambda_edge.Handler:
    sealer = Sealer([b"s" * 32], use="profile-cookie")
    visitors = Visitors(VisitorSettings(region="IT", attributes=FACTS), sealer=sealer)
    return lambda_edge.handler(
        edge_evaluator(), visitors, placements=placements, clock_s=lambda: NOW_S, **options
    )


def kept(kind: str, placements: list[str], **options: Any) -> str:
    (said,) = values(answered(handler(placements, **options), event(kind)), "cache-control")
    return said


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_page_that_can_depend_on_somebody_is_for_one_browser(kind: str) -> None:
    assert kept(kind, PERSONAL) == "private, no-store"


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_page_that_depends_on_nobody_stays_as_it_is(kind: str) -> None:
    sent = event(kind)

    assert answered(handler(SHARED), sent) == sent["Records"][0]["cf"]["response"]


def test_where_the_cache_key_has_the_decisions_cloudfront_may_keep_the_page_and_the_browser_may_not() -> None:
    assert [kept(kind, PERSONAL, keyed=True) for kind in RESPONSES] == [PUBLIC, "private, no-store"]


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_shared_page_is_kept_no_longer_than_its_decisions_hold_by_the_clock(kind: str) -> None:
    sale = {"id": "sale", "placements": ["p"], "content": {}, "valid": {"until": "2030-01-01T00:00:20Z"}}
    until_s = 1_893_456_020
    evaluator = evaluator_of([document(sale)], {**BUNDLE, "expires_s": until_s + 86_400})
    visitors = Visitors(VisitorSettings())

    def at(now_s: float) -> list[str]:
        function = lambda_edge.handler(evaluator, visitors, placements=["p"], clock_s=lambda: now_s)
        return values(answered(function, event(kind)), "cache-control")

    assert at(until_s - 3600) == [PUBLIC]
    assert at(until_s - 20) == ["public, max-age=20"]
    assert at(until_s) == [PUBLIC]


@pytest.mark.parametrize(
    "header",
    [("Expires", "Wed, 21 Oct 2037 07:28:00 GMT"), ("ETag", '"1"'), ("Surrogate-Control", "max-age=9"),
     ("CDN-Cache-Control", "public, max-age=99"), ("Cache-Control", "s-maxage=99")],
)  # fmt: skip
def test_nothing_else_lets_a_cache_keep_it(header: tuple[str, str]) -> None:
    sent = event("origin-response", response=[("Content-Type", "text/html"), header])

    returned = answered(handler(PERSONAL), sent)

    assert set(returned["headers"]) == {
        "via", "transfer-encoding", "content-encoding", "content-type", "cache-control"
    }  # fmt: skip
    assert values(returned, "cache-control") == ["private, no-store"]


def test_the_origins_cookies_stay_and_ours_goes_with_the_consent() -> None:
    cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]

    def set_cookies(kind: str, tcf: str) -> list[str]:
        sent = event(kind, [("Cookie", f"euconsent-v2={tcf}; discreet=x")], response=cookies)
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
