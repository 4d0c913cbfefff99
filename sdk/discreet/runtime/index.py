"""The predicate index: which clauses can hold for a visitor, by one AND per slot.

A clause is a conjunction and owns one bit; the higher the bit, the better its rank, so the winner is the highest bit
that is left. A slot answers one question about one attribute (its value, the cell of its number, its members, ...);
each answer has a row: the clauses that the answer satisfies, or that do not ask. The rows come ready from the
compiler; nothing is computed here but views of them. Source: spec/bundle-format.md, "Index".

An index may let through a clause that does not hold (its bit in `confirm` says so); it never loses one that does.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain

from .kleene import MS_PER_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from .checks import Checks

    Alive: TypeAlias = Callable[[Sequence[Any], float], int]

VALUE, FLAG, NUMBER, DAYS, MEMBERS, PREFIXES, SUFFIXES, SUBSTRINGS, CLOCK = range(9)

FEW_MEMBERS = 16  # a set of so many members is looked up one by one; a larger one is narrowed down first
WARM_UP = 64  # decisions on the plain path before straight-line source pays for its compilation
_NEVER = float("-inf")
_ALWAYS = float("inf")


class SparseRows:
    """Rows of few bits each, for slots of many keys: a key's row is put together when it is asked for.

    Args:
        places: For each key, its number among the sparse ones.
        ends: Where the bits of each key end.
        bits: The bits of all keys, one after the other.
    """

    __slots__ = ("_bits", "_ends", "places")

    def __init__(self, places: Mapping[str, int], ends: Sequence[int], bits: Sequence[int]) -> None:
        self.places = places
        self._ends = ends
        self._bits = bits

    def bits(self, key: str) -> Sequence[int]:
        """The bits of the row of `key`, ascending; none for a key that is not here."""
        place = self.places.get(key)
        if place is None:
            return ()
        return self._bits[self._ends[place - 1] if place else 0 : self._ends[place]]

    def named_bits(self) -> set[int]:
        """The bits of all keys."""
        return set(self._bits)

    def row(self, key: str) -> int:
        """The row of `key`, 0 for a key that is not here."""
        row = 0
        for bit in self.bits(key):
            row |= 1 << bit
        return row

    def rows(self, keys: Iterable[str]) -> int:
        """The rows of these keys, one over the other."""
        bits = list(chain.from_iterable(map(self.bits, keys)))
        if not bits:
            return 0
        row = bytearray((max(bits) >> 3) + 1)
        for bit in bits:
            row[bit >> 3] |= 1 << (bit & 7)
        return int.from_bytes(row, "little")


class Answers(dict["Any", int]):
    """The rows of named answers; any other answer has the row `other`, or what is sparse differs from it."""

    __slots__ = ("other", "sparse")

    def __init__(self, rows: Iterable[tuple[Any, int]], other: int, sparse: SparseRows | None = None) -> None:
        super().__init__(rows)
        self.other = other
        self.sparse = sparse

    def __missing__(self, answer: Any) -> int:
        return self.other if self.sparse is None else self.other ^ self.sparse.row(answer)


class EqualSlot:
    """A string or boolean: one row for each value that a clause names; of a sparse one, what differs from `other`."""

    __slots__ = ("absent", "attribute", "kind", "other", "rows", "sparse")

    def __init__(
        self,
        kind: int,
        attribute: int,
        absent: int,
        other: int,
        rows: Iterable[tuple[Any, int]],
        sparse: SparseRows | None = None,
    ) -> None:
        self.kind, self.attribute, self.absent, self.other = kind, attribute, absent, other
        self.rows = Answers(rows, other, sparse)
        self.rows[None] = absent
        self.sparse = sparse

    @property
    def second(self) -> int:
        """The row of another answer than `absent`: a clause that both let through does not ask."""
        return self.other

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        return self.rows[values[self.attribute]]

    def found(self, values: Sequence[Any], now_ms: float) -> object:
        """What its checks would need; it has none."""
        return None

    def confirms(self, lows: Sequence[int], highs: Sequence[int], found: Any) -> bool:
        """There is nothing to confirm: what these rows let through holds."""
        return True

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        return f"left &= {name}_rows[values[{self.attribute}]]", {f"{name}_rows": self.rows}


class NumberSlot:
    """A number or datetime: one row for each half-open cell between neighbouring breakpoints.

    `ends` are all finite ends of the clauses' intervals where these are more than the breakpoints: what a clause's
    checks refer to.
    """

    __slots__ = ("absent", "attribute", "breaks", "ends", "kind", "rows")

    def __init__(
        self,
        kind: int,
        attribute: int,
        absent: int,
        breaks: Sequence[float],
        rows: Sequence[int],
        ends: Sequence[float] = (),
    ) -> None:
        self.kind, self.attribute, self.absent, self.breaks, self.rows = kind, attribute, absent, breaks, rows
        self.ends = (_NEVER, *ends, _ALWAYS)

    @property
    def second(self) -> int:
        return self.rows[0]

    def reading(self, values: Sequence[Any], now_ms: float) -> float | None:
        """The number whose cell is asked for; None when it is unknown."""
        value: float | None = values[self.attribute]
        return value

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        value = self.reading(values, now_ms)
        return self.absent if value is None else self.rows[bisect_right(self.breaks, value)]

    def found(self, values: Sequence[Any], now_ms: float) -> int | None:
        """Between which of all ends the number lies; None when it is unknown."""
        value = self.reading(values, now_ms)
        return None if value is None else bisect_right(self.ends, value) - 1

    def confirms(self, lows: Sequence[int], highs: Sequence[int], found: Any) -> bool:
        """Whether the number lies in one of the ascending intervals ends[low] <= number < ends[high]."""
        if found is None:
            return False
        at = bisect_right(lows, found) - 1
        return at >= 0 and found < highs[at]

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        names: dict[str, object] = {
            f"{name}_absent": self.absent, f"{name}_rows": self.rows, f"{name}_breaks": self.breaks
        }  # fmt: skip
        return (
            f"value = values[{self.attribute}]\n"
            f"left &= {name}_absent if value is None else {name}_rows[bisect({name}_breaks, value + 0.0)]"
        ), names


class DaysSlot(NumberSlot):
    """The days since a datetime attribute, in cells like a number."""

    __slots__ = ()

    def reading(self, values: Sequence[Any], now_ms: float) -> float | None:
        instant = values[self.attribute]
        return None if instant is None else (now_ms - instant) / MS_PER_DAY

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        return called(name, self)


class ClockSlot(NumberSlot):
    """The instant of the decision, in cells between the ends of the offers' windows."""

    __slots__ = ()

    def reading(self, values: Sequence[Any], now_ms: float) -> float | None:
        return now_ms

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        return called(name, self)


class MembersSlot:
    """A set: a clause may ask for one of some members (`wanted`), and for none of others (`unwanted`)."""

    __slots__ = ("absent", "attribute", "base", "keys", "kind", "named", "sparse", "unwanted", "wanted")

    def __init__(
        self,
        kind: int,
        attribute: int,
        absent: int,
        base: int,
        wanted: Iterable[tuple[str, int]],
        unwanted: Iterable[tuple[str, int]],
        sparse: SparseRows | None = None,
    ) -> None:
        self.kind, self.attribute, self.absent, self.base = kind, attribute, absent, base
        self.wanted, self.unwanted, self.sparse = Answers(wanted, 0, sparse), Answers(unwanted, 0), sparse
        self.keys = [*self.wanted, *(sparse.places if sparse is not None else ())]
        self.named = frozenset(self.keys).union(self.unwanted)
        self.file()

    def file(self) -> None:
        """Put what clauses name in the order in which `members` looks for it; a set of hashes needs none."""

    @property
    def second(self) -> int:
        return self.base

    def members(self, value: Any) -> Collection[str]:
        """Those members of a set that some clause names."""
        found: frozenset[str] = self.named & value
        return found

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        value = values[self.attribute]
        if value is None:
            return self.absent
        row, refused = self.base, 0
        wanted, unwanted, sparse = self.wanted, self.unwanted, self.sparse
        members = self.members(value)
        for member in members:
            if member in wanted:
                row |= wanted[member]
            if member in unwanted:
                refused |= unwanted[member]
        if sparse is not None:
            row |= sparse.rows(members)
        return row & ~refused if refused else row

    def found(self, values: Sequence[Any], now_ms: float) -> frozenset[str] | None:
        """Those members that some clause names; None when the set is unknown."""
        value = values[self.attribute]
        return None if value is None else frozenset(self.members(value))

    def confirms(self, lows: Sequence[int], highs: Sequence[int], found: Any) -> bool:
        """Whether the set has one member of every group: `lows` are numbers of groups, `highs` of their keys."""
        if found is None:
            return False
        groups: dict[int, bool] = {}
        for group, key in zip(lows, highs, strict=True):
            groups[group] = groups.get(group, False) or self.keys[key] in found
        return all(groups.values())

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        if self.unwanted or self.sparse is not None or type(self) is not MembersSlot:
            return called(name, self)
        names: dict[str, object] = {
            f"{name}_absent": self.absent, f"{name}_base": self.base,
            f"{name}_named": self.named, f"{name}_wanted": self.wanted,
        }  # fmt: skip
        return (
            f"value = values[{self.attribute}]\n"
            f"if value is None:\n"
            f"    left &= {name}_absent\n"
            f"else:\n"
            f"    row = {name}_base\n"
            f"    for member in value if len(value) <= {FEW_MEMBERS} else {name}_named & value:\n"
            f"        row |= {name}_wanted[member]\n"
            f"    left &= row"
        ), names


def called(name: str, slot: Slot) -> tuple[str, dict[str, object]]:
    """The source of a slot that is not worth its own: a call of its row."""
    return f"left &= {name}_row(values, now_ms)", {f"{name}_row": slot.row}


if TYPE_CHECKING:
    Slot: TypeAlias = EqualSlot | NumberSlot | MembersSlot


class Index:
    """The slots of one model. `alive` gives the clauses that a visitor may satisfy, as a row of bits."""

    __slots__ = ("_everything", "_plain_calls", "alive", "bits", "checks", "slots")

    alive: Alive

    def __init__(self, bits: int, slots: Sequence[Slot], checks: Checks) -> None:
        self.bits = bits
        self._everything = (1 << bits) - 1
        self.slots = tuple(slots)
        self.checks = checks
        self._plain_calls = 0
        self.alive = self.alive_plainly

    def alive_plainly(self, values: Sequence[Any], now_ms: float) -> int:
        """One AND per slot in a loop; after some calls, straight-line source takes over."""
        self._plain_calls += 1
        if self._plain_calls >= WARM_UP:  # two threads may both get here: the same source, made twice
            from .straight import straight_line

            self.alive = straight_line(self)
        left = self._everything
        for slot in self.slots:
            left &= slot.row(values, now_ms)
        return left
