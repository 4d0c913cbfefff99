"""Generated models, visitors, consents and clocks: the product decides as the slow reference does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import discreet
from support.products import evaluator_of, warmed
from support.reference import Beside, Outcome, reference_eligible, reference_top
from support.strategies import CLOCKS, attributes_of, bundles, consents, placements_of, visitors
from support.vectors.cases import BUNDLE

EXPIRES_S = BUNDLE["expires_s"]


def seen(decision: discreet.Decision) -> Mapping[str, Any]:
    return decision.as_dict()


def wanted(outcome: Outcome) -> Mapping[str, Any]:
    found = {name: getattr(outcome, name) for name in Outcome.__slots__}
    as_lists = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
    return {**as_lists, "version": BUNDLE["version"]}


@given(data=st.data(), documents=bundles(waivers=True), warm=st.booleans())
def test_every_decision_is_the_references(data: st.DataObject, documents: list[Any], warm: bool) -> None:
    evaluator = warmed(evaluator_of(documents)) if warm else evaluator_of(documents)
    catalogue = attributes_of(documents)
    for _ in range(6):
        attributes = data.draw(visitors(catalogue), label="attributes")
        consent = data.draw(consents(), label="consent")
        beside = Beside(consent.sensitive, consent.contextual_only)
        now_s = data.draw(CLOCKS, label="now_s")
        permitted = evaluator.permit(attributes, consent, now_s=now_s)
        page = evaluator.decide_all(permitted, now_s=now_s)
        for placement in placements_of(documents):
            asked = (documents, placement, attributes, consent.purposes, now_s)
            best = reference_top(*asked, 99, expires_s=EXPIRES_S, beside=beside)

            decision = evaluator.decide(placement, permitted, now_s=now_s)
            top = evaluator.decide_top(placement, permitted, 99, now_s=now_s)

            assert seen(decision) == seen(page[placement]) == wanted(best[0])
            assert [seen(each) for each in top] == [wanted(outcome) for outcome in best]
            if now_s < EXPIRES_S:
                explained = evaluator.explain(placement, permitted, now_s=now_s)
                eligible = [each.offer for each in explained.candidates if each.eligible]
                assert set(eligible) == reference_eligible(*asked, beside)
                assert eligible == [each.offer for each in best if each.reason == "matched"]


@given(data=st.data(), documents=bundles())
def test_the_best_k_are_the_beginning_of_the_whole_ranking(data: st.DataObject, documents: list[Any]) -> None:
    evaluator = evaluator_of(documents)
    attributes = data.draw(visitors(attributes_of(documents)))
    consent = data.draw(consents())
    now_s = data.draw(CLOCKS)
    permitted = evaluator.permit(attributes, consent, now_s=now_s)
    for placement in evaluator.placements:
        whole = evaluator.decide_top(placement, permitted, 99, now_s=now_s)

        assert len({decision.offer for decision in whole}) == len(whole) > 0
        for k in range(1, len(whole) + 1):
            assert evaluator.decide_top(placement, permitted, k, now_s=now_s) == whole[:k]
