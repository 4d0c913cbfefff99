"""A bundle in memory: what `decode` builds from a verified payload, and the evaluator reads. Nothing here changes."""

from __future__ import annotations

from .content import fill
from .kleene import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from discreet_consent import Catalogue

    from .clauses import Clauses
    from .index import Index
    from .kleene import Tree


class CompiledOffer:
    """An offer: its condition for confirming and explaining, its window in epoch milliseconds, its packed content."""

    __slots__ = ("from_ms", "id", "packed", "stages", "tree", "until_ms")

    def __init__(
        self,
        id: str,  # noqa: A002 - the word of the model
        stages: Sequence[int],
        tree: Tree | None,
        from_ms: float | None,
        until_ms: float | None,
        packed: bytes,
    ) -> None:
        self.id = id
        self.stages = stages
        self.tree = tree
        self.from_ms = from_ms
        self.until_ms = until_ms
        self.packed = packed

    def is_open(self, now_ms: float) -> bool:
        """Whether `now_ms` lies in the offer's window: from <= now < until."""
        return (self.from_ms is None or self.from_ms <= now_ms) and (
            self.until_ms is None or now_ms < self.until_ms
        )

    def holds(self, visit: Visit) -> bool:
        """Whether its window is open and its condition true: exactly, and slowly."""
        return self.is_open(visit.now_ms) and (self.tree is None or visit.truth(self.tree) is True)

    def content(self, values: Sequence[Any]) -> dict[str, Any]:
        """A fresh copy of the content, its tokens filled from `values`."""
        return fill(self.packed, values)


class CompiledPlacement:
    """A placement: its fallback, the offers that compete for it, and their clauses as a row of the index."""

    __slots__ = ("channel", "fallback", "id", "offers", "row")

    def __init__(
        self,
        id: str,  # noqa: A002 - the word of the model
        channel: str,
        fallback: CompiledOffer,
        offers: Sequence[int],
        row: int,
    ) -> None:
        self.id = id
        self.channel = channel
        self.fallback = fallback
        self.offers = offers
        self.row = row


class CompiledCondition:
    """A named condition: for explaining in the author's words."""

    __slots__ = ("id", "says", "tree")

    def __init__(self, id: str, says: str, tree: Tree) -> None:  # noqa: A002 - the word of the model
        self.id = id
        self.says = says
        self.tree = tree


class Certificate:
    """On which attributes decisions can depend: attribute numbers per placement and per offer, and the waivers."""

    __slots__ = ("offers", "placements", "waived")

    def __init__(
        self,
        placements: Mapping[str, tuple[int, ...]],
        offers: Mapping[str, tuple[int, ...]],
        waived: frozenset[str],
    ) -> None:
        self.placements = placements
        self.offers = offers
        self.waived = waived


class CompiledModel:
    """One model of a bundle: its words, its index, and what the index's bits stand for."""

    __slots__ = (
        "_condition_trees", "certificate", "channel", "clauses", "conditions", "id", "index", "offers", "placements",
        "stage_trees", "stages",
    )  # fmt: skip

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - the word of the model
        channel: str,
        stages: tuple[str, ...],
        stage_trees: Sequence[Tree | None],
        conditions: Sequence[CompiledCondition],
        offers: Sequence[CompiledOffer],
        placements: Mapping[str, CompiledPlacement],
        certificate: Certificate,
        index: Index,
        clauses: Clauses,
    ) -> None:
        self.id = id
        self.channel = channel
        self.stages = stages
        self.stage_trees = stage_trees
        self.conditions = conditions
        self.offers = offers
        self.placements = placements
        self.certificate = certificate
        self.index = index
        self.clauses = clauses
        self._condition_trees = [each.tree for each in conditions]

    def visit(self, values: Sequence[Any], now_ms: float) -> Visit:
        """The visitor as this model's conditions see them."""
        return Visit(values, now_ms, self._condition_trees)

    def survey(self, values: Sequence[Any], now_ms: float) -> tuple[int, int]:
        """The furthest stage reached, and the clauses that may hold and whose stage is reached."""
        clauses = self.clauses
        alive = self.index.alive(values, now_ms)
        if clauses.confirms_stages:
            alive = self._with_confirmed_stages(alive, values, now_ms)
        stage, reached = clauses.stages(alive)
        return stage, alive & reached

    def _with_confirmed_stages(self, alive: int, values: Sequence[Any], now_ms: float) -> int:
        visit = self.visit(values, now_ms)
        for bit, stage in self.clauses.unsure_stages(alive):
            tree = self.stage_trees[stage]
            if tree is not None and visit.truth(tree) is not True:
                alive ^= bit
        return alive

    def eligible(self, left: int, values: Sequence[Any], now_ms: float) -> Iterator[CompiledOffer]:
        """The different offers of the clauses in `left` that really hold, best first."""
        clauses = self.clauses
        visit = None
        judged: set[CompiledOffer] = set()
        while left:
            length = left.bit_length()
            left ^= 1 << (length - 1)
            offer = clauses.offer(length)
            if offer in judged:
                continue
            judged.add(offer)
            if clauses.sure[length] is None:
                visit = visit or self.visit(values, now_ms)
                if not offer.holds(visit):
                    continue
            yield offer


class Bundle:
    """A verified and decoded bundle.

    Attributes:
        digest: SHA-256 of the payload, in hexadecimal digits.
        floor: The lowest version that a loader of this bundle accepts from now on.
        created_s, expires_s: Unix seconds.
    """

    __slots__ = (
        "catalogue", "created_s", "digest", "expires_s", "floor", "key_ids", "models", "name", "version"
    )  # fmt: skip

    def __init__(
        self,
        *,
        name: str,
        version: int,
        floor: int,
        created_s: int,
        expires_s: int,
        digest: str,
        key_ids: tuple[str, ...],
        catalogue: Catalogue,
        models: tuple[CompiledModel, ...],
    ) -> None:
        self.name = name
        self.version = version
        self.floor = floor
        self.created_s = created_s
        self.expires_s = expires_s
        self.digest = digest
        self.key_ids = key_ids
        self.catalogue = catalogue
        self.models = models

    def __repr__(self) -> str:
        return f"Bundle({self.name!r}, version={self.version}, digest={self.digest[:12]})"
