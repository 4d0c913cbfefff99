"""The evaluator: from what is permitted to a decision, in microseconds."""

from __future__ import annotations

from itertools import islice

from discreet_consent.immutable import Immutable, put

from ..errors import UnknownPlacement
from .decision import Decision, Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NoReturn, TypeAlias

    from discreet_consent import Catalogue, Consent, Permitted

    from .bundle import Bundle, CompiledModel, CompiledPlacement
    from .explain import Explanation

    New: TypeAlias = Callable[[type[Decision]], Decision]

_MATCHED, _FALLBACK = Reason.MATCHED, Reason.FALLBACK  # a name costs less than two
MIN_SECONDS = -62_135_596_800  # the year 1; an earlier clock is no clock


class Evaluator(Immutable):
    """Decides over one bundle. Immutable, without I/O, clock or lock; safe for threads and after fork."""

    __slots__ = ("_expires_s", "_placements", "bundle", "catalogue")

    bundle: Bundle
    catalogue: Catalogue
    _expires_s: int
    _placements: Mapping[str, CompiledPlacement]

    def __init__(self, bundle: Bundle) -> None:
        placements = {
            name: placement for model in bundle.models for name, placement in model.placements.items()
        }
        put(self, "bundle", bundle)
        put(self, "catalogue", bundle.catalogue)
        put(self, "_expires_s", bundle.expires_s)
        put(self, "_placements", placements)

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Evaluator is made where it is used, from a bundle that is verified there")

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
        # As `permit` does it, without one more call: this is what a visitor waits for.
        grants = consent.grants if consent.expires_s is None else consent.grants_at(now_s)
        catalogue = self.catalogue
        read = (catalogue.plans.get(grants) or catalogue.plan(grants)).read
        return read(attributes, now_s, consent.resolved_s)

    def _in_force(self, now_s: object) -> bool:
        if not isinstance(now_s, (int, float)) or type(now_s) is bool:  # a bool is not a number
            return False
        return MIN_SECONDS <= now_s < self._expires_s

    def decide(self, placement: str, permitted: Permitted, *, now_s: float) -> Decision:
        """Choose the offer for `placement`. Total but for an unknown placement.

        Args:
            now_s: Unix seconds, UTC, for windows, days and the bundle's expiry. The caller owns the clock; one that
                is not a number shows nothing to be in force, and the reason is `expired`.
        Raises:
            UnknownPlacement: this bundle has no such placement.
        Source: spec/decision.md.
        """
        # Straight through, without a helper's call: this is what a visitor waits for.
        try:
            placed = self._placements[placement]
        except (KeyError, TypeError) as error:
            raise UnknownPlacement(placement, self._placements) from error
        if permitted.plan.catalogue is not self.catalogue:
            permitted = permitted.under(self.catalogue)
        model = placed.model
        decision = _new(Decision)
        decision.placed = placed
        decision.permitted = permitted
        kind = type(now_s)
        in_force = (kind is float or kind is int) and 0 <= now_s < self._expires_s
        if not in_force and not self._in_force(now_s):
            decision.number, decision.stage, decision.reason = (
                placed.fallback,
                model.stages[0],
                Reason.EXPIRED,
            )
            return decision
        values, now_ms = permitted.values, now_s * 1000
        if model.one_stage:
            left = model.index.alive(values, now_ms) & placed.row
            decision.stage = model.stages[0]
        else:
            stage, left = model.survey(values, now_ms)
            left &= placed.row
            decision.stage = model.stages[stage]
        if left:
            clauses = model.clauses
            at = left.bit_length() - 1 - clauses.first
            number = clauses.offers[at] if clauses.unsure[at] == "0" else model.first(left, values, now_ms)
            if number is not None:
                decision.number = number
                decision.reason = _MATCHED
                return decision
        decision.number = placed.fallback
        decision.reason = _FALLBACK
        return decision

    def decide_top(
        self, placement: str, permitted: Permitted, top: int, *, now_s: float
    ) -> tuple[Decision, ...]:
        """The best `top` different offers for `placement`, best first; the fallback alone when nothing is eligible.

        Raises:
            UnknownPlacement: this bundle has no such placement.
            ValueError: `top` is below 1, or no whole number.
        """
        if type(top) is not int or top < 1:
            raise ValueError("top is below 1, or no whole number")
        first = self.decide(placement, permitted, now_s=now_s)
        if first.reason is not Reason.MATCHED:
            return (first,)
        placed, permitted = first.placed, first.permitted
        model, values, now_ms = placed.model, permitted.values, now_s * 1000
        _, left = model.survey(values, now_ms)
        return tuple(
            _decision(placed, number, first.stage, Reason.MATCHED, permitted)
            for number in islice(
                model.eligible(left & placed.row, model.judge(values, now_ms)), min(top, len(model.offers))
            )
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
        judge = model.judge(values, now_ms)
        for name, placed in model.placements.items():
            number = next(model.eligible(left & placed.row, judge), None)
            reason = Reason.FALLBACK if number is None else Reason.MATCHED
            shown = placed.fallback if number is None else number
            decisions[name] = _decision(placed, shown, model.stages[stage], reason, permitted)

    def decide_batch(
        self, record_batch: Any, consents: Consent | Sequence[Consent], placement: str, *, now_s: float
    ) -> Any:
        """Decide for every row of an Arrow record batch as `permit` and `decide` would: see `batch.decide_batch`."""
        from .batch import decide_batch

        return decide_batch(self, record_batch, consents, placement, now_s=now_s)

    def explain(self, placement: str, permitted: Permitted, *, now_s: float) -> Explanation:
        """Say why `decide` chooses what it chooses, and which offers were close. Slow; for people, not for requests.

        It is worked out from the bundle and the permitted values only, like the decision itself.

        Raises:
            UnknownPlacement: this bundle has no such placement.
        """
        from .explain import explain

        decision = self.decide(placement, permitted, now_s=now_s)
        now_ms = now_s * 1000 if self._in_force(now_s) else 0.0  # without a clock nothing competes
        return explain(decision, now_ms)


_new: New = object.__new__


def _decision(
    placed: CompiledPlacement, number: int, stage: str, reason: Reason, permitted: Permitted
) -> Decision:
    decision = _new(Decision)
    decision.placed, decision.number, decision.stage = placed, number, stage
    decision.reason, decision.permitted = reason, permitted
    return decision
