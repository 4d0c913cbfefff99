"""Requests that the function answers itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from discreet.adapters import lambda_edge
from discreet.visitors import Sealer, Visitors, VisitorSettings
from discreet_consent import Consent
from support.cloudfront import answered, event, values
from support.compiled import document
from support.edge import ALL_TCF, FACTS, LIMITED_TCF, NO_TCF, NOW_S, PLACEMENTS, edge_evaluator
from support.products import evaluator_of

EVALUATOR = edge_evaluator()
KNOWN = {"interests": ["running"], "first_name": "Ada", "country": "IT"}
SEALER = Sealer([b"s" * 32], use="profile-cookie")


def handler(evaluator: Any = EVALUATOR, placements: Any = PLACEMENTS) -> lambda_edge.Handler:
    visitors = Visitors(VisitorSettings(region="IT", attributes=FACTS), sealer=SEALER)
    return lambda_edge.handler(
        evaluator, visitors, placements=placements, answers="/v1", clock_s=lambda: NOW_S
    )


def ask(
    path: str = "/v1/decide",
    body: Any = None,
    *,
    kind: str = "viewer-request",
    tcf: str = ALL_TCF,
    **options: Any,
) -> Any:
    sent = event(
        kind,
        [("Cookie", f"euconsent-v2={tcf}"), *options.pop("pairs", ())],
        uri=path,
        method=options.pop("method", "GET" if body is None else "POST"),
        body=body if isinstance(body, str | bytes | None) else json.dumps(body),
        **options,
    )
    function = options.get("function") or handler()
    returned = answered(function, sent)
    assert function.failures == 0
    return returned


@pytest.mark.parametrize("kind", ["viewer-request", "origin-request"])
def test_decide_answers_as_the_edge_server_does(kind: str) -> None:
    returned = ask(body={"placement": "home.hero", "attributes": KNOWN}, kind=kind)

    permitted = EVALUATOR.permit({}, Consent.granting("personalize.content", "functional.storage"))
    assert returned["status"] == "200"
    assert values(returned, "content-type") == ["application/json"]
    assert values(returned, "cache-control") == ["private, no-store"]
    assert json.loads(returned["body"]) == {
        "bundle": {"name": "edge-shop", "version": 12, "digest": EVALUATOR.bundle.digest},
        "stale": False,
        "decisions": [
            {
                "placement": "home.hero",
                "offer": "spring_shoes",
                "reason": "matched",
                "stage": "discover",
                "content": {"title": "New shoes, Ada", "rate": 10.0, "image": "shoes.avif", "dark": True},
            }
        ],
        "withheld": sorted(permitted.withheld_declared),
        "malformed": [],
        "stale_attributes": [],
    }
    assert '"rate":10.0' in returned["body"]


def placements(returned: Any) -> list[str]:
    return [each["placement"] for each in json.loads(returned["body"])["decisions"]]


def test_without_placements_the_functions_own_are_decided() -> None:
    assert placements(ask()) == list(PLACEMENTS)
    assert placements(ask(body={})) == list(PLACEMENTS)
    assert placements(ask(body="", method="POST")) == list(PLACEMENTS)
    assert placements(ask(body={"placements": ["page.footer", "home.hero"]})) == ["page.footer", "home.hero"]


def test_what_the_body_states_is_not_believed_without_consent() -> None:
    returned = ask(body={"placement": "home.hero", "attributes": KNOWN}, tcf=NO_TCF)

    assert json.loads(returned["body"])["decisions"][0]["offer"] == "welcome"
    assert "Ada" not in returned["body"]


def test_the_body_may_state_signals_but_not_the_purposes() -> None:
    def hero(consent: object) -> object:
        body = {"placement": "home.hero", "attributes": KNOWN, "consent": consent}
        return json.loads(ask(body=body, tcf="")["body"])["decisions"][0]["offer"]

    assert hero({"tcf": ALL_TCF}) == "welcome"  # the cookie that cannot be read revokes
    assert hero({"purposes": ["personalize.content"]}) == "welcome"


def test_a_fragment_is_the_content_of_one_placement() -> None:
    returned = ask("/v1/fragments/page.footer")

    assert json.loads(returned["body"]) == {
        "placement": "page.footer",
        "offer": "shops",
        "content": {"title": "Our shops", "count": 7},
    }


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "an unknown placement": (404, {"body": {"placement": "canary-4711"}}),
    "one unknown placement among others": (404, {"body": {"placements": ["home.hero", "canary-4711"]}}),
    "an unknown fragment": (404, {"path": "/v1/fragments/canary-4711"}),
    "a fragment of nothing": (404, {"path": "/v1/fragments/"}),
    "a path of ours that is nothing": (404, {"path": "/v1/canary-4711"}),
    "a path below decide": (404, {"path": "/v1/decide/canary-4711"}),
    "the prefix alone": (404, {"path": "/v1/"}),
    "another method": (405, {"method": "DELETE"}),
    "a fragment by post": (405, {"path": "/v1/fragments/home.hero", "body": {}}),
    "a body that is not passed on": (400, {"method": "POST"}),
    "no json": (400, {"body": "canary-4711"}),
    "no utf-8": (400, {"body": b'{"placement": "\xff"}'}),
    "a list": (400, {"body": ["canary-4711"]}),
    "NaN": (400, {"body": '{"attributes": {"basket_items": NaN}}'}),
    "deep": (400, {"body": "[" * 100_000}),
    "unknown members": (400, {"body": {"canary-4711": 1}}),
    "both": (400, {"body": {"placement": "home.hero", "placements": ["home.hero"]}}),
    "no placement": (400, {"body": {"placements": []}}),
    "a placement that is none": (400, {"body": {"placements": ["home.hero", 7]}}),
    "a list for one": (400, {"body": {"placement": ["home.hero"]}}),
    "attributes that are none": (400, {"body": {"attributes": ["canary-4711"]}}),
    "consent that is none": (400, {"body": {"consent": "canary-4711"}}),
    "a part of a body": (413, {"body": {"placement": "home.hero"}, "truncated": True}),
}


@pytest.mark.parametrize(("status", "asked"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_a_problem_that_echoes_nothing(status: int, asked: dict[str, Any]) -> None:
    returned = ask(**asked)

    assert returned["status"] == str(status)
    assert values(returned, "content-type") == ["application/problem+json"]
    assert json.loads(returned["body"])["status"] == status
    assert "canary" not in str(returned)


def test_a_body_that_is_not_base64_is_a_problem() -> None:
    sent = event("viewer-request", uri="/v1/decide", method="POST", body="{}")
    sent["Records"][0]["cf"]["request"]["body"]["data"] = "***"

    assert answered(handler(), sent)["status"] == "400"


def test_a_body_in_text_is_read() -> None:
    sent = event("viewer-request", uri="/v1/decide", method="POST", body="{}")
    sent["Records"][0]["cf"]["request"]["body"].update(data='{"placement": "page.footer"}', encoding="text")

    assert placements(answered(handler(), sent)) == ["page.footer"]


def test_other_paths_pass_on() -> None:
    for path in ("/", "/v1", "/v10/decide", "/shop/v1/decide"):
        assert "status" not in answered(handler(), event("viewer-request", uri=path))


def test_an_answer_that_cloudfront_would_not_send_is_a_problem() -> None:
    large = {"id": "large", "placements": ["p"], "content": {"text": "x" * 39_500}}
    function = handler(evaluator_of([document(large)]), ["p"])

    shown = [
        answered(function, event(kind, uri="/v1/fragments/p"))["status"]
        for kind in ("viewer-request", "origin-request")
    ]

    assert shown == ["500", "200"]


def test_without_storage_consent_a_cookie_is_only_ever_taken_away() -> None:
    kept = ("Cookie", "__Host-discreet=whatever")

    def set_cookies(tcf: str, *pairs: tuple[str, str]) -> list[str]:
        return values(ask("/v1/fragments/home.hero", tcf=tcf, pairs=pairs), "set-cookie")

    assert (
        set_cookies(NO_TCF)
        == set_cookies(LIMITED_TCF)
        == set_cookies(ALL_TCF)
        == set_cookies(ALL_TCF, kept)
        == []
    )
    for tcf in (NO_TCF, LIMITED_TCF):
        (taken,) = set_cookies(tcf, kept)
        assert taken.startswith("__Host-discreet=;")
        assert "Max-Age=0" in taken
