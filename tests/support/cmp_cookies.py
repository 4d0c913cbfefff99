"""Cookies of consent tools, written as their own scripts write them, and what a cut of one must not do.

The builders share no code with the decoders.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from hypothesis import strategies as st

from discreet_consent import SignalError
from discreet_consent.signals.choices import CmpChoices

Told: TypeAlias = dict[str, Any]

CHOSEN = "2026-06-01T08:30:00.125Z"
CHOSEN_MS = 1_780_302_600_125
CHOSEN_S = CHOSEN_MS / 1_000
MONTH_MS = 30 * 86_400_000
STAMP = "i1udsME9skJWyCmqNkqpDG0uujGLkjKkq5MTuVTTVV811tM0Z6rpog=="
ADDRESS = "https://shop.example/search?q=a%20b&groups=C0004:1#top"

# The orders in which fields are seen; what a newer script adds comes last.
ONETRUST_ORDERS: Mapping[str, tuple[str, ...]] = {
    "current": (
        "isGpcEnabled", "datestamp", "version", "browserGpcFlag", "isIABGlobal", "hosts", "genVendors", "consentId",
        "interactionCount", "isAnonUser", "landingPath", "groups", "intType", "crTime", "geolocation",
        "AwaitingReconsent",
    ),
    "upgraded": (
        "isGpcEnabled", "datestamp", "version", "isIABGlobal", "hosts", "consentId", "interactionCount",
        "landingPath", "groups", "geolocation", "AwaitingReconsent", "browserGpcFlag", "isAnonUser",
    ),
    "of_2021": (
        "isIABGlobal", "datestamp", "version", "hosts", "consentId", "interactionCount", "landingPath", "groups",
        "AwaitingReconsent", "geolocation", "isGpcEnabled",
    ),
    "sorted": (
        "consentId", "datestamp", "version", "interactionCount", "isAnonUser", "isGpcEnabled", "browserGpcFlag",
        "isIABGlobal", "hosts", "landingPath", "groups", "AwaitingReconsent", "intType",
    ),
    "first_page": (
        "isGpcEnabled", "datestamp", "version", "browserGpcFlag", "isIABGlobal", "hosts", "consentId",
        "interactionCount", "landingPath", "groups",
    ),
}  # fmt: skip


def onetrust(
    groups: Mapping[str, bool],
    *,
    order: str = "current",
    gpc: bool = False,
    browser_gpc: bool = False,
    awaiting: bool = False,
    interactions: int = 1,
    landing: str = "NotLandingPage",
    zone: str = "Mitteleuropäische Sommerzeit",
    geolocation: str = "FR;IDF",
) -> str:
    """A value of `OptanonConsent`; `OptanonAlertBoxClosed` is `CHOSEN` where the visitor chose."""
    values = {
        "isGpcEnabled": f"{gpc:d}",
        "browserGpcFlag": f"{browser_gpc:d}",
        "datestamp": f"Mon Jun 08 2026 14:53:51 GMT+0200 ({zone})",
        "version": "202604.1.0",
        "isIABGlobal": "false",
        "hosts": "",
        "genVendors": "V2:0,V1:1,",
        "consentId": "00000000-1111-4222-8333-444444444444",
        "interactionCount": str(interactions),
        "isAnonUser": "1",
        "landingPath": landing,
        "groups": ",".join(f"{group}:{allowed:d}" for group, allowed in groups.items()),
        "intType": "3",
        "crTime": str(CHOSEN_MS - MONTH_MS),
        "geolocation": geolocation,
        "AwaitingReconsent": json.dumps(awaiting),
    }
    fields = (
        f"{name}={quote(values[name], safe='()').replace('%20', '+')}" for name in ONETRUST_ORDERS[order]
    )
    return "&".join(fields)


def cookiebot(
    preferences: bool = False,
    statistics: bool = False,
    marketing: bool = False,
    *,
    stamp: str = STAMP,
    method: str | None = "explicit",
    utc_ms: int = CHOSEN_MS,
    iab2: str | None = None,
    gacm: str | None = None,
    region: str = "us-06",
) -> str:
    """A value of `CookieConsent`: quotes and commas percent-encoded, the rest not."""
    fields = [f"stamp:'{stamp}'", "necessary:true"]
    categories = {"preferences": preferences, "statistics": statistics, "marketing": marketing}
    fields += [f"{name}:{json.dumps(allowed)}" for name, allowed in categories.items()]
    fields += [] if method is None else [f"method:'{method}'"]
    fields += ["ver:1", f"utc:{utc_ms}"]
    fields += [] if iab2 is None else [f"iab2:'{iab2}'"]
    fields += [] if gacm is None else [f"gacm:'{gacm}'"]
    return quote("{" + ",".join([*fields, f"region:'{region}'"]) + "}", safe="{}:=/+~-")


def cookieyes(
    categories: Mapping[str, bool | None],
    *,
    consent: str = "yes",
    action: str = "yes",
    renewed_ms: int | None = None,
) -> str:
    """A value of `cookieyes-consent`; None: the category has no state yet."""
    states = {None: "", True: "yes", False: "no"}
    fields = {
        "consentid": "YW4gaW52ZW50ZWQgaWQgb2YgdGhpcnR5LXR3byBvY3Q",
        "consent": consent,
        "action": action,
    }
    fields |= {category: states[allowed] for category, allowed in categories.items()}
    fields |= {} if renewed_ms is None else {"lastRenewedDate": str(renewed_ms)}
    return ",".join(f"{name}:{value}" for name, value in fields.items())


def didomi(
    enabled: Iterable[str] = (),
    disabled: Iterable[str] = (),
    *,
    li_enabled: Iterable[str] = (),
    li_disabled: Iterable[str] = (),
    vendors: Iterable[str] = (),
    updated: str | None = CHOSEN,
    url_safe: bool = False,
    padded: bool = True,
) -> str:
    """A value of `didomi_token`; lists without ids are left out."""
    lists = {
        "vendors": {"enabled": list(vendors)},
        "purposes": {"enabled": list(enabled), "disabled": list(disabled)},
        "purposes_li": {"enabled": list(li_enabled), "disabled": list(li_disabled)},
    }
    filled = {name: {state: ids for state, ids in each.items() if ids} for name, each in lists.items()}
    token: dict[str, object] = {
        "user_id": "00000000-1111-6222-8333-444444444444",
        "created": "2026-05-01T09:00:00.232Z",
        "updated": updated,
        **{name: each for name, each in filled.items() if each},
        "version": 2,
        "ac": "AkuAEAFkBJYA.AkuACAks",
    }
    written = json.dumps(
        {name: each for name, each in token.items() if each is not None}, separators=(",", ":")
    )
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(written.encode()).decode()
    return text if padded else text.rstrip("=")


def commanders_act(
    categories: Iterable[int] = (),
    *,
    opted_out: bool = False,
    locked: Iterable[int] = (1,),
    updated_ms: int = CHOSEN_MS,
    expires_ms: int = CHOSEN_MS + 6 * MONTH_MS,
    version: str = "007|2|2|224",
    vendors: str = "",
    old: bool = False,
) -> str:
    """A value of `TC_PRIVACY`, percent-encoded as it comes."""
    ids = [",".join(map(str, each)) for each in (categories, locked)]
    parts = [f"{opted_out:d}", version, "114", "5380"] if old else [f"{opted_out:d}", f"{version}|114|5380"]
    times = ",".join(map(str, (updated_ms, updated_ms - MONTH_MS, expires_ms)))
    return quote("@".join([*parts, *ids, times, vendors]), safe="")


group_states = st.dictionaries(
    st.sampled_from(["C0001", "C0002", "C0003", "C0004", "C0010", "C00010", "BG36", "V2STACK42", "1", "s00"]),
    st.booleans(),
    max_size=6,
)
purpose_ids = st.lists(st.sampled_from(["analytics-Abcd1234", "geo_ads", "p1abcdef", "été"]), unique=True)


def encodings(text: str) -> Iterator[str]:
    """`text`, a cookie as it comes, as others may hand it on: as it is, decoded once, and encoded once more."""
    yield text
    yield unquote(text)
    yield quote(text, safe="")


def code_or_choices(text: object, decode: Any) -> CmpChoices | str:
    """What `text` decodes to, or the code with which it is refused; any other exception is a failure."""
    try:
        decoded: CmpChoices = decode(text)
    except SignalError as refusal:
        return refusal.code
    return decoded


def grown_by_cutting(text: str, decode: Any) -> list[tuple[str, str]]:
    """The proper prefixes of `text`, which can be read, that say more than the whole; each with what it says."""
    whole = decode(text)
    prefixes = (text[:at] for at in range(len(text)))
    read = ((prefix, code_or_choices(prefix, decode)) for prefix in prefixes)
    return [(prefix, more) for prefix, cut in read if not isinstance(cut, str) for more in growth(cut, whole)]


def growth(cut: CmpChoices, whole: CmpChoices) -> Iterator[str]:
    """What `cut` permits, or for how long, that `whole` does not."""
    if cut.is_choice:
        if {group for group, allowed in cut.groups.items() if allowed} - _allowed(whole):
            yield "consents"
        if not _is_no_later(cut.chosen_s, whole.chosen_s) or not _is_no_later(cut.expires_s, whole.expires_s):
            yield "time"
    for group in {*cut.groups, *whole.groups, "a group in neither"}:
        if _refuses(whole, group) and not _refuses(cut, group):
            yield "lost refusal"
    if whole.gpc_may_be_on and not cut.gpc_may_be_on:
        yield "lost opt-out"
    if cut.tcf not in (None, whole.tcf):
        yield "another TC string"


def _allowed(choices: CmpChoices) -> set[str]:
    return {group for group, allowed in choices.groups.items() if allowed and choices.is_choice}


def _refuses(choices: CmpChoices, group: str) -> bool:
    return not choices.groups.get(group, choices.whole)


def _is_no_later(cut_s: float | None, whole_s: float | None) -> bool:
    return whole_s is None or (cut_s is not None and cut_s <= whole_s)
