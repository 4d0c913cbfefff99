"""The offers of a model are columns; each looks like an offer to whoever looks at it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from discreet import Evaluator
from discreet.runtime.kleene import Visit
from discreet.runtime.offers import ALWAYS, Offers
from support.compiled import NOW_S, B, S, chosen, evaluator, offer

NOW_MS = NOW_S * 1000.0
STAGES = [{"id": "first"}, {"id": "second", "when": "known(n)"}, {"id": "third", "when": "n > 1"}]
NONE, PLAIN, OPEN, LATER, SOME = range(5)
SHOP: Evaluator = evaluator(
    offer("plain", content={"title": "{s|you}", "n": 1}),
    offer("open", valid={"from": "2026-03-01T00:00:00Z", "until": "2026-03-01T00:00:01Z"}),
    offer("later", valid={"until": "2026-02-01"}, stages=["third", "first"]),
    offer("some", when="b or n > 1", valid={"from": "2026-03-01T00:00:00Z"}, stages=["second"]),
    stages=STAGES,
)
OFFERS: Offers = SHOP.bundle.models[0].offers
NOBODY: list[Any] = [None] * 6


def test_offers_are_in_the_authors_order() -> None:
    assert [each.id for each in OFFERS] == ["none", "plain", "open", "later", "some"]
    assert len(OFFERS) == 5
    assert OFFERS[LATER].id == "later"


def test_an_offer_knows_its_stages() -> None:
    assert [each.stages for each in OFFERS] == [(), (0, 1, 2), (0, 1, 2), (0, 2), (1,)]
    assert [*OFFERS.stage_counts()] == [0, 3, 3, 2, 1]
    assert OFFERS.stages(LATER) == (0, 2)


def test_an_offer_knows_its_window() -> None:
    assert [OFFERS[number].window for number in (NONE, PLAIN)] == [ALWAYS, ALWAYS]
    assert OFFERS[OPEN].window == (NOW_MS, NOW_MS + 1000)
    assert OFFERS[SOME].window == (NOW_MS, None)
    assert OFFERS[LATER].window[0] is None
    assert sorted(OFFERS.windows) == [OPEN, LATER, SOME]


@pytest.mark.parametrize(
    ("number", "now_ms", "is_open"),
    [(PLAIN, -math.inf, True), (PLAIN, 1e300, True), (OPEN, NOW_MS - 1, False), (OPEN, NOW_MS, True),
     (OPEN, NOW_MS + 999.5, True), (OPEN, NOW_MS + 1000, False), (LATER, 0, True), (LATER, NOW_MS, False),
     (SOME, NOW_MS, True), (SOME, 1e300, True), (SOME, NOW_MS - 0.5, False)],
)  # fmt: skip
def test_a_window_is_open_from_its_beginning_until_before_its_end(
    number: int, now_ms: float, is_open: bool
) -> None:
    assert OFFERS.is_open(number, now_ms) is is_open
    assert OFFERS[number].is_open(now_ms) is is_open


def test_an_offer_knows_its_tokens() -> None:
    assert [each.tokens for each in OFFERS] == [set(), {S}, set(), set(), set()]


def test_a_content_is_filled_for_the_visitor_who_sees_it() -> None:
    known = [None, None, None, None, "Zoë", None]

    assert OFFERS[PLAIN].content(known) == {"title": "Zoë", "n": 1}
    assert OFFERS[PLAIN].content(NOBODY) == {"title": "you", "n": 1}


def test_only_what_the_index_does_not_say_alone_has_a_tree() -> None:
    assert [*OFFERS.trees] == [SOME]


@pytest.mark.parametrize(
    ("known", "now_ms", "holds"),
    [
        ({}, NOW_MS, False),
        ({B: False}, NOW_MS, False),
        ({B: True}, NOW_MS, True),
        ({B: True}, NOW_MS - 1, False),
    ],
    ids=["unknown", "false", "true", "closed"],
)
def test_a_tree_holds_when_it_is_true_and_the_window_is_open(
    known: dict[int, bool], now_ms: float, holds: bool
) -> None:
    values = [known.get(number) for number in range(6)]

    assert OFFERS.holds(SOME, Visit(values, now_ms, ())) is holds


def test_an_offer_that_is_in_many_stages_is_one_offer() -> None:
    assert chosen(SHOP, {"n": 2, "b": True}) == "open"
    assert chosen(SHOP, {"n": 2}, now_s=NOW_S - 60 * 86_400) == "later"
