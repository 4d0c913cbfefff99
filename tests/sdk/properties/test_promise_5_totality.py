"""Promise 5: serving is total. Deciding never raises; every decision carries its reason and its bundle's version."""

from __future__ import annotations

import datetime
import json
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import discreet
from discreet_consent import Consent, Observed
from support.products import evaluator_of, warmed
from support.strategies import ITEMS, NOW_S, WILD_CLOCKS, attributes_of, bundles, visitors
from support.vectors.cases import BUNDLE


class Text(str):
    """A string that is not just a string."""

    __slots__ = ()


class Number(int):
    """A number that is not just a number."""


ATOMS: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.binary(max_size=5),
    st.complex_numbers(),
    st.datetimes(),
    st.datetimes(timezones=st.just(datetime.UTC)),
    st.dates(),
    st.sampled_from(
        [10**400, -(10**400), Text("a"), Number(1), Decimal("NaN"), Fraction(1, 3), object(), object, Ellipsis, len,
         {}.keys(), datetime.datetime.max.replace(tzinfo=datetime.timezone(-datetime.timedelta(hours=23)))]
    ),
)  # fmt: skip
ANYTHING: st.SearchStrategy[object] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=2),
        st.builds(lambda value, at: Observed(value, at_s=at), inner, inner),
    ),
    max_leaves=4,
)


def assert_sound(decision: discreet.Decision) -> None:
    """A decision as a caller may rely on it."""
    assert isinstance(decision.reason, discreet.Reason)
    assert decision.version == BUNDLE["version"]
    json.dumps(decision.as_dict(), allow_nan=False)
    assert str(decision)


@given(data=st.data(), documents=bundles(waivers=True), warm=st.booleans())
def test_no_attribute_and_no_clock_makes_deciding_fail(
    data: st.DataObject, documents: list[Any], warm: bool
) -> None:
    evaluator = warmed(evaluator_of(documents)) if warm else evaluator_of(documents)
    catalogue = attributes_of(documents)
    consent = Consent.granting("personalize", "analytics", sensitive=ITEMS)
    for _ in range(2):
        attributes = data.draw(visitors(catalogue), label="attributes")
        for name in catalogue:
            if data.draw(st.booleans()):
                attributes[name] = data.draw(ANYTHING, label=name)
        now_s = data.draw(WILD_CLOCKS, label="now_s")
        for clock in (now_s, None):
            permitted = evaluator.permit(attributes, consent, now_s=clock)
            for decision in evaluator.decide_all(permitted, now_s=now_s).values():
                assert_sound(decision)
            for placement in evaluator.placements:
                assert_sound(evaluator.decide(placement, permitted, now_s=now_s))
                for decision in evaluator.decide_top(placement, permitted, 2, now_s=now_s):
                    assert_sound(decision)
                explanation = evaluator.explain(placement, permitted, now_s=now_s)
                json.dumps(explanation.as_dict(), allow_nan=False)


@given(
    now_s=WILD_CLOCKS,
    expires_s=st.one_of(st.none(), WILD_CLOCKS),
    resolved_s=st.one_of(st.none(), WILD_CLOCKS),
)
def test_no_consent_and_no_clock_makes_permitting_fail(
    now_s: float, expires_s: float | None, resolved_s: float | None
) -> None:
    consent = Consent(["analytics"], expires_s=expires_s, resolved_s=resolved_s)
    value = Observed(True, at_s=NOW_S)
    for clock in (now_s, None):
        permitted = EVALUATOR.permit({"b": value}, consent, now_s=clock)

        decision = EVALUATOR.decide("slot", permitted, now_s=now_s)

        assert decision.offer in ("nothing", "one")
        assert (decision.offer == "one") is (decision.reason is discreet.Reason.MATCHED)


@given(placement=st.text())
@example(placement="slot")
def test_only_an_unknown_placement_is_refused(placement: str) -> None:
    permitted = EVALUATOR.permit({}, Consent.refusing())
    for ask in (EVALUATOR.decide, EVALUATOR.explain):
        with nullcontext() if placement == "slot" else pytest.raises(discreet.UnknownPlacement):
            assert ask(placement, permitted, now_s=NOW_S) is not None


EVALUATOR = evaluator_of(
    [
        {
            "model": "m",
            "channel": "web",
            "attributes": {
                "b": {
                    "type": "boolean",
                    "provenance": "declared",
                    "purposes": ["analytics"],
                    "retention": "1d",
                }
            },
            "stages": [{"id": "first"}],
            "placements": {"slot": {"fallback": "nothing"}},
            "offers": [
                {"id": "nothing", "content": {}},
                {"id": "one", "placements": ["slot"], "when": "b", "content": {}},
            ],
        }
    ]
)
