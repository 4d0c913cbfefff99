"""The whole of spec/decision.md: from documents, a visitor, grants and a clock to what a decision must be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from .conditions import Visitor
from .content import fill
from .permission import PURPOSES_ONLY, Beside, Document, permit

YEAR_1_S = -62_135_596_800


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page says that a decision must be; names are sorted."""

    placement: str
    offer: str
    content: Any
    stage: str
    reason: str
    withheld: tuple[str, ...]
    malformed: tuple[str, ...]
    stale: tuple[str, ...]


def reference_decide(
    documents: Sequence[Document],
    placement: str,
    attributes: Mapping[str, object],
    granted: AbstractSet[str],
    now_s: float,
    *,
    expires_s: float = math.inf,
    beside: Beside = PURPOSES_ONLY,
) -> Outcome:
    """The one decision for `placement`."""
    asked = (documents, placement, attributes, granted, now_s, 1)
    return reference_top(*asked, expires_s=expires_s, beside=beside)[0]


def reference_top(
    documents: Sequence[Document],
    placement: str,
    attributes: Mapping[str, object],
    granted: AbstractSet[str],
    now_s: float,
    k: int,
    *,
    expires_s: float = math.inf,
    beside: Beside = PURPOSES_ONLY,
) -> tuple[Outcome, ...]:
    """The best `k` decisions for `placement`, or its fallback alone."""
    model = _model_of(documents, placement)
    knowledge = permit(documents, attributes, granted, now_s, beside)
    offers = {offer["id"]: offer for offer in model["offers"]}

    def outcome(offer: str, reason: str, stage: str) -> Outcome:
        content = fill(offers[offer].get("content", {}), knowledge.facts)
        return Outcome(
            placement, offer, content, stage, reason, knowledge.withheld, knowledge.malformed, knowledge.stale
        )

    fallback = model["placements"][placement]["fallback"]
    if not _in_force(now_s, expires_s):
        return (outcome(fallback, "expired", model["stages"][0]["id"]),)
    visitor = Visitor(model, knowledge.facts, now_s)
    best = visitor.ranked(placement)[:k]
    if not best:
        return (outcome(fallback, "fallback", visitor.stage()),)
    return tuple(outcome(offer, "matched", visitor.stage()) for offer in best)


def reference_eligible(
    documents: Sequence[Document],
    placement: str,
    attributes: Mapping[str, object],
    granted: AbstractSet[str],
    now_s: float,
    beside: Beside = PURPOSES_ONLY,
) -> frozenset[str]:
    """The offers that are eligible for `placement`, in no order."""
    knowledge = permit(documents, attributes, granted, now_s, beside)
    return frozenset(Visitor(_model_of(documents, placement), knowledge.facts, now_s).ranked(placement))


def _model_of(documents: Sequence[Document], placement: str) -> Document:
    return next(model for model in documents if placement in model["placements"])


def _in_force(now_s: float, expires_s: float) -> bool:
    return YEAR_1_S <= now_s < expires_s
