"""Reading the index's blobs: rows of bits, words and doubles, all little-endian. Source: spec/bundle-format.md."""

from __future__ import annotations

import struct
from itertools import pairwise

from discreet_consent import AttributeType

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
    PrefixesSlot,
    SubstringsSlot,
    SuffixesSlot,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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


def row_bytes(bits: int) -> int:
    """The length of a row: whole 32-bit words, at least one."""
    return 4 * max(1, (bits + 31) // 32)


def read_rows(count: int, bits: int) -> Callable[[Any], list[int]]:
    """Exactly `count` rows of `bits` bits."""
    width = row_bytes(bits)

    def read(blob: Any) -> list[int]:
        if type(blob) is not bytes or len(blob) != count * width:
            raise ValueError("not the right number of rows")
        read_int = int.from_bytes
        rows = [read_int(blob[at : at + width], "little") for at in range(0, count * width, width)]
        if rows and max(rows) >> bits:
            raise ValueError("a row with bits beyond the last clause")
        return rows

    return read


def read_words(limit: int) -> Callable[[Any], tuple[int, ...]]:
    """Unsigned 32-bit words, each below `limit`."""

    def read(blob: Any) -> tuple[int, ...]:
        if type(blob) is not bytes or len(blob) % 4:
            raise ValueError("not 32-bit words")
        words = struct.unpack(f"<{len(blob) // 4}I", blob)
        if words and max(words) >= limit:
            raise ValueError("a word out of its range")
        return words

    return read


def read_breaks(blob: Any) -> tuple[float, ...]:
    """Ascending finite doubles."""
    if type(blob) is not bytes or len(blob) % 8:
        raise ValueError("not doubles")
    breaks = struct.unpack(f"<{len(blob) // 8}d", blob)
    finite = all(each - each == 0 for each in breaks)
    if not finite or any(low >= high for low, high in pairwise(breaks)):
        raise ValueError("breakpoints do not ascend")
    return breaks


def read_slots(entries: Sequence[Any], catalogue: Catalogue, bits: int) -> list[Slot]:
    """The slots of an index: `[kind, attribute, keys, unwanted keys, rows]` each, one per question."""
    slots = [_slot(entry, catalogue, bits) for entry in entries]
    questions = {(entry[0], entry[1]) for entry in entries}
    if len(questions) != len(slots):
        raise ValueError("two slots answer the same question")
    return slots


def _slot(entry: Any, catalogue: Catalogue, bits: int) -> Slot:
    match entry:
        case [int(kind), None | int() as attribute, keys, unwanted, rows]:
            pass
        case _:
            raise ValueError("not a slot")
    if kind == CLOCK and attribute is None and unwanted == []:
        return _numeric(kind, -1, read_breaks(keys), rows, bits)
    if type(kind) is not int or type(attribute) is not int or not 0 <= attribute < len(catalogue):
        raise ValueError("a slot reads no attribute")
    if catalogue.attributes[attribute].type not in _READS.get(kind, ()):
        raise ValueError("a slot does not fit its attribute")
    if kind in _MEMBERS:
        return _members(kind, attribute, _keys(keys), _keys(unwanted), rows, bits)
    if unwanted != []:
        raise ValueError("a slot with keys that it does not use")
    if kind in _NUMERIC:
        return _numeric(kind, attribute, read_breaks(keys), rows, bits)
    if kind == FLAG and keys != []:
        raise ValueError("a slot with keys that it does not use")
    return _equal(attribute, [False, True] if kind == FLAG else _keys(keys), rows, bits)


def _keys(value: Any) -> list[str]:
    if type(value) is not list or not all(type(each) is str for each in value):
        raise ValueError("not a list of keys")
    if len(set(value)) != len(value):
        raise ValueError("a key twice")
    return value


def _equal(attribute: int, keys: Sequence[object], blob: Any, bits: int) -> EqualSlot:
    absent, other, *rows = read_rows(2 + len(keys), bits)(blob)
    return EqualSlot(attribute, absent, other, dict(zip(keys, rows, strict=True)))


def _numeric(kind: int, attribute: int, breaks: tuple[float, ...], blob: Any, bits: int) -> NumberSlot:
    absent, *rows = read_rows(2 + len(breaks), bits)(blob)
    return _NUMERIC[kind](attribute, absent, breaks, rows)


def _members(
    kind: int, attribute: int, wanted: list[str], unwanted: list[str], blob: Any, bits: int
) -> MembersSlot:
    absent, base, *rows = read_rows(2 + len(wanted) + len(unwanted), bits)(blob)
    split = len(wanted)
    return _MEMBERS[kind](
        attribute,
        absent,
        base,
        dict(zip(wanted, rows[:split], strict=True)),
        dict(zip(unwanted, rows[split:], strict=True)),
    )
