"""What the bits of an index stand for: which stage is reached, which offer is best. Source: spec/bundle-format.md.

The first bits number the clauses of the stages' entry conditions, the others those of the offers, worst rank first:
the highest bit that is left belongs to the best offer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .bundle import CompiledOffer

_MAX_REMEMBERED = 256  # sets of stage bits whose outcome is remembered; further ones are worked out anew


class Clauses:
    """The clauses of one model. `offers` and `sure` are looked up by the length of the bits that are left.

    Args:
        stage_bits: For each of the first bits, the number of its stage.
        stage_rows: For each stage, the offers' clauses that are in it.
        offers: For each bit after the first, its offer.
        confirm: The clauses that the index only narrows down.

    Attributes:
        sure: The offer of the highest bit; None where it must be confirmed, or where no bit is left.
        confirms_stages: Whether there are stages that must be confirmed.
    """

    __slots__ = (
        "_confirm", "_first", "_offers", "_remembered", "_stage_bits", "_stage_mask", "_stage_rows",
        "confirms_stages", "sure",
    )  # fmt: skip

    sure: Sequence[CompiledOffer | None]
    confirms_stages: bool

    def __init__(
        self,
        *,
        stage_bits: Sequence[int],
        stage_rows: Sequence[int],
        offers: Sequence[CompiledOffer],
        confirm: int,
    ) -> None:
        self._first = len(stage_bits)
        self._offers = offers
        self._stage_bits = stage_bits
        self._stage_mask = (1 << self._first) - 1
        self._stage_rows = [row & ~self._stage_mask for row in stage_rows]
        self._confirm = confirm
        self.confirms_stages = confirm & self._stage_mask != 0
        self.sure = [None] * (1 + self._first) + [
            None if needed == "1" else offer
            for offer, needed in zip(offers, _digits(confirm >> self._first, len(offers)), strict=True)
        ]
        self._remembered: dict[int, tuple[int, int]] = {}

    def offer(self, length: int) -> CompiledOffer:
        """The offer of the highest of bits of this `length`, which are offers' clauses."""
        return self._offers[length - 1 - self._first]

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

    def ranked(self, row: int) -> list[CompiledOffer]:
        """The different offers of the clauses in `row`, best rank first, as if every clause held."""
        digits = f"{row >> self._first:0{len(self._offers)}b}"
        best_first = zip(reversed(self._offers), digits, strict=False)
        return list(dict.fromkeys(offer for offer, digit in best_first if digit == "1"))


def _digits(row: int, bits: int) -> str:
    """The bits of `row`, the lowest first."""
    return f"{row:0{bits}b}"[::-1] if bits else ""
