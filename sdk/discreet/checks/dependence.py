"""Placements that depend on more than their purposes: what they decide changes when that is not known."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from discreet_consent.purposes import is_granted

from .changes_ladders import shows
from .codes import found
from .printed import Readings, Said
from .proofs import Every, Prover, falls_back, furthest, negated, wins, withholding
from .reads import tokens
from .survey import placements_of
from .wording import listed

if TYPE_CHECKING:
    from discreet.model import Offer, Placement
    from discreet_consent import Attribute

    from .findings import Finding
    from .proofs import Visitor
    from .survey import Sheet, Survey


def beyond_purposes(survey: Survey) -> Iterator[Finding]:
    """D304: a placement with `purposes` whose decision depends on an attribute that needs others."""
    limited = [pair for pair in survey.all(placements_of) if pair[1].purposes is not None]
    question = "whether it depends on more than its purposes"
    yield from survey.judged("proving purposes", limited, question, partial(_beyond, survey))


@dataclass(frozen=True, slots=True)
class _Shown:
    """Somebody for whom it matters that something is known: for what they see, or only for their stage."""

    visitor: Visitor
    stage_only: bool


def _beyond(survey: Survey, sheet: Sheet, placement: Placement) -> Iterator[Finding]:
    beyond = _unlisted(sheet, placement)
    one_by_one = {name: _depends(survey, sheet, placement, (name,)) for name in beyond}
    found_for = {name: shown for name, shown in one_by_one.items() if shown is not None}
    if beyond and not found_for:  # each may stand in for another
        shown = _depends(survey, sheet, placement, [*beyond])
        found_for = {} if shown is None else dict.fromkeys(beyond, shown)
    seen = {name: each for name, each in found_for.items() if not each.stage_only}
    names = [*(seen or found_for)]
    if not names:
        return
    purposes = sorted({purpose for name in names for purpose in beyond[name]})
    what = f"what placement `{placement.id}` shows" if seen else f"the stage that `{placement.id}` reports"
    yield found(
        "D304",
        sheet.place(placement),
        placement.id,
        f"{what} depends on {listed(names)}, and so on {listed(purposes)}, which its `purposes` do not list",
        witness=found_for[names[0]].visitor,
        also=tuple(map(sheet.attribute_place, names)),
        suggestion="list the purposes there, or let its offers and stages ask for what is listed",
        models=sheet.models,
    )


def _unlisted(sheet: Sheet, placement: Placement) -> dict[str, list[str]]:
    """The attributes that may bear on the placement's decision and need purposes that it does not list; and these."""
    may_matter = _read(sheet, placement)
    allowed = placement.purposes or ()

    def unlisted(attribute: Attribute) -> list[str]:
        return [purpose for purpose in attribute.purposes if not is_granted(purpose, allowed)]

    return {
        each.name: unlisted(each)
        for each in sheet.model.attributes
        if each.name in may_matter and unlisted(each)
    }


def _read(sheet: Sheet, placement: Placement) -> frozenset[str]:
    """The attributes that all stages, and what is shown there, read."""
    stages = (sheet.reads.attributes(each.when) for each in sheet.model.stages)
    offers = (
        sheet.reads.attributes(each.when) | tokens(each.content) for each in _shown_there(sheet, placement)
    )
    return frozenset[str]().union(*stages, *offers)


def _shown_there(sheet: Sheet, placement: Placement) -> list[Offer]:
    return [
        each
        for each in sheet.model.offers
        if placement.id in each.placements or each.id == placement.fallback
    ]


def _depends(survey: Survey, sheet: Sheet, placement: Placement, names: Collection[str]) -> _Shown | None:
    """Somebody who gets another decision if nothing of `names` is known; None: proven that there is none.

    Raises:
        Undecided: the budget was spent.
    """
    pair = withholding(survey.journeys, names)
    prover = Prover(pair, now_ms=survey.now_ms, budget=survey.prover.budget)
    rules, without = (each.model(sheet.model.id) for each in pair)
    ids = [each.id for each in sheet.model.offers if placement.id in each.placements]
    for one in (*ids, None):
        has, keeps = (
            falls_back(each, placement.id) if one is None else wins(each, placement.id, one)
            for each in (rules, without)
        )
        visitor = prover.find(Every((has, negated(keeps))))
        if visitor is not None:
            return _Shown(visitor, stage_only=False)
    printed = _reader(survey, sheet, placement, names)
    if printed is not None:
        return _Shown(printed, stage_only=False)
    for stage in rules.stages:
        visitor = prover.find(
            Every((furthest(rules, stage.number), negated(furthest(without, stage.number))))
        )
        if visitor is not None:
            return _Shown(visitor, stage_only=True)
    return None


def _reader(survey: Survey, sheet: Sheet, placement: Placement, names: Collection[str]) -> Visitor | None:
    """Somebody who is shown an offer there that prints something of `names`, and no default."""
    for offer in _shown_there(sheet, placement):
        withheld = Said(offer.content, survey.journeys, names)
        readings = Readings(Said(offer.content, survey.journeys), withheld)
        if readings.where:
            found_one = readings.find(survey.prover, shows(sheet.rules, placement.id, offer.id))
            if found_one is not None:
                return found_one[0]
    return None
