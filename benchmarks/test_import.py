"""`import discreet` in a fresh process, alone and with a signature verified, beside one that imports nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import starting


@pytest.mark.benchmark(group="a fresh process")
@pytest.mark.parametrize("name", starting.CODES)
def test_start(benchmark: BenchmarkFixture, name: str, tmp_path: Path) -> None:
    benchmark(subprocess.run, starting.commands(tmp_path)[name], check=True)
