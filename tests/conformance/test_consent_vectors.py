"""The product and the slow reference give what the consent vectors say, and the vectors leave nothing out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from discreet_consent.regimes.statement import Statement, combine, in_force
from support.gpp_strings import us_ids, us_versions
from support.reference.consent_rules import table
from support.reference.consent_statements import verdict
from support.vectors.cases import FOLDER
from support.vectors.consent_files import consent_files
from support.vectors.consenting import by_product, by_reference
from support.vectors.consenting_precedence import given_of, statements

NAMES = (
    "consent-precedence.json",
    "consent-regimes.json",
    "consent-us-sections.json",
    "consent-signals.json",
)
each_file = pytest.mark.parametrize("name", NAMES)


@cache
def read(name: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(Path(FOLDER / name).read_text("utf-8"))
    return document


def cases(name: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = read(name)["cases"]
    return found


def rows() -> Sequence[Sequence[Any]]:
    found: Sequence[Sequence[Any]] = read(NAMES[0])["table"]
    return found


@each_file
def test_the_product_follows_every_case(name: str) -> None:
    wrong = [each["name"] for each in cases(name) if by_product(each["given"]) != each["expect"]]

    assert not wrong


@each_file
def test_the_reference_follows_every_case(name: str) -> None:
    wrong = [each["name"] for each in cases(name) if by_reference(each["given"]) != each["expect"]]

    assert not wrong


def test_the_order_of_signals_does_not_matter() -> None:
    for each in cases("consent-signals.json"):
        given = each["given"]
        if len(given.get("signals", ())) > 1:
            turned = {**given, "signals": given["signals"][::-1]}
            assert by_product(turned) == by_reference(turned) == each["expect"], each["name"]


def test_the_product_follows_every_row_of_the_table() -> None:
    """Its own statements do; and so do real signals, wherever there are some that say what the row says."""
    term, texts = read(NAMES[0])["term"], read(NAMES[0])["texts"]
    for row in rows():
        default, said, granted = row
        own = [
            Statement(
                each.source,
                each.carrier,
                granted=each.granted,
                refused=each.refused,
                unreadable=each.unreadable,
                changed_s=each.chose_s,
            )
            for each in statements(said)
        ]
        assert (term in combine(in_force(own), {term} if default else ()).granted) is granted, row
        given = given_of(row, texts)
        if given is not None:
            assert (term in by_product(given)["purposes"]) is granted, row


def test_the_reference_follows_every_row_of_the_table() -> None:
    term, texts = read(NAMES[0])["term"], read(NAMES[0])["texts"]
    for row in rows():
        default, said, granted = row
        assert (term in verdict(statements(said), {term} if default else ()).terms) is granted, row
        given = given_of(row, texts)
        if given is not None and len(said) < 3:
            assert (term in by_reference(given)["purposes"]) is granted, row


def test_the_files_are_what_the_makers_say() -> None:
    for file in consent_files():
        assert file.path.read_text("utf-8") == file.text(), "run python tests/make_vectors.py"


# --- nothing is left out


def test_every_region_has_a_case_with_and_without_consent() -> None:
    asked = [
        each["given"]["region"] for each in cases("consent-regimes.json") if "policy" not in each["given"]
    ]

    assert {*table()["regions"], None, "US-WY"} <= set(asked)
    assert all(asked.count(region) >= 5 for region in table()["regions"])


def test_every_regime_decides_cases_that_grant_and_cases_that_do_not() -> None:
    decided = {
        (each["expect"]["regime"], bool(each["expect"]["purposes"])) for each in cases("consent-regimes.json")
    }

    assert {
        (name, granted) for name in (*table()["regimes"], "unknown") for granted in (True, False)
    } <= decided


@pytest.mark.parametrize("section", us_ids())
def test_every_value_of_every_section_has_a_case(section: str) -> None:
    named = {each["name"] for each in cases("consent-us-sections.json")}

    for version in us_versions(section):
        assert {f"{section} {version}: told and stayed", f"{section} {version}: all 3"} <= named
        for field, count in fields_of(section, version):
            for item in range(count):
                label = f"{section} {version}: {field}{f'[{item}]' if count > 1 else ''} "
                assert (
                    len([each for each in named if each in {f"{label}{value}" for value in range(4)}]) >= 3
                ), label


def fields_of(section: str, version: int) -> list[tuple[str, int]]:
    from support.gpp_strings import us_fields

    return us_fields(section, version)


def test_the_table_holds_every_combination_of_up_to_two_readings() -> None:
    """Counted another way than the maker counts: 9 dated or undated things to say, and one that cannot be read."""
    singles = 10
    pairs_of_two_sources = singles * (singles + 1) // 2
    pairs_of_one_source = 2 * pairs_of_two_sources  # in one carrier, or in two
    two = [row for row in rows() if len(row[1]) == 2]

    assert len([row for row in rows() if len(row[1]) == 1]) == 2 * singles
    assert len(two) == 2 * (pairs_of_two_sources + pairs_of_one_source)
    assert len({json.dumps(row) for row in rows()}) == len(rows())


def test_real_signals_say_most_rows() -> None:
    texts = read(NAMES[0])["texts"]
    real = [row for row in rows() if given_of(row, texts) is not None]

    assert len(real) > 4_000
    assert {date for row in real for *_, date in row[1]} == {"older", "newer", "undated"}


@pytest.mark.parametrize("source", ["tcf", "gpp", "us_privacy", "gpc", "consent_mode"])
def test_every_argument_decides_somewhere(source: str) -> None:
    plain = [each for each in cases("consent-signals.json") if source in each["given"]]

    assert len({json.dumps(each["expect"]) for each in plain}) > 3


def test_every_consent_tool_grants_and_refuses_somewhere() -> None:
    for tool in ("onetrust", "cookiebot", "cookieyes", "didomi", "commanders_act", "gcs", "gcd"):
        found = [
            bool(each["expect"]["purposes"])
            for each in cases("consent-signals.json")
            if any(source == tool for source, *_ in each["given"].get("signals", ()))
        ]
        assert set(found) == {True, False}, tool


def test_the_files_are_of_a_size_to_be_read() -> None:
    assert all((FOLDER / name).stat().st_size < 1_500_000 for name in NAMES)
