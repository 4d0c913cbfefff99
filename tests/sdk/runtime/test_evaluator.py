"""Deciding: total, the same by every way of asking, whatever the clock and wherever the attributes were permitted."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import pytest

from discreet import Evaluator, Reason
from discreet.errors import UnknownPlacement
from discreet.runtime.index import WARM_UP
from discreet_consent import Consent, Observed, Permitted, permit
from support.compiled import (
    ATTRIBUTES,
    BUNDLE,
    CATALOGUE,
    EVERYTHING,
    NOTHING,
    NOW_S,
    OTHER_PURPOSE,
    PURPOSE,
    chosen,
    document,
    evaluator,
    offer,
    permitted,
)
from support.naming import named
from support.products import WARM, evaluator_of, warmed

JOURNEY = [{"id": "first"}, {"id": "later", "when": "n >= 10"}, {"id": "last", "when": "n >= 20"}]
SHOP = evaluator(
    offer("everyone", priority=-1),
    offer("flag", when="b", stages=["first"]),
    offer("either", when='n == 20 or s == "a" or s == "b" or "x" in t', stages=["later", "last"]),
    offer("rare", when='all_of(t, "x", "y") and n > 0', priority=5),
    offer("spring", valid={"from": "2026-03-01", "until": "2026-03-02"}, when="m == 1", priority=9),
    stages=JOURNEY,
    placements={"p": {"fallback": "none"}, "q": {"fallback": "none"}},
)
VISITORS: list[dict[str, object]] = [
    {}, {"b": True}, {"n": 10, "s": "a"}, {"n": 20, "s": "a", "b": True}, {"n": 25, "t": ["x", "y"]},
    {"n": 5, "t": ["x", "y"], "m": 1},
    {"n": "20"}, {"n": 20, "t": ["x"], "m": 1}, {"stranger": 1},
]  # fmt: skip


def offers(decisions: Any) -> list[str]:
    return [decision.offer for decision in decisions]


def test_a_decision_is_the_best_of_the_furthest_stage() -> None:
    assert [chosen(SHOP, visitor) for visitor in VISITORS] == [
        "everyone", "flag", "either", "either", "rare", "spring", "everyone", "spring", "everyone",
    ]  # fmt: skip


def test_a_decision_says_the_furthest_stage_whichever_offer_wins() -> None:
    stages = [SHOP.decide("p", permitted(SHOP, each), now_s=NOW_S).stage for each in VISITORS]

    assert stages == ["first", "first", "later", "last", "last", "first", "first", "last", "first"]


def test_warm_and_cold_decide_the_same() -> None:
    warm = warmed(evaluator_of([document(*OFFERS, stages=JOURNEY)]))
    cold = evaluator_of([document(*OFFERS, stages=JOURNEY)])

    assert WARM > WARM_UP
    assert warm.bundle.models[0].index.alive.__name__ == "alive"
    assert [chosen(warm, visitor) for visitor in VISITORS] == [chosen(cold, visitor) for visitor in VISITORS]


OFFERS = (
    offer("flag", when="b"),
    offer("old", when="days_since(d) > 30 or n in [5, 20]"),
    offer("set", when='not any_of(t, "z") and "x" in t', stages=["last"]),
)


def test_the_best_few_are_different_offers_best_first() -> None:
    visitor = permitted(SHOP, {"n": 20, "s": "a", "b": True, "t": ["x", "y"], "m": 1})
    everything = ["spring", "rare", "either", "everyone", "flag"]

    for top in range(1, 8):
        assert offers(SHOP.decide_top("p", visitor, top, now_s=NOW_S)) == everything[:top]
    assert SHOP.decide_top("p", visitor, 1, now_s=NOW_S) == (SHOP.decide("p", visitor, now_s=NOW_S),)
    assert {each.reason for each in SHOP.decide_top("p", visitor, 9, now_s=NOW_S)} == {Reason.MATCHED}


def test_nothing_eligible_is_the_fallback_alone() -> None:
    empty = permitted(SHOP, {})

    (only,) = SHOP.decide_top("q", empty, 5, now_s=NOW_S)

    assert (only.offer, only.reason) == ("none", Reason.FALLBACK)


@pytest.mark.parametrize("top", [0, -1, 1.5, True, float("nan"), "2"])
@pytest.mark.parametrize("attributes", [{}, {"b": True}], ids=["nothing matches", "something matches"])
def test_fewer_than_one_is_a_mistake_of_the_caller(top: Any, attributes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="below 1"):
        SHOP.decide_top("p", permitted(SHOP, attributes), top, now_s=NOW_S)


def test_more_than_there_are_is_all_there_are() -> None:
    known = permitted(SHOP, {"n": 20, "b": True})

    assert SHOP.decide_top("p", known, 2**70, now_s=NOW_S) == SHOP.decide_top("p", known, 9, now_s=NOW_S)


def test_an_evaluator_is_neither_pickled_nor_copied() -> None:
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="made where it is used"):
            leave(SHOP)


def test_a_bool_is_no_clock() -> None:
    assert SHOP.decide("p", permitted(SHOP, {"b": True}), now_s=True).reason is Reason.EXPIRED


def test_all_placements_at_once_are_the_same_decisions_one_by_one() -> None:
    for visitor in VISITORS:
        for now_s in (NOW_S, BUNDLE["expires_s"], math.nan):
            known = permitted(SHOP, visitor)
            page = SHOP.decide_all(known, now_s=now_s)
            assert tuple(page) == SHOP.placements == ("p", "q")
            assert page == {name: SHOP.decide(name, known, now_s=now_s) for name in SHOP.placements}


def test_an_unknown_placement_is_the_callers_mistake_with_the_nearest_name() -> None:
    hero = evaluator(offer(placements=["home.hero"]), placements={"home.hero": {"fallback": "none"}})
    known = permitted(hero, {})

    for ask in (
        lambda: hero.decide("home.herp", known, now_s=NOW_S),
        lambda: hero.decide_top("home.herp", known, 2, now_s=NOW_S),
        lambda: hero.explain("home.herp", known, now_s=NOW_S),
    ):
        with pytest.raises(
            UnknownPlacement, match=r"unknown placement `home.herp`; did you mean `home.hero`\?"
        ):
            ask()


def test_an_unknown_placement_without_a_near_name_is_told_the_few_that_there_are() -> None:
    assert str(UnknownPlacement("footer", ["b", "a"])) == "unknown placement `footer`; known: `a`, `b`"
    assert str(UnknownPlacement(7, ["a"])) == "unknown placement; known: `a`"
    assert str(UnknownPlacement("footer", [])) == "unknown placement `footer`"
    assert str(UnknownPlacement("footer", [f"p{n}" for n in range(9)])) == "unknown placement `footer`"


@pytest.mark.parametrize(
    "now_s",
    [
        BUNDLE["expires_s"], BUNDLE["expires_s"] + 0.5, -62_135_596_801, math.nan, math.inf, -math.inf, 10**400,
        -(10**400), 1e308, -1e308,
    ],
)  # fmt: skip
def test_a_clock_that_shows_nothing_in_force_is_answered_with_the_fallback(now_s: float) -> None:
    known = permitted(SHOP, {"n": 20, "b": True})

    decision = SHOP.decide("p", known, now_s=now_s)

    assert (decision.offer, decision.stage, decision.reason) == ("none", "first", Reason.EXPIRED)
    assert SHOP.decide_top("p", known, 3, now_s=now_s) == (decision,)
    assert SHOP.explain("p", known, now_s=now_s).decision == decision


@pytest.mark.parametrize("now_s", [-62_135_596_800, -0.0, 0, 1e-320, BUNDLE["expires_s"] - 1e-6])
def test_any_clock_before_the_expiry_decides(now_s: float) -> None:
    assert chosen(SHOP, {"b": True}, now_s) == "flag"


def test_what_was_permitted_under_an_equal_catalogue_is_used_as_it_is() -> None:
    known = permit({"b": True}, CATALOGUE, EVERYTHING, NOW_S)

    assert SHOP.decide("p", known, now_s=NOW_S) == SHOP.decide("p", permitted(SHOP, {"b": True}), now_s=NOW_S)
    assert SHOP.decide_all(known, now_s=NOW_S)["p"].offer == "flag"
    assert SHOP.decide_top("p", known, 1, now_s=NOW_S)[0].offer == "flag"
    assert SHOP.explain("p", known, now_s=NOW_S).decision.offer == "flag"


def elsewhere(attributes: dict[str, Any]) -> Evaluator:
    """Another bundle, whose attributes are declared as given."""
    return evaluator(offer("asks", when="known(b)"), attributes={"b": ATTRIBUTES["b"], **attributes})


def moved(declared: dict[str, Any], value: object, consent: Consent = EVERYTHING) -> Permitted:
    """What the shop knows of a visitor whose `n` was permitted where it is declared so."""
    there = elsewhere({"n": {**ATTRIBUTES["n"], **declared}})
    known = there.permit({"b": True, "n": value}, consent, now_s=NOW_S)
    return known.under(SHOP.catalogue)


def test_a_value_moves_to_another_bundle_only_when_it_is_declared_alike() -> None:
    assert moved({}, 20).get("n") == 20
    assert moved({"purposes": [OTHER_PURPOSE]}, 20).get("n") is None
    assert moved({"retention": "1d"}, 20).get("n") is None
    assert moved({"type": "string"}, "20").get("n") is None


def test_what_another_bundle_found_wrong_is_not_said_of_what_may_not_be_known_here() -> None:
    grants = Consent.granting(OTHER_PURPOSE)

    seen = [moved({"purposes": [OTHER_PURPOSE]}, value, grants) for value in ("no number", 20, None)]

    assert [each.malformed for each in seen] == [frozenset[str]()] * 3
    assert len({str(SHOP.decide("p", each, now_s=NOW_S).as_record()) for each in seen}) == 1


def test_staleness_moves_only_with_an_equal_declaration() -> None:
    old = Observed(20, at_s=NOW_S - 10**6)

    assert moved({"retention": "1d"}, old).stale == frozenset()
    assert moved({"type": "number"}, "20").malformed == {"n"}


def test_an_attribute_is_used_only_under_its_own_purpose() -> None:
    refused = Consent.granting(OTHER_PURPOSE)

    assert SHOP.decide("p", permitted(SHOP, {"b": True}, NOTHING), now_s=NOW_S).offer == "everyone"
    assert SHOP.decide("p", permitted(SHOP, {"b": True}, refused), now_s=NOW_S).offer == "everyone"
    assert (
        SHOP.decide("p", permitted(SHOP, {"b": True}, Consent.granting(PURPOSE)), now_s=NOW_S).offer == "flag"
    )


def test_a_withdrawal_is_waived_only_where_the_author_says_so() -> None:
    waived = evaluator(
        offer("ask", when="unknown(n)", waive="withdrawal"), offer("know", when="known(n)", priority=1)
    )

    assert chosen(waived, {"n": 1}) == "know"
    assert chosen(waived, {}) == "ask"
    assert waived.decide("p", permitted(waived, {"n": 1}, NOTHING), now_s=NOW_S).offer == "ask"


def test_many_stages_are_remembered_within_bounds() -> None:
    stages = [{"id": "first"}, *({"id": f"s{n}", "when": f'"m{n}" in t'} for n in range(10))]
    many = warmed(evaluator(offer(), stages=stages))

    for chosen_bits in range(1_024):  # more sets of stages than are remembered
        reached = [number for number in range(10) if (chosen_bits >> number) & 1]
        decision = many.decide("p", permitted(many, {"t": [f"m{number}" for number in reached]}), now_s=NOW_S)
        assert decision.stage == (f"s{reached[-1]}" if reached else "first")


@pytest.mark.parametrize("clock", [None, "2026", [], 1j, math.nan, 10**400, -(10**400)], ids=named)
def test_a_clock_that_is_not_a_number_shows_nothing_to_be_in_force(clock: Any) -> None:
    visitor = permitted(SHOP, {"n": 25})

    assert SHOP.decide("p", visitor, now_s=clock).reason is Reason.EXPIRED
    assert {each.reason for each in SHOP.decide_all(visitor, now_s=clock).values()} == {Reason.EXPIRED}
    assert SHOP.explain("p", visitor, now_s=clock).decision.reason is Reason.EXPIRED


@pytest.mark.parametrize("placement", [None, [], 3, "nowhere", b"p"], ids=named)
def test_whatever_is_no_placement_is_an_unknown_one(placement: Any) -> None:
    with pytest.raises(UnknownPlacement):
        SHOP.decide(placement, permitted(SHOP, {}), now_s=NOW_S)


def test_an_evaluator_and_the_values_it_decides_on_cannot_be_changed() -> None:
    visitor: Any = permitted(SHOP, {"n": 25})

    with pytest.raises(AttributeError, match="immutable"):
        SHOP.bundle = None  # type: ignore[assignment]
    with pytest.raises(TypeError):
        visitor.values[0] = 1


def test_what_was_permitted_under_another_bundle_is_never_read_by_its_place() -> None:
    fresh = {"type": "boolean", "provenance": "declared", "purposes": [PURPOSE]}
    stages: list[dict[str, Any]] = [{"id": "first"}]

    def bundle(*names: str) -> Evaluator:
        offers = [{"id": "none", "content": {}}]
        offers += [{"id": f"is_{name}", "placements": ["p"], "when": name, "content": {}} for name in names]
        return evaluator_of([
            {
                "model": "m", "channel": "web", "stages": stages, "offers": offers,
                "placements": {"p": {"fallback": "none"}}, "attributes": dict.fromkeys(names, fresh),
            }
        ])  # fmt: skip

    old, new = bundle("alpha", "beta"), bundle("beta", "gamma")
    visitor = old.permit({"alpha": True, "beta": False}, Consent.granting(PURPOSE), now_s=NOW_S)

    assert old.decide("p", visitor, now_s=NOW_S).offer == "is_alpha"
    assert new.decide("p", visitor, now_s=NOW_S).offer == "none"
    assert offers(new.decide_top("p", visitor, 2, now_s=NOW_S)) == ["none"]
    assert offers(new.decide_all(visitor, now_s=NOW_S).values()) == ["none"]
    assert not any(each.eligible for each in new.explain("p", visitor, now_s=NOW_S).candidates)
    known = old.permit({"alpha": False, "beta": True}, Consent.granting(PURPOSE), now_s=NOW_S)
    assert offers(new.decide_top("p", known, 2, now_s=NOW_S)) == ["is_beta"]
