"""Purchase histories of real customers, and what the shop knows of one of them on a chosen day.

The purchases are CDNOW's of 1997-01-01 to 1998-06-30, every date moved by 28 years exactly (10,227 days, 1,461 weeks),
so that they and consent strings of our days share one clock. The move keeps the day of the month and of the week.
"""

from __future__ import annotations

import csv
import datetime
import io
import lzma
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from discreet_consent import Observed

CDNOW: Final = Path(__file__).parent / "cdnow"  # the data, the models, and where they are from
SHIFT_DAYS: Final = 10_227  # 28 years with 7 leap days; neither span of 18 months holds a 29 February
DAY_S: Final = 86_400
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()


class Purchase(NamedTuple):
    """One order: its day (moved, see above), how many CDs, and what they cost."""

    day: datetime.date
    cds: int
    cents: int


@dataclass(frozen=True, slots=True)
class History:
    """All purchases of one customer, in order. `row` counts the customers from 1 and means nothing outside."""

    row: int
    purchases: tuple[Purchase, ...]

    def before(self, today: datetime.date) -> tuple[Purchase, ...]:
        """The purchases of all days before `today`."""
        return tuple(each for each in self.purchases if each.day < today)


def read_histories(limit: int | None = None) -> tuple[History, ...]:
    """The histories of the first `limit` customers, of all when None, in the order of CDNOW's customer numbers."""
    packed = (CDNOW / "purchases.csv.xz").read_bytes()
    rows = csv.reader(io.StringIO(lzma.decompress(packed).decode("ascii")))
    next(rows)  # the header
    histories: list[History] = []
    for row, (_, orders) in enumerate(groupby(rows, key=lambda fields: fields[0]), start=1):
        if limit is not None and row > limit:
            break
        histories.append(History(row, tuple(_purchase(fields) for fields in orders)))
    return tuple(histories)


def _purchase(fields: Sequence[str]) -> Purchase:
    _, day, cds, dollars = fields
    moved = datetime.date.fromisoformat(day).toordinal() + SHIFT_DAYS
    return Purchase(datetime.date.fromordinal(moved), int(cds), round(float(dollars) * 100))


def midnight_s(day: datetime.date) -> int:
    """Unix seconds of the beginning of `day`, UTC."""
    return (day.toordinal() - _EPOCH) * DAY_S


def request_attributes(today: datetime.date) -> dict[str, object]:
    """What a request of `today` tells by itself: its day of the week and its month."""
    return {"weekday": WEEKDAYS[today.weekday()], "month": today.month}


def customer_attributes(purchases: Sequence[Purchase]) -> dict[str, object]:
    """What these purchases, at least one and in order, say about the customer who made them.

    Every value carries its observation time, the day of the last purchase. Money is in dollars. Customers who bought
    on one day only have no `usual_gap_days`.
    """
    days = sorted({each.day for each in purchases})
    observed_s = midnight_s(days[-1])
    known = {**_order_facts(purchases, days), **_profile(purchases, days)}
    return {name: Observed(value, at_s=observed_s) for name, value in known.items()}


def _order_facts(purchases: Sequence[Purchase], days: Sequence[datetime.date]) -> Mapping[str, object]:
    return {
        "customer_since": midnight_s(days[0]) * 1_000,
        "last_purchase": midnight_s(days[-1]) * 1_000,
        "purchases": len(purchases),
        "purchase_days": len(days),
        "cds": sum(each.cds for each in purchases),
    }


def _profile(purchases: Sequence[Purchase], days: Sequence[datetime.date]) -> Mapping[str, object]:
    cents = sum(each.cents for each in purchases)
    profile: dict[str, object] = {
        "spend": cents / 100,
        "mean_order": round(cents / len(purchases)) / 100,
        "largest_order_cds": max(each.cds for each in purchases),
        "usual_weekday": _usual_weekday(days),
        "months_bought": sorted({MONTHS[day.month - 1] for day in days}),
    }
    if len(days) > 1:
        profile["usual_gap_days"] = (days[-1] - days[0]).days / (len(days) - 1)
    return profile


def _usual_weekday(days: Sequence[datetime.date]) -> str:
    """The weekday with the most purchase days; among equals the one of the latest of them."""
    counts = Counter(day.weekday() for day in days)
    most = max(counts.values())
    return next(WEEKDAYS[day.weekday()] for day in reversed(days) if counts[day.weekday()] == most)
