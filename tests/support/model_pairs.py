"""Random pairs of models, an old one and one with a few changes, and a crowd of visitors near their literals.

The dice are seeded, so each process sees the same. Attributes and literals are those of `random_models`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any, TypeAlias

from discreet_consent import Consent

from .random_models import ATTRIBUTES, DECLARED, Pools, literals_of
from .random_visitors import SOUND
from .vectors.cases import NOW_S

Document: TypeAlias = dict[str, Any]
DAY_S = 86_400
PAIRS = 50
PLACEMENTS = ("web.0", "web.1")
_POOLS = Pools()
_PURPOSES = (
    ["personalize.content.profiled"], ["personalize.content.limited"], ["analytics"], ["essential.service"],
    ["personalize.content.limited", "analytics"],
)  # fmt: skip
# By the type of the attribute, and `days` for the days since a datetime: what is asked, and of how many literals.
_FORMS: Mapping[str, Sequence[tuple[str, int]]] = {
    "boolean": (("{0}", 0), ("{0} == {1}", 1), ("not {0}", 0), ("known({0})", 0)),
    "number": (
        ("{0} < {1}", 1), ("{0} >= {1}", 1), ("{0} == {1}", 1), ("{0} != {1}", 1), ("{0} in [{1}, {2}]", 2),
        ("{0} not in [{1}, {2}]", 2), ("{1} <= {0} < {2}", 2), ("known({0})", 0),
    ),
    "string": (
        ("{0} == {1}", 1), ("{0} in [{1}, {2}]", 2), ("{0} not in [{1}, {2}]", 2), ("starts_with({0}, {1})", 1),
        ("ends_with({0}, {1})", 1), ("contains({0}, {1})", 1), ("not contains({0}, {1})", 1), ("known({0})", 0),
    ),
    "strings": (
        ("{1} in {0}", 1), ("{1} not in {0}", 1), ("any_of({0}, {1}, {2})", 2), ("all_of({0}, {1}, {2})", 2),
    ),
    "datetime": (("{0} < {1}", 1), ("{0} >= {1}", 1), ("{0} in [{1}, {2}]", 2), ("known({0})", 0)),
    "days": (("days_since({0}) < {1}", 1), ("days_since({0}) >= {1}", 1)),
}  # fmt: skip
# What is part of an address whose network is asked for, too, is more than the prover settles at times.
_PLAIN = ("{0} == {1}", "{0} in [{1}, {2}]", "{0} not in [{1}, {2}]", "known({0})")
_ASKED = [name for name, each in DECLARED.items() if each["provenance"] != "third_party"]


@dataclass(slots=True)
class Test:
    """One test of a condition; a mutation changes its literals in place."""

    __test__ = False  # nothing for pytest

    kind: str
    name: str
    form: str
    literals: list[object]

    def __str__(self) -> str:
        literals = [
            json.dumps(each, ensure_ascii=False) if isinstance(each, str) else repr(each)
            for each in self.literals
        ]
        return self.form.format(self.name, *literals)


@dataclass(slots=True)
class Joined:
    """Tests or names of conditions, joined by `and` or `or`."""

    word: str
    parts: list[Test | str]

    def __str__(self) -> str:
        return f" {self.word} ".join(f"({part})" for part in self.parts)


When: TypeAlias = Joined


@dataclass(slots=True)
class Draft:
    """A model that can still be changed."""

    attributes: Document
    conditions: dict[str, When]
    entries: dict[str, When]  # of the stages but the first
    fallbacks: dict[str, str]
    offers: dict[str, Document] = field(default_factory=dict[str, Document])

    def document(self) -> Document:
        """The model as plain data."""
        return {
            "model": "web", "channel": "web", "attributes": self.attributes,
            "conditions": {name: {"says": "It is so", "when": str(when)} for name, when in self.conditions.items()},
            "stages": [{"id": "s0"}, *({"id": name, "when": str(when)} for name, when in self.entries.items())],
            "placements": {name: {"fallback": offer} for name, offer in self.fallbacks.items()},
            "offers": [
                _offer_document(name, offer)
                for name, offer in self.offers.items()
                if "placements" in offer or name in self.fallbacks.values()
            ],
        }  # fmt: skip


def _offer_document(name: str, offer: Document) -> Document:
    made = {"id": name, **offer}
    if "when" in offer:
        made["when"] = str(offer["when"])
        if "unknown(" in made["when"]:
            made["waive"] = "withdrawal"
    return made


@dataclass(frozen=True)
class Pair:
    """Two models, and what was done to the first to make the second."""

    number: int
    old: Document
    new: Document
    changes: Sequence[str]


@cache
def pair(number: int) -> Pair:
    """One of the random pairs: each sort of change is made in turn, half of the pairs have a second one."""
    dice = Random(f"pair {number}")  # noqa: S311 - chosen, not secret
    old = _draft(dice)
    new = copy.deepcopy(old)
    kinds = [*MUTATIONS]
    changes = [kinds[number % len(kinds)], *([dice.choice(kinds)] if number % 2 else [])]
    for kind in changes:
        MUTATIONS[kind](dice, new)
    return Pair(number, old.document(), new.document(), changes)


# --- Drafts ----------------------------------------------------------------------------------------------------


def _draft(dice: Random) -> Draft:
    draft = Draft(
        copy.deepcopy(ATTRIBUTES),
        {name: _when(dice, ()) for name in ("c0", "c1")},
        {name: _when(dice, ("c0",), "or") for name in ("s1", "s2")},
        {name: f"none{number}" for number, name in enumerate(PLACEMENTS)},
    )
    draft.offers = {f"none{number}": {"content": {"title": "nothing"}} for number in range(3)}
    for number in range(dice.randint(6, 10)):
        draft.offers[f"o{number}"] = _offer(dice)
    return draft


def _offer(dice: Random) -> Document:
    offer: Document = {
        "placements": sorted(dice.sample(PLACEMENTS, dice.randint(1, 2))),
        "stages": sorted(dice.sample(("s0", "s1", "s2"), dice.randint(1, 3))),
        "priority": dice.choice((0, 1, 50)),
        "content": {"title": dice.choice(("plain", "Hi {s|you}!", "{n|none}")), "kept": [10.0, False, ""]},
        "when": _when(dice, ("c0", "c1")),
    }
    if dice.randint(0, 7) == 0:
        offer["when"].parts.append(f"unknown({dice.choice(_ASKED)})")
    if dice.randint(0, 3) == 0:
        _window(dice, offer)
    return offer


def _when(dice: Random, names: Sequence[str], word: str | None = None) -> When:
    parts: list[Test | str] = [_test(dice) for _ in range(dice.randint(1, 3))]
    if names and dice.randint(0, 3) == 0:
        parts.append(dice.choice(names))
    return Joined(word or dice.choice(("and", "and", "or")), parts)


def _test(dice: Random) -> Test:
    kind = dice.choice([*_FORMS])
    type_ = "datetime" if kind == "days" else kind
    name = dice.choice([each for each in _ASKED if DECLARED[each]["type"] == type_])
    forms = _FORMS[kind]
    if name in ("i", "net"):
        forms = [(form, literals) for form, literals in forms if form in _PLAIN]
    form, literals = dice.choice(forms)
    test = Test(kind, name, form, [None] * literals)
    _reroll(dice, test)
    return test


def _reroll(dice: Random, test: Test) -> None:
    pool = _POOLS.days if test.kind == "days" else literals_of(test.name, _POOLS)
    test.literals = dice.sample([*pool], len(test.literals))
    if test.form.startswith("{1} <="):
        test.literals.sort(key=pool.index)


def _window(dice: Random, offer: Document) -> None:
    begin, end = sorted(dice.sample(range(len(_POOLS.moments)), 2))
    window = {"from": _POOLS.moments[begin], "until": _POOLS.moments[end]}
    sides = dice.choice((("from",), ("until",), ("from", "until")))
    offer["valid"] = {side: window[side] for side in sides}


# --- Mutations -------------------------------------------------------------------------------------------------


def _some_offer(dice: Random, draft: Draft) -> Document:
    return draft.offers[dice.choice([name for name in draft.offers if name.startswith("o")])]


def _tests(draft: Draft) -> list[Test]:
    whens = [*draft.conditions.values(), *draft.entries.values()]
    whens += [offer["when"] for offer in draft.offers.values() if "when" in offer]
    return [part for when in whens for part in when.parts if isinstance(part, Test) and part.literals]


def _change_literal(dice: Random, draft: Draft) -> None:
    _reroll(dice, dice.choice(_tests(draft)))


def _change_priority(dice: Random, draft: Draft) -> None:
    _some_offer(dice, draft)["priority"] = dice.choice((-1, 2, 51))


def _change_stages(dice: Random, draft: Draft) -> None:
    _some_offer(dice, draft)["stages"] = sorted(dice.sample(("s0", "s1", "s2"), dice.randint(1, 3)))


def _change_window(dice: Random, draft: Draft) -> None:
    offer = _some_offer(dice, draft)
    if offer.pop("valid", None) is None:
        _window(dice, offer)


def _change_when(dice: Random, draft: Draft) -> None:
    _some_offer(dice, draft)["when"] = _when(dice, ("c0", "c1"))


def _change_condition(dice: Random, draft: Draft) -> None:
    draft.conditions[dice.choice(("c0", "c1"))] = _when(dice, ())


def _change_entry(dice: Random, draft: Draft) -> None:
    draft.entries[dice.choice(("s1", "s2"))] = _when(dice, ("c0",), "or")


def _change_purposes(dice: Random, draft: Draft) -> None:
    name = dice.choice(_tests(draft)).name
    draft.attributes[name]["purposes"] = dice.choice(_PURPOSES)


def _change_sensitive(dice: Random, draft: Draft) -> None:
    declared = draft.attributes[dice.choice(_tests(draft)).name]
    if declared.pop("sensitive", None) is None:
        declared["sensitive"] = dice.choice(("health", "religion"))


def _change_provenance(dice: Random, draft: Draft) -> None:
    names = [each.name for each in _tests(draft) if "coarsens" not in DECLARED[each.name]]
    declared = draft.attributes[dice.choice(names)]
    declared["provenance"] = "first_party" if declared["provenance"] == "contextual" else "contextual"


def _add_offer(dice: Random, draft: Draft) -> None:
    draft.offers["o99"] = _offer(dice)


def _remove_offer(dice: Random, draft: Draft) -> None:
    del draft.offers[dice.choice([name for name in draft.offers if name.startswith("o")])]


def _swap_fallback(dice: Random, draft: Draft) -> None:
    draft.fallbacks[dice.choice(PLACEMENTS)] = "none2"


def _change_placements(dice: Random, draft: Draft) -> None:
    offer = _some_offer(dice, draft)
    offer["placements"] = [each for each in PLACEMENTS if each not in offer["placements"]] or [PLACEMENTS[0]]


def _change_content(dice: Random, draft: Draft) -> None:
    _some_offer(dice, draft)["content"] = {"title": dice.choice(("new", "Hi {s|there}!", "{m|none}"))}


MUTATIONS: Mapping[str, Callable[[Random, Draft], None]] = {
    "literal": _change_literal, "priority": _change_priority, "stages": _change_stages, "window": _change_window,
    "when": _change_when, "condition": _change_condition, "entry": _change_entry, "purposes": _change_purposes,
    "sensitive": _change_sensitive, "provenance": _change_provenance, "add": _add_offer, "remove": _remove_offer,
    "fallback": _swap_fallback, "placements": _change_placements, "content": _change_content,
}  # fmt: skip


# --- The crowd -------------------------------------------------------------------------------------------------

_EVERYTHING = ("personalize", "analytics")
_CONSENTS = (
    Consent.granting(*_EVERYTHING, sensitive=("health", "religion")),
    Consent.granting(*_EVERYTHING, sensitive=("health", "religion")),
    Consent.granting(*_EVERYTHING),
    Consent.granting("personalize.content", sensitive=("health",)),
    Consent.granting("personalize.content.limited", "analytics", sensitive=("religion",)),
    Consent.granting("personalize.content.profiled", sensitive=("health", "religion")),
    Consent.granting("personalize.content.limited"),
    Consent.granting("analytics", sensitive=("health",)),
    Consent(_EVERYTHING, sensitive=("health", "religion"), contextual_only=True),
    Consent.refusing(),
)
_CLOCKS = (
    NOW_S, NOW_S + 0.25, NOW_S - 0.001, NOW_S + DAY_S, NOW_S - DAY_S // 2, NOW_S - 9 * DAY_S, NOW_S + 8 * DAY_S,
    NOW_S - 0.5 * DAY_S, NOW_S + 7 * DAY_S - 1, NOW_S - 10 * DAY_S,
)  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """Visitors who come at one instant to one placement, as a record batch, and what each consents to."""

    placement: str
    now_s: float
    batch: Any
    consents: Sequence[Consent]


@cache
def crowds(visitors: int) -> Sequence[Crowd]:
    """So many visitors, the same for every pair: a crowd for each clock, the placements in turn.

    Needs pyarrow and numpy.
    """
    share = visitors // len(_CLOCKS)
    return [
        Crowd(PLACEMENTS[number % 2], now_s, *_crowd(number, share)) for number, now_s in enumerate(_CLOCKS)
    ]


def _crowd(number: int, size: int) -> tuple[Any, Sequence[Consent]]:
    import numpy as np
    import pyarrow as pa  # type: ignore[import-untyped] # it has no types

    dice = np.random.default_rng(number)
    columns = {name: pa.array(pool).take(dice.integers(0, len(pool), size)) for name, pool in _columns()}
    consents = [_CONSENTS[each] for each in np.sort(dice.integers(0, len(_CONSENTS), size))]
    return pa.RecordBatch.from_arrays([*columns.values()], names=[*columns]), consents


def _columns() -> Iterator[tuple[str, list[Any]]]:
    """For each attribute that comes with a visitor, values near the literals, and nothing for one in five."""
    for name in _ASKED:
        if "coarsens" not in DECLARED[name]:
            pool: list[Any] = SOUND[DECLARED[name]["type"]](literals_of(name, _POOLS))
            sound = [float(each) for each in pool] if DECLARED[name]["type"] == "number" else pool
            yield name, [*sound, *[None] * (len(sound) // 4)]
