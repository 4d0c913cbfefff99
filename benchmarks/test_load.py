"""From bytes to the first answer: verify the signature, then all of it, beside a peer's payload only parsed."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import loading, subjects


@pytest.mark.benchmark(group="verify")
@pytest.mark.parametrize("n", subjects.SIZES)
def test_verify(benchmark: BenchmarkFixture, n: int) -> None:
    benchmark(loading.verify(n), None)


@pytest.mark.benchmark(group="first answer")
@pytest.mark.parametrize("n", subjects.SIZES)
def test_first_answer(benchmark: BenchmarkFixture, n: int) -> None:
    benchmark(loading.first_answer(n), None)


@pytest.mark.benchmark(group="first answer")
@pytest.mark.parametrize("n", subjects.SIZES)
def test_parse(benchmark: BenchmarkFixture, n: int) -> None:
    benchmark(loading.parse(n), None)
