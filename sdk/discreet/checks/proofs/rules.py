"""Rules: what proofs reason about. The compiled trees of one or more models, over one numbering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from discreet.runtime import kleene

from .requirements import Either, Every, Holds, Rivals, Want

if TYPE_CHECKING:
    from discreet.model import Place
    from discreet.runtime.kleene import Tree
    from discreet_consent import Attribute, Catalogue

    from .requirements import Requirement


@dataclass(frozen=True, slots=True, eq=False)
class ConditionRules:
    """A named condition or segment; `number` is the one that trees name it by, joint over all models."""

    id: str
    number: int
    says: str
    tree: Tree = field(repr=False)
    segment: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StageRules:
    """A stage; `number` is its place in the journey. Only the first has no tree."""

    id: str
    number: int
    tree: Tree | None = field(repr=False)
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OfferRules:
    """An offer; `number` is its place among the model's.

    Attributes:
        stages: Numbers of its stages, ascending; none for an offer that never competes.
        from_ms, until_ms: Its window in epoch milliseconds, half open; None is open.
        priority_rank: Of two offers with one stage the one with the smaller rank is better; all are different.
        content: Plain JSON, tokens as the author wrote them.
        waives: Whether its condition may become true by a withdrawal.
    """

    id: str
    number: int
    stages: tuple[int, ...]
    tree: Tree | None = field(repr=False)
    from_ms: float | None
    until_ms: float | None
    priority_rank: int
    placements: tuple[str, ...]
    content: Mapping[str, object] = field(repr=False)
    waives: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlacementRules:
    """A placement; `fallback` is the number of an offer, `ranked` numbers of a stage and an offer, best first."""

    id: str
    number: int
    fallback: int
    ranked: tuple[tuple[int, int], ...] = field(repr=False)
    place: Place | None = None


class _Numbered(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def number(self) -> int: ...


_Item = TypeVar("_Item", bound=_Numbered)


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The rules of one model. `stage`, `offer` and `placement` take an id, a number, or the thing itself.

    They raise KeyError for an id, and IndexError for a number, that the model does not have.
    """

    id: str
    channel: str
    stages: tuple[StageRules, ...]
    conditions: tuple[ConditionRules, ...]
    offers: tuple[OfferRules, ...]
    placements: tuple[PlacementRules, ...]
    _by_id: dict[str, dict[str, int]] = field(init=False, repr=False, default_factory=dict)
    _rivals: dict[int, Rivals] = field(init=False, repr=False, default_factory=dict)

    def stage(self, stage: int | str | StageRules) -> StageRules:
        """The stage that is so called."""
        return self._one("stages", self.stages, stage)

    def offer(self, offer: int | str | OfferRules) -> OfferRules:
        """The offer that is so called."""
        return self._one("offers", self.offers, offer)

    def placement(self, placement: int | str | PlacementRules) -> PlacementRules:
        """The placement that is so called."""
        return self._one("placements", self.placements, placement)

    def condition(self, condition: str) -> ConditionRules:
        """The condition or segment of that id. Raises KeyError when there is none."""
        for each in self.conditions:
            if each.id == condition:
                return each
        raise KeyError(condition)

    def rivals(self, placement: int | str | PlacementRules) -> Rivals:
        """The offers that compete for a placement, in their ranks; worked out once."""
        one = self.placement(placement)
        if one.number not in self._rivals:
            self._rivals[one.number] = Rivals(self, one)
        return self._rivals[one.number]

    def _one(self, kind: str, items: Sequence[_Item], which: int | str | _Item) -> _Item:
        if isinstance(which, int):
            return items[which]
        if not isinstance(which, str):
            return which
        if kind not in self._by_id:
            self._by_id[kind] = {each.id: each.number for each in items}
        return items[self._by_id[kind][which]]


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """Models that are reasoned about together: those of one bundle.

    Attributes:
        attributes: In the joint numbering of all trees. Side by side, two declarations may share a name.
        conditions: The trees of all named conditions, by their joint number.
        own: The numbers of the attributes that these models declare: all, but for journeys side by side.
        catalogue: These models' own, as their bundle has it.
        ranges: Within which the authors say that values lie, by the number of the attribute; either end may be open.
    """

    attributes: tuple[Attribute, ...]
    conditions: tuple[Tree, ...] = field(repr=False)
    rules: tuple[Rules, ...]
    own: tuple[int, ...] = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    ranges: tuple[tuple[int, float | None, float | None], ...] = ()

    def in_ranges(self) -> Iterator[Requirement]:
        """For each declared range: the value is in it, or unknown."""
        for number, low, high in self.ranges:
            edges = ((kleene.AT_LEAST, low), (kleene.AT_MOST, high))
            within = tuple(
                Holds([kleene.COMPARE, number, comparison, edge], Want.TRUE)
                for comparison, edge in edges
                if edge is not None
            )
            yield Either((Holds([kleene.UNKNOWN, number], Want.TRUE), Every(within)))

    def model(self, id: str) -> Rules:  # noqa: A002 - the word of the model
        """The rules of the model of that id. Raises KeyError when there is none."""
        for each in self.rules:
            if each.id == id:
                return each
        raise KeyError(id)
