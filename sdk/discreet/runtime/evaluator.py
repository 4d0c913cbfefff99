"""The evaluator: from what is permitted to a decision, in microseconds."""

from __future__ import annotations

from itertools import islice

from discreet_consent import permit
from discreet_consent.immutable import Immutable, put

from ..errors import UnknownPlacement
from .decision import Decision, Reason
from .explain import Explanation, explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from discreet_consent import Catalogue, Consent, Permitted

    from .bundle import Bundle, CompiledModel, CompiledPlacement

MIN_SECONDS = -62_135_596_800  # the year 1; an earlier clock is no clock


class Evaluator(Immutable):
    """Decides over one bundle. Immutable, without I/O, clock or lock; safe for threads and after fork."""

    __slots__ = ("_expires_s", "_placements", "_version", "bundle", "catalogue")

    bundle: Bundle
    catalogue: Catalogue
    _expires_s: int
    _version: int
    _placements: Mapping[str, tuple[CompiledModel, CompiledPlacement]]

    def __init__(self, bundle: Bundle) -> None:
        placements = {
            name: (model, placement)
            for model in bundle.models
            for name, placement in model.placements.items()
        }
        put(self, "bundle", bundle)
        put(self, "catalogue", bundle.catalogue)
        put(self, "_expires_s", bundle.expires_s)
        put(self, "_version", bundle.version)
        put(self, "_placements", placements)

    def __repr__(self) -> str:
        return f"Evaluator({self.bundle!r})"

    @property
    def placements(self) -> tuple[str, ...]:
        """The ids of all placements, in the bundle's order."""
        return tuple(self._placements)

    def permit(
        self, attributes: Mapping[str, Any], consent: Consent, *, now_s: float | None = None
    ) -> Permitted:
        """Keep of `attributes` what `consent` permits under this bundle's catalogue: see `discreet_consent.permit`."""
        return permit(attributes, self.catalogue, consent, now_s)

    def _in_force(self, now_s: object) -> bool:
        return isinstance(now_s, (int, float)) and MIN_SECONDS <= now_s < self._expires_s

    def decide(self, placement: str, permitted: Permitted, *, now_s: float) -> Decision:
        """Choose the offer for `placement`. Total but for an unknown placement.

        Args:
            now_s: Unix seconds, UTC, for windows, days and the bundle's expiry. The caller owns the clock; one that
                is not a number shows nothing to be in force, and the reason is `expired`.
        Raises:
            UnknownPlacement: this bundle has no such placement.
        Source: spec/decision.md.
        """
        try:
            model, slot = self._placements[placement]
        except (KeyError, TypeError) as error:
            raise UnknownPlacement(placement, self._placements) from error
        if permitted.catalogue is not self.catalogue:
            permitted = permitted.under(self.catalogue)
        if not self._in_force(now_s):
            return Decision(slot, slot.fallback, model.stages[0], Reason.EXPIRED, self._version, permitted)
        now_ms = now_s * 1000
        values = permitted.values
        stage, left = model.survey(values, now_ms)
        left &= slot.row
        offer = model.clauses.sure[left.bit_length()]
        if offer is None and left:
            offer = next(model.eligible(left, values, now_ms), None)
        if offer is None:
            return Decision(
                slot, slot.fallback, model.stages[stage], Reason.FALLBACK, self._version, permitted
            )
        return Decision(slot, offer, model.stages[stage], Reason.MATCHED, self._version, permitted)

    def decide_top(
        self, placement: str, permitted: Permitted, top: int, *, now_s: float
    ) -> tuple[Decision, ...]:
        """The best `top` different offers for `placement`, best first; the fallback alone when nothing is eligible.

        Raises:
            UnknownPlacement: this bundle has no such placement.
            ValueError: `top` is below 1.
        """
        if top < 1:
            raise ValueError(f"top {top} is below 1")
        first = self.decide(placement, permitted, now_s=now_s)
        if first.reason is not Reason.MATCHED:
            return (first,)
        model, slot = self._placements[placement]
        permitted = permitted.under(self.catalogue)
        values, now_ms = permitted.values, now_s * 1000
        stage, left = model.survey(values, now_ms)
        return tuple(
            Decision(slot, offer, model.stages[stage], Reason.MATCHED, self._version, permitted)
            for offer in islice(model.eligible(left & slot.row, values, now_ms), top)
        )

    def decide_all(self, permitted: Permitted, *, now_s: float) -> dict[str, Decision]:
        """Decide for every placement of the bundle, as `decide` does for each."""
        permitted = permitted.under(self.catalogue)
        if not self._in_force(now_s):
            return {name: self.decide(name, permitted, now_s=now_s) for name in self._placements}
        decisions: dict[str, Decision] = {}
        for model in self.bundle.models:
            self._decide_model(model, permitted, now_s * 1000, decisions)
        return decisions

    def _decide_model(
        self, model: CompiledModel, permitted: Permitted, now_ms: float, decisions: dict[str, Decision]
    ) -> None:
        values = permitted.values
        stage, left = model.survey(values, now_ms)
        for name, slot in model.placements.items():
            offer = next(model.eligible(left & slot.row, values, now_ms), None)
            reason = Reason.FALLBACK if offer is None else Reason.MATCHED
            decisions[name] = Decision(
                slot, offer or slot.fallback, model.stages[stage], reason, self._version, permitted
            )

    def explain(self, placement: str, permitted: Permitted, *, now_s: float) -> Explanation:
        """Say why `decide` chooses what it chooses, and which offers were close. Slow; for people, not for requests.

        It is worked out from the bundle and the permitted values only, like the decision itself.

        Raises:
            UnknownPlacement: this bundle has no such placement.
        """
        decision = self.decide(placement, permitted, now_s=now_s)
        model, slot = self._placements[placement]
        now_ms = now_s * 1000 if self._in_force(now_s) else 0.0  # without a clock nothing competes
        return explain(decision, model, slot, permitted.under(self.catalogue), now_ms)
