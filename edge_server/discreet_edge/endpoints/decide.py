"""`POST /v1/decide`: who is it, what may be known, which offers. Everything is decided by the evaluator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discreet import Decision
from discreet.errors import UnknownPlacement
from discreet.serving import Served
from discreet.visitors import Visit

from ..answers import JSON, Answer, not_stored
from ..parts import Parts
from ..problems import Problem, Refused
from ..received import Received
from .wishes import Wish, read_wish
from .written import Written

SURFACE = "decide"


class Decide:
    """The handler, and what it keeps of the bundle in service."""

    __slots__ = ("_parts", "_written")

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._written: Written | None = None

    async def __call__(self, received: Received) -> Answer:
        parts = self._parts
        wish = read_wish(await received.body(), parts.settings)
        if wish.explain:
            parts.need_admin(received, Refused(Problem.EXPLAIN_NOT_ALLOWED))
        served, now_s = parts.bundles.current, parts.clock_s()  # each read once: a swap must not mix two
        visit, headers = await parts.meet(served, received, wish.given, now_s)
        try:
            decisions = _decisions(served, wish, visit)
        except UnknownPlacement:
            raise Refused(Problem.UNKNOWN_PLACEMENT, headers) from None
        parts.counters.decided(decisions)
        if parts.journal is not None:
            parts.journal.decided(served, decisions, visit, surface=SURFACE)
        body = self._written_of(served).answer(
            decisions,
            visit.permitted,
            is_stale=parts.is_stale(now_s),
            explanations=_explanations(served, wish, visit) if wish.explain else None,
        )
        return Answer(200, body, JSON, not_stored(*headers))

    def _written_of(self, served: Served) -> Written:
        written = self._written
        if written is None or written.served is not served:
            self._written = written = Written(served)
        return written


def _decisions(served: Served, wish: Wish, visit: Visit) -> Sequence[Decision]:
    evaluator, permitted, now_s = served.evaluator, visit.permitted, visit.now_s
    if wish.top > 1:
        asked = evaluator.placements if wish.placements is None else wish.placements
        return [
            each
            for placement in asked
            for each in evaluator.decide_top(placement, permitted, wish.top, now_s=now_s)
        ]
    if wish.placements is None:
        return list(evaluator.decide_all(permitted, now_s=now_s).values())
    return [evaluator.decide(placement, permitted, now_s=now_s) for placement in wish.placements]


def _explanations(served: Served, wish: Wish, visit: Visit) -> list[dict[str, Any]]:
    evaluator = served.evaluator
    asked = evaluator.placements if wish.placements is None else wish.placements
    return [evaluator.explain(placement, visit.permitted, now_s=visit.now_s).as_dict() for placement in asked]
