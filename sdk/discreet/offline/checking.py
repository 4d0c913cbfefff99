"""What can be said of a record that cannot be replayed: whether it is of the form, and of its bundle."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from discreet.events.records import clock_of, hour_of
from discreet.runtime import Reason

if TYPE_CHECKING:
    from discreet.events.words import Words

    from .shelf import Shelf

STRANGERS: Final = "fields that no record has"
_TALLY: Final = ("format", "kind", "bundle", "version", "placement", "offer", "reason", "hour")
_FIELDS: Final[Mapping[tuple[str, bool], tuple[str, ...]]] = {
    ("decision", False): (*_TALLY, "rank"),
    ("decision", True): (
        *_TALLY, "rank", "now_s", "stage", "known", "withheld", "malformed", "stale", "grants", "surface",
    ),
    ("exposure", False): _TALLY,
    ("exposure", True): (*_TALLY, "now_s", "grants", "surface"),
}  # fmt: skip
_REASONS: Final = frozenset(each.value for each in Reason)
_HOUR_S: Final = 3_600


def misfits(record: Mapping[str, Any], shelf: Shelf) -> tuple[str, ...]:
    """The fields of a record that cannot be as they are. Without its bundle only the form is looked at."""
    fields = _FIELDS[record["kind"], "now_s" in record]
    lacking = tuple(name for name in fields if name not in record)
    if lacking:
        return lacking
    strangers = (STRANGERS,) if record.keys() - {*fields, "inputs"} else ()
    found = _found(record, shelf)
    foreign = () if found is None else _foreign(record, found)
    return (*foreign, *_odd(record), *strangers)


def _found(record: Mapping[str, Any], shelf: Shelf) -> Words | None:
    digest = record["bundle"]
    if not isinstance(digest, str):
        return None
    for now_s in _clocks(record):
        found = shelf.find(digest, now_s, is_exact="now_s" in record)
        if found is not None:
            return found[1]
    return None


def _clocks(record: Mapping[str, Any]) -> tuple[float | None, ...]:
    """Instants at which the bundle may have been in force: of a tally the ends of its hour."""
    if "now_s" in record:
        return (clock_of(record["now_s"]),)
    try:
        begins_s = datetime.datetime.fromisoformat(record["hour"]).timestamp()
    except (TypeError, ValueError, OverflowError):
        return (None,)
    return begins_s, begins_s + _HOUR_S - 1


def _foreign(record: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """The fields that are not of this bundle."""
    version, placement, offer = record["version"], record["placement"], record["offer"]
    if type(version) is not int or version != words.bundle.version:
        return ("version",)
    offers = words.offers.get(placement) if isinstance(placement, str) else None
    if offers is None:
        return ("placement",)
    return () if isinstance(offer, str) and offer in offers else ("offer",)


def _odd(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that no bundle can have made."""
    reason, rank = record["reason"], record.get("rank", 1)
    is_exposure = record["kind"] == "exposure"
    is_reason = is_exposure if reason is None else isinstance(reason, str) and reason in _REASONS
    holds = {
        "bundle": isinstance(record["bundle"], str),
        "reason": is_reason,
        "rank": type(rank) is int and rank >= 1,
        "hour": _is_hour(record),
    }
    return tuple(name for name, is_right in holds.items() if not is_right)


def _is_hour(record: Mapping[str, Any]) -> bool:
    hour = record["hour"]
    if "now_s" in record:
        return bool(hour == hour_of(record["now_s"]))
    begins_s = _clocks(record)[0]
    return hour is None or (begins_s is not None and hour == hour_of(begins_s))
