"""A consent that has expired, or an offer that stands first in its model: an evaluator's shortcuts change nothing."""

from __future__ import annotations

from discreet_consent import Consent, permit
from support.compiled import EVERYTHING, NOW_S, document, evaluator, offer
from support.products import evaluator_of

ASKS = evaluator(offer("known", when="known(n)"))
UNTIL_NOW = Consent(EVERYTHING.purposes, expires_s=NOW_S)


def test_an_evaluator_reads_nothing_under_a_consent_that_has_expired() -> None:
    for now_s in (NOW_S - 1, NOW_S, NOW_S + 1):
        here = ASKS.permit({"n": 1}, UNTIL_NOW, now_s=now_s)
        there = permit({"n": 1}, ASKS.catalogue, UNTIL_NOW, now_s)
        assert (here.values, here.withheld) == (there.values, there.withheld)

    shown = [
        ASKS.decide("p", ASKS.permit({"n": 1}, UNTIL_NOW, now_s=at), now_s=at).offer
        for at in (NOW_S - 1, NOW_S)
    ]
    assert shown == ["known", "none"]


def test_the_first_offer_of_a_model_is_shown_like_any_other() -> None:
    made = document()
    made["offers"] = [offer("first", when="n > 1 or b"), *made["offers"]]
    of = evaluator_of([made])

    decision = of.decide("p", of.permit({"n": 2}, EVERYTHING, now_s=NOW_S), now_s=NOW_S)

    assert (decision.offer, decision.number, decision.reason.value) == ("first", 0, "matched")
