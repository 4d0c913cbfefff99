"""What is read of a visitor under some grants, sorted by the check that a value needs; and the reading in loops."""

from __future__ import annotations

from sys import intern

from .attributes import AttributeType
from .closely import later
from .values import EXACT_INTEGER, MAX_STRING_LENGTH, plain_strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from .attributes import Attribute
    from .permit import Catalogue, Plan
    from .straight_line import Read


class Reading:
    """Which declarations are read where some are withheld, sorted by the check that their values need.

    Each is a slot and the name under which its value comes: of a substitute, that is its parent's.
    """

    __slots__ = (
        "_slots", "booleans", "calls", "compiled", "numbers", "others", "sets", "size", "strings", "withheld"
    )  # fmt: skip

    compiled: Callable[[Plan], Read] | None  # as `straight_line` does it
    _slots: dict[str, list[int]] | None

    def __init__(self, catalogue: Catalogue, withheld: frozenset[str]) -> None:
        permitted = [
            (slot, each) for slot, each in enumerate(catalogue.attributes) if each.name not in withheld
        ]

        def plain(kind: AttributeType) -> list[tuple[int, str]]:
            return [
                (slot, _name(each)) for slot, each in permitted if each.type is kind and not _is_slow(each)
            ]

        self.withheld = withheld
        self.strings = plain(AttributeType.STRING)
        self.numbers = plain(AttributeType.NUMBER)
        self.booleans = plain(AttributeType.BOOLEAN)
        self.sets = plain(AttributeType.STRINGS)
        self.others = [(slot, _name(each)) for slot, each in permitted if _is_slow(each)]
        self.size = len(permitted)
        self.calls = 0
        self.compiled = None
        self._slots = None

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """All slots with their names, in the catalogue's order."""
        return iter(sorted(self.strings + self.numbers + self.booleans + self.sets + self.others))

    def slots(self) -> dict[str, list[int]]:
        """Names to the slots that they fill."""
        slots = self._slots
        if slots is None:
            slots = {}
            for slot, name in self:
                slots.setdefault(name, []).append(slot)
            self._slots = slots
        return slots


def _is_slow(attribute: Attribute) -> bool:
    return attribute.type is AttributeType.DATETIME or attribute.lower or attribute.coarsens is not None


def _name(attribute: Attribute) -> str:
    """The name under which its value comes, as the object that literals in source share: it is found the quickest."""
    name = attribute.name if attribute.coarsens is None else attribute.coarsens.parent
    return intern(name) if type(name) is str else name


def read_those_there(
    attributes: Mapping[str, Any], names: tuple[str, ...], reading: Reading
) -> list[tuple[int, object]] | None:
    """Every value that is there and permitted, by the names of what is there."""
    slots = reading.slots()
    there = [(slot, attributes.get(name)) for name in names for slot in slots.get(name, ())]
    return [(slot, value) for slot, value in there if value is not None] or None


def read_at_a_glance(
    attributes: Mapping[str, Any], reading: Reading, values: list[Any]
) -> list[tuple[int, object]] | None:
    """Put into `values` what is plainly well-formed; return what needs a closer look."""
    get = attributes.get
    slow: list[tuple[int, object]] | None = None
    for slot, name in reading.strings:
        value = get(name)
        if value is not None:
            if type(value) is str and len(value) <= MAX_STRING_LENGTH and value.isascii():
                values[slot] = value
            else:
                slow = later(slow, slot, value)
    for slot, name in reading.numbers:
        value = get(name)
        if value is not None:
            kind = type(value)
            if (kind is int or kind is float) and -EXACT_INTEGER <= value <= EXACT_INTEGER:
                values[slot] = value
            else:
                slow = later(slow, slot, value)
    for slot, name in reading.booleans:
        value = get(name)
        if value is not None:
            if value is True or value is False:
                values[slot] = value
            else:
                slow = later(slow, slot, value)
    for slot, name in reading.sets:
        value = get(name)
        if value is not None:
            members = plain_strings(value)
            if members is not None:
                values[slot] = members
            else:
                slow = later(slow, slot, value)
    for slot, name in reading.others:
        value = get(name)
        if value is not None:
            slow = later(slow, slot, value)
    return slow
