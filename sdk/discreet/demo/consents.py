"""Consent strings as a consent tool sends them, handed out to customers who never saw one.

CDNOW's customers of 1997 gave no TCF consent. So each gets one of the strings of `cdnow/consents.jsonl`, in turn:
customer 1 the first, customer 2 the second, and again from the first after the last. The strings are machine made and
belong to no person; their mix is that of the file and says nothing about how people choose.
"""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import dataclass
from enum import Enum
from typing import Final

from discreet_consent import Consent, Policy, SignalError, resolve
from discreet_consent.purposes import is_granted
from discreet_consent.signals import decode

from .histories import CDNOW, DAY_S

REGION: Final = "IT"  # assumed for every customer: CDNOW's data names no country
# 13 months, the longest that the regime allows, and not its default of 180 days: the strings span three years.
MAX_AGE_DAYS: Final = 390
POLICY: Final = Policy.default().opting_in(max_age_days=MAX_AGE_DAYS)


class Outcome(Enum):
    """What a consent string comes to, on the day of the demo."""

    ALL = "grants all that the models ask"
    PART = "grants a part of it"
    NOTHING = "grants nothing of it"
    VENDORS_ONLY = "speaks for vendors only"
    EXPIRED = "has expired"
    UNUSABLE = "may not be relied on"
    UNREADABLE = "cannot be read"


@dataclass(frozen=True, slots=True)
class Choice:
    """One string of the file, judged: `consent` is what it permits."""

    id: str
    kind: str
    consent: Consent
    outcome: Outcome


def read_choices(now_s: float, asked: Set[str]) -> tuple[Choice, ...]:
    """Judge every string of the file at `now_s`.

    Args:
        asked: The purposes that the models ask for; they tell "all" from "a part" and "nothing".
    """
    lines = (CDNOW / "consents.jsonl").read_text("ascii").splitlines()
    return tuple(_judge(now_s=now_s, asked=asked, **json.loads(line)) for line in lines)


def _judge(*, id: str, kind: str, tc: str, now_s: float, asked: Set[str]) -> Choice:  # noqa: A002 - the file's word
    consent = resolve(tcf=tc, region=REGION, now_s=now_s, policy=POLICY)
    return Choice(id, kind, consent, _outcome(tc, consent, now_s, asked))


def _outcome(tc: str, consent: Consent, now_s: float, asked: Set[str]) -> Outcome:
    granted = {purpose for purpose in asked if is_granted(purpose, consent.purposes_at(now_s))}
    if granted:
        return Outcome.ALL if granted == asked else Outcome.PART
    try:
        decoded = decode(tc)
    except SignalError:
        return Outcome.UNREADABLE
    if consent.expires_s is not None:
        return Outcome.VENDORS_ONLY if decoded.publisher_tc is None else Outcome.NOTHING
    too_old = decoded.last_updated_ds / 10 + MAX_AGE_DAYS * DAY_S <= now_s
    return Outcome.EXPIRED if too_old else Outcome.UNUSABLE
