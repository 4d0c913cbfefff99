"""Placements: those that show everybody the same, or lack what they show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from .codes import found
from .proofs import falls_back
from .reads import tokens
from .survey import placements_of
from .wording import listed

if TYPE_CHECKING:
    from discreet.model import Offer, Placement

    from .findings import Finding
    from .survey import Sheet, Survey

NOTHING: tuple[object, ...] = (None, "", [], {})  # content that shows nothing


def no_choices(survey: Survey) -> Iterator[Finding]:
    """D302: a placement that shows everybody the same. Where an offer never wins, that was told at the offer."""
    question = "whether it shows everybody the same"
    yield from survey.judged(
        "proving placements", survey.all(placements_of), question, partial(_no_choice, survey)
    )


def _no_choice(survey: Survey, sheet: Sheet, placement: Placement) -> Iterator[Finding]:
    offers = {each.id: each for each in sheet.model.offers}
    competing = [each.id for each in sheet.model.offers if placement.id in each.placements]
    shown = [each for each in competing if (sheet.model.id, placement.id, each) in survey.winners]
    if len(shown) < len(competing):
        return
    sameness = _sameness(survey, sheet, placement, [offers[each] for each in shown])
    if sameness is None:
        return
    says, proof = sameness
    yield found(
        "D302",
        sheet.place(placement),
        placement.id,
        f"placement `{placement.id}` shows every visitor the same: {says}",
        proof=proof,
        also=tuple(sheet.place(offers[each]) for each in dict.fromkeys((*shown, placement.fallback))),
        suggestion="let another offer compete for it, or leave its content to the page",
        models=sheet.models,
    )


def _sameness(
    survey: Survey, sheet: Sheet, placement: Placement, shown: Sequence[Offer]
) -> tuple[str, str] | None:
    """In which way all see the same, and why that is so; None where they do not. `shown` win, each for somebody."""
    fallback = next(each for each in sheet.model.offers if each.id == placement.fallback)
    if any(tokens(each.content) for each in shown):
        return None  # they print what is known of each
    contents = {_as_text(each) for each in shown}
    if not shown:
        return f"nothing competes with its fallback `{fallback.id}`", "no offer names it"
    if contents == {_as_text(fallback)}:
        names = listed(list(dict.fromkeys(each.id for each in (*shown, fallback))))
        return f"the content of {names} is the same", "no two offers that show there differ in content"
    if len(contents) > 1 or survey.prover.find(falls_back(sheet.rules, placement.id)) is not None:
        return None
    return (
        f"all of them get {listed([each.id for each in shown], 'or')}",
        f"nobody falls back to `{fallback.id}`",
    )


def _as_text(offer: Offer) -> str:
    return json.dumps(offer.content, sort_keys=True)


def missing_contents(survey: Survey) -> Iterator[Finding]:
    """D305: an offer, the fallback too, without content that its placement shows."""
    for sheet, placement in survey.all(placements_of):
        for offer in sheet.model.offers:
            if placement.id in offer.placements or offer.id == placement.fallback:
                yield from _missing(survey, sheet, placement, offer)


def _missing(survey: Survey, sheet: Sheet, placement: Placement, offer: Offer) -> Iterator[Finding]:
    missing = [each for each in placement.shows if offer.content.get(each) in NOTHING]
    if not missing:
        return
    witness = survey.winners.get((sheet.model.id, placement.id, offer.id))
    if witness is None and offer.id == placement.fallback:
        witness = survey.example(falls_back(sheet.rules, placement.id))
    yield found(
        "D305",
        sheet.place(offer),
        offer.id,
        f"offer `{offer.id}` has no {listed(missing)}, which placement `{placement.id}` shows",
        witness=witness,
        also=(sheet.place(placement),),
        suggestion=f"add {listed(missing)} to its content, or take it from `shows`",
        models=sheet.models,
    )
