"""A proof ends: with an answer, or with Undecided, which is never an answer."""

from __future__ import annotations

from typing import Any

import pytest

from discreet.checks.proofs import (
    Prover,
    Requirement,
    Undecided,
    Visitor,
    falls_back,
    journeys_of,
    negated,
    wins,
)
from discreet.model import models_from_dicts
from support.oracle_questions import KINDS, NOW_MS, document, holding, journeys, who


def _many(count: int) -> dict[str, Any]:
    return {f"n{number}": KINDS["number"] for number in range(count)}


def _ring(size: int) -> str:
    """Of two neighbours, one at least is low; every other is high: so there are as few as can be, and odd ones out."""
    return " and ".join(f"(n{each} < {each} or n{(each + 1) % size} < 5)" for each in range(size))


def test_a_formula_of_many_alternatives_has_a_witness() -> None:
    assert who(_many(20), _ring(20)) is not None


def test_pigeons_and_holes_are_answered_or_given_up() -> None:
    pigeons, holes = 7, 6
    in_some = [f"n{pigeon} in [{', '.join(map(str, range(holes)))}]" for pigeon in range(pigeons)]
    apart = [
        f"not (n{one} == {hole} and n{other} == {hole})"
        for one in range(pigeons)
        for other in range(one)
        for hole in range(holes)
    ]
    about = journeys(_many(pigeons), it=" and ".join((*in_some, *apart)))

    with pytest.raises(Undecided, match="budget"):
        Prover(about, now_ms=NOW_MS, budget=300).find(holding(about))


def test_a_text_that_must_overlap_itself_is_no_wrong_answer() -> None:
    begins, ends = "ab" * 400, "ba" * 400

    with pytest.raises(Undecided, match="text"):
        who({"s": "string"}, f'starts_with(s, "{begins}") and ends_with(s, "{ends}")')


class Distrustful(Prover):
    """A prover for which no visitor, run through `permit` and kleene, ever is what the search made of them."""

    def holds(self, requirement: Requirement, visitor: Visitor) -> bool:  # noqa: ARG002 - the prover's signature
        return False


def test_a_witness_that_is_none_is_never_returned() -> None:
    about = journeys({"n": "number"}, it="n > 1")

    with pytest.raises(Undecided, match="a witness that is none"):
        Distrustful(about, now_ms=NOW_MS).find(holding(about))


def test_days_that_doubles_do_not_say_are_no_wrong_answer() -> None:
    odd = "0.12345678901234567"
    try:
        found = who({"d": "datetime"}, f"days_since(d) == {odd}")
    except Undecided:
        return
    assert found is not None


def test_among_many_offers_it_is_known_who_wins_and_who_never_does() -> None:
    model = document({"n": "number", "s": "string"})
    model["offers"] += [
        {
            "id": f"o{number:03}",
            "content": {},
            "placements": ["hero"],
            "when": [f"n >= {number % 40}", f'starts_with(s, "{number % 7}")'],
            "priority": number % 3,
        }
        for number in range(200)
    ]
    about = journeys_of(models_from_dicts([model]))
    rules = about.model("m")
    prover = Prover(about, now_ms=NOW_MS)

    never = [each.id for each in rules.offers[1:] if prover.find(wins(rules, "hero", each)) is None]

    # Of priority 2 those win that ask the least, or come first among those that ask as much.
    assert {int(each[1:]) % 3 for each in never} == {0, 1, 2}
    assert prover.find(falls_back(rules, "hero")) is not None
    assert prover.find(negated(falls_back(rules, "hero"))) is not None
    assert "o002" not in never
