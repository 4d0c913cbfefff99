"""`decide`, alone and together with `permit`, against reading 12 attributes from a dict."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import subjects
from benchmarks.workload import VISITORS

CHECKED = {10: VISITORS, 100: VISITORS, 1_000: 200, 10_000: 20}  # visitors; the naive scan is slow


@pytest.mark.parametrize("n", subjects.SIZES)
def test_the_answers_are_those_of_a_naive_scan(n: int) -> None:
    assert subjects.wrong_answers(n, subjects.subject(n).workload.visitors[: CHECKED[n]]) == 0


@pytest.mark.benchmark(group="1,000 visitors")
def test_cal(benchmark: BenchmarkFixture) -> None:
    benchmark(subjects.cal, subjects.subject(10).workload.visitors)


@pytest.mark.benchmark(group="1,000 visitors")
@pytest.mark.parametrize("n", subjects.SIZES)
def test_decide(benchmark: BenchmarkFixture, n: int) -> None:
    benchmark(subjects.decide_only(n), subjects.permitted(n))


@pytest.mark.benchmark(group="1,000 visitors")
@pytest.mark.parametrize("n", subjects.SIZES)
def test_permit_and_decide(benchmark: BenchmarkFixture, n: int) -> None:
    benchmark(subjects.permit_and_decide(n), subjects.subject(n).workload.visitors)
