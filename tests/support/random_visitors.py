"""Random visitors of a random model, in chunks that are batches as well: for every column Python values and an array.

The dice are seeded, so each process sees the same. Half of the columns are of one Arrow type, sound but for what the
type can hold; the others have whatever a caller may send.
"""

from __future__ import annotations

import datetime
import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

from discreet_consent import Consent, Observed

from .random_models import DECLARED, RandomModel, literals_of
from .reference import Beside
from .strategies import WRONG
from .vectors.cases import BUNDLE, NOW_S

DAY_S = 86_400
_EVERYTHING = ("personalize", "analytics")
CONSENTS = (
    *[Consent(_EVERYTHING, sensitive=("health", "religion"))] * 6,
    *[Consent(_EVERYTHING)] * 2,
    Consent(("personalize.content",), sensitive=("health",)),
    Consent(("personalize.content.limited", "analytics")),
    Consent(("personalize.content.profiled", "personalize.cont", ""), sensitive=("religion", "genetic")),
    Consent(("analytics",), sensitive=("health",), contextual_only=True),
    Consent(_EVERYTHING, sensitive=("health", "religion"), contextual_only=True),
    Consent(_EVERYTHING, sensitive=("health", "religion"), expires_s=NOW_S + 2 * DAY_S),
    Consent(_EVERYTHING, expires_s=NOW_S, contextual_only=True),
    Consent(),
)
_CLOCKS = (
    *[NOW_S] * 3, NOW_S + 0.25, NOW_S - 0.001, NOW_S + DAY_S, NOW_S - DAY_S // 2, NOW_S + 3 * DAY_S + 3_600,
    float(NOW_S - 9 * DAY_S), NOW_S + 7 * DAY_S - 1, BUNDLE["expires_s"] - 0.5,
)  # fmt: skip
_NOT_IN_FORCE = (BUNDLE["expires_s"], math.nan)
_STRANGERS = (
    "stranger",
    "start",
    "round",
)  # the last two are substitutes: what comes under their names is not read


@dataclass(frozen=True)
class Column:
    """What is known of one attribute in every row, and in which form it goes into a batch."""

    form: str
    values: Sequence[Any]

    def as_array(self) -> Any:
        """The values as Arrow has them. Needs pyarrow."""
        return _ARRAYS[self.form](self.values)


@dataclass(frozen=True)
class Chunk:
    """Visitors who ask at one instant for one placement. `explicit` is whether what is absent comes as None."""

    placement: str
    now_s: float
    consents: Sequence[Consent]
    columns: Mapping[str, Column]
    explicit: bool

    def visitors(self) -> Iterator[dict[str, object]]:
        """What a caller sends for each row."""
        names = [*self.columns]
        for row in zip(*(column.values for column in self.columns.values()), strict=True):
            known = dict(zip(names, row, strict=True))
            yield (
                known
                if self.explicit
                else {name: value for name, value in known.items() if value is not None}
            )

    def as_batch(self) -> Any:
        """All rows as one record batch. Needs pyarrow."""
        import pyarrow as pa  # type: ignore[import-untyped] # it has no types

        arrays = [column.as_array() for column in self.columns.values()]
        return pa.RecordBatch.from_arrays(arrays, names=[*self.columns])


def chunks_of(model: RandomModel, *, chunks: int, rows: int) -> Iterator[Chunk]:
    """The visitors of a model, `rows` in each chunk; the placements take turns, the last chunks are out of force."""
    placements = [placement for document in model.documents for placement in document["placements"]]
    for number in range(chunks):
        random = Random(f"{model.name} {number}")  # noqa: S311 - chosen, not secret
        left = chunks - number
        yield Chunk(
            placements[number % len(placements)],
            _NOT_IN_FORCE[-left] if left <= len(_NOT_IN_FORCE) else random.choice(_CLOCKS),
            random.choices(CONSENTS, k=rows),
            {
                name: column
                for name in (*DECLARED, *_STRANGERS)
                if (column := _column(random, name, model, rows))
            },
            number % 2 == 0,
        )


def granted(consent: Consent, now_s: float) -> tuple[frozenset[str], Beside]:
    """What a consent grants at an instant, for the reference: nothing from its expiry on."""
    if consent.expires_s is None or now_s < consent.expires_s:
        return consent.purposes, Beside(consent.sensitive, consent.contextual_only)
    return frozenset(), Beside(frozenset(), consent.contextual_only)


# --- Columns ---------------------------------------------------------------------------------------------------


def _column(random: Random, name: str, model: RandomModel, rows: int) -> Column | None:
    """A column for an attribute or a stranger; now and then, and of a substitute, none."""
    if name in _STRANGERS:
        return Column("mixed", random.choices(WRONG, k=rows)) if random.random() < 0.3 else None
    if "coarsens" in DECLARED[name] or random.random() < 0.04:
        return None
    sound = SOUND[DECLARED[name]["type"]](literals_of(name, model.pools))
    form = random.choice(("typed", "typed", "typed", "mixed", "mixed", "observed", "nothing"))
    if form == "nothing":
        return Column("nothing", [None] * rows)
    if form == "typed":
        form, make = random.choice(_TYPED[DECLARED[name]["type"]])
        pool = [*([make(each) for each in sound]), *_HELD[form]]
        return Column(form, [None if random.random() < 0.15 else random.choice(pool) for _ in range(rows)])
    sound = [_as_sent(each) for each in sound]
    if form == "mixed":
        kept = [random.choice(WRONG if random.random() < 0.2 else sound) for _ in range(rows)]
        aged = [
            Observed(each, at_s=_instant(random, name)) if random.random() < 0.2 else each for each in kept
        ]
        return Column("mixed", [None if random.random() < 0.1 else each for each in aged])
    seen = [Observed(random.choice(sound), at_s=_instant(random, name)) for _ in range(rows)]
    return Column("mixed", [None if random.random() < 0.1 else each for each in seen])


_RETENTIONS_S = {"2m": 120, "1d": DAY_S}
_NO_INSTANTS: Sequence[Any] = (math.nan, math.inf, 10**400, "now", None)


def _instant(random: Random, name: str) -> Any:
    kept_s = _RETENTIONS_S.get(DECLARED[name].get("retention", ""), 100)
    ages = (0, 0, 0, 1, kept_s, kept_s + 0.125, kept_s - 1, -5, -DAY_S - 1, 10**9)
    return random.choice(_NO_INSTANTS) if random.random() < 0.1 else NOW_S - random.choice(ages)


def _numbers(pool: Sequence[Any]) -> list[object]:
    near = [math.nextafter(each, sign) for each in pool[:20] for sign in (-math.inf, math.inf)]
    return [*map(float, pool), *pool, *near, -0.0, 0.25, 1e300]


def _texts(pool: Sequence[Any]) -> list[object]:
    other = [f"{each}{more}" for each in pool[:20] for more in ("x", "e\u0301")]
    return [
        *pool,
        *pool,
        *(each.upper() for each in pool[:20]),
        *other,
        *(f"\u212b{each}" for each in pool[:5]),
    ]


def _sets(pool: Sequence[Any]) -> list[object]:
    dice = Random(len(pool))  # noqa: S311 - chosen, not secret
    some = [dice.sample(pool, dice.randint(1, min(6, len(pool)))) for _ in range(300)]
    return [*some, [], ["A", "e\u0301"], [*pool[:30], *(f"m{number}" for number in range(40))], ["x"] * 1_024]


def _instants(pool: Sequence[Any]) -> list[object]:
    half_days = [_moment(NOW_S - days * DAY_S // 2) for days in range(-4, 400 if len(pool) > 9 else 60)]
    return [*map(datetime.datetime.fromisoformat, map(_with_zone, pool)), *half_days, _moment(0)]


def _moment(at_s: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at_s, datetime.UTC)


def _with_zone(text: str) -> str:
    return text if text.endswith("Z") else f"{text}T00:00Z"


# From the literals of conditions to sound values that often meet them.
SOUND: Mapping[str, Callable[[Sequence[Any]], list[object]]] = {
    "boolean": list,
    "number": _numbers,
    "string": _texts,
    "strings": _sets,
    "datetime": _instants,
}


def _same(value: Any) -> Any:
    return value


def _single(number: float) -> float:
    """The nearest number that 32 bits hold."""
    single: float = struct.unpack("f", struct.pack("f", max(-3e38, min(number, 3e38))))[0]
    return single


def _as_sent(value: Any) -> object:
    """A moment as JSON has it: text or epoch milliseconds; other values as they are."""
    if not isinstance(value, datetime.datetime):
        return value
    return value.isoformat() if value.day % 2 else value.timestamp() * 1_000


Typed: TypeAlias = Sequence[tuple[str, Callable[[Any], Any]]]
# The forms of columns of one Arrow type for each type of attribute, and how sound values get into them.
_TYPED: Mapping[str, Typed] = {
    "boolean": (("flags", _same), ("flags", _same), ("integers", int)),
    "number": (("doubles", float), ("doubles", float), ("singles", _single), ("integers", lambda x: int(min(x, 9e15)))),
    "string": (("texts", _same), ("coded texts", _same), ("large texts", _same), ("doubles", len)),
    "strings": (("lists", _same), ("lists", _same), ("large lists", _same), ("texts", " ".join)),
    "datetime": (
        ("timestamps", _same), ("timestamps", _same), ("doubles", lambda at: at.timestamp() * 1_000),
        ("integers", lambda at: int(at.timestamp()) * 1_000), ("texts", lambda at: at.isoformat()),
    ),
}  # fmt: skip
_LONG = "x" * 1_025
# What a column of that form can hold and an attribute cannot, or only just.
_HELD: Mapping[str, Sequence[object]] = {
    "flags": (),
    "doubles": (math.nan, math.inf, -math.inf, -0.0, 5e-324, 8.64e15, 8.640000000000002e15),
    "singles": (math.nan, math.inf, -0.0, _single(0.1)),
    "integers": (2**53 + 1, -(2**63), 2**63 - 1, 0),
    "texts": (_LONG, "x" * 5_000, "\u0130", "e\u0301", "2026-02-30", "2026-03-01T08:30"),
    "coded texts": (_LONG, "", "\u00c5", "A\u030a"),
    "large texts": (_LONG, "\U0001f600"),
    "lists": ([_LONG], ["x"] * 1_025, ["a", None], [f"m{number}" for number in range(1_025)]),
    "large lists": (["e\u0301", "\u00e9"], [None], []),
    "timestamps": (_moment(-0.0005), _moment(-62_135_596_800), _moment(253_402_300_799)),
}


def _typed(name: str) -> Callable[[Sequence[Any]], Any]:
    def array(values: Sequence[Any]) -> Any:
        import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]

        kinds = {
            "flags": pa.bool_(), "doubles": pa.float64(), "singles": pa.float32(), "integers": pa.int64(),
            "texts": pa.string(), "large texts": pa.large_string(), "lists": pa.list_(pa.string()),
            "large lists": pa.large_list(pa.string()), "timestamps": pa.timestamp("us", "UTC"), "nothing": pa.null(),
        }  # fmt: skip
        if name == "coded texts":
            return pa.array(values, pa.string()).dictionary_encode()
        return pa.array(values, kinds[name])

    return array


def _mixed(values: Sequence[Any]) -> Any:
    from discreet.offline.columns import array_of

    return array_of(values)


_ARRAYS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    **{form: _typed(form) for form in (*_HELD, "nothing")},
    "mixed": _mixed,
}
