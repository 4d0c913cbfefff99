"""What the certificate says of one placement, and when the clock changes what it shows."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import UnknownPlacement

if TYPE_CHECKING:
    from discreet.runtime import Evaluator
    from discreet.runtime.bundle import CompiledPlacement

_BUNDLES = 2  # the one in service and the one before


@dataclass(frozen=True, slots=True)
class Certified:
    """On what the decisions for one placement can depend.

    Attributes:
        attributes: Names of attributes; none: everybody gets the same.
        purposes: What these attributes are for.
        edges_s: Unix seconds, ascending, at which a window of an offer opens or closes, and the bundle's expiry.
    """

    attributes: frozenset[str]
    purposes: frozenset[str]
    edges_s: tuple[float, ...]

    def holds_for_s(self, now_s: float) -> float:
        """For how many seconds the clock alone changes nothing; infinite when it never does."""
        at = bisect.bisect_right(self.edges_s, now_s)
        return self.edges_s[at] - now_s if at < len(self.edges_s) else math.inf


class Certificates:
    """The certificates of one bundle's placements, worked out as they are asked for."""

    __slots__ = ("_evaluator", "_known")

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._known: dict[str, Certified] = {}

    def of(self, placement: str) -> Certified:
        """What is certified of `placement`.

        Raises:
            UnknownPlacement: the bundle has no such placement.
        """
        certified = self._known.get(placement)
        if certified is None:
            certified = self._known[placement] = self._worked_out(self._placed(placement))
        return certified

    def _placed(self, placement: str) -> CompiledPlacement:
        for model in self._evaluator.bundle.models:
            if placement in model.placements:
                return model.placements[placement]
        raise UnknownPlacement(placement, self._evaluator.placements)

    def _worked_out(self, placed: CompiledPlacement) -> Certified:
        numbers = placed.model.certificate.placements.get(placed.id, ())
        declared = [self._evaluator.catalogue.attributes[number] for number in numbers]
        windows = placed.model.offers.windows
        edges = {
            edge_ms / 1000
            for number, window in windows.items()
            if placed.offers >> number & 1
            for edge_ms in window
            if edge_ms is not None
        }
        return Certified(
            frozenset(each.name for each in declared),
            frozenset(purpose for each in declared for purpose in each.purposes),
            tuple(sorted({*edges, float(self._evaluator.bundle.expires_s)})),
        )


@lru_cache(_BUNDLES)
def certificates(evaluator: Evaluator) -> Certificates:
    """The certificates of the bundle in service, the same object for every request."""
    return Certificates(evaluator)
