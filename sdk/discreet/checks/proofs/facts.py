"""Facts: what is asked of one attribute's value. Closed under tests and their negations; empty or not, exactly.

A fact is narrowed test by test; None is the contradiction. What cannot be settled exactly raises `Doubt`, which never
becomes an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from discreet.runtime import kleene as k
from discreet_consent import AttributeType

from .doubt import Doubt
from .instants import Instants
from .intervals import EVERYWHERE, Intervals, compared, outside, overlap, points, simplest
from .texts import Texts

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree
    from discreet_consent import Attribute
    from discreet_consent.values import Value

__all__ = ["Doubt", "Fact", "Flags", "Members", "Numbers", "anything"]


class Fact(Protocol):
    """What is asked of a known value."""

    def tested(self, leaf: Tree, wanted: bool) -> Fact | None:
        """This fact, and that `leaf` is true (or, not `wanted`, false); None when no value is both."""
        ...

    def both(self, other: Self) -> Fact | None:
        """This fact and another about the same value; None when no value is both."""
        ...

    def value(self) -> Value:
        """A value of which it is true, in the normal form of its type."""
        ...


@dataclass(frozen=True, slots=True)
class Flags:
    """A boolean that is one of `among`, which is not empty."""

    among: frozenset[bool] = frozenset((False, True))

    def tested(self, leaf: Tree, wanted: bool) -> Flags | None:
        if leaf[0] == k.COMPARE:
            named = frozenset((leaf[3],))
            wanted = wanted == (leaf[2] == k.EQUAL)
        else:
            named = frozenset(leaf[2])
        left = self.among & named if wanted else self.among - named
        return Flags(left) if left else None

    def both(self, other: Flags) -> Flags | None:
        """This and another."""
        among = self.among & other.among
        return Flags(among) if among else None

    def value(self) -> bool:
        return False not in self.among


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number within `intervals`, of which there is at least one."""

    intervals: Intervals = EVERYWHERE

    def tested(self, leaf: Tree, wanted: bool) -> Numbers | None:
        asked = compared(leaf[2], leaf[3]) if leaf[0] == k.COMPARE else points(leaf[2])
        return self.within(asked if wanted else outside(asked))

    def within(self, intervals: Intervals) -> Numbers | None:
        """This, and within other intervals too."""
        left = overlap(self.intervals, intervals)
        return Numbers(left) if left else None

    def both(self, other: Numbers) -> Numbers | None:
        """This and another."""
        return self.within(other.intervals)

    def value(self) -> float:
        number = simplest(self.intervals)
        return int(number) if number.is_integer() and abs(number) <= 2**53 else number


_MAX_MEMBERS = 1_024
_MAX_LENGTH = 1_024
_MAX_TRIES = 10_000


@dataclass(frozen=True, slots=True)
class Members:
    """A set with all of `must`, none of `never`, one of each of `some`, and not all of any of `not_all`."""

    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    some: frozenset[frozenset[str]] = frozenset()
    not_all: frozenset[frozenset[str]] = frozenset()

    def tested(self, leaf: Tree, wanted: bool) -> Members | None:
        members = frozenset(leaf[2])
        must, never, some, not_all = self.must, self.never, self.some, self.not_all
        if leaf[0] == k.INCLUDES_ALL or len(members) == 1:
            must, not_all = (must | members, not_all) if wanted else (must, not_all | {members})
        if leaf[0] == k.INCLUDES_SOME:
            some, never = (some | {members}, never) if wanted else (some, never | members)
        narrowed = Members(must, never, some, not_all)
        return None if narrowed._least() is None else narrowed

    def both(self, other: Members) -> Members | None:
        """This and another."""
        merged = Members(
            self.must | other.must,
            self.never | other.never,
            self.some | other.some,
            self.not_all | other.not_all,
        )
        return None if merged._least() is None else merged

    def value(self) -> frozenset[str]:
        return self._least() or frozenset()

    def _least(self) -> frozenset[str] | None:
        """A small set that is so; None when there is none."""
        if self.must & self.never or any(len(each) > _MAX_LENGTH for each in self.must):
            return None
        tries = 0
        waiting = [self.must]
        while waiting:
            tries += 1
            if tries > _MAX_TRIES:
                raise Doubt("sets with too many alternatives")
            chosen = waiting.pop()
            if any(group <= chosen for group in self.not_all):
                continue
            missed = next((group for group in self._groups() if not group & chosen), None)
            if missed is None:
                return self._counted(chosen)
            able = sorted(each for each in missed - self.never if len(each) <= _MAX_LENGTH)
            waiting += [chosen | {each} for each in reversed(able)]
        return None

    def _groups(self) -> list[frozenset[str]]:
        return sorted(self.some, key=lambda group: (len(group), sorted(group)))

    def _counted(self, chosen: frozenset[str]) -> frozenset[str] | None:
        if len(chosen) <= _MAX_MEMBERS:
            return chosen
        if len(self.must) > _MAX_MEMBERS:
            return None
        raise Doubt("a set of more members than a value has")


_ANYTHING: Mapping[AttributeType, Callable[[Attribute], Fact]] = {
    AttributeType.BOOLEAN: lambda _: Flags(),
    AttributeType.NUMBER: lambda _: Numbers(),
    AttributeType.STRING: lambda attribute: Texts(lower=attribute.lower),
    AttributeType.STRINGS: lambda _: Members(),
    AttributeType.DATETIME: lambda _: Instants(),
}


def anything(attribute: Attribute) -> Fact:
    """What is asked of the value of an attribute that is only known."""
    return _ANYTHING[attribute.type](attribute)
