"""What a decision was made from, in a form to be sealed: enough to make it again, bit for bit, and nothing more.

Of the values only those on which the decision can depend, by the bundle's certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discreet.errors import MalformedBundle
from discreet.runtime.wire import pack, unpack

if TYPE_CHECKING:
    from discreet.runtime import Decision
    from discreet_consent.consent import Grants

FORMAT = 1
MAX_INPUTS_BYTES = 8_192  # of one decision; where there is more, the record goes without
_NAMES = frozenset((str,))


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one decision was made from.

    Attributes:
        bundle: The bundle's digest.
        rank: Which of the best offers for the placement it is; 1 is the best.
        grants: In the bundle's words.
        values: By attribute, as `permit` left them.
    """

    bundle: str
    placement: str
    rank: int
    now_s: float | None
    surface: str | None
    grants: Grants
    values: Mapping[str, Any] = field(repr=False)
    malformed: tuple[str, ...]
    stale: tuple[str, ...]


def read_by(decision: Decision) -> dict[str, Any]:
    """The known values on which `decision` can depend, in the catalogue's order."""
    permitted, placed = decision.permitted, decision.placed
    attributes, values = permitted.catalogue.attributes, permitted.values
    numbers = placed.model.certificate.placements.get(placed.id, ())
    return {attributes[each].name: values[each] for each in numbers if values[each] is not None}


def pack_inputs(inputs: Inputs) -> bytes | None:
    """`inputs` as bytes, the same for the same inputs; None where they are too large."""
    purposes, sensitive, child = inputs.grants
    values = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in inputs.values.items()
    }
    packed = pack(
        [
            FORMAT, bytes.fromhex(inputs.bundle), inputs.placement, inputs.rank, inputs.now_s, inputs.surface,
            sorted(purposes), sorted(sensitive), child, values, list(inputs.malformed), list(inputs.stale),
        ]
    )  # fmt: skip
    return packed if len(packed) <= MAX_INPUTS_BYTES else None


def unpack_inputs(packed: bytes) -> Inputs | None:
    """The inputs that `pack_inputs` packed; None for anything else."""
    try:
        found = unpack(packed, "the inputs")
    except MalformedBundle:
        return None
    match found:
        case [
            1, bytes(bundle), str(placement), int(rank), None | int() | float() as now_s, None | str() as surface,
            list(purposes), list(sensitive), bool(child), dict(values), list(malformed), list(stale),
        ] if _all_texts(purposes, sensitive, malformed, stale, values):  # fmt: skip
            grants = (frozenset(purposes), frozenset(sensitive), child)
            return Inputs(
                bundle.hex(), placement, rank, now_s, surface, grants, values, tuple(malformed), tuple(stale)
            )
        case _:
            return None


def _all_texts(*groups: Any) -> bool:
    return all(_NAMES.issuperset(map(type, group)) for group in groups)
