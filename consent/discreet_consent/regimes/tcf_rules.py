"""What a TC string says: consents of the publisher's visitor, where the string may be relied on.

It speaks of every data use that a purpose of the TCF stands for, and of the sensitive items behind its special
features: what it does not grant, it refuses. So a string that may not be relied on refuses all of them. The publisher
restrictions in the core are not read: they bind vendors, and say nothing about the publisher itself.

Source: spec/consent.md, "TC strings". Why the core is a matter of the site, not of the string:
docs/adr/0004-core-fallback.md.
"""

from __future__ import annotations

from ..purposes import TCF_DATA_USES
from .rules import SENSITIVE_TERM
from .statement import Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..signals.tcf import PublisherTc, TcString
    from .rules import Rules

DAY_S = 86_400
MIN_POLICY_VERSION = 4
NOT_IN_FORCE = "not_in_force"
DISCLOSED_FROM_S = 1_772_323_200  # 2026-03-01: from here on, TCF 2.3 wants disclosed vendors in every string
SPECIAL_FEATURES: Mapping[int, str] = {
    1: f"{SENSITIVE_TERM}precise_geolocation",
    2: f"{SENSITIVE_TERM}device_scanning",
}
SCOPE = frozenset(use for uses in TCF_DATA_USES.values() for use in uses) | frozenset(
    SPECIAL_FEATURES.values()
)


def tcf_statement(tc: TcString, carrier: str, rules: Rules, now_s: float) -> Statement:
    """What `tc` says. Whatever is wrong with it grants nothing; the reasons say what that was."""
    changed_s = _dated(tc.last_updated_ds / 10, now_s)
    objection = _objection(tc, rules, now_s)
    if objection:
        return Statement(
            "tcf", carrier, refused=SCOPE, changed_s=changed_s, reasons=[objection], problem=NOT_IN_FORCE
        )
    reasons = list(_remarks(tc, rules))
    purposes = _purposes(tc, rules, reasons)
    granted = {use for purpose in purposes for use in TCF_DATA_USES[purpose]}
    if purposes:
        granted |= _special_features(tc, reasons)
    return Statement(
        "tcf",
        carrier,
        granted=granted,
        refused=SCOPE - granted,
        changed_s=changed_s,
        expires_s=_expires_s(tc, rules),
        reasons=reasons,
        problem=NOT_IN_FORCE if _section(tc, rules) is None else None,
    )


def _objection(tc: TcString, rules: Rules, now_s: float) -> str | None:
    """Why the string may not be relied on at all, or None. A clock that is not a number is an objection too."""
    if tc.policy_version < MIN_POLICY_VERSION:
        return f"the TC string follows TCF policy version {tc.policy_version}, which is no longer valid"
    if not tc.is_service_specific:
        return "the TC string is not specific to this service, and global consent is no longer valid"
    if _dated(max(tc.created_ds, tc.last_updated_ds) / 10, now_s) is None:
        return "the TC string is dated in the future"
    if not now_s < _expires_s(tc, rules):
        return f"the TC string was last changed {rules.max_age_days:g} days ago or earlier"
    if rules.require_disclosed_vendors and _lacks_disclosed_vendors(tc):
        return "the TC string does not say which vendors were disclosed, as it must since March 2026"
    return None


def _dated(at_s: float, now_s: float) -> float | None:
    """`at_s`, unless that lies after the end of today (UTC): what is yet to come is no date, and replaces nothing.

    Strings are often dated to the day, by a clock that is not ours.
    """
    return at_s if at_s <= now_s - now_s % DAY_S + DAY_S else None


def _expires_s(tc: TcString, rules: Rules) -> float:
    return tc.last_updated_ds / 10 + rules.max_age_days * DAY_S


def _lacks_disclosed_vendors(tc: TcString) -> bool:
    written_s = max(tc.created_ds, tc.last_updated_ds) / 10
    return written_s >= DISCLOSED_FROM_S and "disclosed_vendors" not in tc.segments


def _remarks(tc: TcString, rules: Rules) -> Iterable[str]:
    if _lacks_disclosed_vendors(tc):
        yield "the TC string does not say which vendors were disclosed; this site's settings accept that"
    if rules.core_fallback and tc.publisher_tc is not None:
        yield "the publisher's own section was not read: this site's settings name the core in its place"


def _section(tc: TcString, rules: Rules) -> TcString | PublisherTc | None:
    return tc if rules.core_fallback else tc.publisher_tc


def _purposes(tc: TcString, rules: Rules, reasons: list[str]) -> list[int]:
    """The purposes that the section speaking for the publisher allows; why, is added to `reasons`."""
    section = _section(tc, rules)
    if section is None:
        reasons.append("the TC string holds consents for vendors only, none for the publisher")
        return []
    consents = set(section.purposes_consent) & TCF_DATA_USES.keys()
    if tc.purpose_one_treatment:
        consents.discard(1)
        reasons.append("purpose 1 was not disclosed to the visitor: no storage on the device is allowed")
    interests = (rules.legitimate_interest & set(section.purposes_li)) - consents
    whose = "in the core of" if rules.core_fallback else "for the publisher in"
    reasons.append(f"consent {whose} the TC string: {_listed(consents)}")
    if rules.legitimate_interest:
        reasons.append(f"legitimate interest not objected to {whose} the TC string: {_listed(interests)}")
    return sorted(consents | interests)


def _special_features(tc: TcString, reasons: list[str]) -> set[str]:
    features = [each for each in tc.special_feature_opt_ins if each in SPECIAL_FEATURES]
    for each in features:
        item = SPECIAL_FEATURES[each].removeprefix(SENSITIVE_TERM)
        reasons.append(f"special feature {each} was opted in to: {item.replace('_', ' ')}")
    return {SPECIAL_FEATURES[each] for each in features}


def _listed(purposes: Iterable[int]) -> str:
    ordered = sorted(purposes)
    if not ordered:
        return "no purpose"
    return f"purpose{'s' if len(ordered) > 1 else ''} {', '.join(map(str, ordered))}"
