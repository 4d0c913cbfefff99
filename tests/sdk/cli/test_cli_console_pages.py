"""docs/matrix.md and docs/scenarios.md tell the truth: their commands run, and print what stands under them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from support.command_line import invoke
from support.readme import FENCE
from support.source import REPOSITORY


def told(page: str, language: str) -> list[str]:
    text = (REPOSITORY / "docs" / page).read_text("utf-8")
    return [code for name, code in FENCE.findall(text) if name == language]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples, to be in."""
    for name in ("cdnow", "shop"):
        (tmp_path / "examples" / name).mkdir(parents=True)
        for path in (REPOSITORY / "examples" / name).glob("*.yaml"):
            shutil.copy(path, tmp_path / "examples" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", ["matrix.md", "scenarios.md"])
def test_what_a_page_runs_prints_what_it_says(page: str, folder: Path) -> None:
    consoles = told(page, "console")

    assert len(consoles) >= 4
    for console in consoles:
        command, _, printed = console.partition("\n")
        result = invoke(*shlex.split(command.removeprefix("$ discreet ")))
        wanted = ".*".join(map(re.escape, printed.split("...\n")))
        assert result.exit_code == 0, result.output
        assert re.fullmatch(wanted, result.stdout, re.DOTALL), result.stdout


def test_the_suggestion_that_is_shown_is_suggested(folder: Path) -> None:
    (shown,) = told("scenarios.md", "yaml")
    invoke("test", "examples/cdnow/call_centre.yaml", "--suggest", "suggested.yaml")

    assert shown in (folder / "suggested.yaml").read_text("utf-8")


def test_the_keys_of_the_matrix_are_all_told(folder: Path) -> None:
    answer = json.loads(invoke("matrix", "examples/shop/shop.yaml", "--json").stdout)
    page = (REPOSITORY / "docs/matrix.md").read_text("utf-8")

    assert [
        key for key in (*answer, *answer["rows"][0], *answer["merged"][0]) if f"`{key}`" not in page
    ] == []
