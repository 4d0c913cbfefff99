"""All checks of sound models, in the order in which one finding explains another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from discreet.model.progress import unheard

from .acceptance import Review, accept, accepting_nothing
from .agreement import disagreements
from .attributes import never_permitted, out_of_range, ungranted
from .conditions import contradictions, same_meanings
from .dependence import beyond_purposes
from .effects import without_effect
from .offers import offers, past_windows
from .placements import missing_contents, no_choices
from .proofs import Prover, journeys_of
from .proofs.prover import BUDGET
from .stages import stages
from .statements import stated_negatively
from .survey import Survey, sheet_of
from .usage import unused_attributes, unused_conditions, without_basis

if TYPE_CHECKING:
    from discreet.model import Model, Progress

    from .findings import Finding

_FAMILIES: Sequence[Callable[[Survey], Iterable[Finding]]] = (
    contradictions,  # before what rests on a condition
    same_meanings,
    stated_negatively,
    unused_conditions,
    without_basis,
    stages,  # before the offers in them
    offers,  # before the placements in which they win
    past_windows,
    no_choices,
    beyond_purposes,
    missing_contents,
    unused_attributes,
    out_of_range,
    never_permitted,
    ungranted,
    lambda survey: disagreements(
        [sheet.model for sheet in survey.sheets], survey.journeys, survey.prover, survey.progress
    ),
    without_effect,
)


def check_models(
    models: Sequence[Model], *, now_ms: float, progress: Progress = unheard, budget: int = BUDGET
) -> tuple[Finding, ...]:
    """What is legal in the models of one bundle and probably not meant, in the order of its places.

    Args:
        now_ms: The instant by which windows have ended, in epoch milliseconds; witnesses prefer it too.
        budget: How many candidates one proof may look at before it is given up and told as D902.
    Raises:
        ModelError: the models do not compile.
    """
    return review_models(models, now_ms=now_ms, progress=progress, budget=budget).findings


def review_models(
    models: Sequence[Model], *, now_ms: float, progress: Progress = unheard, budget: int = BUDGET
) -> Review:
    """The same as `check_models`, with what the authors accept."""
    journeys = journeys_of(models, progress)
    prover = Prover(journeys, now_ms=now_ms, budget=budget)
    sheets = [sheet_of(model, journeys) for model in models]
    survey = Survey(sheets, journeys, prover, now_ms, progress)
    told = _together(finding for family in _FAMILIES for finding in family(survey))
    return accept(sorted((*told, *accepting_nothing(survey, told))), models)


def _together(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, with all the models in which it was found."""
    once: dict[Finding, Finding] = {}
    for each in findings:
        known = once.get(each)
        models = (*known.models, *each.models) if known is not None else each.models
        once[each] = replace(known or each, models=tuple(dict.fromkeys(models)))
    return list(once.values())
