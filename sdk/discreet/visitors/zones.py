"""Time zones, as CDNs and settings name them."""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo
from functools import lru_cache

_REMEMBERED = 1_024
_MAX_OFFSET_MIN = 14 * 60


@lru_cache(_REMEMBERED)
def zone_called(name: str) -> tzinfo | None:
    """The time zone called `name` (`Europe/Rome`) in the time zone database; None when there is none."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (
        ValueError,
        OSError,
        LookupError,
    ):  # a path out of the database, a folder of it, none of its names
        return None


@lru_cache(_REMEMBERED)
def zone_offset(text: str) -> tzinfo | None:
    """The zone of Fastly's `client.geo.utc_offset`: `100` is one hour, `-230` two and a half to the west.

    None for `0`, by which it says that it does not know, and for what is no offset (it says `9999`).
    """
    digits = text.removeprefix("-")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 4:
        return None
    hours, minutes = divmod(int(digits), 100)
    total = hours * 60 + minutes
    if minutes > 59 or not 0 < total <= _MAX_OFFSET_MIN:
        return None
    return timezone(timedelta(minutes=-total if text.startswith("-") else total))
