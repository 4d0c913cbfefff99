"""Every witness is one when a real bundle decides; and who really wins, the prover never said could not."""

from __future__ import annotations

import pytest

from discreet.checks.proofs import (
    Journeys,
    Prover,
    Undecided,
    Visitor,
    journeys_of,
    journeys_of_bundle,
    wins,
)
from discreet.model import models_from_dicts
from support.random_models import random_model
from support.random_visitors import chunks_of

NOW_MS = 1_772_366_400_000


def _winners(journeys: Journeys, most: int) -> dict[tuple[str, str], Visitor | None]:
    """For each placement and offer a winner, or the proof that there is none; what is undecided is left out."""
    prover = Prover(journeys, now_ms=NOW_MS, budget=500)
    found: dict[tuple[str, str], Visitor | None] = {}
    for rules in journeys.rules:
        for placement in rules.placements:
            for number in [*rules.rivals(placement).of][:most]:
                try:
                    found[placement.id, rules.offers[number].id] = prover.find(wins(rules, placement, number))
                except Undecided:
                    continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("name", "most"), [("few", 60), ("hundreds", 400), ("exploding", 12), ("keys", 60)])
def test_every_witness_wins_and_whoever_wins_was_not_proven_away(name: str, most: int) -> None:
    model = random_model(name)
    evaluator = model.loaded()

    found = _winners(journeys_of(models_from_dicts(model.documents)), most)

    assert any(found.values())
    for (placement, offer), visitor in found.items():
        if visitor is not None and visitor.now_s < evaluator.bundle.expires_s:
            permitted = evaluator.permit(visitor.given(), visitor.consent(), now_s=visitor.now_s)
            assert evaluator.decide(placement, permitted, now_s=visitor.now_s).offer == offer
    for chunk in chunks_of(model, chunks=40, rows=50):
        for known, consent in zip(chunk.visitors(), chunk.consents, strict=True):
            permitted = evaluator.permit(known, consent, now_s=chunk.now_s)
            decision = evaluator.decide(chunk.placement, permitted, now_s=chunk.now_s)
            if decision.reason.value == "matched":
                assert found.get((chunk.placement, decision.offer), "undecided") is not None


def test_a_bundle_read_back_has_the_same_winners() -> None:
    model = random_model("few")

    written = _winners(journeys_of(models_from_dicts(model.documents)), 60)
    read = _winners(journeys_of_bundle(model.loaded().bundle), 60)

    assert {key: each is None for key, each in written.items() if each is not None} == {
        key: each is None for key, each in read.items() if each is not None
    }
