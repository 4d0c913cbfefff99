"""What a call to the journal takes up in memory while it waits, at most and roughly: a visitor may send much."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .writing import Visit

_VISIT_BYTES = 4_096  # with what is stored of the visitor
_DECISION_BYTES = 512
_OBJECT_BYTES = 80
_CHARACTER_BYTES = 4


def weight_of(visit: Visit, number: int) -> int:
    """The octets of a visit with so many decisions or exposures."""
    permitted = visit.permitted
    objects = characters = 0
    for value in permitted.values:
        kind = type(value)
        if kind is str:
            characters += len(value)  # type: ignore[arg-type]  # a text: mypy does not follow `kind`
        elif kind is frozenset:
            objects += len(value)  # type: ignore[arg-type]  # a set, as above
            characters += sum(map(len, value))  # type: ignore[arg-type]  # as above
    objects += len(permitted.values) + (0 if permitted.names is None else 2 * len(permitted.names))
    return _VISIT_BYTES + _DECISION_BYTES * number + _OBJECT_BYTES * objects + _CHARACTER_BYTES * characters
