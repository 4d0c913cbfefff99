"""Placements: those that show everybody the same, know more than they should, or lack what they show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from discreet.runtime import kleene
from discreet_consent.purposes import is_granted

from .codes import found
from .proofs import Every, Holds, Want, falls_back, wins
from .reads import tokens
from .survey import placements_of
from .wording import listed

if TYPE_CHECKING:
    from discreet.model import Offer, Placement

    from .findings import Finding
    from .proofs import Visitor
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


def beyond_purposes(survey: Survey) -> Iterator[Finding]:
    """D304: a placement with `purposes` whose decision depends on an attribute that needs others."""
    limited = [pair for pair in survey.all(placements_of) if pair[1].purposes is not None]
    question = "who shows that it depends on more than its purposes"
    yield from survey.judged("proving purposes", limited, question, partial(_beyond, survey))


def _beyond(survey: Survey, sheet: Sheet, placement: Placement) -> Iterator[Finding]:
    allowed = placement.purposes or ()
    readers = _readers(sheet, placement)
    beyond = {
        each: unlisted
        for each in sheet.model.attributes
        if each.name in readers
        and (unlisted := [purpose for purpose in each.purposes if not is_granted(purpose, allowed)])
    }
    if not beyond:
        return
    names = listed([each.name for each in beyond])
    purposes = listed(sorted({purpose for unlisted in beyond.values() for purpose in unlisted}))
    yield found(
        "D304",
        sheet.place(placement),
        placement.id,
        f"what placement `{placement.id}` shows depends on {names}, and so on {purposes}, which its `purposes` do "
        "not list",
        witness=_depending(survey, sheet, placement, [each.name for each in beyond], readers),
        also=tuple(sheet.attribute_place(each.name) for each in beyond),
        suggestion="list the purposes there, or let its offers and stages ask for what is listed",
        models=sheet.models,
    )


def _readers(sheet: Sheet, placement: Placement) -> dict[str, list[str]]:
    """The attributes on which the placement's decision depends, with the offers that read them or rank by them.

    The stage of a decision depends on every stage, and so does the decision.
    """
    readers: dict[str, list[str]] = {}
    staged = frozenset[str]().union(*(sheet.reads.attributes(each.when) for each in sheet.model.stages))
    for name in staged:
        readers[name] = []
    stages = {each.id: sheet.reads.attributes(each.when) for each in sheet.model.stages}
    for offer in sheet.model.offers:
        if placement.id in offer.placements:
            ranked = frozenset[str]().union(*(stages[each] for each in offer.stages))
            for name in sheet.reads.attributes(offer.when) | tokens(offer.content) | ranked:
                readers.setdefault(name, []).append(offer.id)
    return readers


def _depending(
    survey: Survey, sheet: Sheet, placement: Placement, names: list[str], readers: dict[str, list[str]]
) -> Visitor | None:
    """A visitor of whom one of `names` is known and who sees an offer that reads it; None where there is none."""
    for name in names:
        known = Holds([kleene.KNOWN, sheet.slots[name]], Want.TRUE)
        for offer in readers[name]:
            visitor = survey.example(Every((wins(sheet.rules, placement.id, offer), known)))
            if visitor is not None:
                return visitor
    return None


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
