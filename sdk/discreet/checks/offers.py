"""Offers: those that can never be shown, because of what they ask or because better-ranked ones take everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from .codes import found
from .conditions import NOBODY
from .conflicts import Asked, conflict, conjuncts, in_words
from .proofs import Either, Every, Undecided, eligible, reached, wins
from .survey import competing_of
from .wording import day, joined, listed

if TYPE_CHECKING:
    from discreet.model import Offer
    from discreet.runtime.kleene import Visit

    from .findings import Finding
    from .proofs import OfferRules, Rules
    from .survey import Sheet, Survey

MAX_NAMED = 6  # offers that one message names; `also` has the places of all


def offers(survey: Survey) -> Iterator[Finding]:
    """D101 of what an offer asks, and D301. One that only rests on what was told already is not told of."""
    question = "whether it can win"
    yield from survey.judged("proving offers", survey.all(competing_of), question, partial(_offer, survey))


def past_windows(survey: Survey) -> Iterator[Finding]:
    """D303: an offer whose window has ended."""
    for sheet, offer in survey.all(lambda model: model.offers):
        until_ms = offer.valid.until_ms
        if until_ms is not None and until_ms <= survey.now_ms:
            yield found(
                "D303",
                sheet.place(offer),
                offer.id,
                f"the window of offer `{offer.id}` ended at {day(until_ms)}",
                proof="no visitor has been shown it since",
                suggestion="give it a new window, or delete it",
                models=sheet.models,
            )


def _offer(survey: Survey, sheet: Sheet, offer: Offer) -> Iterator[Finding]:
    lost = [each for each in offer.placements if not _wins(survey, sheet, offer, each)]
    if not lost:
        return
    if survey.prover.find(eligible(sheet.rules, offer.id)) is None:
        survey.never_shown.add((sheet.model.id, offer.id))
        if not _follows(survey, sheet, offer):
            yield _impossible(survey, sheet, offer)
        return
    if len(lost) == len(offer.placements):
        survey.never_shown.add((sheet.model.id, offer.id))
    yield _never_wins(survey, sheet, offer, lost)


def _wins(survey: Survey, sheet: Sheet, offer: Offer, placement: str) -> bool:
    visitor = survey.prover.find(wins(sheet.rules, placement, offer.id))
    if visitor is not None:
        survey.winners[sheet.model.id, placement, offer.id] = visitor
    return visitor is not None


def _follows(survey: Survey, sheet: Sheet, offer: Offer) -> bool:
    """Whether the offer can be shown to nobody only for what was told elsewhere."""
    everywhere = all((sheet.model.id, stage) in survey.unreachable for stage in offer.stages)
    return everywhere or survey.is_contradictory(sheet, offer.when)


def _impossible(survey: Survey, sheet: Sheet, offer: Offer) -> Finding:
    rules = sheet.rules.offer(offer.id)
    asked = [*conjuncts(offer.when, rules.tree, sheet.types)]
    if sheet.model.stages[0].id not in offer.stages:
        asked.append(_stages(sheet, offer, rules.stages))
    parts = conflict(survey.prover, tuple(asked))
    return found(
        "D101",
        sheet.place(offer),
        offer.id,
        f"offer `{offer.id}` can be shown to no visitor: {in_words(parts)}",
        proof=NOBODY,
        also=tuple(each.place for each in parts.parts if each.place is not None),
        suggestion="correct what it asks, or the stages in which it stands",
        models=sheet.models,
    )


def _stages(sheet: Sheet, offer: Offer, numbers: Sequence[int]) -> Asked:
    """That one of the offer's stages is reached, as one thing that it asks."""
    places = {each.id: sheet.place(each) for each in sheet.model.stages}
    says = joined([f"stage `{each}`" for each in offer.stages], "or")
    one = Either(tuple(reached(sheet.rules, number) for number in numbers))
    return Asked(says, one, places[offer.stages[0]])


def _never_wins(survey: Survey, sheet: Sheet, offer: Offer, lost: Sequence[str]) -> Finding:
    taking = list(dict.fromkeys(name for each in lost for name in takers(survey, sheet, offer.id, each)))
    taken = _few(taking) if taking else "the better-ranked ones"
    places = {each.id: sheet.place(each) for each in sheet.model.offers}
    return found(
        "D301",
        sheet.place(offer),
        offer.id,
        f"offer `{offer.id}` never wins {listed(lost, 'or')}: every visitor who may see it gets {taken} instead, "
        "better ranked",
        witness=survey.example(eligible(sheet.rules, offer.id)),
        proof=f"no visitor is eligible for `{offer.id}` and not for {taken}",
        also=tuple(places[each] for each in taking),
        suggestion=f"raise its priority, or let {taken} ask for more",
        models=sheet.models,
    )


def _few(names: Sequence[str]) -> str:
    shown = [f"`{each}`" for each in names[:MAX_NAMED]]
    return joined([*shown, f"{len(names) - MAX_NAMED} more"] if len(names) > MAX_NAMED else shown)


def takers(survey: Survey, sheet: Sheet, offer: str, placement: str) -> tuple[str, ...]:
    """Better-ranked offers that leave `offer` no visitor at `placement`, where it never wins.

    None where it takes too long to say which; all better-ranked ones do.
    """
    rivals = sheet.rules.rivals(placement)
    here = eligible(sheet.rules, offer)
    taking: list[int] = []
    while True:
        try:
            visitor = survey.prover.find(Every((here, *(rivals.hidden[rank] for rank in taking))))
        except Undecided:
            return ()
        if visitor is None:
            numbers = (rivals.ranked[rank][1] for rank in taking)
            return tuple(dict.fromkeys(sheet.rules.offers[number].id for number in numbers))
        taking.append(_rank_shown(sheet.rules, rivals.ranked, survey.visit(visitor)))


def _rank_shown(rules: Rules, ranked: Sequence[tuple[int, int]], visit: Visit) -> int:
    """The rank of the offer that a visitor sees, who is eligible for one of them."""
    reached_stages = [each.tree is None or visit.truth(each.tree) is True for each in rules.stages]
    return next(
        rank
        for rank, (stage, number) in enumerate(ranked)
        if reached_stages[stage] and _may_show(rules.offers[number], visit)
    )


def _may_show(offer: OfferRules, visit: Visit) -> bool:
    after = offer.from_ms is None or offer.from_ms <= visit.now_ms
    before = offer.until_ms is None or visit.now_ms < offer.until_ms
    return after and before and (offer.tree is None or visit.truth(offer.tree) is True)
