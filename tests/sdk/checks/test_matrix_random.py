"""The consent matrix of random models, with substitutes and waivers: each cell exactly what a real bundle decides."""

from __future__ import annotations

import pytest

from discreet.checks.matrix import consent_of, matrix_of
from discreet.checks.proofs import Prover, journeys_of
from discreet.cli.scenario_run import throw_away_evaluator
from support.example_models import sound
from support.near_literals import NearLiterals
from support.small_random_models import random_document

NOW_MS = 1_772_400_000_000.0  # 2026-03-01T21:20Z


@pytest.mark.parametrize("seed", range(16))
def test_a_cell_has_a_witness_for_each_of_its_offers_and_no_random_visitor_gets_another(seed: int) -> None:
    models = sound(random_document(seed))
    journeys, evaluator = journeys_of(models), throw_away_evaluator(models)
    made = matrix_of(evaluator, journeys, Prover(journeys, now_ms=NOW_MS), now_ms=NOW_MS)
    near = NearLiterals(journeys, NOW_MS, f"matrix {seed}")

    assert made.is_proven
    assert len(made.rows) == 2 ** len(made.keys) >= 4
    for row in made.rows:
        consent = consent_of(row.granted, (), made.keys)
        for cell in row.cells:
            for offer, visitor in cell.witnesses.items():
                permitted = evaluator.permit(visitor.given(), consent, now_s=visitor.now_s)
                decision = evaluator.decide(cell.placement, permitted, now_s=visitor.now_s)
                assert (decision.offer, decision.stage) == (offer, cell.stage)
        cells = {(cell.placement, cell.stage): cell.offers for cell in row.cells}
        now_ms = near.clock()
        for raw in near.visitors(60, now_ms):
            permitted = evaluator.permit(raw, consent, now_s=now_ms / 1000)
            for placement, decision in evaluator.decide_all(permitted, now_s=now_ms / 1000).items():
                assert decision.offer in cells[placement, decision.stage], (row.granted, raw, now_ms)
