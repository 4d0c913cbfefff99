"""Plain integers, counted in one thread on the way of a request; exporters read them when somebody asks.

The keys are bounded: names of endpoints, statuses, reasons, regimes, and placements of the bundle where they are few.
No key and no number tells of one visitor.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from discreet import Decision
from discreet.runtime import Reason
from discreet_consent import Permitted

Counts: TypeAlias = dict[str, Any]  # nested, with numbers at the ends

BOUNDS_S: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5)
MAX_LABELS: Final = 100
OTHER: Final = "other"
_MATCHED, _FALLBACK = Reason.MATCHED, Reason.FALLBACK  # an enum's member as a key costs a call


class Counters:
    """What one process has counted since it started."""

    __slots__ = (
        "consents", "exposures", "fallbacks", "matched", "others", "refusals", "requests", "seconds", "times",
        "withheld",
    )  # fmt: skip

    def __init__(self) -> None:
        self.requests: dict[tuple[str, int], int] = {}  # by endpoint and status
        self.fallbacks = 0
        self.matched: dict[str, int] = {}  # by placement
        self.others = {each.value: 0 for each in Reason if each not in (_MATCHED, _FALLBACK)}  # by reason
        self.consents: dict[str, int] = {}  # visitors, by the regime that judged
        self.withheld = 0  # visitors of whom something was withheld
        self.refusals: dict[str, int] = {}  # by problem
        self.exposures = {"recorded": 0, "outdated": 0}
        self.times = [0] * (len(BOUNDS_S) + 1)
        self.seconds = 0.0

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        key = (endpoint, status)
        try:
            self.requests[key] += 1
        except KeyError:
            self.requests[key] = 1
        self.times[bisect_left(BOUNDS_S, seconds)] += 1
        self.seconds += seconds

    def decided(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            reason = decision.reason
            if reason is _FALLBACK:
                self.fallbacks += 1
            elif reason is _MATCHED:
                placement = decision.placed.id
                try:
                    self.matched[placement] += 1
                except KeyError:
                    _first(self.matched, placement)
            else:
                self.others[reason.value] += 1

    def visited(self, permitted: Permitted, regime: str) -> None:
        try:
            self.consents[regime] += 1
        except KeyError:
            _first(self.consents, regime)
        if permitted.plan.withheld:
            self.withheld += 1

    def refused(self, problem: str) -> None:
        self.refusals[problem] = self.refusals.get(problem, 0) + 1

    def as_dict(self) -> Counts:
        """The counts as JSON has them; `sum_counts` adds those of several processes."""
        requests: dict[str, dict[str, int]] = {}
        for (endpoint, status), count in self.requests.items():
            requests.setdefault(endpoint, {})[str(status)] = count
        return {
            "requests": requests,
            "decisions": {
                _MATCHED.value: sum(self.matched.values()),
                _FALLBACK.value: self.fallbacks,
                **self.others,
            },
            "matched": dict(self.matched),
            "consents": dict(self.consents),
            "withheld": self.withheld,
            "refusals": dict(self.refusals),
            "exposures": dict(self.exposures),
            "seconds": {
                "buckets": dict(zip([*map(str, BOUNDS_S), "+Inf"], self.times, strict=True)),
                "sum": self.seconds,
            },
        }


def _first(counts: dict[str, int], label: str) -> None:
    """One under a label that was not seen yet; those beyond the bound share one."""
    if len(counts) >= MAX_LABELS:
        label = OTHER
    counts[label] = counts.get(label, 0) + 1


def sum_counts(several: Iterable[Mapping[str, Any]]) -> Counts:
    """The counts of several processes, added name by name."""
    total: Counts = {}
    for counts in several:
        for name, value in counts.items():
            before = total.get(name)
            if isinstance(value, Mapping):
                total[name] = sum_counts(([] if before is None else [before]) + [value])
            else:
                total[name] = value + (before or 0)
    return total
