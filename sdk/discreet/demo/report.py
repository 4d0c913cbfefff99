"""What the demo found out: counts and measurements, and no value of any customer."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..runtime import Decision, Reason


@dataclass(frozen=True, slots=True)
class ConsentCount:
    """How many strings came to one outcome, and for how many customers."""

    outcome: str
    strings: int
    customers: int


@dataclass(slots=True)
class Tally:
    """The decisions for all customers under one kind of consent, counted.

    `customers` is by the furthest stage reached, `offers` by that stage and then by offer, without fallbacks;
    `fallbacks` is by placement. `seconds` is the wall-clock time of permitting and deciding alone, in one process.
    """

    consent: str
    decisions: int = 0
    seconds: float = 0.0
    customers: Counter[str] = field(default_factory=Counter[str])
    offers: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    fallbacks: Counter[str] = field(default_factory=Counter[str])

    def add(self, decided: Iterable[Decision]) -> None:
        """Count the decisions for one customer, one for each placement."""
        stage = ""
        for decision in decided:
            stage = decision.stage
            self.decisions += 1
            if decision.reason is Reason.MATCHED:
                self.offers.setdefault(stage, Counter())[decision.offer] += 1
            else:
                self.fallbacks[decision.placement] += 1
        self.customers[stage] += 1

    @property
    def fallback_share(self) -> float:
        """The share of decisions that fell back, 0 to 1."""
        return self.fallbacks.total() / self.decisions if self.decisions else 0.0

    @property
    def us_per_decision(self) -> float:
        """Microseconds for one decision, its share of the customer's strip included."""
        return self.seconds / self.decisions * 1e6 if self.decisions else 0.0


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What changes when customers who granted everything withdraw one purpose.

    `changed` decisions show another offer than before, `fell_back` of them the fallback. `lost` and `gained` count
    the offers that were eligible for a customer's placement before and not after, and the other way round.
    """

    purpose: str
    changed: int
    fell_back: int
    lost: int
    gained: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that the demo prints.

    `stages` are in the journey's order. `own`, `full` and `none` are the decisions under each customer's own consent,
    under a consent that grants all that the models ask, and under none.
    """

    today: datetime.date
    folder: str
    customers: int
    channels: tuple[str, ...]
    stages: tuple[str, ...]
    placements: tuple[str, ...]
    offers: int
    attributes: int
    bundle_bytes: int
    key_id: str
    consents: tuple[ConsentCount, ...]
    own: Tally
    full: Tally
    none: Tally
    withdrawals: tuple[Withdrawal, ...]

    @property
    def tallies(self) -> tuple[Tally, Tally, Tally]:
        """Full, own and no consent: from the most that may be known to the least."""
        return self.full, self.own, self.none

    def as_dict(self) -> dict[str, Any]:
        """The report for machines: stages in the journey's order, placements in the bundle's."""
        document = asdict(self)
        document["today"] = self.today.isoformat()
        for name, tally in (("own", self.own), ("full", self.full), ("none", self.none)):
            document[name] = _tally_as_dict(tally, self.stages, self.placements)
        return document


def _tally_as_dict(tally: Tally, stages: Sequence[str], placements: Sequence[str]) -> Mapping[str, Any]:
    return {
        "consent": tally.consent,
        "decisions": tally.decisions,
        "customers_by_stage": {stage: tally.customers[stage] for stage in stages},
        "offers_by_stage": {stage: dict(sorted(tally.offers.get(stage, {}).items())) for stage in stages},
        "fallbacks_by_placement": {place: tally.fallbacks[place] for place in placements},
        "fallback_share": tally.fallback_share,
        "us_per_decision": tally.us_per_decision,
    }
