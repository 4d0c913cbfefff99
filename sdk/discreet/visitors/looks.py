"""Where a consent lets us look: worked out once per catalogue and set of withheld names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from discreet_consent import Attribute, Catalogue, Provenance
from discreet_consent.permit import most_plans

from ..errors import nearest
from .facts import Fact, Read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from discreet_consent.permit import Plan

KEPT = (Provenance.FIRST_PARTY, Provenance.DECLARED)
_MOST_CATALOGUES = 4  # a swap of bundles makes a new catalogue; the old one must not stay


class Looks:
    """Where one set of grants lets us look, under one catalogue.

    Attributes:
        given: Names of the attributes that a caller may state.
        kept: Names of those that a profile may give.
        stored: Names of those that may go into a profile: permitted under their own name, not for a substitute.
        facts: Names of contextual attributes, and what reads the facts that fill them.
    """

    __slots__ = ("facts", "given", "kept", "stored")

    facts: tuple[tuple[str, Read], ...]

    def __init__(
        self,
        catalogue: Catalogue,
        withheld: frozenset[str],
        facts: Mapping[str, Fact],
        accept: frozenset[str],
    ) -> None:
        names = {_read_as(each) for each in catalogue if each.name not in withheld}
        read = [each for each in catalogue if each.name in names]
        self.given = frozenset(each.name for each in read if each.provenance.value in accept)
        self.kept = frozenset(each.name for each in read if each.provenance in KEPT)
        self.stored = self.kept - withheld
        self.facts = tuple(
            (each.name, facts[each.name].read)
            for each in read
            if each.provenance is Provenance.CONTEXTUAL and each.name in facts
        )


class AllLooks:
    """The looks that one site's settings come to. Safe for threads.

    Of each catalogue as many are remembered as it remembers plans; when there are more, visitors who choose their
    grants must not fill the memory, and all are worked out anew.
    """

    __slots__ = ("_accept", "_facts", "_known")

    def __init__(self, facts: Mapping[str, Fact], accept: frozenset[str]) -> None:
        self._facts, self._accept = facts, accept
        self._known: dict[Catalogue, dict[frozenset[str], Looks]] = {}

    def under(self, plan: Plan) -> Looks:
        """Where the grants of `plan` let us look."""
        try:
            return self._known[plan.catalogue][plan.withheld]
        except KeyError:
            return self._anew(plan.catalogue, plan.withheld)

    @property
    def remembered(self) -> int:
        """How many looks are remembered."""
        return sum(map(len, self._known.values()))

    def _anew(self, catalogue: Catalogue, withheld: frozenset[str]) -> Looks:
        looks = Looks(catalogue, withheld, self._facts, self._accept)
        known = self._known.get(catalogue)
        if known is None or len(known) >= most_plans(len(catalogue)):
            others = self._known if len(self._known) < _MOST_CATALOGUES else {}
            self._known = {**others, catalogue: {withheld: looks}}
        else:
            known[withheld] = looks
        return looks


def misfits(catalogue: Catalogue, facts: Mapping[str, Fact]) -> list[str]:
    """What keeps facts from filling attributes: one sentence for each that the catalogue has not, or otherwise."""
    declared = {each.name: each for each in catalogue}
    found: list[str] = []
    for name, fact in facts.items():
        attribute = declared.get(name)
        if attribute is None:
            found.append(f"attribute `{name}` is not declared{nearest(name, declared)}")
        elif attribute.provenance is not Provenance.CONTEXTUAL:
            found.append(
                f"attribute `{name}` is {attribute.provenance.value}, and a request's facts are contextual"
            )
        elif attribute.type is not fact.type:
            found.append(f"attribute `{name}` is a {attribute.type.value}, and its fact a {fact.type.value}")
    return found


def take(values: dict[str, Any], source: Mapping[str, Any], names: frozenset[str]) -> None:
    """Take from `source` what is called as one of `names`, and is known. No other value is looked at."""
    for name in source:
        if name in names:
            value = source[name]
            if value is not None:
                values[name] = value


def _read_as(attribute: Attribute) -> str:
    return attribute.name if attribute.coarsens is None else attribute.coarsens.parent
