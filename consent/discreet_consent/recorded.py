"""From a record back to what was permitted: `restore`. For replaying decisions; serving has `permit`."""

from __future__ import annotations

from .attributes import AttributeType
from .errors import RecordError
from .permit import Permitted
from .values import MAX_SET_MEMBERS, admit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .attributes import Attribute
    from .consent import Grants
    from .permit import Catalogue
    from .values import Value


def restore(
    catalogue: Catalogue,
    grants: Grants,
    values: Mapping[str, object],
    *,
    malformed: Iterable[str] = (),
    stale: Iterable[str] = (),
) -> Permitted:
    """Build again what `permit` once returned, from recorded values. Nothing is worked out: substitutes neither.

    Args:
        grants: Purposes, sensitive items, and whether only contextual facts may be known.
        values: By attribute's name, in the form that `permit` left them in; a set of strings may be a list.
    Raises:
        RecordError: an attribute is not declared, or not permitted under `grants`; a value is not in the form of its
            type; a name is recorded both with a value and as malformed or stale.
    """
    plan = catalogue.plan(grants)
    restored = _new(Permitted)
    restored.plan = plan
    restored.names = None
    restored.malformed, restored.stale = frozenset(malformed), frozenset(stale)
    nameless = restored.malformed | restored.stale
    if len(nameless) < len(restored.malformed) + len(restored.stale) or not nameless.isdisjoint(values):
        raise RecordError("a record says of one attribute two things that exclude each other")
    _check_names(catalogue, plan.withheld, nameless.union(values))
    restored.values = tuple(
        _in_form(each, values[each.name]) if each.name in values else None for each in catalogue
    )
    return restored


def _check_names(catalogue: Catalogue, withheld: frozenset[str], recorded: frozenset[str]) -> None:
    if not recorded <= catalogue.names:
        raise RecordError("a record names an attribute that is not declared")
    forbidden = recorded & withheld
    if forbidden:
        raise RecordError(f"attribute `{min(forbidden)}` is recorded, and not permitted under these grants")


def _in_form(attribute: Attribute, value: object) -> Value:
    """`value` itself, where `permit` could have left it."""
    kind = attribute.type
    found: Value | None = None
    if kind is AttributeType.STRINGS:
        if type(value) in (list, frozenset):
            members: frozenset[object] = frozenset(map(_hashable, value))  # type: ignore[call-overload] # a list or a set
            found = admit(attribute, members) if len(members) <= MAX_SET_MEMBERS else None
            found = found if found == members else None
    elif type(value) is not str or kind is AttributeType.STRING:
        found = admit(attribute, value)
        found = found if type(found) is type(value) and found == value else None
    if found is None:
        raise RecordError(
            f"attribute `{attribute.name}`: the recorded value is not a {kind.value} in its form"
        )
    return found


def _hashable(member: object) -> object:
    return member if type(member) is str else None


_new: Callable[[type[Permitted]], Permitted] = object.__new__
