"""Decisions on the headers of requests: for whom, from what, and what never gets there."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.adapters import lambda_edge
from discreet.adapters.lambda_edge.cloudfront import header_names
from discreet.errors import DiscreetError, UnknownPlacement
from discreet.serving import Bundles
from discreet.visitors import Visitors, VisitorSettings
from support import cloudfront
from support.cloudfront import ADDRESS, answered, event, values
from support.compiled import document
from support.edge import (
    ALL_TCF,
    BUNDLE,
    FACTS,
    LIMITED_TCF,
    NO_TCF,
    NOW_S,
    PLACEMENTS,
    TEST_RING,
    edge_bundle,
    edge_bundles,
    edge_evaluator,
)
from support.products import evaluator_of

EVALUATOR = edge_evaluator()
HERO, NOTE = "x-discreet-home-hero", "x-discreet--depends"
REQUESTS = ("viewer-request", "origin-request")
ITALY = ("CloudFront-Viewer-Country", "IT")


def visitors(**settings: Any) -> Visitors:
    return Visitors(VisitorSettings(cdn="cloudfront", region="IT", attributes=FACTS, **settings))


def handler(placements: Sequence[str] = PLACEMENTS, **options: Any) -> lambda_edge.Handler:
    return lambda_edge.handler(EVALUATOR, visitors(), placements=placements, clock_s=lambda: NOW_S, **options)


def cookie(tcf: str) -> tuple[str, str]:
    return "Cookie", f"euconsent-v2={tcf}"


def decided(returned: Any) -> dict[str, str]:
    """What stands on the headers of placements, each of which has one value."""
    names = [name for name in returned["headers"] if name.startswith("x-discreet-") and name != NOTE]
    return {name.removeprefix("x-discreet-"): values(returned, name)[0] for name in names}


@pytest.mark.parametrize("kind", REQUESTS)
def test_each_placement_has_its_header_with_the_offers_id(kind: str) -> None:
    assert decided(answered(handler(), event(kind))) == {
        "home-hero": "welcome",
        "home-aside": "newsletter",
        "basket-note": "delivery",
        "account-tip": "newsletter",
        "page-footer": "shops",
    }


@pytest.mark.parametrize(
    ("tcf", "offer"),
    [(ALL_TCF, "italian_summer"), (LIMITED_TCF, "italian_summer"), (NO_TCF, "welcome"), ("", "welcome")],
)
def test_the_visitors_consent_decides_what_is_known(tcf: str, offer: str) -> None:
    returned = answered(handler(), event("origin-request", [cookie(tcf), ITALY]))

    assert values(returned, HERO) == [offer]


def test_what_cloudfront_adds_is_believed_from_the_origins_event_on_only() -> None:
    headers = [cookie(ALL_TCF), ITALY]

    shown = [values(answered(handler(), event(kind, headers)), HERO) for kind in REQUESTS]

    assert shown == [["welcome"], ["italian_summer"]]  # in the viewer's event it is the viewer's own word


def test_the_query_string_is_read() -> None:
    sent = event("viewer-request", [cookie(ALL_TCF)], query="utm_campaign=spring&q=1")

    assert decided(answered(handler(), sent))["home-aside"] == "campaign_gift"


def test_two_cookie_headers_both_count() -> None:
    sent = event("origin-request", [cookie(ALL_TCF), cookie(NO_TCF), ITALY])

    assert values(answered(handler(), sent), HERO) == ["welcome"]


@pytest.mark.parametrize("kind", REQUESTS)
def test_what_came_under_our_prefix_is_removed(kind: str) -> None:
    forged = [("X-Discreet-Home-Hero", "vip"), ("x_discreet_home_hero", "vip"), ("X-DISCREET-", "1")]

    returned = answered(handler(placements=["page.footer"]), event(kind, forged))

    assert decided(returned) == {"page-footer": "shops"}
    assert "vip" not in str(returned)


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_says_whether_its_decisions_can_depend_on_somebody(kind: str) -> None:
    forged = [("X-Discreet--Depends", "nobody"), ("x_discreet__depends", "nobody")]

    def noted(placements: Sequence[str]) -> list[str]:
        return values(answered(handler(placements), event(kind, forged)), NOTE)

    assert noted(["page.footer", "home.hero"]) == ["somebody"]
    assert noted(["page.footer"]) == [f"nobody; until={BUNDLE['expires_s']}"]


def test_no_placement_has_the_header_of_the_note() -> None:
    names = [".depends", "--depends", "-.-depends"]

    assert NOTE not in [name for each in names for name in header_names([each]).values()]


def test_only_the_headers_under_our_prefix_change() -> None:
    sent = event(
        "viewer-request", [cookie(ALL_TCF), ("X-Other", "1"), ("X-Discreet", "no dash")], query="a=1"
    )

    returned = answered(handler(), sent)

    kept = {name: value for name, value in returned["headers"].items() if not name.startswith("x-discreet-")}
    assert kept == sent["Records"][0]["cf"]["request"]["headers"]


class Untouchable(dict[str, Any]):
    """A request whose visitor's address nobody may look at."""

    def __getitem__(self, key: str) -> Any:
        assert key != "clientIp"
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        assert key != "clientIp"
        return super().get(key, default)


def test_the_visitors_address_is_not_looked_at() -> None:
    sent = event("viewer-request", [cookie(ALL_TCF)])
    record = sent["Records"][0]["cf"]
    record["request"] = Untouchable(record["request"])
    function = handler()

    returned = function(sent, None)

    assert function.failures == 0
    assert ADDRESS not in str(decided(returned))


BROKEN: dict[str, Any] = {
    "headers are a list": {"headers": [1, 2]},
    "headers are missing": {"headers": None},
    "a header is text": {"headers": {"cookie": "a=b"}},
    "a header has no value": {"headers": {"cookie": [{"key": "Cookie"}]}},
    "a header's value is a number": {"headers": {"cookie": [{"value": 7}]}},
    "the query string is missing": {"querystring": None},
    "the path is a number": {"uri": 7},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_that_cannot_be_read_passes_on_undecided(
    kind: str, broken: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    sent = event(kind, [("X-Discreet-Home-Hero", "vip"), cookie("canary-4711")])
    request = sent["Records"][0]["cf"]["request"]
    request.update(broken)
    expected = copy.deepcopy(request)
    if isinstance(expected["headers"], dict):
        expected["headers"].pop(HERO, None)  # and no note: its response is for one browser
    function = handler(answers="/v1")

    assert function(sent, None) == expected
    assert function.failures == 1
    assert f"a {kind} event passed on undecided" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    "nonsense",
    [None, 7, "text", [], {}, {"Records": []}, {"Records": [{"cf": {}}]}, {"Records": [{}, {}]},
     {"Records": [{"cf": {"config": {"eventType": "viewer-dance"}, "request": {}}}]},
     {"Records": [{"cf": {"config": {"eventType": "viewer-response"}, "request": {}}}]}],
)  # fmt: skip
def test_what_is_no_event_is_given_back(nonsense: object) -> None:
    assert handler()(nonsense, None) is nonsense


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["headers", "uri", "querystring", "method", "body", "clientIp", "origin"])


@given(
    kind=st.sampled_from(cloudfront.KINDS),
    fields=st.dictionaries(FIELDS, JSON),
    response=JSON,
    own=st.booleans(),
)
def test_no_event_makes_it_raise(kind: str, fields: dict[str, Any], response: Any, own: bool) -> None:
    sent = event(kind, [("X-Discreet-Home-Hero", "vip")], uri="/v1/decide" if own else "/", method="POST")
    record = sent["Records"][0]["cf"]
    record["request"].update(fields)
    if kind.endswith("response"):
        record["response"]["headers"] = response

    returned = handler(["page.footer"], answers="/v1")(sent, None)

    assert "vip" not in str(returned)


@given(JSON)
def test_no_nonsense_makes_it_raise(nonsense: Any) -> None:
    assert handler(["page.footer"])(nonsense, None) == nonsense


def test_a_header_in_any_alphabet_does_no_harm() -> None:
    sent = event(
        "origin-request", [cookie(ALL_TCF), ITALY, ("Referer", "https://example/€\udc80")], query="q=é\udc80"
    )

    assert values(answered(handler(), sent), HERO) == ["italian_summer"]


def test_an_unknown_placement_is_refused_at_import() -> None:
    with pytest.raises(UnknownPlacement, match=r"did you mean `home\.hero`"):
        handler(placements=["home.hreo"])


def test_placements_that_would_share_a_header_are_refused_at_import() -> None:
    documents = [document(placements={"home.hero": {"fallback": "none"}, "home-hero": {"fallback": "none"}})]

    with pytest.raises(DiscreetError, match="would share the header `x-discreet-home-hero`"):
        lambda_edge.handler(evaluator_of(documents), visitors(), placements=["home.hero", "home-hero"])


@pytest.mark.parametrize("prefix", ["v1", "/", "", "//"])
def test_a_prefix_that_is_no_path_is_refused_at_import(prefix: str) -> None:
    with pytest.raises(DiscreetError, match="a path"):
        handler(answers=prefix)


class Source:
    """Gives each of its files once."""

    name = "a source"

    def __init__(self, *files: bytes) -> None:
        self.files = list(files)

    def fetch(self) -> bytes | None:
        return self.files.pop(0) if self.files else None


def test_a_newer_bundle_is_asked_for_when_its_time_has_come() -> None:
    source = Source(edge_bundle())
    bundles = Bundles(source, TEST_RING, clock_s=lambda: NOW_S)
    bundles.start()

    def version(refresh_every_s: float | None) -> int:
        function = lambda_edge.handler(
            bundles, visitors(), placements=PLACEMENTS, refresh_every_s=refresh_every_s, clock_s=lambda: NOW_S
        )
        answered(function, event("viewer-request"))
        return bundles.current.evaluator.bundle.version

    source.files.append(edge_bundle(version=13))
    assert [version(None), version(3600), version(0)] == [12, 12, 13]


def test_a_placement_that_a_newer_bundle_lacks_has_no_header() -> None:
    bundles = edge_bundles()
    function = lambda_edge.handler(
        bundles, visitors(), placements=["home.hero", "page.footer"], clock_s=lambda: NOW_S
    )
    newer = evaluator_of([document(placements={"home.hero": {"fallback": "none"}})])

    bundles.current = Bundles.of(newer).current

    assert decided(answered(function, event("viewer-request"))) == {"home-hero": "none"}
    assert "cache-control" in answered(function, event("origin-response"))["headers"]
    assert function.failures == 0


def test_the_rules_of_cloudfront_are_held() -> None:
    with pytest.raises(AssertionError):
        cloudfront.check(event("viewer-request"), {"headers": cloudfront.headers([("X-Cache", "1")])})
    with pytest.raises(AssertionError):
        cloudfront.check(event("viewer-request"), {"headers": {}})
