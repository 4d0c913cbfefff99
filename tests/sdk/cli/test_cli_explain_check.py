"""`discreet explain-check`: what a finding means."""

from __future__ import annotations

import pytest

from discreet.checks import CHECKS
from support.command_line import document, invoke


@pytest.mark.parametrize("asked", ["D104", "d104", "unused-condition"])
def test_a_check_is_explained_by_its_code_and_by_its_name(asked: str) -> None:
    result = invoke("explain-check", asked)

    assert result.exit_code == 0
    assert result.stdout.startswith("# D104 unused-condition\n")
    assert "What to do." in result.stdout


def test_a_check_is_explained_to_machines() -> None:
    answer = document(invoke("explain-check", "D301", "--json"))

    assert (answer["code"], answer["name"], answer["severity"]) == ("D301", "never-wins", "warning")
    assert answer["page"] == CHECKS["D301"].page


def test_all_checks_are_listed() -> None:
    lines = invoke("explain-check", "--list").stdout.splitlines()

    assert [line.split()[0] for line in lines] == ["code", *CHECKS]
    assert [each["code"] for each in document(invoke("explain-check", "--list", "--json"))["checks"]] == [
        *CHECKS
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("D4O4", "there is no check `D4O4`; did you mean `D404`?"),
        ("never-win", "there is no check `never-win`; did you mean `never-wins`?"),
    ],
)
def test_an_unknown_check_gets_the_nearest_one(asked: str, said: str) -> None:
    result = invoke("explain-check", asked)

    assert result.exit_code == 2
    assert said in result.stderr


def test_nothing_asked_is_wrong_usage() -> None:
    assert "missing argument `CODE`" in invoke("explain-check").stderr
    assert invoke("explain-check").exit_code == 2
