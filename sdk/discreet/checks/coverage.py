"""What visits have seen of the models: offers, fallbacks, stages, and every value of every condition.

Visits are decided by a real bundle; the values of conditions are those of the bundle's own trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from discreet.runtime import kleene as k
from discreet.runtime.decision import Reason

if TYPE_CHECKING:
    from discreet.runtime import Evaluator
    from discreet.runtime.bundle import Bundle, CompiledModel
    from discreet.runtime.kleene import Tree, Truth
    from discreet_consent import Permitted

ALL_THERE_IS: Final = 100.0
TRUTHS: Final[tuple[Truth, ...]] = (True, False, None)
TRUTH_WORDS: Final[Mapping[Truth, str]] = {True: "true", False: "false", None: "unknown"}


class Aspect(Enum):
    """Of what visits can see something."""

    OFFER = "offer"  # it is shown, and not as a fallback
    FALLBACK = "fallback"  # it shows in the placement that is named
    STAGE = "stage"  # it is the furthest that is reached
    CONDITION = "condition"  # it is true, false or unknown


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a visit can see.

    Attributes:
        models: The ids of the models that have it. One; more for a condition that several models share.
        subject: The id of the offer, stage or condition; for a fallback that of the placement.
        truth: Which value of the condition; None for unknown, and for all other aspects.
        says: The author's sentence for the condition, else empty.
    """

    aspect: Aspect
    models: tuple[str, ...]
    subject: str
    truth: Truth = None
    says: str = field(default="", compare=False)

    def as_json(self) -> dict[str, Any]:
        """For machines: as it is, and the truth only of a condition."""
        said = {"aspect": self.aspect.value, "models": list(self.models), "id": self.subject}
        return said | ({"truth": TRUTH_WORDS[self.truth]} if self.aspect is Aspect.CONDITION else {})

    def __str__(self) -> str:
        if self.aspect is Aspect.CONDITION:
            return f"condition `{self.subject}` {TRUTH_WORDS[self.truth]}"
        of = "of " if self.aspect is Aspect.FALLBACK else ""
        return f"{self.aspect.value} {of}`{self.subject}`"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is to see, what was seen, and what nobody can see.

    Attributes:
        points: In the order of the models: offers, fallbacks, stages, conditions.
        impossible: Points that were proven to be seen by no visitor at all; never one that was seen.
    """

    points: tuple[Point, ...]
    seen: frozenset[Point]
    impossible: frozenset[Point] = frozenset()

    @property
    def missing(self) -> tuple[Point, ...]:
        """What was not seen, and may be."""
        return tuple(each for each in self.points if each not in self.seen and each not in self.impossible)

    def counts(self, aspect: Aspect | None = None) -> tuple[int, int]:
        """How many were seen, and how many there are that can be seen; of one aspect, or of all."""
        asked = [each for each in self.points if aspect in (None, each.aspect)]
        possible = [each for each in asked if each not in self.impossible]
        return sum(each in self.seen for each in possible), len(possible)

    @property
    def percent(self) -> float:
        """The share that was seen of all that can be seen; 100 only when nothing is missing."""
        seen, possible = self.counts()
        return ALL_THERE_IS * seen / possible if possible else ALL_THERE_IS


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit: for which placement a decision was asked, what was known of the visitor, and when (Unix seconds)."""

    placement: str
    permitted: Permitted
    now_s: float


class Watch:
    """Says of visits what they see, over one bundle.

    Attributes:
        points: All that can be seen, in the order of the models.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._conditions = _shared_conditions(evaluator.bundle)
        self.points = tuple(dict.fromkeys(self._points(evaluator.bundle)))

    def coverage(self, visits: Iterable[Seen]) -> Coverage:
        """What these visits see of the models."""
        return Coverage(self.points, frozenset[Point]().union(*map(self.seen, visits)))

    def seen(self, visit: Seen) -> frozenset[Point]:
        """What one visit sees: one decision, and the conditions of its model."""
        decision = self._evaluator.decide(visit.placement, visit.permitted, now_s=visit.now_s)
        if decision.reason is Reason.EXPIRED:
            return frozenset()
        model = decision.placed.model
        of = (model.id,)
        shown = Point(Aspect.OFFER, of, decision.offer)
        if decision.reason is Reason.FALLBACK:
            shown = Point(Aspect.FALLBACK, of, visit.placement)
        seen = model.visit(visit.permitted.values, visit.now_s * 1000)
        conditions = (
            Point(Aspect.CONDITION, models, condition.id, seen.named(number), condition.says)
            for number, (condition, models) in enumerate(
                zip(model.conditions, self._conditions[model.id], strict=True)
            )
        )
        return frozenset([shown, Point(Aspect.STAGE, of, decision.stage), *conditions])

    def _points(self, bundle: Bundle) -> Iterable[Point]:
        for model in bundle.models:
            of = (model.id,)
            competing = {number for each in model.placements.values() for number in each.competing}
            yield from (Point(Aspect.OFFER, of, model.offers.ids[number]) for number in sorted(competing))
            yield from (Point(Aspect.FALLBACK, of, placement) for placement in model.placements)
            yield from (Point(Aspect.STAGE, of, stage) for stage in model.stages)
            for condition, models in zip(model.conditions, self._conditions[model.id], strict=True):
                for truth in TRUTHS:
                    yield Point(Aspect.CONDITION, models, condition.id, truth, condition.says)


def _shared_conditions(bundle: Bundle) -> Mapping[str, Sequence[tuple[str, ...]]]:
    """For each condition of each model, the models that have the very same one."""
    met: dict[object, int] = {}
    numbers = {model.id: _meanings(model, met) for model in bundle.models}
    models: dict[int, list[str]] = {}
    for model, meant in numbers.items():
        for number in meant:
            models.setdefault(number, []).append(model)
    return {model: [tuple(models[number]) for number in meant] for model, meant in numbers.items()}


def _meanings(model: CompiledModel, met: dict[object, int]) -> list[int]:
    """A number for each condition: the same in two models exactly when they say the same under the same id."""
    numbers: list[int] = []
    for condition in model.conditions:
        meaning = (condition.id, condition.says, _resolved(condition.tree, numbers))
        numbers.append(met.setdefault(meaning, len(met)))
    return numbers


def _resolved(tree: Tree, numbers: Sequence[int]) -> object:
    """A tree as a value, with the number of every condition that it names."""
    if tree[0] == k.NAMED:
        return k.NAMED, numbers[tree[1]]
    if tree[0] < k.NAMED:
        return tree[0], tuple(_resolved(part, numbers) for part in tree[1:])
    return repr(tree)
