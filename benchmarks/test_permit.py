"""`permit` under three consents: the same attributes, more or fewer of them stripped."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import subjects
from discreet_consent import Consent

CONSENTS = {
    "everything": subjects.EVERYTHING,
    "something": subjects.SOMETHING,
    "nothing": subjects.NOTHING,
}


@pytest.mark.benchmark(group="permit, 1,000 visitors")
def test_cal(benchmark: BenchmarkFixture) -> None:
    benchmark(subjects.cal, subjects.subject(10).workload.visitors)


@pytest.mark.benchmark(group="permit, 1,000 visitors")
@pytest.mark.parametrize("consent", CONSENTS.values(), ids=CONSENTS)
def test_permit(benchmark: BenchmarkFixture, consent: Consent) -> None:
    benchmark(subjects.permit_only(10, consent), subjects.subject(10).workload.visitors)
