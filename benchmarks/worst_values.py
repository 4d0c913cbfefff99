"""Worst cases of values: how many offers match, many attributes, values, thresholds, members, texts."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from . import workload
from .worst_drawing import NOW_S, VISITORS, Drawn, Visitor, guests, model

MEMBERS: Final = 1_000  # of one visitor's set


# --- How many match ----------------------------------------------------------------------------------------


def all_match(n: int) -> Drawn:
    """Three conditions each, over three numbers, a string and a set; all hold for everybody."""
    whens = [
        [f"spend >= -{place}", f'any_of(tags, "tag-{place % 50}", "everyone")', f'name != "nobody-{place}"']
        for place in range(n)
    ]
    attributes = {"spend": "number", "tags": "strings", "name": "string"}
    return Drawn(model(attributes, whens), guests(_shopper, seed="all"))


def none_match(n: int) -> Drawn:
    """The same, and a third of each of the conditions fails for everybody."""
    whens = [
        [
            f"spend >= {-place if place % 3 else 1_000 + place}",
            f'any_of(tags, "{"everyone" if place % 3 != 1 else f"nobody-{place}"}")',
            f'name {"!=" if place % 3 != 2 else "=="} "nobody-{place}"',
        ]
        for place in range(n)
    ]
    attributes = {"spend": "number", "tags": "strings", "name": "string"}
    return Drawn(model(attributes, whens), guests(_shopper, seed="none"))


def _shopper(dice: random.Random) -> Visitor:
    tags = [f"tag-{dice.randrange(50)}", "everyone"]
    return {"spend": dice.randrange(1_000), "tags": tags, "name": f"name-{dice.randrange(10**6)}"}


def all_absent(n: int) -> Drawn:
    """The plain workload, and visitors of whom nothing is known."""
    return Drawn(workload.make(n).document, [{} for _ in range(VISITORS)])


# --- Many attributes, values, thresholds -------------------------------------------------------------------


def many_attributes(n: int) -> Drawn:
    """Two hundred attributes of all plain types, three conditions an offer; visitors have every attribute."""
    types = ("string", "number", "boolean", "strings")
    attributes = {f"a{number}": types[number % 4] for number in range(200)}
    dice = random.Random("attributes")

    def test(name: str) -> str:
        number = dice.randrange(1, 20)
        tests = {
            "string": f'{name} == "v-{number}"',
            "number": f"{name} >= {number * 50}",
            "boolean": name,
            "strings": f'any_of({name}, "v-{number}", "v-{number + 1}")',
        }
        return tests[attributes[name]]

    def guest(dice: random.Random) -> Visitor:
        made: Mapping[str, Callable[[], Any]] = {
            "string": lambda: f"v-{dice.randrange(20)}",
            "number": lambda: dice.randrange(1_000),
            "boolean": lambda: dice.random() < 0.5,
            "strings": lambda: [f"v-{dice.randrange(20)}" for _ in range(3)],
        }
        return {name: made[type_]() for name, type_ in attributes.items()}

    whens = [[test(name) for name in dice.sample(sorted(attributes), 3)] for _ in range(n)]
    return Drawn(model(attributes, whens), guests(guest, seed="attributes"))


def _by_string(words: Callable[[int], str], values: int, n: int) -> Drawn:
    whens = [words(place) for place in range(n)]
    visitors = guests(lambda dice: {"sku": f"sku-{dice.randrange(values)}"}, seed="sku")
    return Drawn(model({"sku": "string"}, whens), visitors)


def a_value_each(n: int) -> Drawn:
    """As many values of one string as offers."""
    return _by_string(lambda place: f'sku == "sku-{place}"', n, n)


def all_but_a_value_each(n: int) -> Drawn:
    """Each offer refuses one value of a string."""
    return _by_string(lambda place: f'sku != "sku-{place}"', n, n)


def lists_of_values(n: int) -> Drawn:
    """Each offer lists a hundred values of one string, of a hundred times as many as there are offers."""
    dice = random.Random("lists")

    def words(_: int) -> str:
        listed = ", ".join(f'"sku-{dice.randrange(100 * n)}"' for _ in range(100))
        return f"sku in [{listed}]"

    return _by_string(words, 100 * n, n)


def _by_number(words: Callable[[int], str], n: int) -> Drawn:
    whens = [words(place) for place in range(n)]
    visitors = guests(lambda dice: {"score": dice.randrange(n) + dice.choice((0, 0.5))}, seed="score")
    return Drawn(model({"score": "number"}, whens), visitors)


def thresholds(n: int) -> Drawn:
    """Each offer has a threshold of its own, the hardest on top."""
    return _by_number(lambda place: f"score >= {n - 1 - place}", n)


def points(n: int) -> Drawn:
    """Each offer asks for a number of its own; half of the visitors have none of them."""
    return _by_number(lambda place: f"score == {place}", n)


def narrow_ranges(n: int) -> Drawn:
    """Each offer asks for a short range, which ends right before the visitors' value or right behind it."""
    dice = random.Random("ranges")

    def words(_: int) -> str:
        low = dice.randrange(n) + 0.1
        return f"{low} <= score <= {low + dice.choice((0.2, 0.3))}"

    return _by_number(words, n)


def nested_ranges(n: int) -> Drawn:
    """Each offer's range holds the one above it."""
    return _by_number(lambda place: f"{(n - place) / 2} <= score <= {(n + place) / 2}", n)


def two_point_attributes(n: int) -> Drawn:
    """Two numbers, each asked for exactly, so that cells of both are full of near misses."""
    whens = [[f"first == {place}", f"second == {n - place}"] for place in range(n)]

    def guest(dice: random.Random) -> Visitor:
        at = dice.randrange(n)
        return {"first": at + 0.5, "second": n - at + 0.5}

    return Drawn(model({"first": "number", "second": "number"}, whens), guests(guest, seed="two"))


def days(n: int) -> Drawn:
    """Each offer has a number of days of its own since an instant."""
    whens = [f"days_since(seen) >= {(n - place) / 7}" for place in range(n)]

    def guest(dice: random.Random) -> Visitor:
        return {"seen": (NOW_S - dice.randrange(n * 86_400 // 7)) * 1000}

    return Drawn(model({"seen": "datetime"}, whens), guests(guest, seed="days"))


def windows(n: int) -> Drawn:
    """Each offer is open in a window of its own; half of them begin, and half end, around the decision."""

    def more(place: int) -> Mapping[str, Any]:
        begin = NOW_S + 1 + place if place % 2 else NOW_S - 2 * n
        end = NOW_S + 2 * n + place if place % 2 else NOW_S - place
        return {"valid": {"from": _iso(begin), "until": _iso(end)}}

    document = model({"score": "number"}, ["score >= 0"] * n, more=more)
    return Drawn(document, guests(lambda dice: {"score": dice.randrange(9)}, seed="windows"))


def _iso(instant_s: int) -> str:
    return datetime.datetime.fromtimestamp(instant_s, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Sets and texts ----------------------------------------------------------------------------------------


def _members(whens: Sequence[str]) -> Drawn:
    """Visitors have 1,000 members of 2,000, the first, `a`, always."""

    def guest(dice: random.Random) -> Visitor:
        return {"tags": ["a", *(f"m{member}" for member in dice.sample(range(2 * MEMBERS), MEMBERS - 1))]}

    return Drawn(model({"tags": "strings"}, whens), guests(guest, seed="members"))


def _some(dice: random.Random, count: int, prefix: str = "m") -> str:
    return ", ".join(f'"{prefix}{member}"' for member in dice.sample(range(2 * MEMBERS), count))


def members_any(n: int) -> Drawn:
    """Offers ask for one of ten members each."""
    dice = random.Random("any")
    return _members([f"any_of(tags, {_some(dice, 10)})" for _ in range(n)])


def members_all_common(n: int) -> Drawn:
    """Offers ask for a member that everybody has and one that nobody has."""
    return _members([f'all_of(tags, "a", "nobody-{place}")' for place in range(n)])


def members_all_pairs(n: int) -> Drawn:
    """Offers ask for six members each of those that half of the visitors have."""
    dice = random.Random("pairs")
    return _members([f"all_of(tags, {_some(dice, 6)})" for _ in range(n)])


def members_none(n: int) -> Drawn:
    """Offers refuse ten members each."""
    dice = random.Random("no")
    return _members([f"not any_of(tags, {_some(dice, 10)})" for _ in range(n)])


def _by_text(whens: Sequence[str], length: int) -> Drawn:
    def guest(dice: random.Random) -> Visitor:
        words = "".join(f"/{dice.randrange(10**6):06}" for _ in range(length // 7 + 1))
        return {"url": words[:length]}

    return Drawn(model({"url": "string"}, whens), guests(guest, seed="texts"))


def prefixes(n: int) -> Drawn:
    """Offers ask for a beginning each, of as many lengths as there can be; the text has 1,000 characters."""
    return _by_text([f'starts_with(url, "/{place:0{1 + place % 900}}")' for place in range(n)], 1_000)


def suffixes(n: int) -> Drawn:
    """The same for endings."""
    return _by_text([f'ends_with(url, "{place:0{1 + place % 900}}")' for place in range(n)], 1_000)


def substrings(n: int) -> Drawn:
    """Offers ask for a part each; the text has 40 characters."""
    return _by_text([f'contains(url, "/{place:06}/")' for place in range(n)], 40)


def substrings_of_long(n: int) -> Drawn:
    """The same with 1,000 characters."""
    return _by_text([f'contains(url, "/{place:06}/")' for place in range(n)], 1_000)
