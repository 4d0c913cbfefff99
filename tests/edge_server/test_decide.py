"""`POST /v1/decide` says what the evaluator says."""

from __future__ import annotations

import hashlib

import pytest

from discreet_consent import Consent
from discreet_edge import EdgeSettings
from support.asgi import Reply, ask
from support.edge import (
    ALL_TCF,
    LIMITED_TCF,
    NO_TCF,
    NOW_S,
    PLACEMENTS,
    edge_app,
    edge_evaluator,
    edge_visitors,
)

TOKEN = "a token that is long enough"  # noqa: S105 - made up
ADMIN = EdgeSettings(admin_token_sha256=hashlib.sha256(TOKEN.encode()).hexdigest())
ITALY = {"cf-ipcountry": "IT"}
EVERYTHING = {**ITALY, "cookie": f"euconsent-v2={ALL_TCF}"}
RUNNER = {"first_name": "Ada", "interests": ["running"]}


def decide(
    document: object, headers: dict[str, str] | None = None, settings: EdgeSettings | None = None
) -> Reply:
    return ask(edge_app(settings=settings), "POST", "/v1/decide", document=document, headers=headers or ITALY)


def offers(reply: Reply) -> list[tuple[str, str]]:
    return [(each["offer"], each["reason"]) for each in reply.json["decisions"]]


def test_it_decides_for_every_placement_when_none_is_named() -> None:
    assert [each["placement"] for each in decide({}).json["decisions"]] == [*PLACEMENTS]


def test_it_decides_for_those_that_are_named() -> None:
    assert offers(decide({"placement": "page.footer"})) == [("shops", "matched")]
    assert offers(decide({"placements": ["page.footer", "home.hero"]})) == [
        ("shops", "matched"),
        ("welcome", "fallback"),
    ]


def test_it_uses_what_consent_permits() -> None:
    wish = {"placement": "home.hero", "attributes": RUNNER}

    assert offers(decide(wish, EVERYTHING)) == [("spring_shoes", "matched")]
    assert offers(decide(wish, {**ITALY, "cookie": f"euconsent-v2={LIMITED_TCF}"})) == [
        ("italian_summer", "matched")
    ]
    assert offers(decide(wish, {**ITALY, "cookie": f"euconsent-v2={NO_TCF}"})) == [("welcome", "fallback")]
    assert offers(decide(wish, ITALY)) == [("welcome", "fallback")]


def test_consent_may_come_in_the_body() -> None:
    wish = {"placement": "home.hero", "attributes": RUNNER, "consent": {"tcf": ALL_TCF}}

    assert offers(decide(wish)) == [("spring_shoes", "matched")]


def test_a_refusal_in_a_header_outweighs_the_body() -> None:
    wish = {"placement": "home.hero", "attributes": RUNNER, "consent": {"tcf": ALL_TCF}}

    assert offers(decide(wish, {**ITALY, "cookie": f"euconsent-v2={NO_TCF}"})) == [("welcome", "fallback")]


def test_the_answer_names_the_bundle_and_what_was_withheld_and_fills_tokens() -> None:
    answer = decide({"placement": "home.hero", "attributes": {**RUNNER, "nobody": 1}}, EVERYTHING).json
    bundle = edge_evaluator().bundle

    assert answer == {
        "bundle": {"name": "edge-shop", "version": 12, "digest": bundle.digest},
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
        "withheld": ["allergic", "income_band"],  # `nobody` is not repeated: a visitor sent it
        "malformed": [],
        "stale_attributes": [],
    }


def test_doubles_stay_doubles() -> None:
    assert b'"rate":10.0' in decide({"placement": "home.hero", "attributes": RUNNER}, EVERYTHING).body


def test_it_names_what_is_malformed_or_stale() -> None:
    attributes = {
        "first_name": 7,
        "purchases": {"value": 3, "observed": "2020-01-01T00:00:00Z"},
        "interests": {"value": ["running"], "observed": "yesterday"},
    }

    answer = decide({"attributes": attributes}, EVERYTHING).json

    assert answer["malformed"] == ["first_name", "interests"]
    assert answer["stale_attributes"] == ["purchases"]


def test_it_says_the_same_as_the_evaluator_for_every_placement_and_consent() -> None:
    evaluator = edge_evaluator()
    app = edge_app(visitors=edge_visitors(accept_stated=True))
    attributes = {"country": "IT", "device": "mobile", "hour": 9, "basket_items": 4, "purchases": 2, **RUNNER}
    for purposes in ([], ["personalize.content.limited"], ["personalize.content", "functional.storage"]):
        body = {"attributes": attributes, "consent": {"purposes": purposes}}

        reply = ask(app, "POST", "/v1/decide", document=body, headers={"sec-ch-ua-mobile": "?1", **ITALY})

        seen = {**attributes, "hour": 0}  # read off the clock, not taken from the body
        permitted = evaluator.permit(seen, Consent.granting(*purposes), now_s=NOW_S)
        expected = [each.as_dict() for each in evaluator.decide_all(permitted, now_s=NOW_S).values()]
        for got, want in zip(reply.json["decisions"], expected, strict=True):
            assert got == {name: want[name] for name in got}


def test_the_best_offers_of_a_placement_are_listed_where_they_are_asked_for() -> None:
    wish = {"placement": "home.hero", "attributes": RUNNER, "top": 3}

    assert offers(decide(wish, EVERYTHING)) == [("spring_shoes", "matched"), ("italian_summer", "matched")]


def test_an_explanation_needs_the_admin_token() -> None:
    wish = {"placement": "home.hero", "explain": True}
    right, wrong = ({**ITALY, "authorization": f"Bearer {token}"} for token in (TOKEN, TOKEN + "!"))

    assert "explanations" in decide(wish, right, settings=ADMIN).json
    assert decide(wish, wrong, settings=ADMIN).status == 403
    assert decide(wish, settings=ADMIN).status == 403
    assert decide(wish, right).status == 403  # no token was set, so nobody has it


def test_an_unknown_placement_is_a_problem_that_does_not_repeat_it() -> None:
    reply = decide({"placements": ["home.hero", "sallys-diary"]})

    assert (reply.status, reply.json["type"]) == (404, "urn:discreet:problem:unknown-placement")
    assert b"sally" not in reply.everything


@pytest.mark.parametrize(
    "document",
    [
        [], "text", 1, None, {"placement": 1}, {"placement": "home.hero", "placements": ["home.hero"]},
        {"placements": []},
        {"placements": ["home.hero", "home.hero"]}, {"placements": [1]}, {"placements": ["p"] * 101}, {"top": 0},
        {"top": 101}, {"top": True}, {"top": "1"}, {"explain": 1}, {"attributes": []}, {"attributes": None},
        {"consent": None}, {"consent": "tcf"}, {"attribute": {}},
    ],
)  # fmt: skip
def test_what_is_no_wish_is_refused(document: object) -> None:
    reply = decide(document) if document is not None else ask(edge_app(), "POST", "/v1/decide", body=b"null")

    assert (reply.status, reply.json["type"]) == (400, "urn:discreet:problem:invalid-request")


def test_an_answer_is_for_one_visitor_and_stored_nowhere() -> None:
    reply = decide({}, EVERYTHING)

    assert reply.header("cache-control") == "private, no-store"
    assert reply.all("set-cookie") == []


def test_an_expired_bundle_shows_fallbacks_and_says_so() -> None:
    app = edge_app(clock_s=lambda: NOW_S + 10 * 365 * 86_400.0)

    reply = ask(app, "POST", "/v1/decide", document={"placement": "page.footer"})

    assert offers(reply) == [("imprint", "expired")]
