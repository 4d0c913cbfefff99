"""The consent matrix of every example: 2^k rows, and each cell exactly what a real bundle decides."""

from __future__ import annotations

from functools import cache

import pytest

from discreet.checks.matrix import Matrix, consent_of, keys_of, matrix_of
from discreet.checks.matrix_merging import merged, placements_of
from discreet.checks.proofs import Prover, journeys_of
from discreet.runtime.decision import Reason
from support.example_models import EXAMPLES, example, example_evaluator
from support.near_literals import NearLiterals

NOW_MS = 1_782_864_000_000.0  # 2026-07-01
VISITORS = 400  # for each row and instant


@cache
def matrix(name: str) -> Matrix:
    journeys = journeys_of(example(name))
    return matrix_of(example_evaluator(name), journeys, Prover(journeys, now_ms=NOW_MS), now_ms=NOW_MS)


@pytest.mark.parametrize(("name", "keys"), [("cdnow", 4), ("shop", 4), ("starter", 3)])
def test_there_is_a_row_for_every_combination_of_the_purposes(name: str, keys: int) -> None:
    made = matrix(name)

    assert len(made.keys) == keys
    assert len(made.rows) == 2**keys
    assert len({row.granted for row in made.rows}) == 2**keys
    assert set(made.keys) <= set(
        keys_of(attribute for model in example(name) for attribute in model.attributes)
    )
    assert made.is_proven


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_cell_is_for_a_placement_and_a_stage_of_it(name: str) -> None:
    wanted = [
        (placement.id, stage.id)
        for model in example(name)
        for placement in model.placements
        for stage in model.stages
    ]

    assert all([(cell.placement, cell.stage) for cell in row.cells] == wanted for row in matrix(name).rows)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_offer_in_a_cell_is_decided_for_its_witness_under_exactly_that_consent(name: str) -> None:
    evaluator, made, tried = example_evaluator(name), matrix(name), 0

    for row in made.rows:
        consent = consent_of(row.granted, (), made.keys)
        for cell in row.cells:
            assert cell.witnesses.keys() == {*cell.offers}
            for offer, visitor in cell.witnesses.items():
                permitted = evaluator.permit(visitor.given(), consent, now_s=visitor.now_s)
                decision = evaluator.decide(cell.placement, permitted, now_s=visitor.now_s)
                assert (decision.offer, decision.stage) == (offer, cell.stage)
                assert visitor.now_ms >= NOW_MS
                tried += 1

    assert tried > 2 * len(made.rows)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_random_visitor_gets_an_offer_that_is_not_in_the_cell(name: str) -> None:
    evaluator, made = example_evaluator(name), matrix(name)
    near = NearLiterals(journeys_of(example(name)), NOW_MS, f"matrix of {name}")
    missed: list[str] = []
    met: set[tuple[str, str, str]] = set()

    for row in made.rows:
        consent = consent_of(row.granted, (), made.keys)
        cells = {(cell.placement, cell.stage): cell for cell in row.cells}
        for now_ms in (NOW_MS, near.clock(), near.clock()):
            for raw in near.visitors(VISITORS, now_ms):
                permitted = evaluator.permit(raw, consent, now_s=now_ms / 1000)
                for placement, decision in evaluator.decide_all(permitted, now_s=now_ms / 1000).items():
                    cell = cells[placement, decision.stage]
                    as_fallback = decision.reason is Reason.FALLBACK
                    met.add((placement, decision.stage, decision.offer))
                    if decision.offer not in cell.offers or (as_fallback and cell.fallback != decision.offer):
                        missed.append(
                            f"{row.granted} {placement} {decision.stage} {decision.offer} {raw} {now_ms}"
                        )

    assert missed == []
    everything = {(cell.placement, cell.stage, offer) for cell in made.rows[0].cells for offer in cell.offers}
    assert len(met) > len(everything) / 2  # the visitors do get around


@pytest.mark.parametrize("name", EXAMPLES)
def test_rows_that_are_alike_are_told_as_one_and_no_other(name: str) -> None:
    made = matrix(name)
    for placement in (None, *placements_of(made)):
        groups = merged(made, placement)

        assert sum(group.rows for group in groups) == len(made.rows)
        for row in made.rows:
            given = [key in row.granted for key in made.keys]
            cells = tuple(cell for cell in row.cells if placement in (None, cell.placement))
            met = [
                group
                for group in groups
                for pattern in group.patterns
                if all(asked in (None, granted) for asked, granted in zip(pattern, given, strict=True))
            ]
            assert {group.cells for group in met} == {cells}
