"""The prover: finds a visitor who fulfils a requirement, or proves that there is none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from discreet_consent import permit

from .candidate import Candidate, Made
from .doubt import Undecided
from .families import Raw, families_of
from .instants import iso, written
from .making import Maker
from .permission import Grants, Permission, grants_of, matters_of_children, needed_for
from .requirements import Every
from .search import Search
from .trees import Needs
from .visitor import Visitor

if TYPE_CHECKING:
    from discreet.model import Json
    from discreet_consent import Attribute

    from .requirements import Requirement
    from .rules import Journeys

BUDGET: Final = 5_000  # candidates that one question may look at


class Prover:
    """Answers questions about the visitors of some journeys; or of two, side by side over one numbering.

    Consents are those that grants state; and, where nobody else will do, that of a known child, which permits
    contextual facts only. The clock is a whole number of milliseconds from the year 1 to 9999.

    Args:
        now_ms: Epoch milliseconds: the clock of witnesses wherever nothing asks for another.
        budget: How many candidates one question may look at.
    """

    def __init__(
        self, journeys: Journeys | tuple[Journeys, Journeys], *, now_ms: float, budget: int = BUDGET
    ) -> None:
        self._sides = journeys if isinstance(journeys, tuple) else (journeys,)
        self._attributes = self._sides[0].attributes
        self._conditions = self._sides[0].conditions
        self._families = families_of(self._attributes)
        self._names = {number: family.name for family in self._families for number in family.members}
        self._needs = Needs(self._conditions)
        self._maker = Maker(self._attributes, self._families, now_ms)
        self.budget = budget
        self._free = Permission(self._attributes)
        self._in_ranges = Every(tuple(each for side in self._sides for each in side.in_ranges()))
        related = [[*family.members.values()] for family in self._families]
        self._of_children = (
            Permission(self._attributes, contextual_only=True) if matters_of_children(related) else None
        )

    def find(
        self,
        requirement: Requirement,
        *,
        knowable: Collection[str] | None = None,
        granted: Collection[str] | None = None,
    ) -> Visitor | None:
        """A visitor who fulfils `requirement`; or None, which is the proof that there is none.

        Whoever is returned was run through `permit`, and every tree through the runtime's own kleene. Declared ranges
        are no part of the proof; where a visitor with values in them will do, and any consent, it is one.

        Args:
            knowable: Exactly the names of the attributes that the consent permits, beside those that are essential.
                None: any consent may be chosen; then the witness's is the least one.
            granted: Exactly this consent: data-use keys, and sensitive items written `sensitive:health`.
        Raises:
            Undecided: the budget was spent, or rounding and spelling hide the answer.
            ValueError: no consent permits exactly `knowable`.
        """
        if granted is not None:
            return self._find(requirement, Permission(self._attributes, granted=grants_of(granted)))
        if knowable is not None:
            return self._find(requirement, Permission(self._attributes, granted=self._for(knowable)))
        found = self._find(requirement, self._free)
        if found is None and self._of_children is not None:
            return self._find(requirement, self._of_children)
        return found if found is None else self._likelier(requirement, found)

    def _likelier(self, requirement: Requirement, found: Visitor) -> Visitor:
        """`found`; or one with all values in their declared ranges, where there is such."""
        if self.holds(self._in_ranges, found):
            return found
        try:
            return self._find(Every((requirement, self._in_ranges)), self._free) or found
        except Undecided:
            return found

    def holds(self, requirement: Requirement, visitor: Visitor) -> bool:
        """Whether a visitor fulfils `requirement`, run through `permit` and the runtime's own kleene."""
        values = self._permitted(visitor)
        now_ms = visitor.now_s * 1000
        return Candidate(values, now_ms, self._conditions, self._needs).fulfils(requirement)

    def least_consents(self, requirement: Requirement) -> tuple[frozenset[str], ...]:
        """The minimal sets of purposes under which some visitor fulfils `requirement`; none contains another.

        Of known children it is not asked. A sensitive item is written `sensitive:health`; essential purposes, always
        granted, are in none of the sets. All minimal sets are among them, which is proven; none at all: no visitor
        fulfils it.

        Raises:
            Undecided: the budget, which is one for all of them together, was spent.
        """
        pool = _Pool(self.budget)
        found: list[frozenset[str]] = []
        seen: set[frozenset[str]] = set()
        waiting: list[frozenset[str]] = [frozenset()]
        while waiting:
            refused = waiting.pop()
            if refused in seen:
                continue
            seen.add(refused)
            one = next((each for each in found if not _touches(each, refused)), None)
            if one is None:
                one = self._least(requirement, refused, pool)
                if one is None:
                    continue
                found.append(one)
            waiting += [refused | {key} for key in one]
        least = [each for each in found if not any(_is_less(other, each) for other in found)]
        return tuple(sorted(set(least), key=lambda each: (len(each), sorted(each))))

    def _least(self, requirement: Requirement, refused: frozenset[str], pool: _Pool) -> frozenset[str] | None:
        """A minimal set of purposes that covers none of those refused."""
        witness = self._find(requirement, Permission(self._attributes, refused=refused), pool)
        if witness is None:
            return None
        keys = _keys(witness)
        for key in sorted(keys):
            if key in keys:
                fewer = Permission(self._attributes, refused=refused, within=keys - {key})
                witness = self._find(requirement, fewer, pool)
                keys = keys if witness is None else _keys(witness)
        return keys

    def _for(self, knowable: Collection[str]) -> Grants:
        grants = needed_for(each for each in self._attributes if each.name in knowable)
        may = {each.name for each in self._attributes if _may(each, grants)}
        essential = {each.name for each in self._attributes if _may(each, Grants((), ()))}
        if may != {*knowable} | essential:
            raise ValueError("no consent permits exactly these attributes")
        return grants

    def _find(
        self, requirement: Requirement, permission: Permission, pool: _Pool | None = None
    ) -> Visitor | None:
        budget = self.budget if pool is None else pool.left
        search = Search(self._attributes, self._conditions, self._needs, permission, self._maker, budget)
        try:
            for made, _ in search.first(requirement):
                try:
                    visitor = self._visitor(made, permission)
                except OverflowError:  # they were observed before the year 1, which nobody can write
                    continue
                if self.holds(requirement, visitor):
                    return visitor
        finally:
            if pool is not None:
                pool.left = search.left
        return None

    def _visitor(self, made: Made, permission: Permission) -> Visitor:
        raws, tick = made.raws, made.tick
        grants, _ = permission.under(made.known)
        attributes = {self._names[number]: _json(raw, tick) for number, raw in raws.items()}
        ordered = {name: attributes[name] for name in sorted(attributes)}
        return Visitor(ordered, grants.purposes, grants.sensitive, float(tick), permission.contextual_only)

    def _permitted(self, visitor: Visitor) -> list[Any]:
        values: list[Any] = [None] * len(self._attributes)
        given, consent = visitor.given(), visitor.consent()
        for side in self._sides:
            permitted = permit(given, side.catalogue, consent, visitor.now_s)
            for number, value in zip(side.own, permitted.values, strict=True):
                values[number] = value
        return values


@dataclass(slots=True)
class _Pool:
    """Candidates that several questions together may still look at."""

    left: int


def _touches(keys: Collection[str], refused: Collection[str]) -> bool:
    """Whether one of `keys` covers one of those refused."""
    return any(key == other or other.startswith(key + ".") for key in keys for other in refused)


def _is_less(one: Collection[str], other: Collection[str]) -> bool:
    """Whether all of `one` is granted by `other`, which is not the same."""
    return one != other and all(_touches(other, (key,)) for key in one)


def _keys(visitor: Visitor) -> frozenset[str]:
    return Grants(visitor.purposes, visitor.sensitive).keys()


def _may(attribute: Attribute, grants: Grants) -> bool:
    return attribute.may_be_known(grants.purposes, sensitive=grants.sensitive)


def _json(raw: Raw, tick: int) -> Json:
    exact: Any = raw.value
    value: Json = written(exact) if raw.is_instant else exact
    if isinstance(exact, frozenset):
        value = sorted(exact)
    if raw.age_s is None:
        return value
    return {"value": value, "observed": iso(tick - raw.age_s * 1000)}
