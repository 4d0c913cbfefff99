"""Promise 2: if an offer is eligible under a set of grants, it is eligible under every superset of it.

A grant is a purpose or a sensitive item, and a known child's consent lacks what another's has.
All subsets of the purposes that a model uses are tried. Offers that waive the promise (`unknown(...)`) are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

import discreet
from discreet_consent import Consent
from support.products import evaluator_of
from support.strategies import ITEMS, NOW_S, attributes_of, bundles, consents, visitors


def subsets(purposes: Iterable[str]) -> list[frozenset[str]]:
    ordered = sorted(purposes)
    return [frozenset(some) for size in range(len(ordered) + 1) for some in combinations(ordered, size)]


def purposes_of(documents: list[Any]) -> frozenset[str]:
    return frozenset(key for declared in attributes_of(documents).values() for key in declared["purposes"])


def eligible(
    evaluator: discreet.Evaluator, placement: str, attributes: Mapping[str, object], granted: frozenset[str]
) -> frozenset[str]:
    return eligible_under(evaluator, placement, attributes, Consent.granting(*granted, sensitive=ITEMS))


def eligible_under(
    evaluator: discreet.Evaluator, placement: str, attributes: Mapping[str, object], consent: Consent
) -> frozenset[str]:
    permitted = evaluator.permit(attributes, consent, now_s=NOW_S)
    top = evaluator.decide_top(placement, permitted, 99, now_s=NOW_S)
    return frozenset(each.offer for each in top if each.reason is discreet.Reason.MATCHED)


def waiving(documents: list[Any]) -> frozenset[str]:
    return frozenset(offer["id"] for model in documents for offer in model["offers"] if "waive" in offer)


@given(data=st.data(), documents=bundles(waivers=True))
def test_withdrawing_a_purpose_never_makes_an_offer_eligible(
    data: st.DataObject, documents: list[Any]
) -> None:
    evaluator = evaluator_of(documents)
    attributes = data.draw(visitors(attributes_of(documents)))
    every = subsets(purposes_of(documents))
    for placement in evaluator.placements:
        found = {granted: eligible(evaluator, placement, attributes, granted) for granted in every}
        for granted in every:
            for purpose in granted:
                fewer = granted - {purpose}
                assert found[fewer] - waiving(documents) <= found[granted]


def weaker(consent: Consent) -> list[Consent]:
    """The consent without one of its sensitive items, and as a known child's."""
    return [
        *(
            Consent(
                consent.purposes,
                sensitive=consent.sensitive - {item},
                contextual_only=consent.contextual_only,
            )
            for item in sorted(consent.sensitive)
        ),
        Consent(consent.purposes, sensitive=consent.sensitive, contextual_only=True),
    ]


@given(data=st.data(), documents=bundles(waivers=True), consent=consents())
def test_withdrawing_a_sensitive_item_or_being_a_child_never_makes_an_offer_eligible(
    data: st.DataObject, documents: list[Any], consent: Consent
) -> None:
    evaluator = evaluator_of(documents)
    attributes = data.draw(visitors(attributes_of(documents)))
    for placement in evaluator.placements:
        found = eligible_under(evaluator, placement, attributes, consent)
        for fewer in weaker(consent):
            left = eligible_under(evaluator, placement, attributes, fewer)

            assert left - waiving(documents) <= found


@given(data=st.data(), documents=bundles())
def test_losing_a_value_never_makes_an_offer_eligible(data: st.DataObject, documents: list[Any]) -> None:
    evaluator = evaluator_of(documents)
    attributes = data.draw(visitors(attributes_of(documents)))
    assume(attributes)
    lost = data.draw(st.sampled_from(sorted(attributes)))
    fewer = {name: value for name, value in attributes.items() if name != lost}
    for placement in evaluator.placements:
        granted = purposes_of(documents)

        assert eligible(evaluator, placement, fewer, granted) <= eligible(
            evaluator, placement, attributes, granted
        )


@given(data=st.data(), documents=bundles())
def test_withdrawing_a_purpose_never_reaches_a_further_stage(
    data: st.DataObject, documents: list[Any]
) -> None:
    evaluator = evaluator_of(documents)
    attributes = data.draw(visitors(attributes_of(documents)))
    orders = {slot: [s["id"] for s in model["stages"]] for model in documents for slot in model["placements"]}
    every = subsets(purposes_of(documents))
    for placement, order in orders.items():
        stages = {
            granted: order.index(
                evaluator.decide(
                    placement,
                    evaluator.permit(attributes, Consent.granting(*granted, sensitive=ITEMS), now_s=NOW_S),
                    now_s=NOW_S,
                ).stage
            )
            for granted in every
        }
        assert all(stages[granted - {each}] <= stages[granted] for granted in every for each in granted)


def test_only_the_waived_operator_breaks_the_promise() -> None:
    model = {
        "model": "m",
        "channel": "web",
        "attributes": {"b": {"type": "boolean", "provenance": "declared", "purposes": ["analytics"]}},
        "stages": [{"id": "only"}],
        "placements": {"slot": {"fallback": "nothing"}},
        "offers": [
            {"id": "nothing", "content": {}},
            {
                "id": "asks",
                "placements": ["slot"],
                "when": "unknown(b)",
                "waive": "withdrawal",
                "content": {},
            },
        ],
    }
    evaluator = evaluator_of([model])

    assert eligible(evaluator, "slot", {"b": True}, frozenset()) == {"asks"}
    assert eligible(evaluator, "slot", {"b": True}, frozenset({"analytics"})) == frozenset()
    assert evaluator.bundle.models[0].certificate.waived == {"asks"}
