"""Processes that are killed with SIGKILL in the middle of a swap, and processes that share one store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]


def swapping(*arguments: str | Path) -> list[str]:
    """What `support.swapping` found."""
    ran = subprocess.run(
        [sys.executable, "-m", "support.swapping", *map(str, arguments)],
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def test_after_any_kill_a_restart_serves_what_was_acknowledged_or_newer(tmp_path: Path) -> None:
    *wrong, amid, done = swapping("killed", tmp_path, "80", "7")

    assert (wrong, done) == ([], "done")
    assert int(amid.removeprefix("amid ")) >= 5  # else the kills came at moments that prove nothing


def test_processes_on_one_store_never_go_back_and_all_arrive(tmp_path: Path) -> None:
    assert swapping("together", tmp_path, "4", "60") == ["done"]
