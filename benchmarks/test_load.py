"""From bytes to the first answer: verify the signature, then all of it up to a loaded evaluator."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import discreet
from benchmarks import subjects


@pytest.mark.benchmark(group="verify")
@pytest.mark.parametrize("n", subjects.SIZES)
def test_verify(benchmark: BenchmarkFixture, n: int) -> None:
    measured = subjects.subject(n)
    benchmark(discreet.verify, measured.bundle, measured.keyring, now_s=subjects.NOW_S)


@pytest.mark.benchmark(group="load")
@pytest.mark.parametrize("n", subjects.SIZES)
def test_load(benchmark: BenchmarkFixture, n: int) -> None:
    measured = subjects.subject(n)
    benchmark(discreet.load_bytes, measured.bundle, measured.keyring, now_s=subjects.NOW_S)
