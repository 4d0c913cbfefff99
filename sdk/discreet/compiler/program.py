"""The compiled form of models, before it is packed: everything a bundle says but for its name, version and times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discreet.runtime.kleene import Tree
    from discreet_consent import Attribute

    from .index import Check, Slot


@dataclass(frozen=True, slots=True)
class OfferProgram:
    """`needs` are all attribute numbers on which the offer can depend: its tree, its stages, its tokens.

    `index_says` whether the tree need not travel: it is a plain conjunction, and the tests of the offer's one clause.
    """

    id: str
    stages: tuple[int, ...]
    tree: Tree | None
    from_ms: float | None
    until_ms: float | None
    content: Mapping[str, object]
    needs: tuple[int, ...]
    waives: bool
    index_says: bool


@dataclass(frozen=True, slots=True)
class PlacementProgram:
    """`needs` are all attribute numbers on which a decision for the placement can depend."""

    id: str
    fallback: int
    offers: tuple[int, ...]
    needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IndexProgram:
    """The index; its blobs are rows of one width."""

    stage_bits: tuple[int, ...]
    clause_offers: tuple[int, ...]
    slots: tuple[Slot, ...]
    stage_rows: bytes
    confirm: bytes
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class ModelProgram:
    id: str
    channel: str
    conditions: tuple[tuple[str, str, Tree], ...]  # id, says, tree; each after all that it names
    stages: tuple[tuple[str, Tree | None], ...]
    offers: tuple[OfferProgram, ...]
    placements: tuple[PlacementProgram, ...]
    index: IndexProgram


@dataclass(frozen=True, slots=True)
class Program:
    """What `compile_models` makes and `pack` packs."""

    attributes: tuple[Attribute, ...]
    models: tuple[ModelProgram, ...]
