"""Suggesting scenarios: visitors who see what no scenario has seen yet, and the proof of what nobody can see.

A suggestion expects what the model decides today. Whether that is right, only its author can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from discreet.model.progress import Progress, unheard

from .coverage import Aspect, Point, Watch
from .coverage_visits import visit_of
from .proofs import Either, Holds, Undecided, Visitor, Want, falls_back, furthest, wins

if TYPE_CHECKING:
    from discreet.runtime import Evaluator
    from discreet.runtime.kleene import Truth

    from .proofs import Journeys, Prover, Requirement, Rules

_WANTS: Final[Mapping[Truth, Want]] = {True: Want.TRUE, False: Want.FALSE, None: Want.UNKNOWN}
_LOOKING: Final = "looking for visitors"


@dataclass(frozen=True, slots=True)
class Found:
    """What came of looking for a visitor for each of some points."""

    visitors: Mapping[Point, Visitor]
    impossible: frozenset[Point]  # proven: there is none
    undecided: frozenset[Point]  # the budget of the proof was spent

    @property
    def of_children(self) -> frozenset[Point]:
        """What only known children see, of whom only contextual facts may be known: no stated consent is theirs."""
        return frozenset(point for point, visitor in self.visitors.items() if visitor.contextual_only)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A visit that is worth a scenario, and what is decided for it today.

    Attributes:
        sees: What it sees that no scenario saw, in the order of the models; the first gives it its name.
    """

    placement: str
    visitor: Visitor
    offer: str
    reason: str
    stage: str
    sees: tuple[Point, ...]


def visitors_for(
    points: Sequence[Point], journeys: Journeys, prover: Prover, progress: Progress = unheard
) -> Found:
    """Look for a visitor who sees each of `points`, at any time and under any consent."""
    visitors: dict[Point, Visitor] = {}
    impossible: set[Point] = set()
    undecided: set[Point] = set()
    for done, point in enumerate(points):
        progress(_LOOKING, done, len(points))
        try:
            visitor = prover.find(_requirement(point, journeys.model(point.models[0])))
        except Undecided:
            undecided.add(point)
            continue
        if visitor is None:
            impossible.add(point)
        else:
            visitors[point] = visitor
    progress(_LOOKING, len(points), len(points))
    return Found(visitors, frozenset(impossible), frozenset(undecided))


def _requirement(point: Point, rules: Rules) -> Requirement:
    if point.aspect is Aspect.STAGE:
        return furthest(rules, point.subject)
    if point.aspect is Aspect.FALLBACK:
        return falls_back(rules, point.subject)
    if point.aspect is Aspect.CONDITION:
        return Holds(rules.condition(point.subject).tree, _WANTS[point.truth])
    placements = rules.offer(point.subject).placements
    return Either(tuple(wins(rules, each, point.subject) for each in placements))


def suggest(found: Found, evaluator: Evaluator, watch: Watch) -> tuple[Suggestion, ...]:
    """Few visits that together see every point for which a visitor was found who can state their consent.

    Greedy: always the visit that sees most of what is left. Visits that are there for conditions alone become one
    where one visitor can be all of them; one that shows an offer, a fallback or a stage stays as small as it was found.
    """
    visitors = {point: each for point, each in found.visitors.items() if not each.contextual_only}
    tried = _Tried(evaluator, watch, frozenset(visitors))
    candidates = [
        _Visit(placement, visitor, tried.sees(placement, visitor))
        for point, visitor in visitors.items()
        for placement in tried.placements(point)
    ]
    order = {point: at for at, point in enumerate(watch.points)}
    chosen = [
        _Visit(each.placement, each.visitor, frozenset(new))
        for each, new in _greedy(candidates, set(visitors))
    ]
    suggested = [tried.suggestion(each, order) for each in _merged(tried, chosen)]
    return tuple(sorted(suggested, key=lambda each: order[each.sees[0]]))


@dataclass(frozen=True, slots=True)
class _Visit:
    placement: str
    visitor: Visitor
    sees: frozenset[Point]

    @property
    def is_for_conditions(self) -> bool:
        return all(point.aspect is Aspect.CONDITION for point in self.sees)


class _Tried:
    """Visits are tried by the real bundle; only what is wanted counts."""

    def __init__(self, evaluator: Evaluator, watch: Watch, wanted: frozenset[Point]) -> None:
        self._evaluator = evaluator
        self._watch = watch
        self._wanted = wanted

    def placements(self, point: Point) -> Iterator[str]:
        models = (each for each in self._evaluator.bundle.models if each.id in point.models)
        return (placement for model in models for placement in model.placements)

    def sees(self, placement: str, visitor: Visitor) -> frozenset[Point]:
        return self._watch.seen(visit_of(self._evaluator, placement, visitor)) & self._wanted

    def suggestion(self, visit: _Visit, order: Mapping[Point, int]) -> Suggestion:
        asked = visit_of(self._evaluator, visit.placement, visit.visitor)
        decision = self._evaluator.decide(asked.placement, asked.permitted, now_s=asked.now_s)
        sees = tuple(sorted(visit.sees, key=order.__getitem__))
        return Suggestion(
            visit.placement, visit.visitor, decision.offer, decision.reason.value, decision.stage, sees
        )


def _greedy(candidates: Sequence[_Visit], left: set[Point]) -> Iterator[tuple[_Visit, set[Point]]]:
    """The candidates that see most of what is `left`, one by one, each with what it adds; the first among equals."""
    while left:
        best = max(candidates, key=lambda each: len(each.sees & left), default=None)
        if best is None or not best.sees & left:
            return
        yield best, left & best.sees
        left -= best.sees


def _merged(tried: _Tried, chosen: Sequence[_Visit]) -> list[_Visit]:
    """`chosen`, with those that are there for conditions alone put together as far as one visitor can be them all."""
    kept = [each for each in chosen if not each.is_for_conditions]
    merged: list[_Visit] = []
    for visit in chosen:
        if not visit.is_for_conditions:
            continue
        for at, other in enumerate(merged):
            both = _both(tried, other, visit)
            if both is not None:
                merged[at] = both
                break
        else:
            merged.append(visit)
    return kept + merged


def _both(tried: _Tried, one: _Visit, other: _Visit) -> _Visit | None:
    """One visit that sees all that the two see, at the placement of the first; None where there is none."""
    a, b = one.visitor, other.visitor
    if any(a.attributes[name] != b.attributes[name] for name in a.attributes.keys() & b.attributes.keys()):
        return None
    visitor = Visitor(
        attributes=dict(sorted({**a.attributes, **b.attributes}.items())),
        purposes=tuple(sorted({*a.purposes, *b.purposes})),
        sensitive=tuple(sorted({*a.sensitive, *b.sensitive})),
        now_ms=a.now_ms,
    )
    sees = one.sees | other.sees
    return _Visit(one.placement, visitor, sees) if sees <= tried.sees(one.placement, visitor) else None
