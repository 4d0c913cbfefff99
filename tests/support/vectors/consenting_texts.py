"""Signals for the consent vectors, written with the encoders of the tests: what they say stands in their names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..gpp_strings import encode_gpp, us_fields, us_ids, us_section, us_table, us_versions
from ..tc_strings import ALL_PURPOSES, CREATED_S, encode_tc
from .consenting import Expected, Given, case

DAY_S = 86_400
NOW_S = CREATED_S + 20 * DAY_S + 3_600  # 2026-06-21T01:00:00Z; TC strings and cookies are of 1 June
TODAY_S = NOW_S - 3_600
PERSONAL = (1, 5, 6, 11)
KEYS = (
    "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage",
    "personalization_storage", "security_storage",
)  # fmt: skip
COOKIES = {
    "onetrust": "cookie OptanonConsent",
    "onetrust_closed": "cookie OptanonAlertBoxClosed",
    "cookiebot": "cookie CookieConsent",
    "cookieyes": "cookie cookieyes-consent",
    "didomi": "cookie didomi_token",
    "commanders_act": "cookie TC_PRIVACY",
}
OPT_OUTS = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
ADVERTISING_NOTICES = (
    "SharingNotice",
    "ProcessingNotice",
    "SaleOptOutNotice",
    "SharingOptOutNotice",
    "TargetedAdvertisingOptOutNotice",
)
SENSITIVE_NOTICES = (
    "SensitiveDataProcessingOptOutNotice",
    "SensitiveDataLimitUseNotice",
    "SensitiveDataOptOutNotice",
)
PRESETS = ("gdpr_opt_in", "uk_opt_in", "us_opt_out", "us_strict")
TCF_CONSENTING = encode_tc(ALL_PURPOSES, ALL_PURPOSES)
TCF_REFUSING = encode_tc((), ())
Values = Mapping[str, int | Sequence[int]]


def tc_of(day: float, purposes: Sequence[int] = tuple(ALL_PURPOSES), **told: Any) -> str:
    """A TC string whose publisher consents to `purposes`, written so many days before the clock's day."""
    written_s = TODAY_S - day * DAY_S
    return encode_tc((), purposes, created_s=written_s, **told)


def told_and_stayed(name: str, version: int = 1) -> dict[str, int | Sequence[int]]:
    """The values of a visitor who was told of every right and used none, in a section."""
    ones = dict.fromkeys((*ADVERTISING_NOTICES, *SENSITIVE_NOTICES, "MspaCoveredTransaction"), 1)
    twos = dict.fromkeys((*OPT_OUTS, "MspaOptOutOptionMode", "MspaServiceProviderMode"), 2)
    known = ones | twos
    return {field: known[field] for field, _ in us_fields(name, version) if field in known}


def latest(name: str) -> int:
    """The newest version of a section."""
    return max(us_versions(name))


def has_gpc(name: str) -> bool:
    """Whether a section has a part for the GPC."""
    return bool(us_table()["sections"][name]["gpc_subsection"])


def us_text(name: str, values: Values | None = None, *, version: int | None = None, **told: Any) -> str:
    """A section of a visitor who was told and stayed, with `values` in place of some, and GPC false where it has it."""
    version = latest(name) if version is None else version
    told.setdefault("gpc", False if has_gpc(name) else None)
    return us_section(name, {**told_and_stayed(name, version), **(values or {})}, version=version, **told)


def gpp_text(*names: str, **beside: str) -> str:
    """A GPP string of sections of visitors who were told and stayed, and of others by name with their texts."""
    ids = {**us_ids(), "tcfeuv2": 2, "uspv1": 6, **_drafts()}
    sections = {ids[name]: us_text(name) for name in names}
    return encode_gpp(sections | {ids[name]: text for name, text in beside.items()})


def _drafts() -> dict[str, int]:
    return {name: int(each) for each, name in us_table()["draft_sections"].items()}


def drafts() -> Mapping[str, int]:
    """The ids of the draft sections, by name."""
    return _drafts()


def opted_out(name: str) -> str:
    """A GPP string of one section whose visitor opted out of everything."""
    fields = [field for field, _ in us_fields(name, latest(name)) if field in OPT_OUTS]
    return encode_gpp({us_ids()[name]: us_text(name, dict.fromkeys(fields, 1))})


def asked(name: str, regions: Sequence[str | None], given: Given) -> Iterator[Expected]:
    """The same case in several regions."""
    for region in regions:
        yield case(f"{name}, in {region!r}", {"region": region, "now_s": NOW_S, **given})


def in_cookie(source: str, text: str) -> Given:
    """A cookie of a consent tool, and no other signal."""
    return {"signals": [[source, COOKIES[source], text]]}


def opting_in(**keys: Any) -> Given:
    """The policy of a site that states keys of `gdpr_opt_in` anew."""
    return {"policy": {"regimes": {"gdpr_opt_in": keys}}}


def mode_text(**parts: Mapping[str, str]) -> str:
    """The state of the consent mode as JSON text."""
    return json.dumps(parts, separators=(",", ":"))
