"""The author's words as frozen types: what a model is, once it has been read and found sound.

Only the readers of this package and `ModelBuilder.build` make a `Model`; they report every problem first. So
whoever holds a model may rely on it: every name resolves, every literal has its attribute's type, no condition
is cyclic, and every fallback depends on nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from discreet_consent import Attribute

    from .expressions import Expression
    from .problems import Place

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Range: TypeAlias = "tuple[float | None, float | None]"


class Basis(Enum):
    """On what insight a condition rests."""

    DEDUCTIVE = "deductive"  # reasoned from a principle
    INDUCTIVE = "inductive"  # found in data
    DECLARED = "declared"  # the visitor said so


@dataclass(frozen=True, slots=True)
class Condition:
    """A named, positively stated guiding principle. A segment is one used for grouping and reports."""

    id: str
    says: str
    when: Expression
    source: str  # `when` in the author's own words
    basis: Basis | None = None
    note: str | None = None  # a sentence or a link: where the insight comes from
    segment: bool = False
    place: Place | None = field(default=None, compare=False)
    owner: str | None = None  # who answers for it


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase of the journey. `when` is its entry condition; the first stage has none."""

    id: str
    when: Expression | None
    says: str = ""
    place: Place | None = field(default=None, compare=False)
    source: str = field(default="", repr=False, compare=False)  # `when` in the author's own words


@dataclass(frozen=True, slots=True)
class Placement:
    """A slot of the channel, with the offer that shows when nothing else may.

    `shows` are the content fields that its page needs. `purposes` are those on which its decision may at most
    depend, with what stands below them and what is essential; None where the author set no limit.
    """

    id: str
    fallback: str
    place: Place | None = field(default=None, compare=False)
    shows: tuple[str, ...] = ()
    purposes: tuple[str, ...] | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """When an offer is valid, half open: from_ms <= now < until_ms, in epoch milliseconds; None is open."""

    from_ms: float | None = None
    until_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Content for placements, in stages, under conditions.

    `stages` are ids in the journey's order; all of the model's where the author named none. Empty
    `placements`: the offer never competes and only serves as a fallback. `when` is None where nothing is asked.
    Of the offers of one `exclusive` group, a visitor may see at most one, in all channels of a bundle. `promises`
    are other channels that can show the offer of this id to whoever is shown it here.
    """

    id: str
    stages: tuple[str, ...]
    placements: tuple[str, ...]
    when: Expression | None
    priority: int
    valid: Window
    content: Mapping[str, Json]
    waives_withdrawal: bool = False
    place: Place | None = field(default=None, compare=False)
    owner: str | None = None  # who answers for it
    says: str = ""  # what it is, for people
    exclusive: str | None = None
    promises: tuple[str, ...] = ()
    source: str = field(default="", repr=False, compare=False)  # `when` in the author's own words


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the author knows of and keeps: its code (`D104`), what it is about, and why it stays."""

    check: str
    of: str
    because: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Model:
    """What an author writes for one context: stages x offers x conditions, over a catalogue of attributes.

    `declared_at` says where each attribute stands, by name. `ranges` are the least and the greatest value of
    attributes, by name, both included; None is open.
    """

    id: str
    channel: str
    attributes: tuple[Attribute, ...]
    conditions: tuple[Condition, ...]
    stages: tuple[Stage, ...]
    placements: tuple[Placement, ...]
    offers: tuple[Offer, ...]
    place: Place | None = field(default=None, compare=False)
    declared_at: Mapping[str, Place] = field(default_factory=dict, repr=False, compare=False)
    owner: str | None = None  # who answers for it
    accepted: tuple[Accepted, ...] = ()
    ranges: Mapping[str, Range] = field(default_factory=dict)
