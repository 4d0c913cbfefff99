"""What is recorded of a decision, and of an offer that was seen. Source: spec/event.schema.json, docs/events.md.

Without the analytics grant a record says no more than a tally would: what showed where, in which hour. The detail is a
fact that we observed of a visitor, so it is recorded where an attribute for the same purpose might be known.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from discreet.errors import likely_uses, nearest
from discreet.runtime import Decision, Reason
from discreet_consent import Attribute, AttributeType, DeclarationError, Provenance, is_data_use

from .errors import EventsRefused
from .inputs import Inputs, pack_inputs, read_by
from .words import MOST_GRANTS, Words

if TYPE_CHECKING:
    from discreet.visitors import Sealer
    from discreet_consent.consent import Grants

FORMAT = 1
ANALYTICS = "analytics.reporting.content_performance"
_FIRST_S, _LAST_S = -62_135_596_800, 253_402_300_800  # the years 1 to 9999
_HOUR_S = 3_600
_SURFACE = re.compile(r"[A-Za-z0-9_.:/-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Exposed:
    """An offer that was really seen, as a page reports it. Names that the bundle does not have are never recorded."""

    placement: str
    offer: str
    reason: Reason | None = None


class Detail:
    """Whether the detail of a record may be kept under some grants.

    It may where a first-party attribute for `purpose` might be known: so of a known child it never may.

    Raises:
        EventsRefused: `purpose` is none that a visitor can refuse.
    """

    __slots__ = ("_allowed", "_fact")

    _allowed: dict[Grants, bool]

    def __init__(self, purpose: str = ANALYTICS) -> None:
        try:
            self._fact = Attribute("detail", AttributeType.STRING, Provenance.FIRST_PARTY, [purpose])
        except DeclarationError as error:
            raise EventsRefused("the purpose of a journal is no data use") from error
        if not is_data_use(purpose):
            raise EventsRefused(f"`{purpose}` is no data use{nearest(purpose, likely_uses(purpose))}")
        if self._fact.is_essential:
            raise EventsRefused(f"`{purpose}` is not a data use that a visitor can refuse")
        self._allowed = {}

    def is_allowed(self, grants: Grants) -> bool:
        """Whether these grants let it be kept."""
        allowed = self._allowed.get(grants)
        if allowed is None:
            purposes, sensitive, child = grants
            allowed = self._fact.may_be_known(purposes, sensitive=sensitive, contextual_only=child)
            if len(self._allowed) >= MOST_GRANTS:
                self._allowed = {}
            self._allowed[grants] = allowed
        return allowed


def decision_record(
    decision: Decision,
    rank: int,
    words: Words,
    now_s: float | None,
    surface: str | None,
    *,
    is_detailed: bool = True,
) -> dict[str, Any]:
    """The record of a decision, with or without its detail.

    Args:
        rank: Which of the best offers for its placement it is; 1 is the best.
    """
    record = _tally("decision", words, decision.placement, decision.offer, decision.reason)
    record |= {"rank": rank, "hour": hour_of(now_s)}
    if is_detailed:
        record |= {
            "now_s": clock_of(now_s),
            "stage": decision.stage,
            "known": [*read_by(decision)],
            "withheld": list(decision.withheld),
            "malformed": list(decision.malformed),
            "stale": list(decision.stale),
            "grants": _grants(words.asked(decision.permitted.grants)),
            "surface": surface_of(surface),
        }
    return record


def exposure_record(
    exposed: Exposed,
    words: Words,
    grants: Grants,
    now_s: float | None,
    surface: str | None,
    *,
    is_detailed: bool,
) -> dict[str, Any]:
    """The record of an offer that was seen, with or without its detail."""
    record = _tally("exposure", words, exposed.placement, exposed.offer, exposed.reason)
    record["hour"] = hour_of(now_s)
    if is_detailed:
        record |= {
            "now_s": clock_of(now_s),
            "grants": _grants(words.asked(grants)),
            "surface": surface_of(surface),
        }
    return record


def sealed_inputs(
    decision: Decision, rank: int, words: Words, now_s: float | None, surface: str | None, sealer: Sealer
) -> str | None:
    """What the decision was made from, sealed; None where that is too large."""
    inputs = Inputs(
        bundle=words.bundle.digest,
        placement=decision.placement,
        rank=rank,
        now_s=clock_of(now_s),
        surface=surface_of(surface),
        grants=words.asked(decision.permitted.grants),
        values=read_by(decision),
        malformed=decision.malformed,
        stale=decision.stale,
    )
    packed = pack_inputs(inputs)
    return None if packed is None else sealer.seal(packed)


def hour_of(now_s: object) -> str | None:
    """The hour in which `now_s` lies, as `2026-03-01T08:00:00Z`; None for what is no clock."""
    clock = clock_of(now_s)
    return None if clock is None else _hour(int(clock // _HOUR_S))


@lru_cache(maxsize=64)
def _hour(number: int) -> str:
    hour = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(hours=number)
    return hour.isoformat().replace("+00:00", "Z")


def clock_of(now_s: object) -> float | None:
    """`now_s` where it is a number of the years 1 to 9999, as it stands; None for what is no clock."""
    if not isinstance(now_s, float | int) or type(now_s) is bool:  # as deciding sees it
        return None
    if not _FIRST_S <= now_s < _LAST_S:
        return None
    return float(now_s) if isinstance(now_s, float) else int(now_s)


def surface_of(surface: object) -> str | None:
    """The caller's word for where it happened; None for what is no such word, and might be a visitor's."""
    return surface if isinstance(surface, str) and _SURFACE.fullmatch(surface) else None


def _tally(kind: str, words: Words, placement: str, offer: str, reason: Reason | None) -> dict[str, Any]:
    """What is recorded of everybody."""
    return {
        "format": FORMAT,
        "kind": kind,
        "bundle": words.bundle.digest,
        "version": words.bundle.version,
        "placement": placement,
        "offer": offer,
        "reason": None if reason is None else reason.value,
    }


def _grants(grants: Grants) -> dict[str, Any]:
    purposes, sensitive, child = grants
    return {"purposes": sorted(purposes), "sensitive": sorted(sensitive), "contextual_only": child}
