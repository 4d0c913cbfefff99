"""Families: the attributes that are worked out from one raw value. Alone, an attribute is a family of one.

Members are an exact attribute and its substitutes; side by side, also its other declaration and the substitutes of
that. They share the raw value and its age. Which of them are known is permission's affair, and their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from discreet_consent import AttributeType
from discreet_consent.values import MAX_EPOCH_MS, admit

from .coarse_numbers import exact_numbers, numbers_known
from .coarse_texts import exact_texts
from .doubt import Doubt
from .facts import Flags, Members, Numbers
from .instants import FIRST_MS, LAST_MS, Instants, iso, likely
from .intervals import EVERYWHERE, Intervals, outside, overlap, simplest
from .texts import Texts

if TYPE_CHECKING:
    from discreet_consent import Attribute

    from .facts import Fact

Known: TypeAlias = Mapping[int, "Fact"]
_NUMERIC = frozenset((AttributeType.NUMBER, AttributeType.DATETIME))
_WRITTEN = frozenset((AttributeType.STRING, AttributeType.DATETIME))
_INSTANTS: Intervals = ((-MAX_EPOCH_MS, MAX_EPOCH_MS),)


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw value: how old it is in seconds (None: nobody says), and whether it is an instant in milliseconds."""

    value: Any
    age_s: float | None = None
    is_instant: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """The members by their numbers, under the name by which their raw value comes."""

    name: str
    members: Mapping[int, Attribute]
    ages_s: tuple[float | None, ...] = field(init=False)

    def __post_init__(self) -> None:
        retentions = {each.retention_s for each in self.members.values()}
        stale = sorted(each + 0.5 for each in retentions if each is not None)
        ages = (None, *stale) if len(retentions) > 1 else (None,)
        object.__setattr__(self, "ages_s", ages)

    def instants(self, known: Known) -> Instants | bool | None:
        """What the clock must meet: all facts about instants as one; None: there are none; False: they contradict."""
        facts = [fact for fact in known.values() if isinstance(fact, Instants)]
        if not facts:
            return None
        found: Instants | None = facts[0]
        for each in facts[1:]:
            found = found and found.both(each)
        for number, fact in known.items():
            if found is not None and isinstance(fact, Numbers):
                found = found.both(Instants(exact_numbers(self.members[number], fact.intervals)))
        return found or False

    def raw(self, known: Known, hidden: Collection[int], now_ms: float, near_ms: float) -> Raw | None:
        """A raw value by which the members `known` are as asked, and the permitted ones in `hidden` are not known.

        None: there is none. Raises Doubt.
        """
        doubt: Doubt | None = None
        for age_s in self.ages_s:
            fresh = {number for number in self.members if self.is_fresh(number, age_s)}
            if not known.keys() <= fresh:
                break
            try:
                value = self._value(known, fresh.intersection(hidden), now_ms, near_ms)
            except Doubt as each:
                doubt = each
                continue
            if value is not None:
                return Raw(value.value, age_s, value.is_instant)
        kinds = {each.type for each in self.members.values()}
        if doubt is None and len(kinds) > 1 and any(_asks_the_clock(each) for each in known.values()):
            doubt = Doubt(f"days since `{self.name}`, which is declared with two types")
        if doubt is not None:
            raise doubt
        return None

    def is_fresh(self, number: int, age_s: float | None) -> bool:
        """Whether a value of that age is not stale for a member."""
        retention_s = self.members[number].retention_s
        return age_s is None or retention_s is None or age_s <= retention_s

    def view(self, number: int, raw: Raw) -> Any:
        """The value of a member that is permitted; None where it has none."""
        attribute = self.members[number]
        if not self.is_fresh(number, raw.age_s):
            return None
        value: Any = admit(attribute, raw.value)
        return value if value is None or attribute.coarsens is None else attribute.coarsens.coarser(value)

    def _value(self, known: Known, hidden: Collection[int], now_ms: float, near_ms: float) -> Raw | None:
        kinds = {self.members[number].type for number in known}
        alike = {(each.type, each.lower) for each in self.members.values()}
        if len(alike) == 1 and kinds.isdisjoint((AttributeType.NUMBER, AttributeType.STRING)):
            return None if hidden else _plain(known, now_ms, near_ms)
        if kinds <= _NUMERIC:
            found = self._number(known, hidden, now_ms, near_ms)
            if found is not None or kinds != {AttributeType.DATETIME}:
                return found
        if len(kinds) == 1 and kinds.isdisjoint(_WRITTEN):
            if any(self.members[number].type in kinds for number in hidden):
                return None
            found = _plain(known, now_ms, near_ms)
            if found is None and len({self.members[number].lower for number in known}) > 1:
                raise Doubt(f"sets of `{self.name}`, of which one declaration tells capitals")
            return found
        return self._text(known, hidden, now_ms, near_ms) if kinds <= _WRITTEN else None

    def _number(self, known: Known, hidden: Collection[int], now_ms: float, near_ms: float) -> Raw | None:
        intervals: Intervals = EVERYWHERE
        for number, fact in known.items():
            asked = fact.at(now_ms) if isinstance(fact, Instants) else EVERYWHERE
            if isinstance(fact, Numbers):
                asked = exact_numbers(self.members[number], fact.intervals)
            intervals = overlap(intervals, asked)
        for each in hidden:
            attribute = self.members[each]
            if attribute.type is AttributeType.NUMBER:
                intervals = overlap(intervals, outside(numbers_known(attribute)))
            elif attribute.type is AttributeType.DATETIME:
                intervals = overlap(intervals, outside(_INSTANTS))
        if not intervals:
            return None
        only_instants = all(isinstance(fact, Instants) for fact in known.values())
        chosen = likely(intervals, near_ms) if only_instants else simplest(intervals)
        return Raw(int(chosen) if chosen.is_integer() and abs(chosen) <= 2**53 else chosen)

    def _text(self, known: Known, hidden: Collection[int], now_ms: float, near_ms: float) -> Raw | None:
        """A raw text. Exact for members that are read alike; with others, what is tried either does or is in doubt."""
        groups: dict[bool, list[tuple[Attribute, Texts]]] = {}
        for number, fact in known.items():
            if isinstance(fact, Texts):
                groups.setdefault(fact.lower, []).append((self.members[number], fact))
        if any(self._is_seen(each, groups) for each in hidden):
            return None
        complete = False
        for lower, asked in groups.items():
            exact = exact_texts(asked, lower=lower)
            complete = complete or (exact.all and not lower) or (exact.all and len(groups) == 1)
            for text in exact.texts:
                for spelled in (
                    dict.fromkeys((text, text.upper(), text.title())) if len(groups) > 1 else (text,)
                ):
                    if self._fits(Raw(spelled), known, hidden, now_ms):
                        return Raw(spelled)
        for text in _dates(known, now_ms, near_ms):
            if self._fits(Raw(text), known, hidden, now_ms):
                return Raw(text)
        if complete:
            return None
        raise Doubt(f"texts of `{self.name}` that are hard to spell")

    def _is_seen(self, number: int, groups: Collection[bool]) -> bool:
        """Whether a member surely has a value whenever a text of one of `groups` has one."""
        attribute = self.members[number]
        coarsens = attribute.coarsens
        by_all = coarsens is None or coarsens.method != "network"
        return attribute.type is AttributeType.STRING and attribute.lower in groups and by_all

    def _fits(self, raw: Raw, known: Known, hidden: Collection[int], now_ms: float) -> bool:
        return all(
            _is_as_asked(fact, self.view(number, raw), now_ms) for number, fact in known.items()
        ) and all(self.view(number, raw) is None for number in hidden)


def families_of(attributes: Sequence[Attribute]) -> tuple[Family, ...]:
    """The families, in the order of their first members."""
    members: dict[str, dict[int, Attribute]] = {}
    for number, each in enumerate(attributes):
        name = each.name if each.coarsens is None else each.coarsens.parent
        members.setdefault(name, {})[number] = each
    return tuple(Family(name, each) for name, each in members.items())


def _plain(known: Known, now_ms: float, near_ms: float) -> Raw | None:
    """A value of members that all take it as it is."""
    found: Fact | None = None
    for number, each in enumerate(known.values()):
        found = each if number == 0 else found and found.both(each)
    if found is None:
        return None
    if isinstance(found, Instants):
        intervals = found.at(now_ms)
        return Raw(likely(intervals, near_ms), is_instant=True) if intervals else None
    return Raw(found.value())


def _asks_the_clock(fact: Fact) -> bool:
    return isinstance(fact, Instants) and fact.asks_the_clock


def _is_as_asked(fact: Fact, value: Any, now_ms: float) -> bool:
    if value is None:
        return False
    if isinstance(fact, Texts):
        return fact.fits(value)
    intervals = fact.at(now_ms) if isinstance(fact, Instants) else None
    if isinstance(fact, Numbers):
        intervals = fact.intervals
    if intervals is not None:
        return any(low <= value <= high for low, high in intervals)
    return isinstance(fact, (Flags, Members))


def _dates(known: Known, now_ms: float, near_ms: float) -> Iterator[str]:
    """Dates and times that texts may be which must also be read as instants."""
    facts = [fact for fact in known.values() if isinstance(fact, Instants)]
    if facts:
        intervals: Intervals = ((FIRST_MS, LAST_MS),)
        for each in facts:
            intervals = overlap(intervals, each.at(now_ms))
        for low, high in intervals:
            for instant in (likely(((low, high),), near_ms), -(-low // 1), high // 1):
                if low <= instant <= high:
                    yield iso(instant)
