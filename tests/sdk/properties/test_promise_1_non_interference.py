"""Promise 1: two visitors equal on what is permitted get byte-equal decisions, records and explanations.

What is permitted includes coarse values: of an exact value that is withheld, only its permitted substitute tells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import discreet
from discreet_consent import Consent, Observed
from support.products import evaluator_of
from support.reference import Beside, may_be_known, permit
from support.strategies import CLOCKS, STRANGERS, WRONG, attributes_of, bundles, consents, visitors


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


def permitted_names(catalogue: Mapping[str, Any], consent: Consent) -> frozenset[str]:
    beside = Beside(consent.sensitive, consent.contextual_only)
    return frozenset(name for name, each in catalogue.items() if may_be_known(each, consent.purposes, beside))


def names_read(catalogue: Mapping[str, Any], consent: Consent) -> frozenset[str]:
    """The names under which values are read: those of what is permitted, and of a substitute its parent's."""
    permitted = permitted_names(catalogue, consent)
    return frozenset(catalogue[name].get("coarsens", name) for name in permitted)


def coarse_values(
    documents: list[Any], attributes: Mapping[str, object], consent: Consent, now_s: float
) -> dict[str, object]:
    """For each exact value that is withheld and read: its coarse value, in its place, observed at the same instant."""
    catalogue = attributes_of(documents)
    beside = Beside(consent.sensitive, consent.contextual_only)
    facts = permit(documents, attributes, consent.purposes, now_s, beside).facts
    permitted = permitted_names(catalogue, consent)
    blurred: dict[str, object] = {}
    for name in permitted & facts.keys():
        parent = catalogue[name].get("coarsens")
        if parent is not None and parent not in permitted:
            exact = attributes[parent]
            known = facts[name]
            blurred[parent] = Observed(known, at_s=exact.at_s) if isinstance(exact, Observed) else known
    return blurred


@given(data=st.data(), documents=bundles(waivers=True))
def test_what_was_not_permitted_changes_nothing(data: st.DataObject, documents: list[Any]) -> None:
    evaluator = evaluator_of(documents)
    catalogue = attributes_of(documents)
    for _ in range(3):
        consent, now_s = data.draw(consents(), label="consent"), data.draw(CLOCKS, label="now_s")
        hidden = frozenset(catalogue) - names_read(catalogue, consent)
        one = data.draw(visitors(catalogue), label="one")
        other = data.draw(visitors(catalogue), label="other")
        # what comes under the name of a substitute is never read
        lacking = {name: value for name, value in one.items() if name in catalogue and name not in hidden}
        swapped = {**{name: other[name] for name in hidden & other.keys()}, **lacking}
        crowded = {
            **{name: data.draw(st.sampled_from(WRONG)) for name in hidden},
            **dict.fromkeys(STRANGERS, 1),
            **lacking,
        }

        said = everything_said(evaluator, one, consent, now_s)

        blurred = {**lacking, **coarse_values(documents, lacking, consent, now_s)}
        for twin in (lacking, swapped, crowded, blurred, Untouchable(lacking, hidden)):
            assert everything_said(evaluator, twin, consent, now_s) == said


@given(data=st.data(), documents=bundles(waivers=True))
def test_a_decision_depends_only_on_what_its_certificate_names(
    data: st.DataObject, documents: list[Any]
) -> None:
    evaluator = evaluator_of(documents)
    catalogue = attributes_of(documents)
    consent, now_s = data.draw(consents()), data.draw(CLOCKS)
    one, other = data.draw(visitors(catalogue)), data.draw(visitors(catalogue))
    for model in evaluator.bundle.models:
        for placement, numbers in model.certificate.placements.items():
            attributes = [evaluator.catalogue.attributes[number] for number in numbers]
            named = {each.name if each.coarsens is None else each.coarsens.parent for each in attributes}
            twin = {name: value for name, value in one.items() if name in named}
            twin |= {name: value for name, value in other.items() if name not in named}

            first, second = (
                evaluator.decide(placement, evaluator.permit(each, consent, now_s=now_s), now_s=now_s)
                for each in (one, twin)
            )

            assert (first.offer, first.stage, first.reason) == (second.offer, second.stage, second.reason)
            assert first.content == second.content
