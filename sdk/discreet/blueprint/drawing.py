"""What a blueprint shows, before it has a form: the models as they were written, and what follows from them.

Every text in it is an author's, but for the text of a test; the page's own words are in `words.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from discreet.model import Condition, Json, Model, Offer, Place, Placement, Stage
    from discreet_consent import Attribute

# The sets of purposes, each least, under which something can be; sensitive items are `sensitive:health`. No set: never.
Leasts: TypeAlias = "tuple[frozenset[str], ...]"


@dataclass(frozen=True, slots=True)
class Says:
    """A named condition, in its author's words: its position among the drawing's conditions."""

    condition: int


@dataclass(frozen=True, slots=True)
class Asks:
    """A test that has no name, as an expression."""

    text: str


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    part: Phrase


Phrase: TypeAlias = Says | Asks | Every | Either | Opposite


class MarkKind(Enum):
    """What is asked for: a purpose, the item of sensitive data, or nothing, as it is essential and always granted."""

    PURPOSE = "purpose"
    SENSITIVE = "sensitive"
    ESSENTIAL = "essential"


@dataclass(frozen=True, slots=True)
class Mark:
    """A purpose or sensitive item with its letter, unique in the drawing; its colour and shape follow its position."""

    key: str
    letter: str
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class DrawnAttribute:
    """`used_by` are ids: of `offers` whose conditions read it, `tokens`: that print it, of `stages`, `conditions`.

    `substitutes` among them are the attributes made of it that something but a condition uses.
    """

    declared: Attribute
    range: tuple[float | None, float | None] | None
    place: Place | None
    marks: tuple[int, ...]
    used_by: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DrawnCondition:
    """`marks` are those of all it rests on, also through other conditions."""

    condition: Condition
    asks: tuple[Phrase, ...]
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DrawnStage:
    """`leasts`: under which purposes somebody can reach it."""

    stage: Stage
    asks: tuple[Phrase, ...]
    marks: tuple[int, ...]
    leasts: Leasts | None


@dataclass(frozen=True, slots=True)
class DrawnOffer:
    """An offer of one model.

    Attributes:
        asks: What must hold, all of it.
        marks: The purposes of what its own conditions read.
        reads: Names of the attributes behind its conditions, sorted.
        tokens: Of each attribute that its content prints, the default.
        leasts: By placement, under which purposes it can be shown there; None where that could not be decided.
        cells: By placement and stage of its own, the same of those whose furthest stage is that one.
        fallback_of: Placements.
        missing: By placement, the content fields that it `shows` and the offer lacks.
    """

    offer: Offer
    asks: tuple[Phrase, ...]
    marks: tuple[int, ...]
    reads: tuple[str, ...]
    tokens: tuple[tuple[str, str], ...]
    leasts: Mapping[str, Leasts | None]
    cells: Mapping[tuple[str, str], Leasts | None]
    fallback_of: tuple[str, ...]
    missing: Mapping[str, tuple[str, ...]]

    @property
    def headline(self) -> str:
        """What it is called: what its author says, else the first text of its content, else its id."""
        first = next((each for each in self.offer.content.values() if isinstance(each, str) and each), "")
        return self.offer.says or first or self.offer.id


@dataclass(frozen=True, slots=True)
class DrawnPlacement:
    """`cells`: for each stage of the model, positions of its offers there, best first."""

    placement: Placement
    cells: tuple[tuple[int, ...], ...]
    fallback: int


@dataclass(frozen=True, slots=True)
class DrawnModel:
    model: Model
    stages: tuple[DrawnStage, ...]
    placements: tuple[DrawnPlacement, ...]
    offers: tuple[DrawnOffer, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Models whose stages make one journey: the ids of all its stages in order, and the models' positions."""

    stages: tuple[str, ...]
    models: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """One way in which models of a board say a stage, or its entry; `channels` are theirs, none where all agree."""

    stage: DrawnStage
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differing:
    """What one offer or stage says in each of several models, where that differs: by aspect, a value for each."""

    id: str
    models: tuple[int, ...]
    aspects: Mapping[str, tuple[Json, ...]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole blueprint; `now_ms` is the instant at which windows are judged, in epoch milliseconds."""

    title: str
    now_ms: float
    marks: tuple[Mark, ...]
    attributes: tuple[DrawnAttribute, ...]
    conditions: tuple[DrawnCondition, ...]
    models: tuple[DrawnModel, ...]
    boards: tuple[Board, ...]
    alike: tuple[str, ...]  # ids of offers that several models have, and say alike
    differing: tuple[Differing, ...]  # offers
    differing_stages: tuple[Differing, ...]
