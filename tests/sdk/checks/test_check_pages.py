"""The table of checks, its pages, and the documentation say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import discreet.checks
from discreet.checks import CHECKS
from support.command_line import invoke
from support.faulty import FOLDER, NOW

DOCS = Path(__file__).parents[3] / "docs" / "checks.md"
PAGES = Path(discreet.checks.__file__).with_name("pages")


def test_every_check_has_a_page_and_every_page_a_check() -> None:
    assert {path.stem for path in PAGES.iterdir()} == CHECKS.keys()


@pytest.mark.parametrize("code", CHECKS)
def test_a_page_says_what_is_found_and_what_to_do(code: str) -> None:
    check = CHECKS[code]

    assert check.page.startswith(f"# {code} {check.name}\n\nSeverity: {check.severity.value}.\n")
    assert "**What to do.**" in check.page
    assert f"check: {code}" in check.page or code == "D901"


def test_the_documentation_lists_all_checks_in_the_words_of_the_table() -> None:
    rows = re.findall(r"^\| (D\d{3}) \| (\S+) \| (\w+) \| (.+) \|$", DOCS.read_text(), re.MULTILINE)

    assert rows == [(each.code, each.name, each.severity.value, each.one_line) for each in CHECKS.values()]


def test_the_example_of_the_documentation_is_what_is_printed(tmp_path: Path) -> None:
    model = tmp_path / "shop.yaml"
    model.write_text((FOLDER / "shadowed.yaml").read_text())
    printed = invoke("check", model, "--now", NOW).stdout.replace(str(model), "shop.yaml")
    told = [line for line in printed.splitlines() if line]
    example = [line[4:] for line in DOCS.read_text().splitlines() if line.startswith("    ")]

    assert "\n".join(told[-7:]) in "\n".join(example)


def test_names_are_unique() -> None:
    assert len({each.name for each in CHECKS.values()}) == len(CHECKS)
