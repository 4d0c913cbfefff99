"""Words about other offers and channels that have no effect, because these are not among the models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .codes import found
from .wording import listed

if TYPE_CHECKING:
    from discreet.model import Offer

    from .findings import Finding
    from .survey import Sheet, Survey


def without_effect(survey: Survey) -> Iterator[Finding]:
    """D504: a promise to a channel, or an exclusive group, that no other of the models takes part in."""
    channels = {sheet.model.channel for sheet in survey.sheets}
    groups: dict[str, set[str]] = {}
    for sheet in survey.sheets:
        for offer in sheet.model.offers:
            if offer.exclusive is not None:
                groups.setdefault(offer.exclusive, set()).add(offer.id)
    for sheet in survey.sheets:
        for offer in sheet.model.offers:
            missing = [each for each in offer.promises if each not in channels]
            if missing:
                yield _found(
                    sheet,
                    offer,
                    f"offer `{offer.id}` promises {listed(missing)}, and no model that is checked is for that channel",
                    "check the models of all channels together, or correct the channel",
                )
            if offer.exclusive is not None and len(groups[offer.exclusive]) == 1:
                yield _found(
                    sheet,
                    offer,
                    f"offer `{offer.id}` is alone in the group `{offer.exclusive}`: it excludes nothing",
                    "check the models of all channels together, or name the group of the offers that it excludes",
                )


def _found(sheet: Sheet, offer: Offer, message: str, suggestion: str) -> Finding:
    return found(
        "D504",
        sheet.place(offer),
        offer.id,
        message,
        proof="none of the models that are checked has what it is about",
        suggestion=suggestion,
        models=sheet.models,
    )
