"""docs/strategist.md works: every command is run and every edit made, in order, in an empty folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.source import REPOSITORY
from support.walked_page import apply, is_shown, run, steps

PAGE = REPOSITORY / "docs" / "strategist.md"
NOES = ("discreet diff ",)  # whose answer is no where something changes


CLOCK = """import time

clock = time.time
time.time = lambda: clock() + {days} * 86_400
"""


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 400])
def test_a_strategist_gets_from_an_empty_folder_to_an_agreed_blueprint_on_any_day(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    clock = tmp_path_factory.mktemp("clock")
    (clock / "sitecustomize.py").write_text(CLOCK.format(days=days))
    monkeypatch.setenv("PYTHONPATH", str(clock), prepend=os.pathsep)
    for step in steps(PAGE):
        if step.edit:
            apply(step.edit, tmp_path)
            continue
        ran = run(step.command, tmp_path)
        printed = ran.stdout + ran.stderr
        says_no = step.command.startswith(NOES) or "error: " in (step.shown or "")

        assert (step.line, ran.returncode) == (step.line, int(says_no)), printed
        assert step.shown is None or is_shown(step.shown, printed), f"line {step.line}:\n{printed}"

    made = {path.name for path in tmp_path.iterdir()}
    assert {"agreed.yaml", "agreed.html", "agreed.bundle", "suggested.yaml"} <= made


def test_the_page_has_a_step_for_everything() -> None:
    asked = {" ".join(step.command.split()[:2]) for step in steps(PAGE)}
    commands = (
        "new",
        "fmt",
        "check",
        "explain-check",
        "test",
        "matrix",
        "blueprint",
        "keys",
        "build",
        "diff",
    )

    assert asked >= {"pip install", *(f"discreet {each}" for each in commands)}
    assert sum(bool(step.edit) for step in steps(PAGE)) >= 5


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("...\nd\n", "d\n", True),
        ("a, ...\nb\n", "a, 90 KB\nb\n", True),
        ("a, ...\nb\n", "a, 90\nKB\nb\n", False),
        ("a [D1]\n", "a 1\n", False),
    ],
)
def test_an_output_is_compared_line_by_line(shown: str, printed: str, expected: bool) -> None:
    assert is_shown(shown, printed) is expected


def test_an_edit_needs_one_place(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("a\nb\na\n")

    with pytest.raises(ValueError, match="2 times"):
        apply("--- m.yaml\n-a\n+c\n", tmp_path)
    assert apply("--- m.yaml\n a\n-b\n+c\n", tmp_path).read_text() == "a\nc\na\n"
