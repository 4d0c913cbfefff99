"""The metrics: what each is called, says and is labelled with. One table, read by every exporter.

No label is a visitor's: endpoints, statuses, reasons, regimes, problems, and placements where they are few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from discreet.serving import Status


@dataclass(frozen=True, slots=True)
class Family:
    """One number that processes add up, or several with labels.

    Attributes:
        name: Without `discreet_`, and a counter's without `_total`.
        place: Where the counts have it.
        labels: What the keys of each level below stand for; none for a plain number.
    """

    name: str
    about: str
    place: str
    labels: tuple[str, ...] = ()

    def samples(self, counts: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], float]]:
        """Each number with the values of its labels."""
        yield from _numbers(counts.get(self.place, {} if self.labels else 0), len(self.labels), ())


def _numbers(found: Any, depth: int, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float]]:
    if depth == 0:
        yield above, found
        return
    for name, below in found.items():
        yield from _numbers(below, depth - 1, (*above, name))


COUNTERS: Final = (
    Family("requests", "Requests answered.", "requests", ("endpoint", "status")),
    Family("decisions", "Decisions made.", "decisions", ("reason",)),
    Family("matched", "Decisions for an offer that is no fallback.", "matched", ("placement",)),
    Family("visitors", "Visitors met, by the regime that judged their consent.", "consents", ("regime",)),
    Family("withheld", "Visitors of whom something was withheld.", "withheld"),
    Family("refusals", "Requests refused.", "refusals", ("problem",)),
    Family("exposures", "Offers that were seen.", "exposures", ("outcome",)),
    Family("journal_records", "Records of the journal.", "journal", ("outcome",)),
    Family("profile_failures", "Times that the profile source failed.", "profile_failures"),
)

# What goes up and down: a process that is gone has none of it.
LEVELS: Final = (
    Family("journal_waiting", "Records of the journal that are not written yet.", "journal_waiting"),
)

Gauge = tuple[str, str, Callable[[Status, float], float]]
GAUGES: Final[tuple[Gauge, ...]] = (
    ("bundle_version", "Version of the bundle in service.", lambda status, _: status.version),
    (
        "bundle_age_seconds",
        "Since when it is in service.",
        lambda status, now_s: max(0.0, now_s - status.since_s),
    ),
    ("bundle_expires_in_seconds", "Until it expires.", lambda status, now_s: status.expires_s - now_s),
    ("bundle_expired", "Whether its time is over.", lambda status, _: status.is_expired),
    (
        "bundle_stale",
        "Whether it may not be the newest.",
        lambda status, _: status.is_stale or status.from_store,
    ),
    (
        "bundle_refused",
        "Whether the source has one that is refused.",
        lambda status, _: status.refused is not None,
    ),
    (
        "bundle_failures",
        "Looks at the source in a row without a good bundle.",
        lambda status, _: status.failures,
    ),
)
