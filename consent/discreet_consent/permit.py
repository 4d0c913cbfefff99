"""Stripping: the one way from what a caller knows to what may be known.

`permit` makes one pass over the declarations that the consent permits and reads nothing else: a stripped value
is never touched. It is total: whatever the values are, it returns.
"""

from __future__ import annotations

from .attributes import Attribute, AttributeType
from .errors import DeclarationError
from .values import EXACT_INTEGER, MAX_STRING_LENGTH, admit, finite_number, plain_strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, NoReturn

    from .consent import Consent, Grants
    from .values import Value

_MAX_PLANS = 4_096  # sets of grants that a catalogue remembers; further ones are planned anew
MAX_SKEW_S = 86_400  # how far in the future an observation may lie
_NONE: frozenset[str] = frozenset()


class Observed:
    """A value together with when it was observed, so that `permit` can tell whether it is stale."""

    __slots__ = ("at_s", "value")

    def __init__(self, value: object, *, at_s: float) -> None:
        self.value = value
        self.at_s = at_s

    def __repr__(self) -> str:
        return "Observed(...)"


class Catalogue:
    """The attributes that are declared, in order. Immutable; what is not in it never passes.

    Raises:
        DeclarationError: two declarations share a name, or a substitute stands for what is not declared like it.
    """

    __slots__ = ("_shared_plans", "attributes", "names", "plans", "slots")

    attributes: tuple[Attribute, ...]
    names: frozenset[str]
    slots: Mapping[str, int]
    plans: dict[Grants, Plan]  # those that `plan` worked out, for `permit` to look up without a call

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
        self._shared_plans: dict[frozenset[str], Plan] = {}

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
            plan = self._shared_plans.get(withheld) or Plan(self, withheld)
            if len(self.plans) < _MAX_PLANS:  # many sets of grants come to few plans
                self._shared_plans[withheld] = self.plans[grants] = plan
        return plan


class Plan:
    """Which declarations are permitted where some are withheld, sorted by the check that their values need.

    Each is a slot and the name under which its value comes: of a substitute, that is its parent's.
    """

    __slots__ = ("booleans", "numbers", "others", "sets", "strings", "withheld")

    def __init__(self, catalogue: Catalogue, withheld: frozenset[str]) -> None:
        permitted = [
            (slot, each) for slot, each in enumerate(catalogue.attributes) if each.name not in withheld
        ]

        def plain(kind: AttributeType) -> list[tuple[int, str]]:
            return [(slot, each.name) for slot, each in permitted if each.type is kind and not _is_slow(each)]

        self.withheld = withheld
        self.strings = plain(AttributeType.STRING)
        self.numbers = plain(AttributeType.NUMBER)
        self.booleans = plain(AttributeType.BOOLEAN)
        self.sets = plain(AttributeType.STRINGS)
        self.others = [
            (slot, each.coarsens.parent if each.coarsens is not None else each.name)
            for slot, each in permitted
            if _is_slow(each)
        ]


def _is_slow(attribute: Attribute) -> bool:
    return attribute.type is AttributeType.DATETIME or attribute.lower or attribute.coarsens is not None


class Permitted:
    """What a visitor allowed us to know, under one catalogue. Only `permit` builds one; it serves one request.

    The values are in no repr, no pickle and no log.

    Attributes:
        grants: What was granted at the clock of `permit`: purposes, sensitive items, and whether only contextual
            facts may be known.
        plan: What those grants permit under the catalogue.
        undeclared: Names that came in and nobody declared.
        values: One item per declared attribute, in the catalogue's order; None where it is unknown. For deciding;
            never to be logged.
        withheld: Names that the consent does not permit (all declared ones, whether or not the visitor has them)
            and the undeclared.
        withheld_declared: The declared ones among them: what a decision reports. It depends on the consent only.
        malformed: Names of permitted attributes whose value is not of the declared type (of a substitute: its
            parent's value, or one that has no coarser form).
        stale: Names of permitted attributes whose value is older than its retention.
    """

    __slots__ = ("catalogue", "grants", "malformed", "plan", "stale", "undeclared", "values")

    catalogue: Catalogue
    grants: Grants
    plan: Plan
    undeclared: frozenset[str]
    values: tuple[Value | None, ...]
    malformed: frozenset[str]
    stale: frozenset[str]

    def __init__(self) -> None:
        raise TypeError("only `permit` builds a Permitted")

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
        moved.catalogue = catalogue
        moved.grants = self.grants
        moved.plan = catalogue.plan(self.grants)
        moved.undeclared = self.undeclared - catalogue.names
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
    plan = declarations.plans.get(grants) or declarations.plan(grants)
    get = attributes.get
    values: list[Any] = [None] * len(declarations.attributes)
    slow: list[tuple[int, object]] | None = None

    for slot, name in plan.strings:
        value = get(name)
        if value is not None:
            if type(value) is str and len(value) <= MAX_STRING_LENGTH and value.isascii():
                values[slot] = value
            else:
                slow = _later(slow, slot, value)
    for slot, name in plan.numbers:
        value = get(name)
        if value is not None:
            kind = type(value)
            if (kind is int or kind is float) and -EXACT_INTEGER <= value <= EXACT_INTEGER:
                values[slot] = value
            else:
                slow = _later(slow, slot, value)
    for slot, name in plan.booleans:
        value = get(name)
        if value is not None:
            if value is True or value is False:
                values[slot] = value
            else:
                slow = _later(slow, slot, value)
    for slot, name in plan.sets:
        value = get(name)
        if value is not None:
            members = plain_strings(value)
            if members is not None:
                values[slot] = members
            else:
                slow = _later(slow, slot, value)
    for slot, name in plan.others:
        value = get(name)
        if value is not None:
            slow = _later(slow, slot, value)

    permitted = _new(Permitted)
    permitted.catalogue = declarations
    permitted.grants = grants
    permitted.plan = plan
    names = declarations.names
    permitted.undeclared = _NONE if names.issuperset(attributes) else _strings_of(attributes) - names
    permitted.malformed = permitted.stale = _NONE
    if slow is not None:
        _admit_slowly(permitted, values, slow, now_s, consent.resolved_s)
    permitted.values = tuple(values)
    return permitted


def _strings_of(attributes: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in attributes if type(name) is str)


def _later(slow: list[tuple[int, object]] | None, slot: int, value: object) -> list[tuple[int, object]]:
    if slow is None:
        return [(slot, value)]
    slow.append((slot, value))
    return slow


def _admit_slowly(
    permitted: Permitted,
    values: list[Any],
    slow: list[tuple[int, object]],
    now_s: float | None,
    resolved_s: float | None,
) -> None:
    """Admit into `values` what needs a closer look, and name what is malformed or stale."""
    # Without a clock: the end of the day for which the consent was resolved, and what lies after it is yet to come.
    clock_s, skew_s = (resolved_s, 0) if now_s is None else (now_s, MAX_SKEW_S)
    malformed: set[str] = set()
    stale: set[str] = set()
    for slot, given in slow:
        attribute = permitted.catalogue.attributes[slot]
        if type(given) is Observed:
            if given.value is None:
                continue
            age_s = _age_s(given, clock_s, skew_s)
            if age_s is None:
                malformed.add(attribute.name)
                continue
            if attribute.retention_s is not None and not age_s <= attribute.retention_s:
                stale.add(attribute.name)
                continue
        admitted = admit(attribute, given.value if type(given) is Observed else given)
        coarsens = attribute.coarsens
        if admitted is None:
            malformed.add(attribute.name)
        elif coarsens is not None:
            admitted = coarsens.coarser(admitted)
            if admitted is None and coarsens.none_is_malformed:
                malformed.add(attribute.name)
        values[slot] = admitted
    permitted.malformed = frozenset(malformed)
    permitted.stale = frozenset(stale)


def _age_s(observed: Observed, now_s: float | None, skew_s: float) -> float | None:
    """Seconds since the observation, infinite without a clock; None when that instant cannot be meant.

    An instant further in the future than clocks disagree is a mistake, such as milliseconds for seconds, and would
    switch retention off.
    """
    at_s, clock_s = finite_number(observed.at_s), finite_number(now_s)
    if at_s is None:
        return None
    age_s = float("inf") if clock_s is None else clock_s - at_s
    return None if age_s < -skew_s else age_s
