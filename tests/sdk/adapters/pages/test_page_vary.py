"""Which request headers decisions come from: every fact is known here, and no more is named than is read."""

from __future__ import annotations

import dataclasses

import pytest

from discreet.adapters.caching_vary import HEADERS, headers_read, hints_wanted
from discreet.runtime import Evaluator
from discreet.visitors import FACTS, VisitorSettings
from discreet_consent import Policy
from support.pages import PERSONAL, SETTINGS, evaluator
from support.products import evaluator_of

EVALUATOR: Evaluator = evaluator()
CONSENT = {"cookie", "sec-gpc"}
REGION = {"cf-ipcountry", "cf-region-code"}


def read(*names: str, settings: VisitorSettings = SETTINGS) -> set[str]:
    return {each.lower() for each in headers_read(names, EVALUATOR.catalogue, settings)}


def filled(fact: str, cdn: str | None = "cloudflare") -> VisitorSettings:
    return VisitorSettings(cdn=cdn, attributes={"country": fact})


def test_every_fact_of_a_request_has_its_headers() -> None:
    assert set(HEADERS) == set(FACTS)


def test_nothing_is_read_for_what_depends_on_nobody() -> None:
    assert read() == set()


@pytest.mark.parametrize(
    ("fact", "headers"),
    [
        ("geo.country", {"cf-ipcountry"}),
        ("geo.region", REGION),
        ("device.class", {"cf-device-type", "sec-ch-ua-form-factors", "sec-ch-ua-mobile", "user-agent"}),
        ("language", {"accept-language"}),
        ("referrer.host", {"referer"}),
        ("local.hour", {"cf-timezone"}),
        ("query.utm_campaign", set[str]()),
    ],
)
def test_an_attribute_comes_from_the_headers_of_its_fact(fact: str, headers: set[str]) -> None:
    assert read("country", settings=filled(fact)) == headers | CONSENT | REGION


@pytest.mark.parametrize("fact", sorted(FACTS))
def test_without_a_cdn_no_header_of_one_is_read(fact: str) -> None:
    found = read("country", settings=filled(fact, cdn=None))

    assert not {each for each in found if each.startswith("cf-")}
    assert found >= CONSENT


def test_what_is_stored_comes_with_the_cookie() -> None:
    assert read("purchases", "first_name") == CONSENT | REGION


def test_the_headers_that_carry_consent_are_the_policys() -> None:
    policy = Policy.default().over({"headers": {"X-Consent": "tcf"}})
    settings = dataclasses.replace(SETTINGS, policy=policy)

    assert read("purchases", settings=settings) == CONSENT | REGION | {"x-consent"}


def with_substitute(**offer: str) -> Evaluator:
    tongue = {"coarsens": "language", "by": {"characters": 2}, "purposes": ["personalize.content"]}
    french = {"id": "x", "placements": ["home.hero"], "content": {"title": "x"}, **offer}
    attributes = {**PERSONAL["attributes"], "tongue": tongue}
    return evaluator_of([{**PERSONAL, "attributes": attributes, "offers": [*PERSONAL["offers"][:1], french]}])


def test_a_substitute_comes_from_what_it_stands_for() -> None:
    catalogue = with_substitute(when='tongue == "fr"').catalogue

    found = {each.lower() for each in headers_read(["tongue"], catalogue, SETTINGS)}
    assert found == CONSENT | REGION | {"accept-language"}


@pytest.mark.parametrize(
    ("names", "hints"),
    [(["device"], ("Sec-CH-UA-Form-Factors",)), (["country", "purchases"], ()), ([], ())],
)
def test_a_hint_is_asked_for_where_it_tells_something(names: list[str], hints: tuple[str, ...]) -> None:
    assert hints_wanted(names, EVALUATOR.catalogue, SETTINGS) == hints
