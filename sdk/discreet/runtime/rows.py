"""Reading the slots of an index from their blobs. Source: spec/bundle-format.md, "Slots"."""

from __future__ import annotations

from functools import reduce
from itertools import accumulate, pairwise
from operator import add, lt, or_

from discreet_consent import AttributeType

from .blobs import changed, read_doubles, read_rows, read_words, running
from .checks import Checks
from .clauses import digits
from .index import (
    CLOCK,
    DAYS,
    FLAG,
    MEMBERS,
    NUMBER,
    PREFIXES,
    SUBSTRINGS,
    SUFFIXES,
    VALUE,
    ClockSlot,
    DaysSlot,
    EqualSlot,
    MembersSlot,
    NumberSlot,
    SparseRows,
)
from .texts import PrefixesSlot, SubstringsSlot, SuffixesSlot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from discreet_consent import Catalogue

    from .index import Slot

_NUMERIC: Mapping[int, type[NumberSlot]] = {NUMBER: NumberSlot, DAYS: DaysSlot, CLOCK: ClockSlot}
_MEMBERS: Mapping[int, type[MembersSlot]] = {
    MEMBERS: MembersSlot, PREFIXES: PrefixesSlot, SUFFIXES: SuffixesSlot, SUBSTRINGS: SubstringsSlot
}  # fmt: skip
_READS: Mapping[int, tuple[AttributeType, ...]] = {
    VALUE: (AttributeType.STRING,),
    FLAG: (AttributeType.BOOLEAN,),
    NUMBER: (AttributeType.NUMBER, AttributeType.DATETIME),
    DAYS: (AttributeType.DATETIME,),
    MEMBERS: (AttributeType.STRINGS,),
    PREFIXES: (AttributeType.STRING,),
    SUFFIXES: (AttributeType.STRING,),
    SUBSTRINGS: (AttributeType.STRING,),
}
_ONLY_STRINGS = frozenset((str,))
MAX_BREAKS = 255  # of a number: beyond it cells are shared


def read_slots(entries: Sequence[Any], catalogue: Catalogue, bits: int) -> list[Slot]:
    """The slots of an index: `[kind, attribute, keys, more, rows, sparse]` each, one per question."""
    slots = [_slot(entry, catalogue, bits) for entry in entries]
    if len({(slot.kind, slot.attribute) for slot in slots}) != len(slots):
        raise ValueError("two slots answer the same question")
    return slots


def _slot(entry: Any, catalogue: Catalogue, bits: int) -> Slot:
    match entry:
        case [int(kind), None | int() as attribute, keys, more, rows, sparse] if type(kind) is int:
            pass
        case _:
            raise ValueError("not a slot")
    if kind == CLOCK and attribute is None:
        attribute = -1
    elif type(attribute) is not int or not 0 <= attribute < len(catalogue):
        raise ValueError("a slot reads no attribute")
    elif catalogue.attributes[attribute].type not in _READS.get(kind, ()):
        raise ValueError("a slot does not fit its attribute")
    if kind in _NUMERIC:
        _unused(sparse is None)
        return _numeric(kind, attribute, keys, more, rows, bits)
    few = _read_sparse(sparse, _keys(keys), bits)
    dense = keys[: len(keys) - len(few.places)] if few is not None else keys
    if kind in _MEMBERS:
        return _members(kind, attribute, dense, _keys(more), rows, bits, few)
    _unused(more == [] and (kind == VALUE or (keys == [] and few is None)))
    return _equal(kind, attribute, dense, rows, bits, few)


def _unused(is_unused: bool) -> None:
    if not is_unused:
        raise ValueError("a slot with parts that it does not use")


def _keys(value: Any) -> list[str]:
    if type(value) is not list or not _ONLY_STRINGS.issuperset(map(type, value)):
        raise ValueError("not a list of keys")
    if len(set(value)) != len(value):
        raise ValueError("a key twice")
    return value


def _read_sparse(value: Any, keys: list[str], bits: int) -> SparseRows | None:
    """`[lengths, bits]` of the last keys, or nil."""
    if value is None:
        return None
    match value:
        case [lengths_blob, bits_blob]:
            ends = list(accumulate(read_words(bits + 1)(lengths_blob)))
            words = read_words(bits)(bits_blob)
        case _:
            raise ValueError("not sparse rows")
    if not 0 < len(ends) <= len(keys) or ends[-1] != len(words):
        raise ValueError("sparse rows of another number than keys")
    sparse = SparseRows({key: place for place, key in enumerate(keys[-len(ends) :])}, ends, words)
    if any(list(each) != sorted(set(each)) for each in map(sparse.bits, sparse.places)):
        raise ValueError("the bits of a sparse row do not ascend")
    return sparse


def _refuse_meeting(row: int, rows: Iterable[int], sparse: SparseRows | None = None) -> None:
    """Refuse rows that change what the clauses in `row` get: of these the answers of all known values are the same.

    So a clause asks a slot exactly when its bit is not in both the first and the second row.
    """
    if reduce(or_, rows, 0) & row:
        raise ValueError("a row asks where its slot does not")
    if sparse is not None:
        held = digits(row, row.bit_length())
        if any(bit < len(held) and held[bit] == "1" for bit in sparse.named_bits()):
            raise ValueError("a row asks where its slot does not")


def _equal(
    kind: int, attribute: int, keys: list[str], blob: Any, bits: int, sparse: SparseRows | None
) -> EqualSlot:
    values: list[Any] = [False, True] if kind == FLAG else keys
    absent, other, *rows = read_rows(2 + len(values), bits)(blob)
    _refuse_meeting(absent, rows if kind == VALUE else changed(other, rows), sparse)
    if kind == VALUE:
        rows = changed(other, rows)
    return EqualSlot(kind, attribute, absent, other, zip(values, rows, strict=True), sparse)


def _numeric(kind: int, attribute: int, keys: Any, more: Any, blob: Any, bits: int) -> NumberSlot:
    breaks, ends = read_doubles(keys), read_doubles(more)
    if len(breaks) > MAX_BREAKS:
        raise ValueError("too many breakpoints")
    absent, *rows = read_rows(2 + len(breaks), bits)(blob)
    _refuse_meeting(absent, rows[1:])
    return _NUMERIC[kind](kind, attribute, absent, breaks, running(rows), ends)


def _members(
    kind: int,
    attribute: int,
    wanted: list[str],
    unwanted: list[str],
    blob: Any,
    bits: int,
    sparse: SparseRows | None,
) -> MembersSlot:
    absent, base, *rows = read_rows(2 + len(wanted) + len(unwanted), bits)(blob)
    split = len(wanted)
    _refuse_meeting(absent | base, rows[:split], sparse)
    _refuse_meeting(absent, rows[split:])
    return _MEMBERS[kind](
        kind,
        attribute,
        absent,
        base,
        zip(wanted, rows[:split], strict=True),
        zip(unwanted, rows[split:], strict=True),
        sparse,
    )


def read_checks(value: Any, slots: Sequence[Slot], bits: int) -> Checks:
    """The checks of an index: `[bits, slots, lows, highs]`, four columns of words."""
    match value:
        case [_, _, _, _]:
            columns = [read_words(limit)(blob) for limit, blob in zip(
                (bits, len(slots), 2**32, 2**32), value, strict=True
            )]  # fmt: skip
        case _:
            raise ValueError("not four columns of checks")
    if len(set(map(len, columns))) != 1:
        raise ValueError("columns of different lengths")
    _check_order(columns, [isinstance(slot, NumberSlot) for slot in slots])
    limits = [_limit(slot) for slot in slots]
    if not all(map(lt, columns[3], map(limits.__getitem__, columns[1]))):
        raise ValueError("a check out of its range")
    _check_asked(columns, slots, bits)
    return Checks(bits, slots, *columns)


def _check_asked(columns: Sequence[Sequence[int]], slots: Sequence[Slot], bits: int) -> None:
    """A clause is checked only on a slot that it asks for a known value."""
    checked = [bytearray((bits + 7) // 8) for _ in slots]
    for bit, number in zip(columns[0], columns[1], strict=True):
        checked[number][bit >> 3] |= 1 << (bit & 7)
    for slot, row in zip(slots, checked, strict=True):
        if int.from_bytes(row, "little") & slot.absent:
            raise ValueError("a check of a clause that does not ask")


def _check_order(columns: Sequence[Sequence[int]], numeric: Sequence[bool]) -> None:
    """Checks ascend; the intervals of one clause and slot are not empty and do not overlap."""
    bits, slots, lows, highs = columns
    places = list(map(add, map(len(numeric).__mul__, bits), slots))
    if all(map(lt, places, places[1:])) and all(map(lt, lows, highs)):
        return  # one check for each clause and slot: most often there is no more to see
    rows = list(zip(*columns, strict=True))
    if not all(map(lt, rows, rows[1:])):
        raise ValueError("checks do not ascend")
    intervals = [row for row in rows if numeric[row[1]]]
    if not all(low < high for _, _, low, high in intervals):
        raise ValueError("an interval of a check is empty")
    for before, after in pairwise(intervals):
        if before[:2] == after[:2] and not before[3] <= after[2]:
            raise ValueError("intervals of a check overlap")


def _limit(slot: Slot) -> int:
    """Below which number a check's `high` is: no slot of a value checks anything."""
    if isinstance(slot, NumberSlot):
        return len(slot.ends)
    return len(slot.keys) if isinstance(slot, MembersSlot) else 0
