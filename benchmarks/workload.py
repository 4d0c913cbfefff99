"""`offers-N`: N offers over 20 typed attributes, and 1,000 visitors. Seeded: every run measures the same.

- 20 attributes: 8 strings of 4 to 50 values, 7 numbers, 3 booleans, 2 sets of strings of 60 and 100 members.
- An offer has 3 conditions on 3 different attributes: equal, in a list, >=, <=, between, boolean, contains
  any. An absent attribute satisfies nothing.
- Narrow offers stand on top, broad ones below, so that the first hit lies about half way down and some 20 %
  of the visitors match nothing. A visitor has 12 of the 20 attributes.

The offers exist twice: as a model document for the compiler, and as plain tests that `first_hit` tries in
turn. Nothing here imports the sdk.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

Value: TypeAlias = "str | float | bool | list[str]"
Visitor: TypeAlias = dict[str, Value]

PLACEMENT: Final = "page.hero"
FALLBACK: Final = "welcome"
PURPOSES: Final = (
    "personalize.content.limited",
    "personalize.content.profiled",
    "functional.storage",
)
# How broad the offers are together, found by bisection so that 80 % of the visitors match one.
WIDTHS: Final = {10: 36.0, 30: 15.5, 100: 17.5, 300: 19.0, 1_000: 21.5, 10_000: 26.5, 100_000: 37.0}
VISITORS: Final = 1_000
PRESENT: Final = 12  # attributes of one visitor
INTERESTS_PER_VISITOR: Final = 4  # members of one visitor's set
CONDITIONS: Final = 3  # of one offer

STRINGS: Final = {"country": 4, "device": 6, "region": 8, "referrer": 12, "category": 20, "campaign": 30,
                  "brand": 40, "city": 50}  # fmt: skip
NUMBERS: Final = {"age": 80, "purchases": 60, "spend": 900, "visits": 200, "tenure": 2_000, "recency": 365,
                  "score": 100}  # fmt: skip
DECIMALS: Final = frozenset({"spend", "score"})  # numbers with two decimals; the others are whole
BOOLEANS: Final = {"newsletter": 0.4, "app_installed": 0.3, "returning": 0.6}
SETS: Final = {"interests": 60, "segments": 100}
ATTRIBUTES: Final = (*STRINGS, *NUMBERS, *BOOLEANS, *SETS)
TWELVE: Final = ATTRIBUTES[:PRESENT]  # what `cal` reads


class Operation(StrEnum):
    """What a condition asks; in brackets its operands."""

    EQUAL = "equal"  # (word,)
    IN = "in"  # the words, two or more
    AT_LEAST = "at least"  # (low,)
    AT_MOST = "at most"  # (high,)
    BETWEEN = "between"  # (low, high), both included
    IS = "is"  # (True,) or (False,)
    ANY_OF = "any of"  # the members, one or more


class Test(NamedTuple):
    """One condition: in the words of an author, as a Python test, the share of values that satisfy it, and in parts.

    The parts are for whoever writes it down in another language: benchmarks/peers.
    """

    attribute: str
    text: str
    holds: Callable[[Any], bool]
    share: float
    operation: Operation
    operands: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """A model document for one placement, its offers as plain tests from the top down, and the visitors."""

    document: Mapping[str, Any]
    offers: Sequence[tuple[str, Sequence[Test]]]
    visitors: Sequence[Visitor]


def make(n: int, *, seed: int = 7) -> Workload:
    """Draw `offers-n` and its visitors."""
    guests = visitors(seed=seed)
    offers = _draw(n, WIDTHS.get(n, WIDTHS[1_000]), random.Random(f"offers {n} {seed}"))
    return Workload(_document(offers), offers, guests)


def visitors(*, seed: int = 7) -> tuple[Visitor, ...]:
    """1,000 different visitors with 12 of the 20 attributes each."""
    dice = random.Random(f"visitors {seed}")
    return tuple(_visitor(dice) for _ in range(VISITORS))


def first_hit(offers: Sequence[tuple[str, Sequence[Test]]], visitor: Visitor) -> int | None:
    """How many offers stand above the first whose tests all hold; None when none does. The naive scan."""
    get = visitor.get
    for place, (_, tests) in enumerate(offers):
        if all((value := get(test.attribute)) is not None and test.holds(value) for test in tests):
            return place
    return None


def winner(workload: Workload, visitor: Visitor) -> str:
    """The id of the offer that the naive scan finds, or the fallback's."""
    place = first_hit(workload.offers, visitor)
    return FALLBACK if place is None else workload.offers[place][0]


def cal(guests: Sequence[Visitor]) -> None:
    """The unit of the ratios: per visitor, one call of a loop that reads 12 attributes by `dict.get`."""
    for visitor in guests:
        _read_twelve(visitor)


def _read_twelve(visitor: Visitor) -> None:
    for name in TWELVE:
        visitor.get(name)


# --- Visitors ----------------------------------------------------------------------------------------------


def _visitor(dice: random.Random) -> Visitor:
    return {name: _value(name, dice) for name in dice.sample(ATTRIBUTES, PRESENT)}


def _value(name: str, dice: random.Random) -> Value:
    if name in STRINGS:
        return _word(name, dice.randrange(STRINGS[name]))
    if name in NUMBERS:
        whole = dice.randrange(NUMBERS[name])
        return whole + dice.randrange(100) / 100 if name in DECIMALS else whole
    if name in BOOLEANS:
        return dice.random() < BOOLEANS[name]
    chosen = dice.sample(range(SETS[name]), INTERESTS_PER_VISITOR)
    return [_word(name, member) for member in chosen]


def _word(name: str, number: int) -> str:
    return f"{name}-{number}"


# --- Offers ------------------------------------------------------------------------------------------------


def _draw(n: int, width: float, dice: random.Random) -> list[tuple[str, list[Test]]]:
    """Draw the offers from the narrowest to the broadest: the share that matches grows along the way."""
    digits = len(str(n))
    shares = (min(0.9, width * (place + 0.5) / n / n) for place in range(n))
    return [(f"offer-{place:0{digits}}", _tests(share, dice)) for place, share in enumerate(shares)]


def _tests(share: float, dice: random.Random) -> list[Test]:
    """Three tests on different attributes; together they hold for about `share` of those who have all."""
    best: list[Test] = []
    best_error = float("inf")
    for _ in range(20):
        names = dice.sample(ATTRIBUTES, CONDITIONS)
        tests, left = [], share
        for place, name in enumerate(sorted(names, key=_COARSENESS.__getitem__)):
            tests.append(_test(name, left ** (1 / (CONDITIONS - place)), dice))
            left = min(1.0, left / tests[-1].share)
        error = abs(_together(tests) / share - 1)
        if error < best_error:
            best, best_error = tests, error
        if error < 0.25:
            break
    return best


def _together(tests: Sequence[Test]) -> float:
    product = 1.0
    for test in tests:
        product *= test.share
    return product


# Coarse attributes first: what they cannot express, the finer ones make up for.
_COARSENESS: Final = {name: place for place, name in enumerate((*BOOLEANS, *STRINGS, *SETS, *NUMBERS))}


def _test(name: str, share: float, dice: random.Random) -> Test:
    if name in STRINGS:
        return _string_test(name, share, dice)
    if name in NUMBERS:
        return _number_test(name, share, dice)
    return _boolean_test(name, share) if name in BOOLEANS else _set_test(name, share, dice)


def _string_test(name: str, share: float, dice: random.Random) -> Test:
    size = STRINGS[name]
    count = min(size - 1, max(1, round(share * size)))
    words = [_word(name, number) for number in sorted(dice.sample(range(size), count))]
    if count == 1:
        (word,) = words
        return Test(
            name, f'{name} == "{word}"', lambda value: value == word, 1 / size, Operation.EQUAL, (word,)
        )
    wanted = frozenset(words)
    text = f"{name} in {_listed(words)}"
    return Test(name, text, lambda value: value in wanted, count / size, Operation.IN, tuple(words))


def _number_test(name: str, share: float, dice: random.Random) -> Test:
    size = NUMBERS[name]
    count = min(size - 1, max(1, round(share * size)))
    kind = dice.choice((Operation.AT_LEAST, Operation.AT_MOST, Operation.BETWEEN))
    between = dice.randrange(size - count + 1)
    low = {Operation.AT_LEAST: size - count, Operation.AT_MOST: 0, Operation.BETWEEN: between}[kind]
    high = low + count - (name not in DECIMALS)
    text, operands = {
        Operation.AT_LEAST: (f"{name} >= {low}", (low,)),
        Operation.AT_MOST: (f"{name} <= {high}", (high,)),
        Operation.BETWEEN: (f"{low} <= {name} <= {high}", (low, high)),
    }[kind]
    return Test(name, text, lambda value: low <= value <= high, count / size, kind, operands)


def _boolean_test(name: str, share: float) -> Test:
    true = BOOLEANS[name]
    if abs(true - share) <= abs(1 - true - share):
        return Test(name, name, lambda value: value is True, true, Operation.IS, (True,))
    return Test(name, f"not {name}", lambda value: value is False, 1 - true, Operation.IS, (False,))


def _set_test(name: str, share: float, dice: random.Random) -> Test:
    size = SETS[name]
    # Of `count` wanted members a visitor with k of `size` has none with probability (1 - count / size) ** k.
    count = min(size // 2, max(1, round(size * (1 - (1 - min(share, 0.95)) ** (1 / INTERESTS_PER_VISITOR)))))
    words = [_word(name, number) for number in sorted(dice.sample(range(size), count))]
    wanted = frozenset(words)
    quoted = ", ".join(f'"{word}"' for word in words)
    reached = 1 - (1 - count / size) ** INTERESTS_PER_VISITOR
    text = f"any_of({name}, {quoted})"
    return Test(
        name, text, lambda value: not wanted.isdisjoint(value), reached, Operation.ANY_OF, tuple(words)
    )


def _listed(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


# --- The model ---------------------------------------------------------------------------------------------


def _document(offers: Sequence[tuple[str, Sequence[Test]]]) -> dict[str, Any]:
    return {
        "model": "offers",
        "channel": "web",
        "attributes": {name: _declaration(name, place) for place, name in enumerate(ATTRIBUTES)},
        "stages": [{"id": "visit"}],
        "placements": {PLACEMENT: {"fallback": FALLBACK}},
        "offers": [
            {"id": FALLBACK, "content": {"title": "Welcome"}},
            *(_offer(offer, tests, len(offers) - place) for place, (offer, tests) in enumerate(offers)),
        ],
    }


def _declaration(name: str, place: int) -> dict[str, Any]:
    type_ = "string" if name in STRINGS else "number" if name in NUMBERS else "boolean"
    return {
        "type": "strings" if name in SETS else type_,
        "provenance": "first_party",
        "purposes": [PURPOSES[place % len(PURPOSES)]],
    }


def _offer(offer: str, tests: Sequence[Test], priority: int) -> dict[str, Any]:
    return {
        "id": offer,
        "placements": [PLACEMENT],
        "when": [test.text for test in tests],
        "priority": priority,
        "content": {"title": f"Offer {offer}", "image": f"{offer}.avif"},
    }
