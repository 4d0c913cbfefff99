"""A bundle in memory: what `decode` builds from a verified payload, and the evaluator reads. Nothing here changes."""

from __future__ import annotations

from .content import fill
from .kleene import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from discreet_consent import Catalogue

    from .index import Index
    from .kleene import Tree

_MAX_REACHED = 4_096  # sets of reached stages that a model remembers; further ones are worked out anew


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

    def content(self, values: Sequence[Any]) -> dict[str, Any]:
        """A fresh copy of the content, its tokens filled from `values`."""
        return fill(self.packed, values)


class CompiledPlacement:
    """A placement: its fallback, the offers that compete for it, and their clauses as a row of the index."""

    __slots__ = ("fallback", "id", "offers", "row")

    def __init__(self, id: str, fallback: CompiledOffer, offers: Sequence[int], row: int) -> None:  # noqa: A002
        self.id = id
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
    """One model of a bundle: its words, its index, and which clause stands for which offer or stage."""

    __slots__ = (
        "_clause_offers", "_condition_trees", "_confirm", "_confirms_stages", "_reached", "_stage_bits", "_stage_mask",
        "_stage_rows", "certificate", "channel", "conditions", "id", "index", "offers",
        "placements", "stage_trees", "stages",
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
        stage_bits: Sequence[int],
        stage_rows: Sequence[int],
        clause_offers: Sequence[int],
        confirm: int,
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
        self._condition_trees = [each.tree for each in conditions]
        self._stage_bits = tuple(stage_bits)
        self._stage_mask = (1 << len(stage_bits)) - 1
        self._stage_rows = tuple(stage_rows)
        self._clause_offers = tuple(clause_offers)
        bits = len(stage_bits) + len(clause_offers)
        self._confirm = bytes(digit == "1" for digit in reversed(f"{confirm:0{bits}b}"))
        self._confirms_stages = any(self._confirm[: len(stage_bits)])
        self._reached: dict[int, tuple[int, int]] = {}

    def visit(self, values: Sequence[Any], now_ms: float) -> Visit:
        """The visitor as this model's conditions see them."""
        return Visit(values, now_ms, self._condition_trees)

    def reached(self, alive: int, values: Sequence[Any], now_ms: float) -> tuple[int, int]:
        """The furthest stage reached, and the row of the clauses whose stage is reached."""
        bits = alive & self._stage_mask
        if self._confirms_stages:
            bits = self._confirmed_stages(bits, values, now_ms)
        known = self._reached.get(bits)
        if known is None:
            known = self._work_out(bits)
            if len(self._reached) < _MAX_REACHED:
                self._reached[bits] = known
        return known

    def _confirmed_stages(self, bits: int, values: Sequence[Any], now_ms: float) -> int:
        visit = self.visit(values, now_ms)
        for bit, stage in enumerate(self._stage_bits):
            tree = self.stage_trees[stage]
            if (
                (bits >> bit) & 1
                and self._confirm[bit]
                and tree is not None
                and visit.truth(tree) is not True
            ):
                bits ^= 1 << bit
        return bits

    def _work_out(self, bits: int) -> tuple[int, int]:
        reached = {0} | {stage for bit, stage in enumerate(self._stage_bits) if (bits >> bit) & 1}
        row = 0
        for stage in reached:
            row |= self._stage_rows[stage]
        return max(reached), row

    def best(self, left: int, values: Sequence[Any], now_ms: float) -> tuple[int, int]:
        """The best clause of `left` that really holds, as (its bit's length, its offer); (0, -1) when none does.

        The offer's number counts in the model's offers; to go on after it, clear the bit and ask again.
        """
        visit = None
        length = left.bit_length()
        while length:
            number = self._clause_offers[length - 1 - len(self._stage_bits)]
            if not self._confirm[length - 1]:
                return length, number
            visit = visit or self.visit(values, now_ms)
            if _holds(self.offers[number], visit):
                return length, number
            left ^= 1 << (length - 1)
            length = left.bit_length()
        return 0, -1


def _holds(offer: CompiledOffer, visit: Visit) -> bool:
    return offer.is_open(visit.now_ms) and (offer.tree is None or visit.truth(offer.tree) is True)


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
