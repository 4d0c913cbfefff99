"""What the prover knows of each type: satisfiable or not, exactly, and an example of it."""

from __future__ import annotations

import math
import unicodedata

import pytest

from discreet.checks.proofs import Every, Prover, Want, Within
from support.oracle_questions import NOW_MS, holding, journeys, who

ABOVE_18 = math.nextafter(18, math.inf)


@pytest.mark.parametrize(
    "when",
    [
        "b and not b",
        "b in [True] and b == False",
        "b != True and b != False",
        "n < 18 and n >= 18",
        f"18 < n < {ABOVE_18!r}",
        "n in [1, 2] and n not in [2, 1]",
        "n == 0 and n < -0.0",
        'starts_with(s, "ab") and starts_with(s, "ac")',
        'ends_with(s, "ab") and ends_with(s, "b") and ends_with(s, "cb")',
        'contains(s, "aba") and not contains(s, "ba")',
        'not contains(s, "")',
        's in ["a", "b"] and starts_with(s, "c")',
        's == "abc" and not ends_with(s, "bc")',
        'starts_with(s, "ab") and not starts_with(s, "a")',
        'low == "A" and not starts_with(low, "a")',
        '"x" in t and not any_of(t, "x", "y")',
        'all_of(t, "x", "y") and "y" not in t',
        'any_of(t, "x", "y") and "x" not in t and "y" not in t',
        'any_of(t, "x", "y") and any_of(t, "y", "z") and not all_of(t, "x", "z") and "y" not in t',
        'd < "2026-03-01" and d >= "2026-03-01"',
        "days_since(d) < 3 and days_since(d) >= 3",
        "known(n) and unknown(n)",
        "not known(n)",
        "n < 1 and not known(n)",
    ],
)
def test_a_contradiction_is_proven(when: str) -> None:
    assert who(_KINDS, when) is None


@pytest.mark.parametrize(
    ("when", "name", "value"),
    [
        ("b", "b", True),
        ("not b", "b", False),
        ("n >= 18 and n < 65", "n", 18),
        ("n > 18 and n < 65", "n", 19),
        ("0.5 < n < 0.7", "n", 0.6),
        (f"18 < n <= {ABOVE_18!r}", "n", ABOVE_18),
        ("n < 18 and n >= 17.5", "n", 17.5),
        ('s in ["IT", "FR"] and s != "FR"', "s", "IT"),
        ('starts_with(s, "ab") and ends_with(s, "ba")', "s", "abba"),
        ('starts_with(s, "ab") and contains(s, "b") and not contains(s, "bb")', "s", "ab"),
        ('low == "ÀB"', "low", "àb"),
        ('"x" in t and "y" not in t', "t", ["x"]),
        ('any_of(t, "x", "y") and any_of(t, "y", "z") and not all_of(t, "x", "z")', "t", ["x", "y"]),
        ('not any_of(t, "x", "y")', "t", []),
        ('"2026-03-01" <= d <= "2026-03-01"', "d", "2026-03-01T00:00Z"),
    ],
)
def test_a_witness_is_found_and_readable(when: str, name: str, value: object) -> None:
    visitor = who(_KINDS, when)

    assert visitor is not None
    assert visitor.attributes == {name: value}


@pytest.mark.parametrize(
    "when",
    [
        's != "" and not starts_with(s, "x") and not contains(s, "_") and not ends_with(s, "0")',
        'starts_with(s, "abc") and ends_with(s, "bcd") and not contains(s, "cb")',
        'contains(s, "ab") and contains(s, "ba") and contains(s, "é") and not contains(s, "aba")',
        'contains(s, "\\u0301") and not contains(s, "x") and not contains(s, "e")',
        'starts_with(s, "\\u0301a") and ends_with(s, "\\u0327")',
        'contains(low, "ς") and contains(low, "σ") and starts_with(low, "Σ")',
        's not in ["x", "_", "0"] and not contains(s, "-")',
    ],
)
def test_texts_are_in_normal_form_and_avoid_what_is_unwanted(when: str) -> None:
    visitor = who(_KINDS, when)

    assert visitor is not None
    (text,) = visitor.attributes.values()
    assert isinstance(text, str)
    assert unicodedata.normalize("NFC", text) == text


def test_days_since_and_a_window_meet_at_one_instant_only() -> None:
    about = journeys(_KINDS, it='days_since(d) >= 30 and d >= "2026-03-01"')
    prover = Prover(about, now_ms=NOW_MS)
    day_ms = 86_400_000.0
    edge = 1_772_323_200_000 + 30 * day_ms  # 30 days after 2026-03-01

    assert prover.find(Every((holding(about), Within(None, edge)))) is None
    visitor = prover.find(Every((holding(about), Within(None, edge + 1))))
    assert visitor is not None
    assert visitor.attributes == {"d": "2026-03-01T00:00Z"}
    assert visitor.now_ms == edge


def test_two_instants_may_need_a_clock_that_neither_needs_alone() -> None:
    visitor = who(
        {**_KINDS, "e": "datetime"}, 'd < "2020-01-01" and days_since(d) <= 10 and days_since(e) > 1'
    )

    assert visitor is not None
    assert visitor.now_ms < 1_577_836_800_000 + 10 * 86_400_000


def test_of_days_nobody_can_have_had_there_is_a_proof() -> None:
    assert who(_KINDS, "days_since(d) > 1e9") is None
    assert who(_KINDS, 'days_since(d) == 0.5 and d == "2026-03-01"') is not None


@pytest.mark.parametrize("want", list(Want))
def test_a_visitor_has_the_truth_that_was_wanted(want: Want) -> None:
    about = journeys(_KINDS, it='(n >= 1 or s == "a") and not b')
    prover = Prover(about, now_ms=NOW_MS)

    visitor = prover.find(holding(about, want=want))

    assert visitor is not None
    assert prover.holds(holding(about, want=want), visitor)


def test_a_known_value_is_never_unknown_to_its_test() -> None:
    assert who(_KINDS, "n >= 1 or not n >= 1 or unknown(n)", Want.NOT_TRUE) is None
    assert who(_KINDS, "n >= 1 or not n >= 1", Want.FALSE) is None
    assert who(_KINDS, "n >= 1 or not n >= 1", Want.UNKNOWN) is not None


_KINDS = {
    "b": "boolean",
    "n": "number",
    "s": "string",
    "low": {"type": "string", "provenance": "declared", "purposes": ["personalize"], "lower": True},
    "t": "strings",
    "d": "datetime",
}
