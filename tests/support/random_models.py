"""Five random models that say all that can be said, the same in every process: each makes the index take other forms.

The dice are seeded. Literals come from small pools, so that conditions often meet the values of the visitors that
`random_visitors` makes from the same pools.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from random import Random
from typing import Any, TypeAlias

import discreet

from .products import TEST_RING, bundle_bytes
from .reference import declarations_of
from .vectors.cases import BUNDLE

Document: TypeAlias = dict[str, Any]

_PROFILED, _LIMITED = ["personalize.content.profiled"], ["personalize.content.limited"]
ATTRIBUTES: Document = {
    "a": {"type": "number", "provenance": "third_party", "purposes": ["analytics"]},  # nothing can rest on it
    "b": {"type": "boolean", "provenance": "contextual", "purposes": ["essential.service"]},
    "b2": {"type": "boolean", "provenance": "first_party", "purposes": _PROFILED},
    "b3": {"type": "boolean", "provenance": "declared", "purposes": _PROFILED, "sensitive": "religion"},
    "d": {"type": "datetime", "provenance": "first_party", "purposes": _PROFILED, "retention": "1d"},
    "e": {"type": "datetime", "provenance": "contextual", "purposes": _LIMITED},
    "i": {"type": "string", "provenance": "contextual", "purposes": ["personalize", "analytics"]},
    "l": {"type": "string", "provenance": "declared", "purposes": _LIMITED, "lower": True},
    "m": {"type": "number", "provenance": "contextual", "purposes": ["essential.service"]},
    "n": {"type": "number", "provenance": "first_party", "purposes": _PROFILED, "retention": "2m"},
    "s": {"type": "string", "provenance": "first_party", "purposes": _PROFILED},
    "t": {"type": "strings", "provenance": "first_party", "purposes": _PROFILED, "retention": "1d"},
    "u": {"type": "strings", "provenance": "declared", "purposes": _LIMITED, "lower": True, "sensitive": "health"},
    "band": {"coarsens": "n", "by": {"bands": [0, 2.5, 10]}, "purposes": ["essential.service"]},
    "net": {"coarsens": "i", "by": {"network": True}, "purposes": _LIMITED},
    "round": {"coarsens": "n", "by": {"decimals": 0}, "purposes": _LIMITED},
    "start": {"coarsens": "s", "by": {"characters": 2}, "purposes": ["analytics"], "sensitive": "health"},
}  # fmt: skip
DECLARED = declarations_of([{"attributes": ATTRIBUTES}])
ADDRESSES = ("192.0.2.7", "192.0.2.9", "2001:db8:1:2::1", "::ffff:198.51.100.4")
NETWORKS = ("192.0.2.0", "198.51.100.0", "2001:db8:1::")
MOMENTS = ("2026-02-20", "2026-02-28T12:00Z", "2026-03-01", "2026-03-01T00:00:00.250Z", "2026-03-09")
_TOKENS = ("plain", "{n|none}", "Hi {s|you}!", "{{{b|x}}}", "{l|}{m|0}", "{band|some}", "{start|s}", "{net|}")


@dataclass(frozen=True, slots=True)
class Pools:
    """The literals of one model."""

    numbers: Sequence[float] = (-1, 0, 0.5, 1, 2, 10)
    texts: Sequence[str] = ("", "a", "ab", "b", "aB", "\u00e9", "ba")
    dates: Sequence[str] = ("2026-03-01", "2026-02-28T12:00Z", "2026-02-01", "1970-01-01")
    days: Sequence[float] = (-1, 0, 0.5, 1, 28)
    moments: Sequence[str] = MOMENTS


@dataclass(frozen=True, slots=True)
class Size:
    """What one of the random models is like.

    Attributes:
        offers: How many random ones each channel has, beside those that use every operator in turn.
        together: How many tests those have that use every operator in turn.
        depth: How deep the random conditions nest.
        beside: How many tests stand beside each random condition, so that many offers take turns in winning.
        exploding: How many offers have a condition of more clauses than the index keeps apart.
        listed: How many literals a list has at most.
        stages: How many stages each offer has at most.
        favoured: Attributes, or kinds of tests, that half of the random tests are about; none: all are alike.
    """

    offers: int
    pools: Pools = field(default_factory=Pools)
    channels: Sequence[str] = ("web",)
    together: int = 2
    depth: int = 1
    beside: int = 0
    exploding: int = 0
    listed: int = 3
    stages: int = 3
    favoured: Sequence[str] = ()


_MANY_DAYS_OF = [f"2026-0{month}-{day:02}" for month in (1, 2, 3) for day in range(1, 29)]
_MANY = Pools(
    numbers=[number / 4 for number in range(-40, 180)],
    dates=[f"{day}T{hour:02}:30Z" for day in _MANY_DAYS_OF[:56] for hour in (0, 6, 12, 18)],
    days=[number / 2 for number in range(-10, 200)],
    moments=[f"{day}T{hour:02}:00Z" for day in _MANY_DAYS_OF[28:] for hour in range(0, 24, 4)],
)
_MANY_TEXTS = [
    f"{a}{b}{c}{d}" for a in "abcdefghij" for b in "abcdefghij" for c in "abcdefghi" for d in "abcdefghi"
]
SIZES: Mapping[str, Size] = {
    "few": Size(5, together=4, stages=1),
    "hundreds": Size(300, channels=("web", "mail"), depth=2, beside=2),
    "thresholds": Size(1_900, _MANY, beside=3, favoured=("m", "n", "d", "days")),
    "keys": Size(1_500, Pools(texts=_MANY_TEXTS), beside=2, listed=90, stages=4, favoured=("s", "t")),
    "exploding": Size(60, beside=1, exploding=40, channels=("web", "call"), depth=3),
}  # fmt: skip


@dataclass(frozen=True)
class RandomModel:
    """The documents of one bundle, and the bundle as its bytes."""

    name: str
    documents: Sequence[Document]
    pools: Pools
    bundle: bytes = field(repr=False)

    def loaded(self) -> discreet.Evaluator:
        """A new evaluator, cold."""
        return discreet.load_bytes(self.bundle, TEST_RING, now_s=BUNDLE["created_s"])


@cache
def random_model(name: str) -> RandomModel:
    """One of `SIZES`, built once in a process."""
    size = SIZES[name]
    author = _Author(Random(name), size)  # noqa: S311 - chosen, not secret
    documents = [author.model(channel) for channel in size.channels]
    return RandomModel(name, documents, size.pools, bundle_bytes(documents))


def literals_of(name: str, pools: Pools) -> Sequence[object]:
    """What conditions compare the attribute with."""
    kind = DECLARED[name]["type"]
    own = {"i": ADDRESSES, "net": NETWORKS}.get(name)
    return own or {"number": pools.numbers, "datetime": pools.dates, "boolean": (False, True)}.get(
        kind, pools.texts
    )


# --- Tests: every operator of every type -----------------------------------------------------------------------

Write: TypeAlias = Callable[["_Author", str, Sequence[object]], str]


def _compared(sign: str) -> Write:
    return lambda author, left, pool: f"{left} {sign} {author.one(pool)}"


def _listed(word: str) -> Write:
    return lambda author, left, pool: f"{left} {word} [{author.some(pool)}]"


def _called(function: str) -> Write:
    return lambda author, left, pool: f"{function}({left}, {author.one(pool)})"


def _chain(author: _Author, left: str, pool: Sequence[object]) -> str:
    """Between two bounds in the pool's order, which may be the wrong way around."""
    low, high = sorted(author.random.sample(range(len(pool)), 2))
    signs = author.random.choices(("<", "<="), k=2)
    return f"{_quoted(pool[low])} {signs[0]} {left} {signs[1]} {_quoted(pool[high])}"


_EQUAL: Mapping[str, Write] = {
    "==": _compared("=="), "!=": _compared("!="), "in": _listed("in"), "not in": _listed("not in"),
}  # fmt: skip
_SIGNS: Sequence[str] = ("<", "<=", ">", ">=", "==", "!=")
_ORDERED: Mapping[str, Write] = {
    **_EQUAL, "<": _compared("<"), "<=": _compared("<="), ">": _compared(">"), ">=": _compared(">="), "chain": _chain,
    "literal first": lambda author, left, pool: f"{author.one(pool)} {author.random.choice(_SIGNS)} {left}",
}  # fmt: skip
_KNOWN: Mapping[str, Write] = {"known": lambda _, left, __: f"known({left})"}
# By the type of the attribute, and `days` for the days since a datetime.
TESTS: Mapping[str, Mapping[str, Write]] = {
    "boolean": {**_EQUAL, **_KNOWN, "alone": lambda _, left, __: left},
    "number": {**_ORDERED, **_KNOWN},
    "datetime": {**_ORDERED, **_KNOWN},
    "days": _ORDERED,
    "string": {**_EQUAL, **_KNOWN, **{word: _called(word) for word in ("starts_with", "ends_with", "contains")}},
    "strings": {
        **_KNOWN,
        "in": lambda author, left, pool: f"{author.one(pool)} in {left}",
        "not in": lambda author, left, pool: f"{author.one(pool)} not in {left}",
        "any_of": lambda author, left, pool: f"any_of({left}, {author.some(pool)})",
        "all_of": lambda author, left, pool: f"all_of({left}, {author.some(pool)})",
    },
}  # fmt: skip


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


# --- Models ----------------------------------------------------------------------------------------------------


class _Author:
    """Writes models with seeded dice."""

    def __init__(self, random: Random, size: Size) -> None:
        self.random: Random = random
        self.size = size
        self.named: list[str] = []
        self._names = {
            kind: cycle([name for name, each in DECLARED.items() if _may_rest_on(each, kind)])
            for kind in TESTS
        }
        self._sure = {kind: cycle(forms) for kind, forms in TESTS.items()}

    def one(self, pool: Sequence[object]) -> str:
        return _quoted(self.random.choice(pool))

    def some(self, pool: Sequence[object]) -> str:
        few = self.random.sample(pool, self.random.randint(1, min(len(pool), self.size.listed)))
        return ", ".join(map(_quoted, few))

    def model(self, channel: str) -> Document:
        conditions = {f"c{number}": self._condition() for number in range(3)}
        self.named = [*conditions]
        segments = {"g0": self._condition()}
        self.named += segments
        stages = [{"id": "s0"}, *({"id": f"s{number}", "when": self._entry(number)} for number in (1, 2, 3))]
        slots = [f"{channel}.{number}" for number in range(3)]
        whens = [*self._dealt(), *(self._narrow() for _ in range(self.size.offers))]
        whens += [self._exploding() for _ in range(self.size.exploding)]
        self.random.shuffle(whens)
        offers = [self._offer(f"o{number}", when, slots) for number, when in enumerate(whens)]
        self.named = []
        return {
            "model": channel, "channel": channel, "attributes": ATTRIBUTES, "conditions": conditions,
            "segments": segments, "stages": stages, "placements": {slot: {"fallback": "none"} for slot in slots},
            "offers": [{"id": "none", "content": {"text": "nothing"}}, *offers],
        }  # fmt: skip

    def _condition(self) -> Document:
        return {"says": "It is so", "when": self._nested(1)}

    def _entry(self, number: int) -> Any:
        if self.size.exploding and number == 2:
            return self._exploding()
        return f"{self._test()} or {self._test()}" if number > 1 else {"any": [self._test(), self._test()]}

    def _dealt(self) -> list[Any]:
        """Conditions in which every operator occurs."""
        tests = [self._test(kind, form) for kind, forms in TESTS.items() for form in forms]
        self.random.shuffle(tests)
        tests += [*self.named, f"not ({self._test()} and {self._test()})", f"unknown({self._name('number')})"]
        hands = -(-len(tests) // self.size.together)
        whens: list[Any] = [tests[hand::hands] for hand in range(hands)]
        return [*whens, {"any": [self._test(), self._test()]}, {"all": [self._test()]}]

    def _narrow(self) -> Any:
        beside = [self._test() for _ in range(self.size.beside)]
        return [*beside, self._when()] if beside else self._when()

    def _when(self) -> Any:
        form = self.random.randint(0, 5)
        if form <= 2:
            return self._nested(self.size.depth)
        parts = [self._nested(self.size.depth - 1) for _ in range(self.random.randint(1, 3))]
        return {3: parts, 4: {"any": parts}, 5: [{"any": parts}, {"all": [self._nested(0)]}]}[form]

    def _nested(self, depth: int) -> str:
        shape = self.random.randint(0, 6 if depth else 2)
        if shape <= 2:
            named = self.random.randint(0, 9) == 0 and self.named
            return self.random.choice(self.named) if named else self._test()
        if shape == 3:
            return f"not ({self._nested(depth - 1)})"
        word = " and " if shape < 6 else " or "
        return word.join(f"({self._nested(depth - 1)})" for _ in range(self.random.randint(2, 3)))

    def _exploding(self) -> str:
        """A conjunction of disjunctions, or the reverse, of hundreds of clauses; each part mostly holds."""
        outer, inner, parts, each = self.random.choice(((" and ", " or ", 5, 4), (" or ", " and ", 70, 2)))
        return outer.join(f"({inner.join(self._test() for _ in range(each))})" for _ in range(parts))

    def _test(self, kind: str | None = None, form: str | None = None) -> str:
        name = ""
        if kind is None and self.size.favoured and self.random.random() < 0.5:
            name = self.random.choice(self.size.favoured)
            name, kind = ("", name) if name in TESTS else (name, DECLARED[name]["type"])
        kind = kind or self.random.choice((*TESTS, "boolean", "string"))
        name = name or self._name(kind)
        left, pool = name, literals_of(name, self.size.pools)
        if kind == "days":
            left, pool = f"days_since({name})", self.size.pools.days
        forms = TESTS[kind]
        return forms[form or self.random.choice([*forms])](self, left, pool)

    def _name(self, kind: str) -> str:
        return next(self._names[kind])

    def _offer(self, name: str, when: Any, slots: Sequence[str]) -> Document:
        dice = self.random
        if dice.randint(0, 30) == 0:
            when = [*(when if isinstance(when, list) else [when]), f"unknown({self._name('string')})"]
        stages = [f"s{number}" for number in sorted(dice.sample(range(4), dice.randint(1, self.size.stages)))]
        offer: Document = {
            "id": name, "placements": sorted(dice.sample(slots, dice.randint(1, len(slots)))), "stages": stages,
            "when": when, "priority": dice.choice((0, 0, 1, -1, 50)),
            "content": {"text": dice.choice(_TOKENS), "kept": [10.0, False, ""]},
        }  # fmt: skip
        if "unknown(" in repr(when):
            offer["waive"] = "withdrawal"
        if dice.randint(0, 3) == 0:
            begin, end = sorted(dice.sample(range(len(self.size.pools.moments)), 2))
            window = {"from": self.size.pools.moments[begin], "until": self.size.pools.moments[end]}
            offer["valid"] = {
                side: window[side] for side in dice.choice((("from",), ("until",), ("from", "until")))
            }
        return offer


def _may_rest_on(declared: Mapping[str, Any], kind: str) -> bool:
    asked: str = {"days": "datetime"}.get(kind, kind)
    return bool(declared["type"] == asked) and declared["provenance"] != "third_party"
