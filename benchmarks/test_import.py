"""`import discreet` in a fresh process, beside one that imports nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pytest_benchmark.fixture import BenchmarkFixture


@pytest.mark.benchmark(group="a fresh process")
@pytest.mark.parametrize("code", ["pass", "import discreet"])
def test_start(benchmark: BenchmarkFixture, code: str) -> None:
    benchmark(subprocess.run, [sys.executable, "-I", "-c", code], check=True)
