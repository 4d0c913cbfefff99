"""Requirements: what a visitor must fulfil. Classical connectives over the three values of condition trees.

`reached` to `falls_back` say in these words what spec/decision.md, section 4, says of stages and arbitration.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, overload

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree

    from .rules import OfferRules, PlacementRules, Rules, StageRules

TRUE, FALSE, UNKNOWN = 1, 2, 4  # the three values as bits: what is wanted of a tree is some of them
ALL_TRUTHS = TRUE | FALSE | UNKNOWN


class Want(Enum):
    """What is asked of a condition: one of its three values, or any but one."""

    TRUE = TRUE
    FALSE = FALSE
    UNKNOWN = UNKNOWN
    NOT_TRUE = FALSE | UNKNOWN
    NOT_FALSE = TRUE | UNKNOWN


@dataclass(frozen=True, slots=True)
class Holds:
    """The truth of `tree` is as wanted. Trees number attributes and named conditions as their `Journeys` do."""

    tree: Tree
    want: Want


@dataclass(frozen=True, slots=True)
class Every:
    """All of `parts`; of none, always."""

    parts: Sequence[Requirement]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of `parts`; of none, never."""

    parts: Sequence[Requirement]


@dataclass(frozen=True, slots=True)
class Within:
    """The clock is within a window, from_ms <= now < until_ms, in epoch milliseconds; None is open."""

    from_ms: float | None
    until_ms: float | None


@dataclass(frozen=True, slots=True)
class Without:
    """The clock is outside that window."""

    from_ms: float | None
    until_ms: float | None


Requirement: TypeAlias = Holds | Every | Either | Within | Without
ALWAYS = Every(())
NEVER = Either(())
_OPPOSITES = {
    Want.TRUE: Want.NOT_TRUE,
    Want.NOT_TRUE: Want.TRUE,
    Want.FALSE: Want.NOT_FALSE,
    Want.NOT_FALSE: Want.FALSE,
}


def negated(requirement: Requirement) -> Requirement:
    """What a visitor fulfils exactly when they do not fulfil `requirement`."""
    match requirement:
        case Holds(tree, Want.UNKNOWN):
            return Either((Holds(tree, Want.TRUE), Holds(tree, Want.FALSE)))
        case Holds(tree, want):
            return Holds(tree, _OPPOSITES[want])
        case Every(parts):
            return Either(parts.reverse() if isinstance(parts, Outranking) else tuple(map(negated, parts)))
        case Either(parts):
            return Every(parts.reverse() if isinstance(parts, Outranking) else tuple(map(negated, parts)))
        case Within(from_ms, until_ms):
            return Without(from_ms, until_ms)
        case Without(from_ms, until_ms):
            return Within(from_ms, until_ms)


class Rivals:
    """The offers that compete for one placement, in their ranks: one table, which every question shares.

    Attributes:
        ranked: Numbers of a stage and an offer, best first.
        shown: For each, the requirement that this offer is eligible with this stage reached.
        of: By the number of an offer, its ranks, best first; the offer with the best rank stands first.
    """

    __slots__ = ("hidden", "of", "ranked", "rules", "shown")

    def __init__(self, rules: Rules, placement: PlacementRules) -> None:
        self.rules = rules
        self.ranked = placement.ranked
        self.shown = tuple(_shown(rules, stage, offer) for stage, offer in placement.ranked)
        self.hidden = tuple(map(negated, self.shown))
        self.of: dict[int, list[int]] = {}
        for rank, (_, offer) in enumerate(placement.ranked):
            self.of.setdefault(offer, []).append(rank)


class Outranking(Sequence["Requirement"]):
    """Of the ranks above one: that each is hidden, or (`shown`) the ranks themselves. It copies nothing."""

    __slots__ = ("above", "rivals", "shown")

    def __init__(self, rivals: Rivals, above: int, *, shown: bool = False) -> None:
        self.rivals, self.above, self.shown = rivals, above, shown

    def __len__(self) -> int:
        return self.above

    @overload
    def __getitem__(self, place: int) -> Requirement: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Requirement]: ...
    def __getitem__(self, place: int | slice) -> Requirement | Sequence[Requirement]:
        return self._all()[: self.above][place]

    def __iter__(self) -> Iterator[Requirement]:
        return islice(self._all(), self.above)

    def _all(self) -> Sequence[Requirement]:
        return self.rivals.shown if self.shown else self.rivals.hidden

    def reverse(self) -> Outranking:
        """The negations of its parts."""
        return Outranking(self.rivals, self.above, shown=not self.shown)


def reached(rules: Rules, stage: int | str | StageRules) -> Requirement:
    """The stage's own entry condition holds; the first stage always is reached.

    Stages, offers and placements are given by id, by number, or themselves.
    """
    tree = rules.stage(stage).tree
    return ALWAYS if tree is None else Holds(tree, Want.TRUE)


def furthest(rules: Rules, stage: int | str | StageRules) -> Requirement:
    """The stage is the decision's: it is reached, and none that is further."""
    number = rules.stage(stage).number
    later = range(number + 1, len(rules.stages))
    return Every((reached(rules, number), *(negated(reached(rules, each)) for each in later)))


def eligible(
    rules: Rules, offer: int | str | OfferRules, *, stage: int | str | StageRules | None = None
) -> Requirement:
    """The offer's `when` holds, its window is open, and at least one of its stages is reached.

    Args:
        stage: One of the offer's own: ask too that it is the furthest of them that is reached, so that the offer
            ranks there.
    """
    one = rules.offer(offer)
    if not one.placements:
        return NEVER
    if stage is None:
        return Every((Either(tuple(reached(rules, each) for each in one.stages)), *_asked(one)))
    number = rules.stage(stage).number
    if number not in one.stages:
        return NEVER
    further = (negated(reached(rules, each)) for each in one.stages if each > number)
    return Every((reached(rules, number), *further, *_asked(one)))


def wins(rules: Rules, placement: int | str | PlacementRules, offer: int | str | OfferRules) -> Requirement:
    """The offer is the placement's first: eligible, and nothing that is better ranked is. Not as its fallback."""
    rivals = rules.rivals(placement)
    ranks = rivals.of.get(rules.offer(offer).number, ())
    ways = (Every((rivals.shown[rank], Every(Outranking(rivals, rank)))) for rank in ranks)
    return Either(tuple(ways))


def falls_back(rules: Rules, placement: int | str | PlacementRules) -> Requirement:
    """Nothing is eligible for the placement, so that its fallback shows."""
    rivals = rules.rivals(placement)
    return Every(Outranking(rivals, len(rivals.ranked)))


def _asked(offer: OfferRules) -> list[Requirement]:
    asked: list[Requirement] = []
    if offer.tree is not None:
        asked.append(Holds(offer.tree, Want.TRUE))
    if (offer.from_ms, offer.until_ms) != (None, None):
        asked.append(Within(offer.from_ms, offer.until_ms))
    return asked


def _shown(rules: Rules, stage: int, offer: int) -> Requirement:
    tree = rules.stages[stage].tree
    entered: list[Requirement] = [] if tree is None else [Holds(tree, Want.TRUE)]
    return Every((*entered, *_asked(rules.offers[offer])))
