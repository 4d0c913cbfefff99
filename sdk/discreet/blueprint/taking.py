"""Drawing models: what a blueprint shows is read off from what their authors wrote, and from what is proven of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from discreet.model import Token, parse_template
from discreet.model.progress import told, unheard
from discreet_consent import Catalogue

from .drawing import (
    Drawing,
    DrawnAttribute,
    DrawnCondition,
    DrawnModel,
    DrawnOffer,
    DrawnPlacement,
    DrawnStage,
)
from .joined import boards_of, compared, compared_stages
from .marks import asked, marks_of, positions
from .phrases import Phrasing
from .withdrawing import Permissions, permissions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from discreet.model import Condition, Json, Model, Offer, Placement, Progress, Stage
    from discreet_consent import Attribute

    from .drawing import Mark

FEWEST: Final = 3  # letters that several ids have in common, and not by chance


def draw(
    models: Sequence[Model], *, now_ms: float, title: str | None = None, progress: Progress = unheard
) -> Drawing:
    """The blueprint of sound models that share one bundle.

    Args:
        now_ms: Epoch milliseconds; at which windows are judged.
        title: Left out: what the models' ids begin with, or all of them.
    Raises:
        ModelError: they cannot share a bundle.
    """
    permissions = permissions_of(models, now_ms=now_ms, progress=progress)
    attributes = {each.name: each for model in models for each in model.attributes}
    marks = marks_of(attributes.values())
    numbers = _numbered(models)
    catalogue = Catalogue(tuple(attributes[name] for name in sorted(attributes)))
    drawn = [
        _ModelDrawing(model, catalogue, own, marks, permissions)
        for model, own in zip(told("drawing", models, progress), numbers, strict=True)
    ]
    alike, differing = compared(models)
    made = tuple(each.drawn() for each in drawn)
    return Drawing(
        title=title or _title([model.id for model in models]),
        now_ms=now_ms,
        marks=marks,
        attributes=_attributes(catalogue, models, drawn, marks),
        conditions=_conditions(drawn),
        models=made,
        boards=boards_of(models),
        alike=alike,
        differing=differing,
        differing_stages=compared_stages(made),
    )


def _title(ids: Sequence[str]) -> str:
    alike = takewhile(lambda chars: len(set(chars)) == 1, zip(*ids, strict=False))
    common = "".join(chars[0] for chars in alike).rstrip("-_.")
    return common if len(common) >= FEWEST else ", ".join(ids)


def _numbered(models: Sequence[Model]) -> list[dict[str, int]]:
    """For each model, its conditions' positions in the drawing: equal ones of two models are one."""
    seen: dict[str, list[tuple[Condition, int]]] = {}
    numbers: list[dict[str, int]] = []
    count = 0
    for model in models:
        own: dict[str, int] = {}
        for condition in model.conditions:
            known = seen.setdefault(condition.id, [])
            found = next((number for each, number in known if each == condition), None)
            if found is None:
                found, count = count, count + 1
                known.append((condition, found))
            own[condition.id] = found
        numbers.append(own)
    return numbers


def _conditions(drawn: Sequence[_ModelDrawing]) -> tuple[DrawnCondition, ...]:
    found = {number: condition for each in drawn for number, condition in each.conditions()}
    return tuple(found[number] for number in sorted(found))


class _ModelDrawing:
    def __init__(
        self,
        model: Model,
        catalogue: Catalogue,
        numbers: Mapping[str, int],
        marks: tuple[Mark, ...],
        permissions: Permissions,
    ) -> None:
        self.model = model
        self._declared = {each.name: each for each in catalogue.attributes}
        self._numbers = numbers
        self._marks = marks
        self._permissions = permissions
        self.phrasing = Phrasing(catalogue, {each.id: each for each in model.conditions}, self._numbers)

    def drawn(self) -> DrawnModel:
        return DrawnModel(
            self.model,
            tuple(map(self._stage, self.model.stages)),
            tuple(map(self._placement, self.model.placements)),
            tuple(map(self._offer, self.model.offers)),
        )

    def conditions(self) -> Iterator[tuple[int, DrawnCondition]]:
        for each in self.model.conditions:
            marks = self._marks_of(self.phrasing.reads(each.when))
            yield self._numbers[each.id], DrawnCondition(each, self.phrasing.asks(each.when), marks)

    def _stage(self, stage: Stage) -> DrawnStage:
        leasts = self._permissions.reached[self.model.id, stage.id]
        marks = self._marks_of(self.phrasing.reads(stage.when))
        return DrawnStage(stage, self.phrasing.asks(stage.when), marks, leasts)

    def _placement(self, placement: Placement) -> DrawnPlacement:
        ranked = sorted(
            (number for number, offer in enumerate(self.model.offers) if placement.id in offer.placements),
            key=lambda number: (-self.model.offers[number].priority, self.model.offers[number].id),
        )
        cells = tuple(
            tuple(number for number in ranked if stage.id in self.model.offers[number].stages)
            for stage in self.model.stages
        )
        fallback = next(
            number for number, each in enumerate(self.model.offers) if each.id == placement.fallback
        )
        return DrawnPlacement(placement, cells, fallback)

    def _offer(self, offer: Offer) -> DrawnOffer:
        reads = self.phrasing.reads(offer.when)
        fallback_of = tuple(each.id for each in self.model.placements if each.fallback == offer.id)
        return DrawnOffer(
            offer=offer,
            asks=self.phrasing.asks(offer.when),
            marks=self._marks_of(reads),
            reads=tuple(sorted(reads)),
            tokens=tuple(sorted(tokens_of(offer.content).items())),
            leasts={each: self._permissions.shown[each, offer.id] for each in offer.placements},
            cells={
                (each, stage): self._permissions.cells[each, stage, offer.id]
                for each in offer.placements
                for stage in offer.stages
            },
            fallback_of=fallback_of,
            missing=self._missing(offer, fallback_of),
        )

    def _missing(self, offer: Offer, fallback_of: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        shown_in = {*offer.placements, *fallback_of}
        lacking = {
            each.id: tuple(field for field in each.shows if field not in offer.content)
            for each in self.model.placements
            if each.id in shown_in
        }
        return {name: fields for name, fields in lacking.items() if fields}

    def _marks_of(self, names: Iterable[str]) -> tuple[int, ...]:
        return positions((key for name in names for key in asked(self._declared[name])), self._marks)


def tokens_of(content: Json | Mapping[str, Json]) -> dict[str, str]:
    """Of each attribute that the texts of `content` print, its default; the first where there are several."""
    if isinstance(content, str):
        return {
            each.attribute: each.default
            for each in reversed(parse_template(content))
            if isinstance(each, Token)
        }
    parts = content.values() if isinstance(content, Mapping) else content if isinstance(content, list) else ()
    found: dict[str, str] = {}
    for part in parts:
        found = tokens_of(part) | found
    return found


def _attributes(
    catalogue: Catalogue, models: Sequence[Model], drawn: Sequence[_ModelDrawing], marks: tuple[Mark, ...]
) -> tuple[DrawnAttribute, ...]:
    made = [_attribute(each, models, drawn, marks) for each in catalogue.attributes]
    users: dict[str, list[str]] = {}
    for each in made:
        coarsens = each.declared.coarsens
        if coarsens is not None and any(ids for kind, ids in each.used_by.items() if kind != "conditions"):
            users.setdefault(coarsens.parent, []).append(each.declared.name)
    return tuple(
        replace(each, used_by={**each.used_by, "substitutes": tuple(users.get(each.declared.name, ()))})
        for each in made
    )


def _attribute(
    declared: Attribute, models: Sequence[Model], drawn: Sequence[_ModelDrawing], marks: tuple[Mark, ...]
) -> DrawnAttribute:
    name = declared.name
    owners = [model for model in models if name in model.declared_at or name in _names(model)]
    used: dict[str, dict[str, None]] = {"offers": {}, "tokens": {}, "stages": {}, "conditions": {}}
    for each in drawn:
        for kind, found in _uses(name, each):
            used[kind][found] = None
    first = owners[0]
    return DrawnAttribute(
        declared,
        next((model.ranges[name] for model in owners if name in model.ranges), None),
        first.declared_at.get(name),
        positions(asked(declared), marks),
        {kind: tuple(found) for kind, found in used.items()},
    )


def _names(model: Model) -> set[str]:
    return {each.name for each in model.attributes}


def _uses(name: str, drawn: _ModelDrawing) -> Iterator[tuple[str, str]]:
    """What of one model uses an attribute: its kind, and its id."""
    reads = drawn.phrasing.reads
    yield from (("conditions", each.id) for each in drawn.model.conditions if name in reads(each.when))
    yield from (("stages", each.id) for each in drawn.model.stages if name in reads(each.when))
    for offer in drawn.model.offers:
        if name in reads(offer.when):
            yield "offers", offer.id
        if name in tokens_of(offer.content):
            yield "tokens", offer.id
