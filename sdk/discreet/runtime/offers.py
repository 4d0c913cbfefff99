"""The offers of one model, as columns: an offer is put together when somebody looks at it.

A model may have a hundred thousand offers, of which a visitor sees one; so nothing is made of them at load. What is
in the columns was checked: see `decode_offers`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from .contents import Contents
    from .kleene import Tree, Visit

    Window: TypeAlias = tuple[float | None, float | None]  # from and until, in epoch milliseconds

ALWAYS: Window = (None, None)


class Offers:
    """All offers of one model, by number.

    Args:
        ids: The id of each.
        contents: What they show.
        stage_sets: The different sets of stages that offers have.
        stages: For each offer, the number of its set of stages.
        windows: Those offers' that have one.
        trees: The conditions that the index does not say alone. Every other offer's is the conjunction of the tests
            of its one clause, or it has none.
    """

    __slots__ = ("_stage_sets", "_stages", "contents", "ids", "trees", "windows")

    def __init__(
        self,
        *,
        ids: Sequence[str],
        contents: Contents,
        stage_sets: Sequence[tuple[int, ...]],
        stages: Sequence[int],
        windows: Mapping[int, Window],
        trees: Mapping[int, Tree],
    ) -> None:
        self.ids = ids
        self.contents = contents
        self._stage_sets = stage_sets
        self._stages = stages
        self.windows = windows
        self.trees = trees

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[CompiledOffer]:
        return map(self.__getitem__, range(len(self.ids)))

    def __getitem__(self, number: int) -> CompiledOffer:
        return CompiledOffer(self, number)

    def stages(self, number: int) -> tuple[int, ...]:
        """The numbers of an offer's stages; none for one that never competes."""
        return self._stage_sets[self._stages[number]]

    def stage_counts(self) -> Iterator[int]:
        """For each offer, how many stages it has."""
        return map([len(stages) for stages in self._stage_sets].__getitem__, self._stages)

    def in_stage(self, stage: int) -> int:
        """The offers that are in a stage, as a row of offers."""
        digit_of = ["1" if stage in stages else "0" for stages in self._stage_sets]
        return int("0" + "".join(map(digit_of.__getitem__, reversed(self._stages))), 2)

    def is_open(self, number: int, now_ms: float) -> bool:
        """Whether `now_ms` lies in an offer's window: from <= now < until."""
        from_ms, until_ms = self.windows.get(number, ALWAYS)
        return (from_ms is None or from_ms <= now_ms) and (until_ms is None or now_ms < until_ms)

    def holds(self, number: int, visit: Visit) -> bool:
        """Whether the window of an offer of `trees` is open and its condition true: exactly, and slowly."""
        return self.is_open(number, visit.now_ms) and visit.truth(self.trees[number]) is True


class CompiledOffer:
    """One offer as people look at it: its id, stages, window and content. What it asks: `CompiledModel.condition`."""

    __slots__ = ("_offers", "number")

    def __init__(self, offers: Offers, number: int) -> None:
        self._offers = offers
        self.number = number

    @property
    def id(self) -> str:
        return self._offers.ids[self.number]

    @property
    def stages(self) -> tuple[int, ...]:
        return self._offers.stages(self.number)

    @property
    def window(self) -> Window:
        """From and until in epoch milliseconds, None where it is open."""
        return self._offers.windows.get(self.number, ALWAYS)

    def is_open(self, now_ms: float) -> bool:
        """Whether `now_ms` lies in its window: from <= now < until."""
        return self._offers.is_open(self.number, now_ms)

    @property
    def tokens(self) -> frozenset[int]:
        """The numbers of the attributes that its content prints."""
        return self._offers.contents.tokens.get(self.number, frozenset())

    def content(self, values: Sequence[Any]) -> dict[str, Any]:
        """A fresh copy of the content, its tokens filled from `values`."""
        return self._offers.contents.content(self.number, values)
