"""The predicate index: which clauses can hold for a visitor, by one AND per slot.

A clause is a conjunction and owns one bit; the higher the bit, the better its rank, so the winner is the highest bit
that is left. A slot answers one question about one attribute (its value, the cell of its number, its members, ...);
each answer has a row: the clauses that the answer satisfies, or that do not ask. The rows come ready from the
compiler; nothing is computed here but views of them. Source: spec/bundle-format.md, "Index".

An index may let through a clause that does not hold (its bit in `confirm` says so); it never loses one that does.
"""

from __future__ import annotations

from bisect import bisect_right

from .kleene import MS_PER_DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias

    Alive: TypeAlias = Callable[[Sequence[Any], float], int]

VALUE, FLAG, NUMBER, DAYS, MEMBERS, PREFIXES, SUFFIXES, SUBSTRINGS, CLOCK = range(9)

FEW_MEMBERS = 16  # a set of so many members is looked up one by one; a larger one is narrowed down first
WARM_UP = 64  # decisions on the plain path before straight-line source pays for its compilation


class EqualSlot:
    """A string or boolean: one row for each value that a clause names."""

    __slots__ = ("absent", "attribute", "other", "rows")

    def __init__(self, attribute: int, absent: int, other: int, rows: Mapping[Any, int]) -> None:
        self.attribute, self.absent, self.other = attribute, absent, other
        self.rows = {None: absent, **rows}

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        return self.rows.get(values[self.attribute], self.other)

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        names: dict[str, object] = {f"{name}_get": self.rows.get, f"{name}_other": self.other}
        return f"left &= {name}_get(values[{self.attribute}], {name}_other)", names


class NumberSlot:
    """A number or datetime: one row for each half-open cell between neighbouring breakpoints."""

    __slots__ = ("absent", "attribute", "breaks", "rows")

    def __init__(self, attribute: int, absent: int, breaks: Sequence[float], rows: Sequence[int]) -> None:
        self.attribute, self.absent, self.breaks, self.rows = attribute, absent, breaks, rows

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        value = values[self.attribute]
        return self.absent if value is None else self.rows[bisect_right(self.breaks, value)]

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

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        instant = values[self.attribute]
        if instant is None:
            return self.absent
        return self.rows[bisect_right(self.breaks, (now_ms - instant) / MS_PER_DAY)]

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        return _call(name, self)


class ClockSlot(NumberSlot):
    """The instant of the decision, in cells between the ends of the offers' windows."""

    __slots__ = ()

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        return self.rows[bisect_right(self.breaks, now_ms)]

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        return _call(name, self)


class MembersSlot:
    """A set: a clause may ask for one of some members (`wanted`), and for none of others (`unwanted`)."""

    __slots__ = ("absent", "attribute", "base", "named", "unwanted", "wanted")

    def __init__(
        self, attribute: int, absent: int, base: int, wanted: Mapping[str, int], unwanted: Mapping[str, int]
    ) -> None:
        self.attribute, self.absent, self.base = attribute, absent, base
        self.wanted, self.unwanted = wanted, unwanted
        self.named = frozenset(wanted) | frozenset(unwanted)

    def members(self, value: Any) -> Any:
        return self.named & value

    def row(self, values: Sequence[Any], now_ms: float) -> int:
        value = values[self.attribute]
        if value is None:
            return self.absent
        row = self.base
        refused = 0
        for member in self.members(value):
            row |= self.wanted.get(member, 0)
            refused |= self.unwanted.get(member, 0)
        return row & ~refused if refused else row

    def source(self, name: str) -> tuple[str, dict[str, object]]:
        if self.unwanted or type(self) is not MembersSlot:
            return _call(name, self)
        names: dict[str, object] = {
            f"{name}_absent": self.absent, f"{name}_base": self.base,
            f"{name}_named": self.named, f"{name}_get": self.wanted.get,
        }  # fmt: skip
        return (
            f"value = values[{self.attribute}]\n"
            f"if value is None:\n"
            f"    left &= {name}_absent\n"
            f"else:\n"
            f"    row = {name}_base\n"
            f"    for member in value if len(value) <= {FEW_MEMBERS} else {name}_named & value:\n"
            f"        row |= {name}_get(member, 0)\n"
            f"    left &= row"
        ), names


class PrefixesSlot(MembersSlot):
    """The prefixes of a string that clauses name, as its members."""

    __slots__ = ("_lengths",)

    def __init__(
        self, attribute: int, absent: int, base: int, wanted: Mapping[str, int], unwanted: Mapping[str, int]
    ) -> None:
        super().__init__(attribute, absent, base, wanted, unwanted)
        self._lengths = sorted({len(each) for each in self.named})

    def members(self, value: Any) -> Any:
        return self.named.intersection([value[:length] for length in self._lengths])


class SuffixesSlot(PrefixesSlot):
    """The suffixes of a string that clauses name, as its members."""

    __slots__ = ()

    def members(self, value: Any) -> Any:
        size = len(value)
        return self.named.intersection([value[size - n :] for n in self._lengths if n <= size])


class SubstringsSlot(MembersSlot):
    """The substrings of a string that clauses name, as its members."""

    __slots__ = ()

    def members(self, value: Any) -> Any:
        return [each for each in self.named if each in value]


def _call(name: str, slot: Slot) -> tuple[str, dict[str, object]]:
    return f"left &= {name}_row(values, now_ms)", {f"{name}_row": slot.row}


if TYPE_CHECKING:
    Slot: TypeAlias = EqualSlot | NumberSlot | MembersSlot


class Index:
    """All slots of one model. `alive` gives the clauses that can hold, as the bits of an int."""

    __slots__ = ("_everything", "_plain_calls", "alive", "slots")

    alive: Alive

    def __init__(self, bits: int, slots: Sequence[Slot]) -> None:
        self._everything = (1 << bits) - 1
        self.slots = tuple(slots)
        self._plain_calls = 0
        self.alive = self.alive_plainly

    def alive_plainly(self, values: Sequence[Any], now_ms: float) -> int:
        """One AND per slot in a loop; after some calls, straight-line source takes over."""
        self._plain_calls += 1
        if self._plain_calls >= WARM_UP:  # two threads may both get here: the same source, made twice
            self.alive = self.straight_line()
        left = self._everything
        for slot in self.slots:
            left &= slot.row(values, now_ms)
        return left

    def straight_line(self) -> Alive:
        """The same as `alive_plainly` as generated source, a line for each slot.

        The source is a fixed template over slot and attribute numbers; no text of the bundle enters it.
        """
        names: dict[str, Any] = {"bisect": bisect_right, "everything": self._everything}
        lines = ["def alive(values, now_ms):", "    left = everything"]
        for number, slot in enumerate(self.slots):
            statements, used = slot.source(f"s{number}")
            lines += [f"    {line}" for line in statements.split("\n")]
            names.update(used)
        source = "\n".join([*lines, "    return left"])
        exec(compile(source, "<discreet index>", "exec"), names)  # noqa: S102 - see the docstring
        made: Alive = names["alive"]
        return made
