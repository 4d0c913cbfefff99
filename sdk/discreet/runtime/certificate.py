"""On what decisions can depend, worked out from what they read: the index, the trees, the stages and the tokens."""

from __future__ import annotations

from ..errors import MalformedBundle
from .clauses import descending
from .readback import Readback, asking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .clauses import Clauses
    from .index import Index
    from .offers import Offers
    from .trees import Needs


class Dependence:
    """What the parts of one model read, as attribute numbers.

    Args:
        stages: What the entry condition of each stage reads.
        trees: What the conditions read that travel as trees, by offer.
    """

    __slots__ = ("_asking", "_beside", "_clauses", "_index", "_offers", "_stages", "_trees")

    def __init__(
        self,
        index: Index,
        clauses: Clauses,
        offers: Offers,
        *,
        stages: Sequence[frozenset[int]],
        trees: Mapping[int, Needs],
    ) -> None:
        self._index, self._clauses, self._offers = index, clauses, offers
        self._stages, self._trees = stages, trees
        self._asking = [(slot.attribute, asking(index, slot)) for slot in index.slots if slot.attribute >= 0]
        self._beside = self._rows_beside()

    def _rows_beside(self) -> dict[int, int]:
        """For each attribute, the offers that read it in a tree or token, as a row of offers."""
        reading: dict[int, list[int]] = {}
        for number, needs in self._trees.items():
            for attribute in needs.attributes:
                reading.setdefault(attribute, []).append(number)
        for number, tokens in self._offers.contents.tokens.items():
            for attribute in tokens:
                reading.setdefault(attribute, []).append(number)
        return {attribute: _row(numbers, len(self._offers)) for attribute, numbers in reading.items()}

    def of_every_stage(self) -> frozenset[int]:
        return frozenset[int]().union(*self._stages)

    def of_placement(self, clauses: int, offers: int) -> list[int]:
        """What a decision can depend on that is among these clauses and offers, both as rows; ascending.

        The stages are part of it whatever competes: a decision names the stage that was reached.
        """
        found = set(self.of_every_stage())
        clauses |= (1 << self._clauses.first) - 1
        found.update(attribute for attribute, row in self._asking if row & clauses)
        found.update(attribute for attribute, row in self._beside.items() if row & offers)
        return sorted(found)

    def of_offers(self) -> list[list[int]]:
        """For each offer what its eligibility and its content can depend on; ascending."""
        found: list[set[int]] = [set() for _ in range(len(self._offers))]
        readback = Readback(self._index)
        for place, number in enumerate(self._clauses.offers):
            found[number] |= readback.attributes(self._clauses.first + place)
        return [sorted(needs | self._needs_beside(number)) for number, needs in enumerate(found)]

    def _needs_beside(self, number: int) -> frozenset[int]:
        """What an offer reads beside the index: in its tree, its tokens and its stages."""
        tree = self._trees.get(number)
        return self._offers.contents.tokens.get(number, frozenset()).union(
            tree.attributes if tree is not None else (),
            *(self._stages[stage] for stage in self._offers.stages(number)),
        )

    def waiving(self) -> list[int]:
        """The offers that ask for what is unknown, ascending.

        Raises:
            MalformedBundle: a stage does, which none may.
        """
        found = {number for number, needs in self._trees.items() if needs.waives}
        unknown = 0
        for slot in self._index.slots:
            unknown |= slot.absent & ~slot.second
        first = self._clauses.first
        if unknown & ((1 << first) - 1):
            raise MalformedBundle("a stage asks for what is unknown")
        found.update(self._clauses.offers[bit - first] for bit in descending(unknown >> first << first))
        return sorted(found)

    def asked_of(self, offers: frozenset[int]) -> bool:
        """Whether a clause of one of these offers asks anything, or its condition travels as a tree."""
        if not offers.isdisjoint(self._trees):
            return True
        if offers.isdisjoint(self._clauses.offers):
            return False
        everything = 0
        for _, row in self._asking:
            everything |= row
        return bool(everything & self._clauses.of(_row(sorted(offers), len(self._offers))))


class Certificate:
    """On which attributes decisions can depend: attribute numbers per placement and per offer, and the waivers.

    Attributes:
        placements: By placement id; the bundle says so, and the loader found it to be so.
        waived: The ids of the offers that ask for what is unknown; likewise.
    """

    __slots__ = ("_dependence", "_ids", "placements", "waived")

    def __init__(
        self,
        dependence: Dependence,
        ids: Sequence[str],
        placements: Mapping[str, tuple[int, ...]],
        waived: frozenset[str],
    ) -> None:
        self._dependence = dependence
        self._ids = ids
        self.placements = placements
        self.waived = waived

    @property
    def offers(self) -> dict[str, tuple[int, ...]]:
        """By offer id: worked out anew from the index, the trees and the tokens. Slow; for people."""
        return dict(zip(self._ids, map(tuple, self._dependence.of_offers()), strict=True))


def _row(numbers: Sequence[int], size: int) -> int:
    row = bytearray((size + 7) // 8)
    for number in numbers:
        row[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(row, "little")
