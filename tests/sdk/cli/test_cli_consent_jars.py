"""`discreet consent show` on the cookie jars of real browsers: what a careful reader of the standards would conclude.

The jars are the request headers as they were sent; the conclusions were written down before the command saw them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.command_line import document, invoke

JARS = Path(__file__).parent / "jars"
CONCLUSIONS: dict[str, dict[str, Any]] = yaml.safe_load((JARS / "conclusions.yaml").read_text("utf-8"))
NOW = ("--now", "2026-11-22T12:00:00Z")
each_jar = pytest.mark.parametrize("name", CONCLUSIONS)


def show(name: str, *more: str) -> Any:
    options = [str(JARS / each) if each.endswith(".toml") else each for each in CONCLUSIONS[name]["options"]]
    return invoke("consent", "show", "--header", f"@{JARS / name}.txt", *options, *NOW, *more)


def signals_in(name: str) -> list[str]:
    """Every part of a cookie's value in the jar that is long enough to give a visitor away."""
    lines = (JARS / f"{name}.txt").read_text("utf-8").splitlines()
    cookies = [each for line in lines if line.startswith("Cookie: ") for each in line[8:].split("; ")]
    parts = [part for cookie in cookies for part in re.split(r"[&~.=,]", cookie.partition("=")[2])]
    return [part for part in parts if len(part) >= 8 and not part.isalpha()]


def test_every_jar_has_its_conclusions() -> None:
    assert len(CONCLUSIONS) >= 10
    assert sorted(CONCLUSIONS) == sorted(path.stem for path in JARS.glob("*.txt"))


@each_jar
class TestEachJar:
    def test_grants_exactly_what_was_concluded(self, name: str) -> None:
        answer, concluded = document(show(name, "--json")), CONCLUSIONS[name]

        assert answer["purposes"] == concluded["allowed"]
        assert answer["sensitive"] == concluded.get("sensitive", [])

    def test_names_the_rule_that_decided(self, name: str) -> None:
        terms = CONCLUSIONS[name]["decided"]
        asked = [each for term in terms for each in ("--purpose", term)]

        answer = document(show(name, *asked, "--json"))

        assert {each["term"]: each["rule"] for each in answer["asked"]} == terms

    def test_says_what_could_not_be_read_and_ends_with_a_no_then(self, name: str) -> None:
        result = show(name, "--json")
        unreadable = {
            each["source"] for each in document(result)["signals"] if each["status"] == "unreadable"
        }

        assert sorted(unreadable) == CONCLUSIONS[name].get("unreadable", [])
        assert result.exit_code == (1 if unreadable else 0)

    def test_ends_when_what_it_rests_on_ends(self, name: str) -> None:
        answer, text = document(show(name, "--json")), show(name).stdout
        expires = CONCLUSIONS[name].get("expires")

        if not answer["purposes"]:
            assert "This holds until" not in text
        elif expires is None:
            assert answer["expires"] is None
        else:
            assert answer["expires"] == expires.strftime("%Y-%m-%dT%H:%M:%SZ")
            assert f"This holds until {answer['expires']}; then" in text.splitlines()[-2]

    def test_says_it_in_words(self, name: str) -> None:
        text = show(name).stdout

        assert [part for part in CONCLUSIONS[name]["says"] if part not in text] == []

    def test_prints_no_part_of_a_signal(self, name: str) -> None:
        said = show(name).output + json.dumps(document(show(name, "--json")))

        assert [part for part in signals_in(name) if part in said] == []

    def test_is_the_same_whether_the_cookies_come_one_by_one(self, name: str) -> None:
        lines = (JARS / f"{name}.txt").read_text("utf-8").splitlines()
        header = next(line for line in lines if line.startswith("Cookie: ")).removeprefix("Cookie: ")
        others = [each for line in lines if line.startswith("Sec-") for each in ("--header", line)]
        cookies = [each for cookie in header.split("; ") for each in ("--cookie", cookie)]
        options = [
            str(JARS / each) if each.endswith(".toml") else each for each in CONCLUSIONS[name]["options"]
        ]

        one_by_one = invoke("consent", "show", *cookies, *others, *options, *NOW)

        assert one_by_one.stdout == show(name).stdout
