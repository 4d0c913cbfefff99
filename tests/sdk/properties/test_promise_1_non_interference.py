"""Promise 1: two visitors equal on their permitted attributes get byte-equal decisions, records and explanations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import discreet
from discreet_consent import Consent
from support.products import evaluator_of
from support.reference import may_be_known
from support.strategies import CLOCKS, STRANGERS, WRONG, attributes_of, bundles, grants, visitors


class Untouchable(Mapping[str, object]):
    """A visitor whose every other attribute bursts when it is read."""

    def __init__(self, seen: Mapping[str, object], hidden: frozenset[str]) -> None:
        self._seen, self._hidden = seen, hidden

    def __getitem__(self, name: str) -> object:
        assert name not in self._hidden, f"{name} was read"
        return self._seen[name]

    def __iter__(self) -> Any:
        return iter([*self._seen, *self._hidden])

    def __len__(self) -> int:
        return len(self._seen) + len(self._hidden)


def everything_said(
    evaluator: discreet.Evaluator, attributes: Mapping[str, object], consent: Consent, now_s: float
) -> bytes:
    """All that a caller can learn of a visitor, as bytes."""
    permitted = evaluator.permit(attributes, consent, now_s=now_s)
    page = evaluator.decide_all(permitted, now_s=now_s)
    said: list[object] = [sorted(permitted.known()), sorted(permitted.malformed), sorted(permitted.stale)]
    for placement in evaluator.placements:
        decision = evaluator.decide(placement, permitted, now_s=now_s)
        top = evaluator.decide_top(placement, permitted, 3, now_s=now_s)
        said += [
            decision.as_dict(),
            decision.as_record(),
            decision.reason.value,
            repr(decision),
            hash(decision),
        ]
        said += [each.as_dict() for each in (*top, page[placement])]
        said.append(evaluator.explain(placement, permitted, now_s=now_s).as_dict())
    return json.dumps(said, allow_nan=False).encode()


@given(data=st.data(), documents=bundles(waivers=True))
def test_what_was_not_permitted_changes_nothing(data: st.DataObject, documents: list[Any]) -> None:
    evaluator = evaluator_of(documents)
    catalogue = attributes_of(documents)
    for _ in range(3):
        granted = data.draw(grants(), label="granted")
        consent, now_s = Consent.granting(*granted), data.draw(CLOCKS, label="now_s")
        hidden = frozenset(name for name in catalogue if not may_be_known(catalogue[name], granted))
        one = data.draw(visitors(catalogue), label="one")
        other = data.draw(visitors(catalogue), label="other")
        lacking = {name: value for name, value in one.items() if name in catalogue and name not in hidden}
        swapped = {**{name: other[name] for name in hidden & other.keys()}, **lacking}
        crowded = {
            **{name: data.draw(st.sampled_from(WRONG)) for name in hidden},
            **dict.fromkeys(STRANGERS, 1),
            **lacking,
        }

        said = everything_said(evaluator, one, consent, now_s)

        for twin in (lacking, swapped, crowded, Untouchable(lacking, hidden)):
            assert everything_said(evaluator, twin, consent, now_s) == said


@given(data=st.data(), documents=bundles(waivers=True))
def test_a_decision_depends_only_on_what_its_certificate_names(
    data: st.DataObject, documents: list[Any]
) -> None:
    evaluator = evaluator_of(documents)
    catalogue = attributes_of(documents)
    consent, now_s = Consent.granting(*data.draw(grants())), data.draw(CLOCKS)
    one, other = data.draw(visitors(catalogue)), data.draw(visitors(catalogue))
    for model in evaluator.bundle.models:
        for placement, numbers in model.certificate.placements.items():
            named = {evaluator.catalogue.attributes[number].name for number in numbers}
            twin = {name: value for name, value in one.items() if name in named}
            twin |= {name: value for name, value in other.items() if name not in named}

            first, second = (
                evaluator.decide(placement, evaluator.permit(each, consent, now_s=now_s), now_s=now_s)
                for each in (one, twin)
            )

            assert (first.offer, first.stage, first.reason) == (second.offer, second.stage, second.reason)
            assert first.content == second.content
