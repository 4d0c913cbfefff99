"""`POST /v1/exposures`: which offers were really seen. Only what the bundle in service has is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from discreet.events import Exposed
from discreet.runtime.bundle import CompiledPlacement
from discreet.serving import Served

from ..answers import Answer, as_json, not_stored
from ..parts import Parts
from ..problems import Problem, Refused
from ..received import JSON_TYPES, Received
from .documents import read_object, whole
from .wishes import read_given

SURFACE: Final = "exposures"
# A page that is being left sends them by `navigator.sendBeacon`, whose plain texts need no preflight.
_TYPES: Final = JSON_TYPES | {b"text/plain", b"text/plain;charset=UTF-8"}
_MEMBERS: Final = frozenset(("exposures", "consent"))
_Slot: TypeAlias = tuple[CompiledPlacement, dict[str, int]]


class Exposures:
    """The handler, and the offers of the bundle in service."""

    __slots__ = ("_parts", "_slots")

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._slots: tuple[Served, dict[str, _Slot]] | None = None

    async def __call__(self, received: Received) -> Answer:
        parts = self._parts
        document = read_object(await received.body(_TYPES))
        told = document.get("exposures")
        if not _MEMBERS.issuperset(document) or type(told) is not list:
            raise Refused(Problem.INVALID_REQUEST)
        if not 1 <= len(told) <= parts.settings.max_placements:
            raise Refused(Problem.INVALID_REQUEST)
        given = read_given(document, parts.settings)
        served, now_s = parts.bundles.current, parts.clock_s()
        exposed = [each for each in (self._read(served, one) for one in told) if each is not None]
        visit, headers = await parts.meet(served, received, given, now_s)
        counts = {"recorded": 0, "outdated": len(told) - len(exposed)}
        if parts.journal is not None and exposed:
            parts.journal.exposed(served, exposed, visit, surface=SURFACE)
            counts["recorded"] = len(exposed)
        for name, count in counts.items():
            parts.counters.exposures[name] += count
        return as_json(counts, status=202, headers=not_stored(*headers))

    def _read(self, served: Served, one: Any) -> Exposed | None:
        """One exposure; None when it is of another bundle than the one in service.

        Raises:
            Refused: it is not of the right form, or there is no such placement, or no such offer for it.
        """
        bundle = served.evaluator.bundle
        match one:
            case {"placement": str(placement), "offer": str(offer), "version": version, **rest} if not rest:
                is_current, is_well_formed = version == bundle.version, whole(version) is not None
            case {"placement": str(placement), "offer": str(offer), "digest": digest, **rest} if not rest:
                is_current, is_well_formed = digest == bundle.digest, type(digest) is str
            case _:
                raise Refused(Problem.INVALID_REQUEST)
        if not is_well_formed:
            raise Refused(Problem.INVALID_REQUEST)
        if not is_current:
            return None
        if not self._can_show(served, placement, offer):
            raise Refused(Problem.UNKNOWN_EXPOSURE)
        return Exposed(placement, offer)

    def _can_show(self, served: Served, placement: str, offer: str) -> bool:
        known = self._slots
        if known is None or known[0] is not served:
            self._slots = known = (served, dict(_slots(served)))
        slot = known[1].get(placement)
        if slot is None:
            return False
        placed, numbers = slot
        number = numbers.get(offer)
        return number is not None and (number == placed.fallback or placed.offers >> number & 1 == 1)


def _slots(served: Served) -> Iterator[tuple[str, _Slot]]:
    """Each placement with the numbers of its model's offers, by id."""
    for model in served.evaluator.bundle.models:
        numbers = {offer: number for number, offer in enumerate(model.offers.ids)}
        for name, placed in model.placements.items():
            yield name, (placed, numbers)
