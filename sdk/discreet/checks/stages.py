"""Stages: those that nobody can reach, those that nobody is ever in last, those that nobody can be outside of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from discreet.model import All, Known, Named, Some, walk
from discreet.runtime import kleene

from .codes import found
from .conditions import NOBODY
from .conflicts import conflict, conjuncts, in_words
from .proofs import Either, Every, Holds, Undecided, Want, furthest, negated, reached
from .survey import stages_of
from .wording import listed

if TYPE_CHECKING:
    from discreet.model import Expression, Stage

    from .findings import Finding
    from .proofs import Requirement
    from .survey import Sheet, Survey


def stages(survey: Survey) -> Iterator[Finding]:
    """D201, D202 and D203; of one stage the first of them only."""
    question = "whether a visitor can be in it"
    judge = partial(_stage, survey)
    yield from survey.judged("proving stages", survey.all(stages_of), question, judge, others_rest=True)


def _stage(survey: Survey, sheet: Sheet, stage: Stage) -> Iterator[Finding]:
    number = _number(sheet, stage)
    if survey.prover.find(reached(sheet.rules, number)) is None:
        survey.unreachable.add((sheet.model.id, stage.id))
        if not survey.is_contradictory(sheet, stage.when):
            yield _unreachable(survey, sheet, stage)
    elif survey.prover.find(furthest(sheet.rules, number)) is None:
        yield _never_furthest(survey, sheet, stage)
    elif _reads_values(sheet, stage.when) and survey.prover.find(_left(survey, sheet, number)) is None:
        yield _never_left(survey, sheet, stage)


def _unreachable(survey: Survey, sheet: Sheet, stage: Stage) -> Finding:
    tree = sheet.rules.stages[_number(sheet, stage)].tree
    parts = conflict(survey.prover, tuple(conjuncts(stage.when, tree, sheet.types)))
    return found(
        "D201",
        sheet.place(stage),
        stage.id,
        f"stage `{stage.id}` can be reached by no visitor: {in_words(parts)}",
        proof=NOBODY,
        suggestion="correct its `when`, or delete the stage with its offers",
        models=sheet.models,
    )


def _never_furthest(survey: Survey, sheet: Sheet, stage: Stage) -> Finding:
    number = _number(sheet, stage)
    further = _taking(survey, sheet, number)
    names = [sheet.model.stages[each].id for each in further]
    return found(
        "D202",
        sheet.place(stage),
        stage.id,
        f"stage `{stage.id}` is never the visitor's own: whoever reaches it has also reached "
        f"{listed(names, 'or')}, which is further on",
        witness=survey.example(reached(sheet.rules, number)),
        proof=f"no visitor reaches `{stage.id}` and no stage behind it",
        also=tuple(sheet.place(sheet.model.stages[each]) for each in further),
        suggestion=f"put `{stage.id}` behind {listed(names)}, or let that ask for more",
        models=sheet.models,
    )


def _taking(survey: Survey, sheet: Sheet, number: int) -> list[int]:
    """Further stages of which whoever reaches stage `number` has reached one."""
    taking: list[int] = []
    here = reached(sheet.rules, number)
    while True:
        visitor = survey.prover.find(Every((here, *(negated(reached(sheet.rules, each)) for each in taking))))
        if visitor is None:
            return taking
        further = range(number + 1, len(sheet.rules.stages))
        taking += [each for each in further if survey.prover.holds(reached(sheet.rules, each), visitor)][-1:]


def _never_left(survey: Survey, sheet: Sheet, stage: Stage) -> Finding:
    read = sorted(sheet.reads.attributes(stage.when))
    ranged = (
        " that its range allows"
        if any(name in each.model.ranges for each in survey.sheets for name in read)
        else ""
    )
    same = _same_as_known(survey, sheet, stage, read)
    meant = f"; if it is meant, write `{same}`" if same else ""
    whom = "those of whom we do not know it" if len(read) == 1 else "those of whom we do not know all of it"
    return found(
        "D203",
        sheet.place(stage),
        stage.id,
        f"stage `{stage.id}` holds everybody of whom we know {listed(read)}, whatever it is: only {whom} can be in "
        "an earlier one",
        witness=survey.example(reached(sheet.rules, _number(sheet, stage))),
        proof=f"no value of {listed(read, 'or')}{ranged} makes its `when` false",
        suggestion=f"ask for less than everything{meant}",
        models=sheet.models,
    )


def _same_as_known(survey: Survey, sheet: Sheet, stage: Stage, read: Sequence[str]) -> str | None:
    """That some attributes are known, in words that are proven to mean the same as the stage's `when`."""
    tree = sheet.rules.stages[_number(sheet, stage)].tree or []
    known = [Holds([kleene.KNOWN, sheet.slots[name]], Want.TRUE) for name in read]
    said = [f"known({name})" for name in read]
    ways: list[tuple[Requirement, str]] = [
        (Every(tuple(known)), " and ".join(said)),
        (Either(tuple(known)), " or ".join(said)),
        *zip(known, said, strict=True),
    ]
    for asked, words in ways:
        if _is_same(survey, Holds(tree, Want.TRUE), asked):
            return words
    return None


def _is_same(survey: Survey, one: Requirement, other: Requirement) -> bool:
    """Whether both are fulfilled by the same visitors whose values are in their ranges; False where undecided."""
    ranges = tuple(survey.journeys.in_ranges())
    try:
        return all(
            survey.prover.find(Every((each, negated(without), *ranges))) is None
            for each, without in ((one, other), (other, one))
        )
    except Undecided:
        return False


def _left(survey: Survey, sheet: Sheet, number: int) -> Requirement:
    """A visitor of whom the stage's condition is false, with every attribute in its declared range."""
    tree = sheet.rules.stages[number].tree
    return Every((Holds(tree or [], Want.FALSE), *survey.journeys.in_ranges()))


def _reads_values(sheet: Sheet, expression: Expression | None) -> bool:
    """Whether `expression` asks for more than that something is known, through whatever names."""
    if expression is None:
        return False
    whens = (sheet.conditions[name].when for name in sheet.reads.conditions(expression))
    leaves = (each for when in (expression, *whens) for each in walk(when))
    return any(not isinstance(each, (All, Some, Named, Known)) for each in leaves)


def _number(sheet: Sheet, stage: Stage) -> int:
    return sheet.rules.stage(stage.id).number
