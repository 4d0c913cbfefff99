"""`discreet demo` walks the whole way in one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from discreet.cli.demo import command


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_it_prints_the_report_and_names_the_folder(tmp_path: Path) -> None:
    result = invoke("--limit", "200", "--out", str(tmp_path / "here"))

    assert result.exit_code == 0
    for part in ("bundle", "stage", "fell back", "withdrawal", "bytes", "Microseconds per decision"):
        assert part in result.stdout
    assert f"Left in {tmp_path / 'here'}" in result.stdout


def test_for_machines_it_prints_one_document(tmp_path: Path) -> None:
    result = invoke("--limit", "20", "--out", str(tmp_path / "here"), "--date", "2026-01-01", "--json")

    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (document["customers"], document["today"]) == (20, "2026-01-01")


def test_without_a_terminal_every_step_is_one_line(tmp_path: Path) -> None:
    result = invoke("--limit", "20", "--out", str(tmp_path / "here"))

    assert len(result.stderr.splitlines()) == 4


def test_its_help_has_an_example() -> None:
    result = invoke("--help")

    assert result.exit_code == 0
    assert "discreet demo --limit 1000" in result.stdout


@pytest.mark.parametrize("wrong", [("--date", "yesterday"), ("--limit", "0")])
def test_wrong_usage_is_exit_code_2(wrong: tuple[str, str], tmp_path: Path) -> None:
    assert invoke("--out", str(tmp_path / "here"), *wrong).exit_code == 2
    assert not (tmp_path / "here").exists()
