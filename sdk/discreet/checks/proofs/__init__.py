"""Proofs over the compiled trees: a visitor who fulfils a requirement, or the proof that there is none."""

from __future__ import annotations

from .beside import side_by_side, withholding
from .bundles import journeys_of_bundle
from .doubt import Undecided
from .journeys import journeys_of
from .prover import Prover
from .requirements import (
    Either,
    Every,
    Holds,
    Requirement,
    Want,
    Within,
    Without,
    eligible,
    falls_back,
    furthest,
    negated,
    reached,
    wins,
)
from .rules import ConditionRules, Journeys, OfferRules, PlacementRules, Rules, StageRules
from .visitor import Visitor

__all__ = [
    "ConditionRules",
    "Either",
    "Every",
    "Holds",
    "Journeys",
    "OfferRules",
    "PlacementRules",
    "Prover",
    "Requirement",
    "Rules",
    "StageRules",
    "Undecided",
    "Visitor",
    "Want",
    "Within",
    "Without",
    "eligible",
    "falls_back",
    "furthest",
    "journeys_of",
    "journeys_of_bundle",
    "negated",
    "reached",
    "side_by_side",
    "wins",
    "withholding",
]
