"""Decoding one model of a bundle, and holding its certificate against what its conditions really read.

Thousands of offers travel as a few columns, so that they are checked some hundred at a time and nothing is made of
each. Every tree, content and row is checked here: deciding never looks at a shape again.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from itertools import compress
from operator import or_

from ..errors import MalformedBundle
from .blobs import read_rows, read_sums, read_words
from .bundle import CompiledCondition, CompiledModel, CompiledPlacement
from .certificate import Certificate, Dependence
from .clauses import Clauses
from .content import printable
from .contents import read_contents
from .fields import Fields, a_list, a_name, ascending_pairs, many_names, names, numbers_below
from .index import Index
from .offers import Offers
from .rows import read_checks, read_slots
from .trees import Needs, Trees, is_number
from .wire import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from discreet_consent import Catalogue

    from .kleene import Tree
    from .offers import Window

_ONE = frozenset((1,))
MAX_ITEMS = 1_000_000  # conditions, offers or clauses of one model


def decode_model(document: Any, catalogue: Catalogue, version: int) -> CompiledModel:
    """Build one model. Raises MalformedBundle when anything is not exactly as the format says."""
    fields = Fields(document, "a model")
    reader = _ModelReader(catalogue, version)
    model_id, channel = fields.take("id", a_name), fields.take("channel", a_name)
    fields.take("conditions", reader.conditions)
    fields.take("stages", reader.stages)
    offers = reader.offers(Fields(fields.take("offers", lambda value: value), "a model's offers"))
    placements = fields.take("placements", lambda value: reader.placements(value, len(offers)))
    index, clauses = reader.index(
        Fields(fields.take("index", lambda value: value), "an index"), offers, placements
    )
    certificate = Fields(fields.take("certificate", lambda value: value), "a certificate")
    fields.end()
    return reader.model(model_id, channel, offers, placements, index, clauses, certificate)


class _ModelReader:
    """Reads the parts of a model in order; later parts are checked against earlier ones."""

    def __init__(self, catalogue: Catalogue, version: int) -> None:
        self._catalogue = catalogue
        self._version = version
        self._trees = Trees(catalogue)
        self._conditions: list[CompiledCondition] = []
        self._stage_ids: list[str] = []
        self._stage_trees: list[Tree | None] = []
        self._stage_needs: list[Needs] = []
        self._tree_needs: dict[int, Needs] = {}  # by the number of an offer

    def conditions(self, value: Any) -> None:
        for entry in a_list(MAX_ITEMS)(value):
            match entry:
                case [str(name), str(says), list(tree)]:
                    self._trees.add_named(tree)
                    self._conditions.append(CompiledCondition(name, says, tree))
                case _:
                    raise ValueError("not a condition")
        names([condition.id for condition in self._conditions])

    def stages(self, value: Any) -> None:
        for number, entry in enumerate(a_list(MAX_ITEMS)(value)):
            match entry:
                case [str(name), None | list() as tree] if (tree is None) == (number == 0):
                    self._stage_needs.append(self._trees.needs(tree))
                    self._stage_ids.append(name)
                    self._stage_trees.append(tree)
                case _:
                    raise ValueError("not a stage")
        if not names(self._stage_ids):
            raise ValueError("no stage")
        if any(needs.waives for needs in self._stage_needs):
            raise ValueError("a stage asks for what is unknown")

    def offers(self, fields: Fields) -> Offers:
        """The columns of all offers."""
        ids = fields.take("ids", many_names(MAX_ITEMS))
        shape_of = fields.take("shapes", _words_for(ids, MAX_ITEMS))
        can_print = printable(self._catalogue)
        contents = fields.take("contents", lambda value: read_contents(value, shape_of, can_print))
        stage_sets = fields.take("stage_sets", self._stage_sets)
        stages = fields.take("stages", _words_for(ids, len(stage_sets)))
        windows = fields.take("windows", lambda value: dict(_windows(value, len(ids))))
        trees = fields.take("trees", lambda value: self._own_trees(value, len(ids)))
        fields.end()
        return Offers(
            ids=ids, contents=contents, stage_sets=stage_sets, stages=stages, windows=windows,
            trees=trees,
        )  # fmt: skip

    def _stage_sets(self, value: Any) -> list[tuple[int, ...]]:
        sets = [numbers_below(len(self._stage_ids))(each) for each in a_list(MAX_ITEMS)(value)]
        if any(list(each) != sorted(set(each)) for each in sets):
            raise ValueError("stages do not ascend")
        return sets

    def _own_trees(self, value: Any, offers: int) -> dict[int, Tree]:
        trees: dict[int, Tree] = {}
        for number, tree in ascending_pairs(value, offers):
            if tree is None:
                raise ValueError("not a condition tree")
            self._tree_needs[number] = self._trees.needs(tree)
            trees[number] = tree
        return trees

    def placements(self, value: Any, offers: int) -> list[tuple[str, int, int]]:
        """For each placement its id, the number of its fallback, and the row of its offers."""
        placed: list[tuple[str, int, int]] = []
        for entry in a_list(MAX_ITEMS)(value):
            match entry:
                case [str(name), fallback, competing]:
                    (number,) = numbers_below(offers)([fallback])
                    (row,) = read_rows(1, offers)(competing)
                    placed.append((name, number, row))
                case _:
                    raise ValueError("not a placement")
        if not names([name for name, _, _ in placed]):
            raise ValueError("no placement")
        return placed

    def index(
        self, fields: Fields, offers: Offers, placed: Sequence[tuple[str, int, int]]
    ) -> tuple[Index, _Rows]:
        """The index, and what its bits stand for."""
        stage_bits = fields.take("stage_bits", numbers_below(len(self._stage_ids)))
        clause_offers = fields.take("clauses", read_sums(len(offers)))
        bits = len(stage_bits) + len(clause_offers)
        slots = fields.take(
            "slots", lambda value: read_slots(a_list(MAX_ITEMS)(value), self._catalogue, bits)
        )
        stage_rows = fields.take("stage_rows", read_rows(len(self._stage_ids), bits, len(stage_bits)))
        (confirm,) = fields.take("confirm", read_rows(1, bits))
        checks = fields.take("checks", lambda value: read_checks(value, slots, bits))
        fields.end()
        clauses = Clauses(stage_bits=stage_bits, stage_rows=stage_rows, offers=clause_offers, confirm=confirm)
        index = Index(bits, slots, checks)
        _check_clauses(index, clauses, offers)
        _check_stages(stage_rows, clauses, offers)
        rows = {competing: clauses.of(competing) for competing in {row for _, _, row in placed}}
        return index, _Rows(clauses, [rows[competing] for _, _, competing in placed])

    def model(
        self,
        model_id: str,
        channel: str,
        offers: Offers,
        placed: Sequence[tuple[str, int, int]],
        index: Index,
        rows: _Rows,
        said: Fields,
    ) -> CompiledModel:
        """Put the model together, once its certificate says what its parts read."""
        dependence = Dependence(
            index,
            rows.clauses,
            offers,
            stages=[needs.attributes for needs in self._stage_needs],
            trees=self._tree_needs,
        )
        _check_fallbacks(frozenset(fallback for _, fallback, _ in placed), offers, dependence)
        needs = [
            dependence.of_placement(row, competing)
            for (_, _, competing), row in zip(placed, rows.placements, strict=True)
        ]
        waiving = dependence.waiving()
        said.take("placements", _exactly(needs))
        said.take("waived", _exactly(waiving))
        said.end()
        return CompiledModel(
            id=model_id,
            channel=channel,
            version=self._version,
            stages=tuple(self._stage_ids),
            stage_trees=self._stage_trees,
            conditions=self._conditions,
            offers=offers,
            placements={
                name: CompiledPlacement(name, fallback, competing, row)
                for (name, fallback, competing), row in zip(placed, rows.placements, strict=True)
            },
            certificate=Certificate(
                dependence,
                offers.ids,
                {name: tuple(each) for (name, _, _), each in zip(placed, needs, strict=True)},
                frozenset(offers.ids[number] for number in waiving),
            ),
            index=index,
            clauses=rows.clauses,
        )


class _Rows:
    """What the bits stand for, and the rows of the placements."""

    def __init__(self, clauses: Clauses, placements: Sequence[int]) -> None:
        self.clauses = clauses
        self.placements = placements


def _check_clauses(index: Index, clauses: Clauses, offers: Offers) -> None:
    """An offer without a tree has one clause for each of its stages, or none; what must be confirmed can be."""
    wanted = list(offers.stage_counts())
    once = len(set(clauses.offers)) == len(clauses.offers)
    if not once or not _ONE.issuperset(map(wanted.__getitem__, clauses.offers)):
        counts = Counter(clauses.offers).items()
        if any(count != wanted[number] and number not in offers.trees for number, count in counts):
            raise MalformedBundle("an offer has clauses of another number than stages, and no tree")
    places = list(compress(range(len(clauses.offers)), map("1".__eq__, clauses.unsure)))
    if offers.trees:
        places = [place for place in places if clauses.offers[place] not in offers.trees]
    unsure = [clauses.first + place for place in places]
    if unsure != index.checks.bits():
        raise MalformedBundle("the clauses to confirm are not those that have checks, or trees")


def _check_stages(stage_rows: Sequence[int], clauses: Clauses, offers: Offers) -> None:
    """Every clause of an offer is in one stage, and that is one of the offer's."""
    everything = ((1 << len(clauses.offers)) - 1) << clauses.first
    if (
        sum(row.bit_count() for row in stage_rows) != len(clauses.offers)
        or reduce(or_, stage_rows) != everything
    ):
        raise MalformedBundle("a clause is in no stage, or in two")
    if len(stage_rows) == 1 and not offers.trees:
        return  # it was counted: an offer with a clause is in one stage, so in this
    for stage, row in enumerate(stage_rows):
        if row & ~clauses.of(offers.in_stage(stage)):
            raise MalformedBundle("a clause is in a stage that is none of its offer's")


def _check_fallbacks(fallbacks: frozenset[int], offers: Offers, dependence: Dependence) -> None:
    depends = any(number in offers.windows or number in offers.contents.tokens for number in fallbacks)
    if depends or dependence.asked_of(fallbacks):
        raise MalformedBundle("a fallback depends on something")


def _words_for(ids: Sequence[str], limit: int) -> Callable[[Any], Sequence[int]]:
    """One word below `limit` for each offer."""

    def read(value: Any) -> Sequence[int]:
        words = read_words(limit)(value)
        if len(words) != len(ids):
            raise ValueError("not one for each offer")
        return words

    return read


def _windows(value: Any, offers: int) -> Sequence[tuple[int, Window]]:
    return [(number, _window(each)) for number, each in ascending_pairs(value, offers)]


def _window(value: Any) -> Window:
    match value:
        case [from_ms, until_ms] if value != [None, None]:
            return _instant(from_ms), _instant(until_ms)
        case _:
            raise ValueError("not a window")


def _instant(value: Any) -> float | None:
    if value is None or is_number(value):
        return value  # type: ignore[no-any-return] # its type was just checked
    raise ValueError("not an instant")


def _exactly(expected: list[Any]) -> Callable[[Any], None]:
    """What was worked out from the index, trees, stages and tokens, in the same bytes: True is not 1 here."""

    def read(value: Any) -> None:
        if pack(value) != pack(expected):
            raise ValueError("it does not say on what the model depends")

    return read
