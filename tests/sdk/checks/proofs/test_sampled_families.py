"""Whatever a sampled visitor of an attribute with substitutes shows, the prover never said it could not be."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest

from discreet.checks.proofs import Holds, Prover, Undecided, Want, journeys_of
from discreet.model import models_from_dicts
from discreet.runtime import kleene
from discreet_consent import Consent, permit
from support.oracle_questions import LIMITED, NOW_MS, PROFILED, document

ATTRIBUTES: dict[str, Any] = {
    "n": {"type": "number", "provenance": "first_party", "purposes": [PROFILED]},
    "band": {"coarsens": "n", "by": {"bands": [0, 2, 10]}, "purposes": ["essential.service"]},
    "tenth": {"coarsens": "n", "by": {"decimals": 1}, "purposes": [LIMITED]},
    "s": {"type": "string", "provenance": "contextual", "purposes": [PROFILED], "lower": True},
    "two": {"coarsens": "s", "by": {"characters": 2}, "purposes": [LIMITED]},
    "one": {
        "coarsens": "s",
        "by": {"characters": 1},
        "purposes": ["essential.service"],
        "sensitive": "health",
    },
}
NUMBERS = (-1, 0, 0.04, 0.05, 0.1, 1.95, 1.96, 2, 2.5, 9.99, 10, 11)
TEXTS = ("", "a", "b", "ab", "ba", "abc", "aab", "abb", "bab", "x", "xa", "cab")
CONSENTS = [
    Consent(purposes, sensitive=items, contextual_only=child)
    for purposes in ((), (PROFILED,), (LIMITED,), (PROFILED, LIMITED))
    for items in ((), ("health",))
    for child in (False, True)
]
TRUTHS = {True: Want.TRUE, False: Want.FALSE, None: Want.UNKNOWN}


def _test(dice: Random) -> str:
    name = dice.choice([*ATTRIBUTES])
    shape = dice.randint(0, 6)
    if shape == 0:
        return f"unknown({name})"
    if shape == 1:
        return f"known({name})"
    if name in ("n", "band", "tenth"):
        return f"{name} {dice.choice(('<', '>=', '==', '!='))} {dice.choice((0, 0.1, 2, 10))}"
    text = dice.choice(("a", "b", "ab", "ba", "abc"))
    if shape <= 3:
        return f'{name} {dice.choice(("==", "!="))} "{text}"'
    return f'{dice.choice(("starts_with", "ends_with", "contains"))}({name}, "{text}")'


def _condition(dice: Random) -> str:
    parts = [f"{dice.choice(('', 'not '))}{_test(dice)}" for _ in range(dice.randint(2, 4))]
    return dice.choice((" and ", " and ", " or ")).join(parts)


@pytest.mark.parametrize("chunk", range(6))
def test_no_sampled_visitor_was_proven_away(chunk: int) -> None:
    dice = Random(chunk)  # noqa: S311 - chosen, not secret
    whens = {f"c{number}": _condition(dice) for number in range(30)}
    journeys = journeys_of(models_from_dicts([document(ATTRIBUTES, **whens)]))
    conditions = journeys.rules[0].conditions
    seen: set[tuple[str, Want]] = set()
    for n, s, consent in product((None, *NUMBERS), (None, *TEXTS), CONSENTS):
        values = permit({"n": n, "s": s}, journeys.catalogue, consent, NOW_MS / 1000).values
        visit = kleene.Visit(values, NOW_MS, journeys.conditions)
        seen |= {(each.id, TRUTHS[visit.truth(each.tree)]) for each in conditions}

    prover = Prover(journeys, now_ms=NOW_MS)
    undecided = 0
    for each, want in product(conditions, TRUTHS.values()):
        try:
            found = prover.find(Holds(each.tree, want))
        except Undecided:
            undecided += 1
            continue
        assert found is not None or (each.id, want) not in seen, (whens[each.id], want)
        assert found is None or prover.holds(Holds(each.tree, want), found)
    assert undecided <= 2
