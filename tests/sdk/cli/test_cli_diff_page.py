"""docs/diff.md says what there is: its commands run and print what it shows, its options and keys are whole."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from discreet.checks.changes import Difference
from discreet.cli.diff import command
from support.command_line import invoke
from support.source import REPOSITORY

PAGE = (REPOSITORY / "docs" / "diff.md").read_text(encoding="utf-8")
NO = 1


def test_its_commands_print_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        commands = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
        *before, (code, printed) = map(ran, commands)

        assert [code for code, _ in before] == [0] * len(before)
        assert code == expected_code(commands[-1], printed)
        assert printed == block.rpartition(f"$ {commands[-1]}\n")[2]
    assert json.loads((tmp_path / "diff.json").read_text())["proven"] is True


def ran(line: str) -> tuple[int, str]:
    """The exit code of a command of the page, and what it prints; `> FILE` writes that file."""
    words = shlex.split(line)
    if words[0] != "discreet":
        return subprocess.run(words, check=True).returncode, ""
    into = words.index(">") if ">" in words else len(words)
    result = invoke(*words[1:into])
    if into == len(words):
        return result.exit_code, result.stdout
    Path(words[into + 1]).write_text(result.stdout, encoding="utf-8")
    return result.exit_code, ""


def expected_code(line: str, printed: str) -> int:
    return 0 if "--exit-zero" in line or printed.startswith("nothing changes") else NO


def test_its_table_names_every_option() -> None:
    options = {name for each in command.params for name in each.opts if name.startswith("--")}
    (table,) = re.findall(r"^## Options\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)

    assert {*re.findall(r"--[a-z-]+", table)} >= options - {"--help"}


def test_its_table_names_every_key() -> None:
    (table,) = re.findall(r"^## As JSON\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)

    assert [key for key in Difference().as_dict() if f"`{key}`" not in table] == []
