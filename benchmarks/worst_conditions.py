"""Worst cases of conditions: deep, wide, more clauses than the index holds, for many placements and stages."""

from __future__ import annotations

import random
from typing import Final

from .worst_drawing import FALLBACK, PLACEMENT, Drawn, Visitor, guests, model
from .worst_values import all_match

FACTORS: Final = 12  # of a conjunction whose clauses would be 2 ** 12


# --- Conditions within conditions --------------------------------------------------------------------------

_SWITCHES: Final = {f"s{number}": "boolean" for number in range(2 * FACTORS)}
_NUMBERS: Final = {f"n{number}": "number" for number in range(2 * FACTORS)}


def nested(n: int) -> Drawn:
    """Offers whose `and`, `or` and `not` nest ninety deep, over forty-eight attributes."""

    def words(place: int) -> str:
        text = f"n0 >= {place}"
        for depth in range(1, 44):
            number = (place + depth) % (2 * FACTORS)
            join = "and" if depth % 2 else "or"
            text = f"not (s{number} {join} {text if depth % 3 else f'({text})'})"
        return text

    return Drawn(model({**_SWITCHES, **_NUMBERS}, [words(place) for place in range(n)]), _coins("nested"))


def _coins(seed: str) -> list[Visitor]:
    def guest(dice: random.Random) -> Visitor:
        switches = {name: dice.random() < 0.5 for name in _SWITCHES}
        return {**switches, **{name: dice.randrange(1_000) for name in _NUMBERS}}

    return guests(guest, seed=seed)


def _product(place: int, *, last: str) -> str:
    """A conjunction of `FACTORS` disjunctions. With all `n` below 1,000 only the last decides."""
    factors = [f"(s{number} or n{number} >= {-place - number})" for number in range(FACTORS - 1)]
    return " and ".join([*factors, last])


def products_that_fail(n: int) -> Drawn:
    """Conjunctions of disjunctions, too many clauses to expand: what is left out of the index fails for everybody."""
    whens = [
        _product(place, last=f"(n20 >= {2_000 + place} or n21 >= {3_000 + place})") for place in range(n)
    ]
    return Drawn(model({**_SWITCHES, **_NUMBERS}, whens), _coins("products"))


def _sum(place: int) -> str:
    pairs = [f"(n{k % 12} >= {900 + k} and n{12 + k % 12} >= {2_000 + place + k})" for k in range(80)]
    return " or ".join(pairs)


def sums_that_fail(n: int) -> Drawn:
    """Disjunctions of eighty conjunctions, more clauses than a condition has in the index; none holds."""
    return Drawn(model({**_NUMBERS}, [_sum(place) for place in range(n)]), _coins("sums"))


def _clauses(place: int) -> str:
    """Sixty-four clauses, in the index exactly, all of which hold."""
    return " and ".join(f"(s{number} or n{number} >= {-place - number})" for number in range(6))


def sixty_four_clauses(n: int) -> Drawn:
    """Conjunctions of six disjunctions, in the index in full; each holds in many ways."""
    return Drawn(model({**_SWITCHES, **_NUMBERS}, [_clauses(place) for place in range(n)]), _coins("clauses"))


# --- Many at once ------------------------------------------------------------------------------------------


def fifty_placements(n: int) -> Drawn:
    """Fifty placements for each of which all offers compete, and all match."""
    drawn = all_match(n)
    names = [PLACEMENT, *(f"slot.{number}" for number in range(1, 50))]
    offers = [
        each if each["id"] == FALLBACK else {**each, "placements": names} for each in drawn.document["offers"]
    ]
    placements = {name: {"fallback": FALLBACK} for name in names}
    return Drawn({**drawn.document, "offers": offers, "placements": placements}, drawn.visitors)


def fifty_placements_that_fail(n: int) -> Drawn:
    """Fifty placements, and every candidate of each must be refused by its tree."""
    whens = [
        _product(place, last=f"(n20 >= {2_000 + place} or n21 >= {3_000 + place})") for place in range(n)
    ]
    return Drawn(model({**_SWITCHES, **_NUMBERS}, whens, placements=50), _coins("products"))


def many_stages(n: int) -> Drawn:
    """Twenty-four stages, every visitor in another set of them, and offers in all stages."""
    stages = [{"id": f"stage-{number}", "when": name} for number, name in enumerate(_SWITCHES)]
    document = model(
        {**_SWITCHES, "n0": "number"}, [f"n0 >= {n - place}" for place in range(n)], stages=stages
    )
    return Drawn(document, _coins("stages"))
