"""Compiling: sound models become a program. Stages and ranks are folded into the index here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discreet.errors import ModelError
from discreet.model import Place, Problem
from discreet.model.progress import Progress, told, unheard
from discreet.runtime.decoding import MAX_ATTRIBUTES, MAX_MODELS
from discreet.runtime.trees import MAX_DEPTH, Needs, TooDeep, Trees
from discreet_consent import Catalogue

from .clauses import Clauses, Clausifier, Numbers, every, is_conjunction
from .content import portable_content
from .index import CLOCK_QUESTION, IndexBuilder, Rows
from .lower import Lowering, in_order
from .program import IndexProgram, ModelProgram, OfferProgram, PlacementProgram, Program

if TYPE_CHECKING:
    from discreet.model import Model, Offer, Window
    from discreet.runtime.kleene import Tree
    from discreet_consent import Attribute

MAX_CLAUSES_PER_MODEL = 500_000


def compile_models(models: Sequence[Model], progress: Progress = unheard) -> Program:
    """Compile sound models into one program. The same models give the same program.

    Args:
        progress: Called now and then with what is being done, how much of it is done, and how much there is.
    Raises:
        ModelError: no model; a placement twice; an attribute declared differently in two models; a fallback
            depends on something; conditions are nested too deep; too many models, attributes, or clauses of a model.
    """
    if not models:
        raise ModelError([Problem(Place("<models>", 1, 1), "no-model", "there is no model to compile")])
    _check_placements(models)
    if len(models) > MAX_MODELS:
        raise _refused(models[MAX_MODELS], "too-many-models", f"a bundle has at most {MAX_MODELS} models")
    attributes = _shared_attributes(models)
    if len(attributes) > MAX_ATTRIBUTES:
        message = f"{len(attributes)} attributes, more than the {MAX_ATTRIBUTES} that a bundle has at most"
        raise _refused(models[-1], "too-many-attributes", message)
    catalogue = Catalogue(attributes)
    return Program(
        attributes, tuple(_ModelCompiler(model, catalogue, progress).program() for model in models)
    )


def _shared_attributes(models: Sequence[Model]) -> tuple[Attribute, ...]:
    shared: dict[str, Attribute] = {}
    for model in models:
        for attribute in model.attributes:
            if shared.setdefault(attribute.name, attribute) != attribute:
                raise _refused(
                    model, "conflicting-attribute", f"attribute `{attribute.name}` is declared differently"
                )
    return tuple(shared[name] for name in sorted(shared))


def _check_placements(models: Sequence[Model]) -> None:
    seen: set[str] = set()
    for model in models:
        for placement in model.placements:
            if placement.id in seen:
                message = f"placement `{placement.id}` is declared twice"
                raise _refused(model, "declared-twice", message, placement.place)
            seen.add(placement.id)


def _refused(model: Model, code: str, message: str, place: Place | None = None) -> ModelError:
    where = place or model.place or Place(f"<{model.id}>", 1, 1)
    return ModelError([Problem(where, code, message)])


@dataclass(frozen=True, slots=True)
class _RankedClauses:
    """An offer's clauses for one of its stages, with the rank of that pairing: the smaller, the better."""

    rank: tuple[int, int, str]
    offer: int
    stage: int
    clauses: Clauses


class _ModelCompiler:
    def __init__(self, model: Model, catalogue: Catalogue, progress: Progress) -> None:
        self._model = model
        self._progress = progress
        self._catalogue = catalogue
        self._conditions = in_order(model.conditions)
        self._lowering = Lowering(catalogue.slots, self._conditions)
        self._trees = Trees(catalogue)
        self._tokens: dict[str, frozenset[int]] = {}
        self._clauses: dict[str, Clauses] = {}
        self._condition_trees: list[Tree] = []
        for condition in self._conditions:
            tree = self._lowering.tree(condition.when)
            self._guard(condition.place, f"condition `{condition.id}`", tree, named=True)
            self._condition_trees.append(tree)
        self._clausifier = Clausifier(catalogue, self._condition_trees)
        self._stage_numbers = {stage.id: number for number, stage in enumerate(model.stages)}
        self._stage_trees = [
            None if stage.when is None else self._lowering.tree(stage.when) for stage in model.stages
        ]
        self._stage_needs = [
            self._guard(stage.place, f"stage `{stage.id}`", tree)
            for stage, tree in zip(model.stages, self._stage_trees, strict=True)
        ]

    def _guard(self, place: Place | None, what: str, tree: Tree | None, *, named: bool = False) -> Needs:
        """The needs of a tree; the reader's own check, so that what is compiled can be loaded."""
        try:
            return self._trees.add_named(tree) if named else self._trees.needs(tree)
        except TooDeep as error:
            message = f"{what} is nested deeper than {MAX_DEPTH} levels, with all that it names"
            raise _refused(self._model, "too-deep", message, place) from error

    def program(self) -> ModelProgram:
        offers = tuple(map(self._offer, told("compiling offers", self._model.offers, self._progress)))
        numbers = {offer.id: number for number, offer in enumerate(offers)}
        placements = tuple(
            self._placement(placement.id, numbers[placement.fallback], offers)
            for placement in self._model.placements
        )
        return ModelProgram(
            id=self._model.id,
            channel=self._model.channel,
            conditions=tuple(
                (each.id, each.says, tree)
                for each, tree in zip(self._conditions, self._condition_trees, strict=True)
            ),
            stages=tuple(
                (stage.id, tree) for stage, tree in zip(self._model.stages, self._stage_trees, strict=True)
            ),
            offers=offers,
            placements=placements,
            index=self._index(offers),
        )

    def _offer(self, offer: Offer) -> OfferProgram:
        tree = None if offer.when is None else self._lowering.tree(offer.when)
        needs = self._guard(offer.place, f"offer `{offer.id}`", tree)
        # An offer without placements never competes: no stage bears on it, and its certificate names none.
        stages = tuple(sorted(self._stage_numbers[stage] for stage in offer.stages if offer.placements))
        content, tokens = portable_content(offer.content, self._catalogue.slots)
        self._tokens[offer.id] = tokens
        clauses = every([self._clausifier.clauses(tree), _window_clauses(offer.valid)])
        self._clauses[offer.id] = clauses
        stage_needs = (self._stage_needs[stage].attributes for stage in stages)
        return OfferProgram(
            id=offer.id,
            stages=stages,
            tree=tree,
            from_ms=offer.valid.from_ms,
            until_ms=offer.valid.until_ms,
            content=content,
            needs=tuple(sorted(needs.attributes.union(tokens, *stage_needs))),
            waives=needs.waives,
            index_says=bool(stages) and len(clauses.clauses) == 1 and clauses.exact and is_conjunction(tree),
        )

    def _placement(self, name: str, fallback: int, offers: Sequence[OfferProgram]) -> PlacementProgram:
        self._prove_fallback(name, offers[fallback])
        competing = [number for number, offer in enumerate(self._model.offers) if name in offer.placements]
        stage_needs = (needs.attributes for needs in self._stage_needs)
        needs = frozenset[int]().union(*stage_needs, *(offers[number].needs for number in competing))
        return PlacementProgram(name, fallback, tuple(competing), tuple(sorted(needs)))

    def _prove_fallback(self, placement: str, offer: OfferProgram) -> None:
        """No slot goes dark: a fallback has no condition, no window, no token."""
        windowed = (offer.from_ms, offer.until_ms) != (None, None)
        if offer.tree is not None or windowed or self._tokens[offer.id]:
            message = f"`{offer.id}`, the fallback of placement `{placement}`, depends on something"
            raise _refused(self._model, "fallback-depends", message)

    def _index(self, offers: Sequence[OfferProgram]) -> IndexProgram:
        builder = IndexBuilder(self._catalogue)
        stage_bits: list[int] = []
        for stage, tree in enumerate(self._stage_trees):
            if stage > 0:
                stage_bits += [stage] * self._add(builder, self._clausifier.clauses(tree), has_tree=True)
        clause_offers: list[int] = []
        clause_stages: list[int] = []
        for each in sorted(self._ranked(offers), key=lambda ranked: ranked.rank, reverse=True):
            tree = offers[each.offer].tree
            has_tree = tree is not None and not offers[each.offer].index_says
            added = self._add(builder, each.clauses, has_tree=has_tree)
            clause_offers += [each.offer] * added
            clause_stages += [each.stage] * added
        if len(builder.clauses) > MAX_CLAUSES_PER_MODEL:
            count = f"{len(builder.clauses)} clauses, more than {MAX_CLAUSES_PER_MODEL}"
            raise _refused(self._model, "too-many-clauses", f"the model has {count}")
        slots = tuple(builder.slots(self._progress))
        rows = Rows(len(builder.clauses))
        first = len(stage_bits)
        return IndexProgram(
            stage_bits=tuple(stage_bits),
            clause_offers=tuple(clause_offers),
            slots=slots,
            stage_rows=_grouped(rows, first, clause_stages, range(len(self._stage_trees))),
            confirm=rows.blob([rows.row(sorted(builder.inexact))]),
            checks=tuple(builder.checks),
        )  # fmt: skip

    @staticmethod
    def _add(builder: IndexBuilder, clauses: Clauses, *, has_tree: bool) -> int:
        for clause in clauses.clauses:
            builder.add(clause, exact=clauses.exact, has_tree=has_tree)
        return len(clauses.clauses)

    def _ranked(self, offers: Sequence[OfferProgram]) -> Iterable[_RankedClauses]:
        for number, (offer, compiled) in enumerate(zip(self._model.offers, offers, strict=True)):
            if not offer.placements:
                continue
            for stage in compiled.stages:
                rank = (-stage, -offer.priority, offer.id)
                yield _RankedClauses(rank, number, stage, self._clauses[offer.id])


def _window_clauses(window: Window) -> Clauses:
    if window.from_ms is None and window.until_ms is None:
        return Clauses(({},))
    low = float("-inf") if window.from_ms is None else window.from_ms
    high = float("inf") if window.until_ms is None else window.until_ms
    if not low < high:
        return Clauses(())
    return Clauses(({CLOCK_QUESTION: Numbers(((low, high),))},))


def _grouped(rows: Rows, first: int, groups: Sequence[int], numbers: Iterable[int]) -> bytes:
    members: dict[int, list[int]] = {number: [] for number in numbers}
    for bit, group in enumerate(groups):
        members[group].append(first + bit)
    return rows.blob([rows.row(each) for each in members.values()])
