"""Making a candidate from a branch: a raw value for each family that must have one, a clock, and what is permitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import clock
from .candidate import Made
from .doubt import Doubt
from .families import Family, Raw
from .instants import Instants, likely

if TYPE_CHECKING:
    from discreet_consent import Attribute

    from .branch import Branch
    from .permission import Permission
    from .trees import Mask

_MOST_REMEMBERED = 4_096


class Maker:
    """Makes candidates of one catalogue, with the clock near `near_ms` where nothing asks otherwise."""

    def __init__(self, attributes: Sequence[Attribute], families: Sequence[Family], near_ms: float) -> None:
        self._attributes = attributes
        self._related = {
            number: family for family in families if len(family.members) > 1 for number in family.members
        }
        self._near_ms = near_ms
        self._found: dict[object, Raw | Doubt | None] = {}

    def made(self, branch: Branch, permission: Permission) -> tuple[Made, Sequence[Any], float] | None:
        """A candidate, its values by attribute, and its clock; None when the branch contradicts itself.

        Raises:
            Doubt: it cannot be told.
        """
        asked = self._instants(branch)
        tick = None if asked is None else clock.meeting(branch.ticks, asked, self._near_ms)
        if tick is None:
            return None
        now_ms = clock.shown(tick)
        values: list[Any] = [None] * len(self._attributes)
        raws: dict[int, Raw] = {}
        for number, fact in branch.facts.items():
            if fact is not None and number not in self._related:
                if isinstance(fact, Instants):
                    raws[number] = Raw(likely(fact.at(now_ms), self._near_ms), is_instant=True)
                else:
                    raws[number] = Raw(fact.value())
                values[number] = raws[number].value
        if self._related and not self._relate(branch, permission, now_ms, values, raws):
            return None
        return Made(raws, tick, branch.known), values, now_ms

    def _instants(self, branch: Branch) -> list[Instants] | None:
        """What the clock must meet; None when a family contradicts itself."""
        found: list[Instants] = []
        for number, fact in branch.facts.items():
            family = self._related.get(number)
            if family is None:
                if isinstance(fact, Instants):
                    found.append(fact)
            elif number == next(iter(family.members)) or isinstance(fact, Instants):
                asked = family.instants(_known(branch, family))
                if asked is False:
                    return None
                if isinstance(asked, Instants):
                    found.append(asked)
        return found

    def _relate(
        self,
        branch: Branch,
        permission: Permission,
        now_ms: float,
        values: list[Any],
        raws: dict[int, Raw],
    ) -> bool:
        """Fill in the values of all members of families of several; False when a family contradicts itself."""
        permitted: Mask = permission.under(branch.known)[1]
        for family in {id(each): each for each in map(self._related.get, branch.facts) if each}.values():
            known = _known(branch, family)
            if not known:
                continue
            hidden = [
                number
                for number in family.members
                if permitted >> number & 1 and branch.facts.get(number, 0) is None
            ]
            raw = self._raw(family, known, hidden, now_ms)
            if raw is None:
                return False
            raws[next(iter(known))] = raw
            for number in family.members:
                if permitted >> number & 1:
                    values[number] = family.view(number, raw)
        return True

    def _raw(self, family: Family, known: dict[int, Any], hidden: list[int], now_ms: float) -> Raw | None:
        """As the family has it, remembered."""
        at_ms = now_ms if any(isinstance(fact, Instants) for fact in known.values()) else None
        key = (family.name, tuple(known.items()), tuple(hidden), at_ms)
        if key not in self._found:
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            try:
                self._found[key] = family.raw(known, hidden, now_ms, self._near_ms)
            except Doubt as doubt:
                self._found[key] = doubt
        found = self._found[key]
        if isinstance(found, Doubt):
            raise found
        return found


def _known(branch: Branch, family: Family) -> dict[int, Any]:
    return {number: fact for number in family.members if (fact := branch.facts.get(number)) is not None}
