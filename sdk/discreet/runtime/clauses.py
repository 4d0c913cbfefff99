"""What the bits of an index stand for: which stage is reached, which offer is best. Source: spec/bundle-format.md.

The first bits number the clauses of the stages' entry conditions, the others those of the offers, worst rank first:
the highest bit that is left belongs to the best offer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

_MAX_REMEMBERED = 256  # sets of stage bits whose outcome is remembered; further ones are worked out anew
_SCATTERED = 64  # times as many clauses as offers from which their clauses are looked up one by one
_CHUNK = 512  # bits that are walked through as one small number


class Clauses:
    """The clauses of one model.

    Args:
        stage_bits: For each of the first bits, the number of its stage.
        stage_rows: For each stage, the offers' clauses that are in it.
        offers: For each bit after the first, the number of its offer.
        confirm: The clauses that the index only narrows down.

    Attributes:
        first: The number of stage bits: the bit of the worst offer's clause.
        unsure: For each bit after the first `"1"` where it must be confirmed, else `"0"`.
        confirms_stages: Whether there are stages that must be confirmed.
    """

    __slots__ = (
        "_bits_of", "_confirm", "_remembered", "_stage_bits", "_stage_mask", "_stage_rows", "_starts",
        "confirms_stages", "first", "offers", "unsure",
    )  # fmt: skip

    first: int
    offers: Sequence[int]
    unsure: str
    confirms_stages: bool

    def __init__(
        self, *, stage_bits: Sequence[int], stage_rows: Sequence[int], offers: Sequence[int], confirm: int
    ) -> None:
        self.first = len(stage_bits)
        self.offers = offers
        self._stage_bits = stage_bits
        self._stage_mask = (1 << self.first) - 1
        self._stage_rows = [row & ~self._stage_mask for row in stage_rows]
        self._confirm = confirm
        self.confirms_stages = confirm & self._stage_mask != 0
        self.unsure = digits(confirm >> self.first, len(offers))
        self._remembered: dict[int, tuple[int, int]] = {}
        self._bits_of: dict[int, list[int]] = {}  # by offer; once few offers are asked for
        self._starts: Sequence[int] = ()  # see `_runs`; once somebody asks

    def stages(self, alive: int) -> tuple[int, int]:
        """The furthest stage that `alive` shows as reached, and the row of the clauses whose stage is reached."""
        bits = alive & self._stage_mask
        known = self._remembered.get(bits)
        if known is None:
            known = self._work_out(bits)
            if len(self._remembered) < _MAX_REMEMBERED:
                self._remembered[bits] = known
        return known

    def _work_out(self, bits: int) -> tuple[int, int]:
        reached = {0}.union(stage for bit, stage in enumerate(self._stage_bits) if (bits >> bit) & 1)
        row = 0
        for stage in reached:
            row |= self._stage_rows[stage]
        return max(reached), row

    def unsure_stages(self, alive: int) -> Iterator[tuple[int, int]]:
        """The bits in `alive`, as masks, that stand for a stage yet to be confirmed, each with its stage."""
        unsure = alive & self._confirm & self._stage_mask
        for bit, stage in enumerate(self._stage_bits):
            if (unsure >> bit) & 1:
                yield 1 << bit, stage

    def of(self, offers: int) -> int:
        """The clauses of these offers: from a row of offers to one of clauses."""
        if not self.offers:
            return 0
        if offers.bit_count() * _SCATTERED < len(self.offers):
            return self._of_few(offers)
        competing = digits(offers, max(offers.bit_length(), 1 + max(self.offers)))
        return int("".join(map(competing.__getitem__, reversed(self.offers))), 2) << self.first

    def _of_few(self, offers: int) -> int:
        if not self._bits_of:
            for bit, offer in enumerate(self.offers, self.first):
                self._bits_of.setdefault(offer, []).append(bit)
        row = 0
        for offer in descending(offers):
            for bit in self._bits_of.get(offer, ()):
                row |= 1 << bit
        return row

    def ranked(self, row: int, of_one_verdict: Container[int]) -> Iterator[tuple[int, int]]:
        """The offers of the clauses in `row`, best rank first: the bit of a clause, and its offer.

        Of clauses of one offer that are neighbours only the first is given where its verdict is that of all, but for
        where chunks meet: it is sure, or the offer is among those `of_one_verdict`.
        """
        starts = self._starts or self._runs()
        while row:
            above = max(0, row.bit_length() - _CHUNK)  # clearing a bit of a long number copies all of it
            chunk = row >> above
            row &= (1 << above) - 1
            while chunk:
                at = above + chunk.bit_length() - 1 - self.first
                offer = self.offers[at]
                yield at + self.first, offer
                below = starts[at] if self.unsure[at] == "0" or offer in of_one_verdict else at
                chunk &= (1 << max(0, below + self.first - above)) - 1

    def _runs(self) -> Sequence[int]:
        """For each clause of an offer, where the clauses of this offer begin that are neighbours."""
        starts: list[int] = []
        for place, offer in enumerate(self.offers):
            starts.append(starts[-1] if place and self.offers[place - 1] == offer else place)
        self._starts = starts  # two threads may both get here: the same list, made twice
        return starts


def descending(row: int) -> Iterator[int]:
    """The bits of `row`, the highest first. Chunk by chunk: clearing one bit of a long number copies all of it."""
    while row:
        above = max(0, row.bit_length() - _CHUNK)
        chunk = row >> above
        row &= (1 << above) - 1
        while chunk:
            length = chunk.bit_length()
            chunk ^= 1 << (length - 1)
            yield above + length - 1


def digits(row: int, bits: int) -> str:
    """The bits of `row` as `"0"` and `"1"`, the lowest first."""
    return f"{row:0{bits}b}"[::-1] if bits else ""
