"""`discreet demo` walks the whole way in one command."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from discreet.cli.app import app
from discreet.cli.demo import command


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_it_prints_the_report_and_names_the_folder(tmp_path: Path) -> None:
    result = invoke("--limit", "200", "--out", str(tmp_path / "here"))

    assert result.exit_code == 0
    for part in ("bundle", "stage", "fell back", "withdrawal", "bytes", "Microseconds per decision"):
        assert part in result.stdout
    assert f"Left in {tmp_path / 'here'}" in result.stdout


def test_it_says_what_its_words_and_columns_mean(tmp_path: Path) -> None:
    printed = invoke("--limit", "20", "--out", str(tmp_path / "here")).stdout

    assert "Offers matched, by stage (fallbacks not counted; in brackets: how many different ones)" in printed
    assert printed.count("own consent: the string assigned to that customer") == 1
    assert "changed, fell back: decisions; lost, gained: pairs of offer and placement" in printed


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


@pytest.mark.parametrize(
    "wrong", [("--date", "yesterday"), ("--date", "9999-12-31"), ("--limit", "0"), ("--limit", "abc")]
)
def test_wrong_usage_is_exit_code_2(wrong: tuple[str, str], tmp_path: Path) -> None:
    assert invoke("--out", str(tmp_path / "here"), *wrong).exit_code == 2
    assert not (tmp_path / "here").exists()


def test_wrong_usage_says_what_is_wrong(tmp_path: Path) -> None:
    out = str(tmp_path / "here")

    assert "`abc` is not a whole number" in invoke("--limit", "abc", "--out", out).stderr
    assert "`9999-12-31` is after 9990-01-02" in invoke("--date", "9999-12-31", "--out", out).stderr


@pytest.mark.parametrize("day", ["2026-07-01", "2040-02-29"])
def test_the_next_command_that_it_names_works_as_printed(tmp_path: Path, day: str) -> None:
    printed = invoke("--limit", "3", "--date", day, "--out", str(tmp_path / "my shop")).stdout
    show, new = map(shlex.split, printed.splitlines()[-2:])

    shown = CliRunner().invoke(app, show[1:])
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert new == ["discreet", "new", "my-shop"]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A program named `discreet` in a folder of its own."""
    program = tmp_path / "the venv" / "discreet"
    program.parent.mkdir()
    program.touch(mode=0o755)
    return program


def last_line(tmp_path: Path) -> str:
    return invoke("--limit", "3", "--out", str(tmp_path / "here")).stdout.splitlines()[-1]


def test_the_next_command_names_a_program_that_is_not_on_the_path_by_its_place(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(installed)])
    monkeypatch.setenv("PATH", str(tmp_path))

    assert last_line(tmp_path) == f"  '{installed}' new my-shop"


def test_the_next_command_names_a_program_on_the_path_by_its_name(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(installed)])
    monkeypatch.setenv("PATH", str(installed.parent))

    assert last_line(tmp_path) == "  discreet new my-shop"


def test_the_next_command_of_a_module_that_was_run_is_that_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/anywhere/discreet/__main__.py"])

    assert last_line(tmp_path) == f"  {shlex.quote(sys.executable)} -m discreet new my-shop"
