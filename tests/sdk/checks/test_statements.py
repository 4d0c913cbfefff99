"""Negative statements, and the positive ones that say the same of every visitor."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from discreet.checks import check_models
from discreet.checks.statements import Positive, is_negative
from discreet.checks.wording import words
from discreet.compiler.lower import Lowering
from discreet.model import Condition, Expression, Model, parse_expression
from discreet.runtime.kleene import Visit
from support.authoring import ATTRIBUTES, changed, parsed, read

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree

READABLE = [each for each in ATTRIBUTES if each.name != "bought"]
SLOTS = {each.name: slot for slot, each in enumerate(READABLE)}
TYPES = {each.name: each.type for each in READABLE}
CLOCK, SEEN = 1_790_000_000_000.0, 1_772_323_200_000.0  # the clock, and 2026-03-01
VALUES: Mapping[str, tuple[Any, ...]] = {
    "country": (None, "US", "IT", ""),
    "city": (None, "rome"),
    "age": (None, 0.0, 17.0, 18.0, 65.0),
    "vip": (None, True, False),
    "interests": (None, frozenset({"running"}), frozenset[str]()),
    "tags": (None,),
    "last_seen": (None, SEEN, SEEN - 1, SEEN + 86_400_000),
}
TEXTS = [
    "age < 18 or 18 <= age < 65",
    'not (age >= 18 and vip) or country == "IT"',
    'country in ["IT", "FR"] and (vip or age > 64)',
    'any_of(interests, "running", "yoga") or "hiking" in interests',
    'all_of(interests, "a", "b")',
    'starts_with(country, "I") or contains(country, "\\"") or ends_with(country, "\\\\")',
    'last_seen >= "2026-03-01" and last_seen < "2026-03-01T08:30:00.250Z"',
    "days_since(last_seen) <= 0.5 or days_since(last_seen) in [1, 2]",
    "known(age) and unknown(vip)",
    "not not vip and vip == False",
    "age != -1.5 and age in [0.1, 1e21]",
]


def model(ranges: Mapping[str, tuple[float | None, float | None]] | None = None) -> Model:
    adult = Condition("adult", "An adult", parsed("age >= 18"), "age >= 18")
    return Model(
        "m", "web", tuple(READABLE), (adult,), (), (), (), ranges=ranges or {}
    )  # what a statement turns into depends on nothing else


def understood(text: str) -> Expression:
    return parse_expression(text, READABLE, {"adult"})


def holds(expression: Expression) -> list[bool]:
    """Of which combinations of the values above it holds."""
    lowering = Lowering(SLOTS, [*model().conditions])
    tree = lowering.tree(expression)
    conditions: list[Tree] = [lowering.tree(each.when) for each in model().conditions]
    return [Visit(values, CLOCK, conditions).truth(tree) is True for values in product(*VALUES.values())]


@pytest.mark.parametrize("text", TEXTS)
def test_words_read_back_as_the_same_expression(text: str) -> None:
    assert understood(words(understood(text), TYPES)) == understood(text)


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("not (age >= 18)", "age < 18"),
        ("not (18 <= age < 65)", "age < 18 or age >= 65"),
        ("not (age < 18 or vip)", "age >= 18 and vip == False"),
        ("not vip", "vip == False"),
        ("vip != True", "vip == False"),
        ("not vip == False", "vip"),
        ("not not vip", "vip"),
        ("not adult", "age < 18"),
        ("vip and not adult", "vip and age < 18"),
        ("age != 18", "age < 18 or age > 18"),
        ("not (age != 18)", "age == 18"),
        ("not unknown(age)", "known(age)"),
        ('last_seen != "2026-03-01"', 'last_seen < "2026-03-01" or last_seen > "2026-03-01"'),
        ("not (days_since(last_seen) > 30)", "days_since(last_seen) <= 30"),
        ("adult or age > 70", "adult or age > 70"),
    ],
)
def test_the_positive_statement_holds_for_the_same_visitors(text: str, positive: str) -> None:
    turned = Positive(model()).of(understood(text))

    assert turned is not None
    assert words(turned, TYPES) == positive
    assert not is_negative(turned)
    assert holds(turned) == holds(understood(text))


def test_a_range_leaves_one_side_of_a_number() -> None:
    turned = Positive(model({"age": (0, None)})).of(understood("age != 0"))

    assert turned is not None
    assert words(turned, TYPES) == "age > 0"


@pytest.mark.parametrize(
    "text",
    [
        'country != "US"',
        'country not in ["US"]',
        '"running" not in interests',
        'not starts_with(country, "I")',
        "not known(age)",
        'vip and not (age < 18 or country == "US")',
    ],
)
def test_some_negations_have_no_positive_statement(text: str) -> None:
    assert is_negative(understood(text))
    assert Positive(model()).of(understood(text)) is None


@pytest.mark.parametrize(
    ("when", "suggestion"),
    [
        ('country not in ["US"]', 'name those who are meant: `country in ["...", "..."]`'),
        ('"running" not in interests', "say what is true of those who are meant"),
        ("not (purchases >= 1)", "write `purchases < 1`"),
    ],
)
def test_a_finding_suggests_what_to_write(when: str, suggestion: str) -> None:
    stated = read(changed(lambda m: m["conditions"].update(negative={"says": "No", "when": when})))
    (finding,) = (each for each in check_models([stated], now_ms=0) if each.code == "D103")

    assert (finding.subject, finding.suggestion) == ("negative", suggestion)


def test_what_only_names_a_negative_statement_is_not_told_of_again() -> None:
    def change(m: dict[str, Any]) -> None:
        m["conditions"]["negative"] = {"says": "No", "when": "not returning"}
        m["conditions"]["resting"] = {"says": "No, and in Italy", "when": "negative and italians"}

    found = check_models([read(changed(change))], now_ms=0)

    assert [each.subject for each in found if each.code == "D103"] == ["negative"]
