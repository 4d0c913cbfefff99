"""Conditions: those that can hold for nobody, and those that are one and the same under two names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from .alike import Alike
from .codes import found
from .conflicts import conflict, conjuncts, in_words
from .survey import conditions_of

if TYPE_CHECKING:
    from discreet.model import Condition

    from .findings import Finding
    from .survey import Sheet, Survey

NOBODY = "no visitor, whatever is known of them and whatever they grant, fulfils it"


def contradictions(survey: Survey) -> Iterator[Finding]:
    """D101, for named conditions. What only rests on another contradictory one is not told of, but remembered."""
    subjects = survey.all(conditions_of)
    yield from survey.judged(
        "proving conditions", subjects, "whether it can hold", partial(_possible, survey), others_rest=True
    )
    for sheet, condition in survey.distinct(conditions_of):
        told = (sheet.model.id, condition.id) in survey.contradictory
        if told and not survey.is_contradictory(sheet, condition.when):
            yield _contradiction(survey, sheet, condition)


def _possible(survey: Survey, sheet: Sheet, condition: Condition) -> Iterator[Finding]:
    """Remember a visitor for whom the condition holds, or that there is none."""
    visitor = survey.prover.find(sheet.holds(condition.id))
    if visitor is None:
        survey.contradictory.add((sheet.model.id, condition.id))
    else:
        survey.holders[sheet.model.id, condition.id] = visitor
    yield from ()


def _contradiction(survey: Survey, sheet: Sheet, condition: Condition) -> Finding:
    tree = sheet.rules.condition(condition.id).tree
    parts = conflict(survey.prover, tuple(conjuncts(condition.when, tree, sheet.types)))
    what = "segment" if condition.segment else "condition"
    return found(
        "D101",
        sheet.place(condition),
        condition.id,
        f"{what} `{condition.id}` can hold for no visitor: {in_words(parts)}",
        proof=NOBODY,
        suggestion="correct it, or delete it with what rests on it",
        models=survey.models_with(condition, sheet),
    )


def same_meanings(survey: Survey) -> Iterator[Finding]:
    """D102, for each condition that holds for exactly the visitors of one that stands before it."""
    for sheet in survey.sheets:
        alike = Alike(survey, sheet)
        subjects = [(sheet, each) for each in conditions_of(sheet.model)]
        question = "whether it means the same as another condition"
        judge = partial(_same, survey, alike)
        yield from survey.judged("comparing conditions", subjects, question, judge)


def _same(survey: Survey, alike: Alike, sheet: Sheet, condition: Condition) -> Iterator[Finding]:
    holder = survey.holders.get((sheet.model.id, condition.id))
    first = None if holder is None else alike.first_like(condition, holder)
    if first is None:
        return
    yield found(
        "D102",
        sheet.place(condition),
        condition.id,
        f"`{condition.id}` and `{first.id}` hold for exactly the same visitors: "
        f"`{condition.source}`, `{first.source}`",
        witness=holder,
        proof=f"there is no visitor for whom only one of `{first.id}` and `{condition.id}` holds",
        also=(sheet.place(first),),
        suggestion=f"keep one name: write `{first.id}` wherever `{condition.id}` stands",
        models=survey.models_with(condition, sheet),
    )
