"""A bundle in memory: what `decode` builds from a verified payload, and the evaluator reads. Nothing here changes."""

from __future__ import annotations

from .kleene import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from discreet_consent import Catalogue

    from .certificate import Certificate
    from .clauses import Clauses
    from .index import Index
    from .kleene import Tree
    from .offers import Offers


FEW = 4  # candidates that are confirmed one by one before a judge is called


class CompiledPlacement:
    """A placement: its fallback, the offers that compete for it, and their clauses as a row of the index."""

    __slots__ = ("fallback", "id", "model", "offers", "row")

    model: CompiledModel

    def __init__(
        self,
        id: str,  # noqa: A002 - the word of the model
        fallback: int,
        offers: int,
        row: int,
    ) -> None:
        """`offers` is a row too: bit i for the offer number i. The model that is built of placements sets `model`."""
        self.id = id
        self.fallback = fallback
        self.offers = offers
        self.row = row

    @property
    def competing(self) -> Sequence[int]:
        """The numbers of the offers that compete for it."""
        return [number for number, digit in enumerate(f"{self.offers:b}"[::-1]) if digit == "1"]


class CompiledCondition:
    """A named condition: for explaining in the author's words."""

    __slots__ = ("id", "says", "tree")

    def __init__(self, id: str, says: str, tree: Tree) -> None:  # noqa: A002 - the word of the model
        self.id = id
        self.says = says
        self.tree = tree


class CompiledModel:
    """One model of a bundle: its words, its index, and what the index's bits stand for."""

    __slots__ = (
        "_condition_trees", "certificate", "channel", "clauses", "conditions", "id", "index", "offers", "one_stage",
        "placements", "stage_trees", "stages", "version",
    )  # fmt: skip

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - the word of the model
        channel: str,
        version: int,
        stages: tuple[str, ...],
        stage_trees: Sequence[Tree | None],
        conditions: Sequence[CompiledCondition],
        offers: Offers,
        placements: Mapping[str, CompiledPlacement],
        certificate: Certificate,
        index: Index,
        clauses: Clauses,
    ) -> None:
        self.id = id
        self.channel = channel
        self.version = version
        self.stages = stages
        self.one_stage = len(stages) == 1
        self.stage_trees = stage_trees
        self.conditions = conditions
        self.offers = offers
        self.placements = placements
        self.certificate = certificate
        self.index = index
        self.clauses = clauses
        self._condition_trees = [each.tree for each in conditions]
        for placement in placements.values():
            placement.model = self

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

    def judge(self, values: Sequence[Any], now_ms: float) -> Judge:
        """Who confirms clauses for this visitor at this instant."""
        return Judge(self, values, now_ms)

    def first(self, left: int, values: Sequence[Any], now_ms: float) -> int | None:
        """The number of the best offer of the clauses in `left` that really holds."""
        clauses = self.clauses
        found: dict[int, Any] = {}
        for _ in range(FEW):  # most often the first or second does, and is found without a judge
            at = left.bit_length() - 1 - clauses.first
            if at < 0:
                return None
            offer = clauses.offers[at]
            if clauses.unsure[at] == "0":
                return offer
            if offer in self.offers.trees:
                break
            bit = clauses.first + at
            if self.index.checks.hold(bit, values, now_ms, found):
                return offer
            left ^= 1 << bit
        return next(self.eligible(left, self.judge(values, now_ms)), None)

    def eligible(self, left: int, judge: Judge) -> Iterator[int]:
        """The numbers of the different offers of the clauses in `left` that really hold, best first."""
        given: set[int] = set()
        for bit, offer in self.clauses.ranked(left, self.offers.trees):
            if offer not in given and judge.holds(bit, offer):
                given.add(offer)
                yield offer


class Judge:
    """Confirms the clauses that the index only narrows down, for one visitor at one instant.

    It remembers what it found, so that many placements of one page ask each offer's condition once.
    """

    __slots__ = ("_found", "_model", "_now_ms", "_of_slots", "_values", "_visit")

    def __init__(self, model: CompiledModel, values: Sequence[Any], now_ms: float) -> None:
        self._model = model
        self._values = values
        self._now_ms = now_ms
        self._visit: Visit | None = None
        self._found: dict[int, bool] = {}
        self._of_slots: dict[int, Any] = {}

    def holds(self, bit: int, offer: int) -> bool:
        """Whether the clause `bit` of `offer`, which the index let through, really holds."""
        model = self._model
        if model.clauses.unsure[bit - model.clauses.first] == "0":
            return True
        if offer not in model.offers.trees:
            return model.index.checks.hold(bit, self._values, self._now_ms, self._of_slots)
        found = self._found.get(offer)
        if found is None:
            if self._visit is None:
                self._visit = model.visit(self._values, self._now_ms)
            found = self._found[offer] = model.offers.holds(offer, self._visit)
        return found


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
