"""Instants and durations as ISO 8601 texts, to the whole second, and never longer than the truth."""

from __future__ import annotations

from math import floor

from ..errors import RecordError
from ..values import epoch_ms, finite_number

LAST_S = 253_402_300_799  # the end of the year 9999: later is a mistake, such as milliseconds for seconds
MAX_DURATION_LENGTH = 64

# Seconds of each unit, before and after the `T`, in the order in which they must come. A month is 30 days and a year
# 365: on the strict side of every calendar.
_DAYS = {"Y": 365 * 86_400, "M": 30 * 86_400, "W": 7 * 86_400, "D": 86_400}
_CLOCK = {"H": 3_600, "M": 60, "S": 1}


def whole_seconds(at_s: object, field: str) -> int:
    """Unix seconds between 1970 and 9999, rounded down."""
    number = finite_number(at_s)
    if number is None:
        raise RecordError(f"`{field}` is not a number of Unix seconds")
    if not 0 <= number <= LAST_S:
        raise RecordError(f"`{field}` lies outside of 1970 to 9999: it is in seconds, not in milliseconds")
    return floor(number)


def instant(at_s: int) -> str:
    """`2026-11-01T00:00:00Z`, for Unix seconds of `whole_seconds`."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of_instant(text: str, field: str) -> int:
    """The Unix seconds of what `instant` wrote."""
    milliseconds = epoch_ms(text)
    if milliseconds is None:
        raise RecordError(f"`{field}` is not an instant such as `2026-11-01T00:00:00Z`")
    return whole_seconds(milliseconds / 1_000, field)


def duration(seconds: float) -> str:
    """`P180D`, `P1DT12H`, `PT90S`: days, hours, minutes and seconds, rounded down; `PT0S` for nothing and less."""
    left = floor(seconds) if seconds > 0 else 0
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3_600)
    minutes, left = divmod(left, 60)
    date = f"{days}D" if days else ""
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if n)
    return f"P{date}T{clock}" if clock else f"P{date}" if date else "PT0S"


def seconds_of(text: str, field: str) -> int:
    """The seconds of an ISO 8601 duration in whole numbers. A month counts as 30 days, a year as 365.

    Raises:
        RecordError: it is none, has fractions or a sign, or no unit at all.
    """
    date, mark, clock = text[1:MAX_DURATION_LENGTH].partition("T")
    days, seconds = _summed(date, _DAYS), _summed(clock, _CLOCK)
    says_nothing = not (clock if mark else date)
    if len(text) > MAX_DURATION_LENGTH or text[:1] != "P" or days is None or seconds is None or says_nothing:
        raise RecordError(f"`{field}` is not an ISO 8601 duration such as `P180D` or `PT12H`")
    return days + seconds


def _summed(text: str, units: dict[str, int]) -> int | None:
    """The seconds of `1Y2M`, each unit once and in order; None for anything else."""
    total, order, digits = 0, list(units), ""
    for character in text:
        if character.isascii() and character.isdigit():
            digits += character
        elif digits and character in order:
            total += int(digits) * units[character]
            order = order[order.index(character) + 1 :]
            digits = ""
        else:
            return None
    return None if digits else total
