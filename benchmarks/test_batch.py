"""A batch of visitors against a loop over them: the same decisions, and how long each takes."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import batch, subjects, workload
from discreet.runtime.batch import decide_batch

ROWS = 4_000


@pytest.mark.parametrize("n", [10, 1_000])
def test_a_batch_decides_as_a_loop_does(n: int) -> None:
    assert batch.measure_batch(ROWS, offers=n)["wrong"] == 0


def test_the_visitors_are_drawn_like_those_of_the_workload() -> None:
    (part,) = batch.batches(ROWS)

    visitors = batch.as_visitors(part)

    assert {len(each) for each in visitors} == {workload.PRESENT}
    matched = [workload.winner(subjects.subject(100).workload, each) for each in visitors[:1_000]]
    assert 0.7 < sum(offer != workload.FALLBACK for offer in matched) / len(matched) < 0.9


def _part() -> Any:
    (part,) = batch.batches(ROWS)
    return part


@pytest.mark.benchmark(group="4,000 visitors, 1,000 offers")
def test_batch(benchmark: BenchmarkFixture) -> None:
    of, part = subjects.subject(1_000).evaluator, _part()
    benchmark(decide_batch, of, part, subjects.EVERYTHING, workload.PLACEMENT, now_s=subjects.NOW_S)


@pytest.mark.benchmark(group="4,000 visitors, 1,000 offers")
def test_loop(benchmark: BenchmarkFixture) -> None:
    benchmark(subjects.permit_and_decide(1_000), batch.as_visitors(_part()))
