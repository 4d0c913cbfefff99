"""`discreet check` of models with 100 to 1,000 offers: compiled, and every check."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import checking
from benchmarks.checking import Reviewed


@pytest.mark.benchmark(group="check")
@pytest.mark.parametrize("n", checking.SIZES)
def test_check(benchmark: BenchmarkFixture, n: int) -> None:
    checking.journey(n)
    review = benchmark(checking.review, n)

    assert {each.code for each in review.findings} <= {"D101", "D102", "D103", "D301"}


def test_growth_is_a_power_from_size_to_size() -> None:
    lines = checking.table([Reviewed(10, 3, 0.02, 1), Reviewed(100, 25, 2.0, 7)]).splitlines()

    assert lines[2:] == ["| 10 | 3 | 0.02 s | 2.00 ms |  | 1 |", "| 100 | 25 | 2.00 s | 20.00 ms | 2.0 | 7 |"]


def test_every_offer_of_the_workload_asks_for_a_named_condition() -> None:
    (model,) = checking.journey(100)

    assert len(model.conditions) == 25
    assert {each.id for each in model.placements} == {f"p{at}" for at in range(checking.PLACEMENTS)}
    assert len([each for each in model.offers if each.placements]) == 100
