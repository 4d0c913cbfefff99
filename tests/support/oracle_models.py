"""Small random models for the oracle: every operator, names, `not`, waivers, windows. The dice are seeded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final, TypeAlias

Document: TypeAlias = dict[str, Any]
Write: TypeAlias = Callable[[Random, str, Sequence[object]], str]

NOW_MS: Final = 1_772_366_400_000  # 2026-03-01T12:00Z
_PROFILED, _LIMITED = ["personalize.content.profiled"], ["personalize.content.limited"]
ATTRIBUTES: Final[Mapping[str, Document]] = {
    "flag": {"type": "boolean", "provenance": "contextual", "purposes": ["essential.service"]},
    "member": {"type": "boolean", "provenance": "declared", "purposes": _PROFILED, "sensitive": "religion"},
    "amount": {"type": "number", "provenance": "first_party", "purposes": _PROFILED, "retention": "30d"},
    "hour": {"type": "number", "provenance": "contextual", "purposes": _LIMITED},
    "name": {"type": "string", "provenance": "declared", "purposes": _PROFILED},
    "place": {"type": "string", "provenance": "contextual", "purposes": _LIMITED, "lower": True},
    "likes": {"type": "strings", "provenance": "declared", "purposes": ["personalize", "analytics"]},
    "since": {"type": "datetime", "provenance": "first_party", "purposes": _PROFILED},
}  # fmt: skip
NUMBERS: Final = (-1, 0, 0.5, 1, 2, 10)
TEXTS: Final = ("a", "ab", "b", "aB", "\u00e9", "ba", "")
MEMBERS: Final = ("tea", "cake", "run")
DATES: Final = ("2026-03-01", "2026-02-28T12:00Z", "2026-02-01", "2026-03-09")
DAYS: Final = (-1, 0, 0.5, 1, 28)
_WINDOWS: Final = ("2026-02-20", "2026-03-01", "2026-03-01T12:00Z", "2026-03-01T12:00:00.001Z", "2026-03-09")
_SIGNS = ("==", "!=", "<", "<=", ">", ">=")


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _some(dice: Random, pool: Sequence[object]) -> str:
    return ", ".join(map(_quoted, dice.sample(pool, dice.randint(1, min(3, len(pool))))))


def _compared(dice: Random, left: str, pool: Sequence[object]) -> str:
    return f"{left} {dice.choice(_SIGNS)} {_quoted(dice.choice(pool))}"


def _equal(dice: Random, left: str, pool: Sequence[object]) -> str:
    return f"{left} {dice.choice(('==', '!='))} {_quoted(dice.choice(pool))}"


def _listed(dice: Random, left: str, pool: Sequence[object]) -> str:
    return f"{left} {dice.choice(('in', 'not in'))} [{_some(dice, pool)}]"


def _chain(dice: Random, left: str, pool: Sequence[object]) -> str:
    low, high = dice.sample(pool, 2)
    return f"{_quoted(low)} {dice.choice(('<', '<='))} {left} {dice.choice(('<', '<='))} {_quoted(high)}"


def _called(dice: Random, left: str, pool: Sequence[object]) -> str:
    word = dice.choice(("starts_with", "ends_with", "contains"))
    return f"{word}({left}, {_quoted(dice.choice(pool))})"


def _member(dice: Random, left: str, pool: Sequence[object]) -> str:
    return f"{_quoted(dice.choice(pool))} {dice.choice(('in', 'not in'))} {left}"


def _members(dice: Random, left: str, pool: Sequence[object]) -> str:
    return f"{dice.choice(('any_of', 'all_of'))}({left}, {_some(dice, pool)})"


_KINDS: Final[Mapping[str, tuple[Sequence[object], Sequence[Write]]]] = {
    "boolean": ((True, False), (_equal, _listed, lambda _, left, __: left)),
    "number": (NUMBERS, (_compared, _compared, _listed, _chain)),
    "string": (TEXTS, (_equal, _listed, _called, _called)),
    "strings": (MEMBERS, (_member, _members, _members)),
    "datetime": (DATES, (_compared, _listed, _chain)),
    "days": (DAYS, (_compared, _compared, _listed, _chain)),
}


class _Author:
    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)  # noqa: S311 - chosen, not secret
        self._attributes = self._dice.sample([*ATTRIBUTES], self._dice.randint(2, 4))
        self._named: list[str] = []

    def model(self) -> Document:
        dice = self._dice
        conditions: Document = {}
        for number in range(dice.randint(2, 4)):
            conditions[f"c{number}"] = {"says": "It is so", "when": self._nested(2)}
            self._named.append(f"c{number}")
        stages = [{"id": "s0"}, *({"id": f"s{number}", "when": self._nested(1)} for number in (1, 2))]
        slots = ["hero", "strip"]
        offers = [self._offer(f"o{number}", slots) for number in range(dice.randint(3, 6))]
        return {
            "model": "m", "channel": "web", "attributes": dict(ATTRIBUTES), "conditions": conditions,
            "stages": stages, "placements": {slot: {"fallback": "none"} for slot in slots},
            "offers": [{"id": "none", "content": {}}, *offers],
        }  # fmt: skip

    def _test(self) -> str:
        dice = self._dice
        name = dice.choice(self._attributes)
        if dice.randint(0, 7) == 0:
            return f"known({name})"
        kind, left = ATTRIBUTES[name]["type"], name
        if kind == "datetime" and dice.random() < 0.6:
            kind, left = "days", f"days_since({name})"
        pool, writes = _KINDS[kind]
        return dice.choice(writes)(dice, left, pool)

    def _nested(self, depth: int) -> str:
        dice = self._dice
        shape = dice.randint(0, 6 if depth else 2)
        if shape <= 2:
            named = bool(self._named) and dice.randint(0, 3) == 0
            return dice.choice(self._named) if named else self._test()
        if shape == 3:
            return f"not ({self._nested(depth - 1)})"
        word = " and " if shape == 4 else " or "
        return word.join(f"({self._nested(depth - 1)})" for _ in range(dice.randint(2, 3)))

    def _offer(self, name: str, slots: Sequence[str]) -> Document:
        dice = self._dice
        offer: Document = {
            "id": name, "content": {}, "priority": dice.choice((0, 0, 1, 5)),
            "placements": dice.sample(slots, dice.randint(1, 2)),
            "stages": [f"s{number}" for number in sorted(dice.sample(range(3), dice.randint(1, 3)))],
        }  # fmt: skip
        if dice.randint(0, 5):
            offer["when"] = self._nested(2)
        if dice.randint(0, 4) == 0:
            absent = f"unknown({dice.choice(self._attributes)})"
            shape = dice.choice(("{} and {}", "{} or {}", "{} and not ({})"))
            offer["when"] = shape.format(absent, f"({self._nested(1)})")
            offer["waive"] = "withdrawal"
        if dice.randint(0, 3) == 0:
            begin, end = sorted(dice.sample(range(len(_WINDOWS)), 2))
            offer["valid"] = {"from": _WINDOWS[begin], "until": _WINDOWS[end]}
        return offer


def small_model(seed: int) -> Document:
    """The document of one model, the same in every process."""
    return _Author(seed).model()
