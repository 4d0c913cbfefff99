"""A closer look at what is not plainly well-formed: observations and their age, rare types, substitutes, mistakes."""

from __future__ import annotations

from .values import admit, finite_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .attributes import Attribute
    from .permit import Permitted

MAX_SKEW_S = 86_400  # how far in the future an observation may lie


class Observed:
    """A value together with when it was observed, so that `permit` can tell whether it is stale."""

    __slots__ = ("at_s", "value")

    def __init__(self, value: object, *, at_s: float) -> None:
        self.value = value
        self.at_s = at_s

    def __repr__(self) -> str:
        return "Observed(...)"


def later(slow: list[tuple[int, object]] | None, slot: int, value: object) -> list[tuple[int, object]]:
    """The values that need a closer look, with one more."""
    if slow is None:
        return [(slot, value)]
    slow.append((slot, value))
    return slow


def look_closely(
    permitted: Permitted, slow: list[tuple[int, object]], now_s: float | None, resolved_s: float | None
) -> Permitted:
    """Admit what is in `slow`, slots and values, and name what is malformed or stale."""
    # Without a clock: the end of the day for which the consent was resolved, and what lies after it is yet to come.
    clock_s, skew_s = (resolved_s, 0) if now_s is None else (now_s, MAX_SKEW_S)
    attributes = permitted.plan.catalogue.attributes
    values: list[Any] = [*permitted.values]
    malformed: set[str] = set()
    stale: set[str] = set()
    for slot, given in slow:
        attribute = attributes[slot]
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
        values[slot], is_malformed = _admitted(attribute, given.value if type(given) is Observed else given)
        if is_malformed:
            malformed.add(attribute.name)
    permitted.values = tuple(values)
    permitted.malformed = frozenset(malformed)
    permitted.stale = frozenset(stale)
    return permitted


def _admitted(attribute: Attribute, value: object) -> tuple[Any, bool]:
    """The value in its normal form, coarser for a substitute, and whether it is malformed."""
    admitted: Any = admit(attribute, value)
    coarsens = attribute.coarsens
    if admitted is None or coarsens is None:
        return admitted, admitted is None
    admitted = coarsens.coarser(admitted)
    return admitted, admitted is None and coarsens.none_is_malformed


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
