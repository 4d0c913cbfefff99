"""Stripping: the one way from what a caller knows to what may be known.

`permit` reads the declarations that the consent permits and nothing else: a stripped value is never touched. It is
total: whatever the values are, it returns. What is plainly well-formed passes at a glance, the rest is looked at
closely.
"""

from __future__ import annotations

from .closely import look_closely
from .errors import DeclarationError
from .reading import Reading, read_at_a_glance, read_those_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, NoReturn

    from .attributes import Attribute
    from .consent import Consent, Grants
    from .straight_line import Read
    from .values import Value

WARM_UP = 64  # readings on the plain path before straight-line source pays for its compilation
MAX_LINES = 64  # attributes up to which a plan is compiled; each takes some 0.15 ms, once
MAX_COMPILED = 64  # plans of a catalogue that are compiled: what visitors choose must not fill the memory
# What a catalogue remembers of its plans: attributes in all of them together, how many at least and at most. It is
# visitors who choose grants; when it is full all are forgotten, so that later visitors are served like earlier ones.
_MAX_PLANNED, _LEAST_PLANS, _MOST_PLANS = 262_144, 64, 4_096
_SPARSE = 32  # attributes for each name of the visitor from which the names are gone through instead
_NONE: frozenset[str] = frozenset()


class Catalogue:
    """The attributes that are declared, in order. Immutable; what is not in it never passes.

    Raises:
        DeclarationError: two declarations share a name, or a substitute stands for what is not declared like it.
    """

    __slots__ = ("_compiled", "_readings", "attributes", "names", "plans", "slots")

    attributes: tuple[Attribute, ...]
    names: frozenset[str]
    slots: Mapping[str, int]
    plans: dict[Grants, Plan]  # those that `plan` worked out, for `permit` to look up without a call
    _readings: dict[frozenset[str], Reading]

    def __init__(self, attributes: Iterable[Attribute]) -> None:
        self.attributes = tuple(attributes)
        self.slots = {attribute.name: slot for slot, attribute in enumerate(self.attributes)}
        self.names = frozenset(self.slots)
        if len(self.slots) != len(self.attributes):
            twice = next(
                each.name for slot, each in enumerate(self.attributes) if self.slots[each.name] != slot
            )
            raise DeclarationError(f"attribute `{twice}` is declared twice")
        for each in self.attributes:
            if each.coarsens is not None:
                each.check_parent(self._declared(each.coarsens.parent))
        self.plans = {}
        self._readings = {}
        self._compiled = 0

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)

    def _declared(self, name: str) -> Attribute | None:
        slot = self.slots.get(name)
        return None if slot is None else self.attributes[slot]

    def permitted_names(self, grants: Grants) -> frozenset[str]:
        """The names of the attributes that these grants let us know."""
        return self.names - self.plan(grants).withheld

    def plan(self, grants: Grants) -> Plan:
        """What `permit` reads under these grants, worked out once per set of grants."""
        plan = self.plans.get(grants)
        if plan is None:
            purposes, sensitive, child = grants
            withheld = frozenset(
                each.name
                for each in self.attributes
                if not each.may_be_known(purposes, sensitive=sensitive, contextual_only=child)
            )
            reading = self._readings.get(withheld) or Reading(self, withheld)
            plan = Plan(self, grants, reading)
            if len(self.plans) >= most_plans(len(self.attributes)):
                self.plans, self._readings = {}, {}
            self._readings[withheld] = reading  # many sets of grants come to few readings
            self.plans[grants] = plan
        return plan

    def compile(self, reading: Reading) -> None:
        """Bring `reading` into its straight-line form, unless it is too long or comes after too many others."""
        if reading.size <= MAX_LINES and self._compiled < MAX_COMPILED:
            from .straight_line import compiled

            self._compiled += 1
            reading.compiled = compiled(self, reading)


def most_plans(attributes: int) -> int:
    """How many plans a catalogue of so many attributes remembers."""
    return min(_MOST_PLANS, max(_LEAST_PLANS, _MAX_PLANNED // max(1, attributes)))


class Plan:
    """What is read under one set of grants, and how.

    Attributes:
        grants: Purposes, sensitive items, and whether only contextual facts may be known.
        withheld: The names of the declared attributes that these grants do not permit.
        read: From attributes, a clock, and the instant for which the consent was resolved, to what is permitted.
            At first in loops; after some calls, straight-line source takes over.
    """

    __slots__ = ("catalogue", "grants", "read", "reading", "withheld")

    catalogue: Catalogue
    grants: Grants
    reading: Reading
    withheld: frozenset[str]
    read: Read

    def __init__(self, catalogue: Catalogue, grants: Grants, reading: Reading) -> None:
        self.catalogue = catalogue
        self.grants = grants
        self.reading = reading
        self.withheld = reading.withheld
        self.read = self._read_at_first if reading.compiled is None else reading.compiled(self)

    def _read_at_first(
        self, attributes: Mapping[str, Any], now_s: float | None, resolved_s: float | None
    ) -> Permitted:
        reading = self.reading
        reading.calls += 1
        if reading.calls >= WARM_UP:  # two threads may both get here: the same source, made twice
            self.read = self.straight_line() or self.read_plainly
        return self.read_plainly(attributes, now_s, resolved_s)

    def straight_line(self) -> Read | None:
        """The same as `read_plainly` as generated source, which plans that read the same share.

        None for a plan that is too long, or one of too many.
        """
        reading = self.reading
        if reading.compiled is None:
            self.catalogue.compile(reading)
        return None if reading.compiled is None else reading.compiled(self)

    def read_plainly(
        self, attributes: Mapping[str, Any], now_s: float | None, resolved_s: float | None
    ) -> Permitted:
        """`read` in loops; of a long plan, only what is there."""
        reading = self.reading
        values: list[Any] = [None] * len(self.catalogue.attributes)
        names = tuple(attributes)
        if len(names) * _SPARSE < reading.size and type(attributes) is dict:
            slow = read_those_there(attributes, names, reading)
        else:
            slow = read_at_a_glance(attributes, reading, values)
        permitted = _new(Permitted)
        permitted.plan = self
        permitted.values = tuple(values)
        permitted.names = names
        permitted.malformed = permitted.stale = _NONE
        return permitted if slow is None else look_closely(permitted, slow, now_s, resolved_s)


class Permitted:
    """What a visitor allowed us to know, under one catalogue. Only `permit` builds one, and `restore` from a
    record; it serves one request.

    The values are in no repr, no pickle and no log.

    Attributes:
        plan: What those grants permit under the catalogue.
        names: The names that came in; None where each of them is declared.
        values: One item per declared attribute, in the catalogue's order; None where it is unknown. For deciding;
            never to be logged.
        withheld: Names that the consent does not permit (all declared ones, whether or not the visitor has them)
            and the undeclared.
        withheld_declared: The declared ones among them: what a decision reports. It depends on the consent only.
        malformed: Names of permitted attributes whose value is not of the declared type (of a substitute: its
            parent's value, or one that has no coarser form).
        stale: Names of permitted attributes whose value is older than its retention.
    """

    __slots__ = ("malformed", "names", "plan", "stale", "values")

    plan: Plan
    values: tuple[Value | None, ...]
    names: tuple[object, ...] | None
    malformed: frozenset[str]
    stale: frozenset[str]

    def __init__(self) -> None:
        raise TypeError("only `permit` builds a Permitted")

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue under which it was permitted."""
        return self.plan.catalogue

    @property
    def grants(self) -> Grants:
        """What was granted at the clock of `permit`: purposes, sensitive items, and whether only contextual facts
        may be known.
        """
        return self.plan.grants

    @property
    def undeclared(self) -> frozenset[str]:
        """Names that came in and nobody declared."""
        if self.names is None:
            return _NONE
        return frozenset(name for name in self.names if type(name) is str) - self.plan.catalogue.names

    @property
    def granted(self) -> frozenset[str]:
        """The purposes granted."""
        return self.grants[0]

    @property
    def withheld_declared(self) -> frozenset[str]:
        return self.plan.withheld

    @property
    def withheld(self) -> frozenset[str]:
        return self.plan.withheld | self.undeclared

    def get(self, name: str) -> Value | None:
        """The value of attribute `name`, or None when it is unknown, withheld or not declared."""
        slot = self.catalogue.slots.get(name)
        return None if slot is None else self.values[slot]

    def known(self) -> frozenset[str]:
        """The names of the attributes that may be known and are."""
        return frozenset(
            each.name
            for each, value in zip(self.catalogue.attributes, self.values, strict=True)
            if value is not None
        )

    def under(self, catalogue: Catalogue) -> Permitted:
        """The same knowledge under another catalogue: values declared alike in both; the others are unknown."""
        if catalogue is self.catalogue:
            return self
        moved = _new(Permitted)
        moved.plan = catalogue.plan(self.grants)
        moved.names = tuple(self.undeclared)
        alike = {each.name for each in catalogue if _same_declaration(self.catalogue, each)}
        moved.values = tuple(self.get(name) if name in alike else None for name in catalogue.slots)
        moved.malformed = self.malformed & alike  # of an attribute declared otherwise, nothing is known
        moved.stale = self.stale & alike
        return moved

    def __repr__(self) -> str:
        return (
            f"Permitted(known={sorted(self.known())}, withheld={sorted(self.withheld)}, "
            f"malformed={sorted(self.malformed)}, stale={sorted(self.stale)})"
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Permitted holds a visitor's values and is never pickled or copied")


_new: Callable[[type[Permitted]], Permitted] = object.__new__


def _same_declaration(catalogue: Catalogue, attribute: Attribute) -> bool:
    slot = catalogue.slots.get(attribute.name)
    return slot is not None and catalogue.attributes[slot] == attribute


def permit(
    attributes: Mapping[str, Any],
    declarations: Catalogue,
    consent: Consent,
    now_s: float | None = None,
) -> Permitted:
    """Keep the attributes that are declared, permitted by `consent`, well-formed and fresh. Never raises.

    An attribute is permitted when it is not `third_party` and all its purposes are granted, its sensitive item
    too, and of a known child only when it is contextual; what is essential needs no grant. A value of None is an
    absent one. A value may come as `Observed`, with the instant of its observation; one without is taken as fresh.

    Args:
        attributes: Names to values as the caller has them. Values that are not permitted are not read, but to work
            out a permitted substitute; what comes under a substitute's own name is never read.
        now_s: Unix seconds, UTC, for expiry and retention. Without it they are judged at the instant the consent
            was resolved; what cannot be shown to be in force, or fresh, is not.
    Source: spec/consent.md, "Permission".
    """
    grants = consent.grants if consent.expires_s is None else consent.grants_at(now_s)
    read = (declarations.plans.get(grants) or declarations.plan(grants)).read
    return read(attributes, now_s, consent.resolved_s)
