"""docs/blueprint.md tells the truth: its commands run and print what it shows, its options are whole."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from discreet.cli.blueprint import command
from support.command_line import invoke
from support.readme import FENCE
from support.source import REPOSITORY

PAGE = (REPOSITORY / "docs" / "blueprint.md").read_text("utf-8")


def test_its_commands_print_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(REPOSITORY / "examples" / "cdnow", tmp_path / "examples" / "cdnow")
    monkeypatch.chdir(tmp_path)
    ran = 0
    for name, block in FENCE.findall(PAGE):
        assert name == "console"
        for told in block.split("$ discreet ")[1:]:
            line, _, printed = told.partition("\n")
            result = invoke(*shlex.split(line))
            wanted = r"\d+".join(map(re.escape, printed.split("...")))
            assert result.exit_code == 0, result.output
            assert not printed or re.fullmatch(wanted, result.stdout), result.stdout
            ran += 1

    assert ran == 6
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "cdnow.html", "fr\u00fchling.html", "shop.html", "shop.md", "shop.svg",
    ]  # fmt: skip


def test_its_table_names_every_option() -> None:
    options = {name for each in command.params for name in each.opts if name.startswith("-")}
    _, _, table = PAGE.partition("\n## Options\n")

    assert [name for name in sorted(options - {"--help"}) if f"`{name}" not in table] == []
