"""A letter for each purpose and sensitive item, so that no mark is told by its colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

from discreet_consent.purposes import ESSENTIAL, covers

from .drawing import Mark, MarkKind

if TYPE_CHECKING:
    from discreet_consent import Attribute

SENSITIVE: Final = "sensitive:"
_ORDER: Final = (MarkKind.PURPOSE, MarkKind.SENSITIVE, MarkKind.ESSENTIAL)


def marks_of(attributes: Iterable[Attribute]) -> tuple[Mark, ...]:
    """The marks of all purposes and sensitive items of `attributes`: by kind, then by key."""
    keys = sorted({key for each in attributes for key in asked(each)}, key=lambda key: (_rank(key), key))
    letters = _letters(keys)
    return tuple(Mark(key, letters[key], kind_of(key)) for key in keys)


def asked(attribute: Attribute) -> tuple[str, ...]:
    """The keys that must be granted before `attribute` may be known, essential ones included."""
    item = () if attribute.sensitive is None else (SENSITIVE + attribute.sensitive,)
    return (*attribute.purposes, *item)


def kind_of(key: str) -> MarkKind:
    if key.startswith(SENSITIVE):
        return MarkKind.SENSITIVE
    return MarkKind.ESSENTIAL if covers(ESSENTIAL, key) else MarkKind.PURPOSE


def positions(keys: Iterable[str], marks: Sequence[Mark]) -> tuple[int, ...]:
    """Where the marks of `keys` are among `marks`, ascending."""
    wanted = frozenset(keys)
    return tuple(number for number, mark in enumerate(marks) if mark.key in wanted)


def _rank(key: str) -> int:
    return _ORDER.index(kind_of(key))


def _letters(keys: Sequence[str]) -> Mapping[str, str]:
    """The first letter of a key's last word that is free, else any that is, else a number."""
    taken: dict[str, str] = {}
    for key in keys:
        word = key.removeprefix(SENSITIVE).rpartition(".")[2].upper()
        wanted = (*(char for char in word if char in ascii_uppercase), *ascii_uppercase)
        spare = (str(number) for number in range(1, len(keys) + 1))
        free = next(char for char in (*wanted, *spare) if char not in taken.values())
        taken[key] = free
    return taken
