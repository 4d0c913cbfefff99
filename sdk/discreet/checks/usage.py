"""What is declared and never used, and conditions that do not say where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from discreet_consent import Provenance

from .codes import found
from .reads import named, tokens
from .survey import conditions_of

if TYPE_CHECKING:
    from discreet.model import Model, Place

    from .findings import Finding
    from .survey import Sheet, Survey

_BASES = "add `basis: deductive` (reasoned), `inductive` (found in data) or `declared` (the visitor said so)"


def unused_conditions(survey: Survey) -> Iterator[Finding]:
    """D104: a condition that nothing names. Segments are for reports too, and so are never unused."""
    used = {
        (sheet.place(sheet.conditions[name]), name) for sheet in survey.sheets for name in _named(sheet.model)
    }
    for sheet, condition in survey.distinct(conditions_of):
        place = sheet.place(condition)
        if condition.segment or (place, condition.id) in used or is_elsewhere(survey, sheet, place):
            continue
        yield found(
            "D104",
            place,
            condition.id,
            f"condition `{condition.id}` is used nowhere",
            proof="no offer, stage, segment or other condition names it",
            suggestion="use it, make it a segment where reports group by it, or delete it",
            models=survey.models_with(condition, sheet),
        )


def without_basis(survey: Survey) -> Iterator[Finding]:
    """D105: a condition or segment without `basis`."""
    for sheet, condition in survey.distinct(conditions_of):
        if condition.basis is None:
            what = "segment" if condition.segment else "condition"
            yield found(
                "D105",
                sheet.place(condition),
                condition.id,
                f"{what} `{condition.id}` does not say on what insight it rests",
                proof="it has no `basis`",
                suggestion=_BASES,
                models=survey.models_with(condition, sheet),
            )


def unused_attributes(survey: Survey) -> Iterator[Finding]:
    """D401: an attribute that no condition, stage, offer, token or substitute reads, used or not itself."""
    used = {(name, sheet.model.declared_at.get(name)) for sheet in survey.sheets for name in _read(sheet)}
    told: set[tuple[str, Place]] = set()
    for sheet in survey.sheets:
        for attribute in sheet.model.attributes:
            name, place = attribute.name, sheet.attribute_place(attribute.name)
            is_used = (name, sheet.model.declared_at.get(name)) in used
            if is_used or (name, place) in told or attribute.provenance is Provenance.THIRD_PARTY:
                continue
            if is_elsewhere(survey, sheet, place):
                continue
            told.add((name, place))
            yield found(
                "D401",
                place,
                name,
                f"attribute `{name}` is read by nothing",
                proof="no condition, stage, offer, token or substitute reads it",
                suggestion="delete it: what is not declared is never known",
                models=survey.models_declaring(name, place),
            )


def is_elsewhere(survey: Survey, sheet: Sheet, place: Place) -> bool:
    """Whether something at `place` may be for models that are not here: one model alone, another file."""
    in_python = place.file.startswith(
        "<python"
    )  # which includes nothing; its files are paths within the model
    return len(survey.sheets) == 1 and not in_python and place.file != sheet.place().file


def _named(model: Model) -> frozenset[str]:
    whens = [
        *(each.when for each in model.conditions),
        *(each.when for each in model.stages),
        *(each.when for each in model.offers),
    ]
    return frozenset[str]().union(*map(named, whens))


def _read(sheet: Sheet) -> frozenset[str]:
    model = sheet.model
    expressions = [
        *(each.when for each in model.conditions),
        *(each.when for each in model.stages),
        *(each.when for each in model.offers),
    ]
    read = frozenset[str]().union(*map(sheet.reads.attributes, expressions))
    printed = frozenset[str]().union(*(tokens(each.content) for each in model.offers))
    exact = frozenset(each.coarsens.parent for each in model.attributes if each.coarsens is not None)
    return read | printed | exact
