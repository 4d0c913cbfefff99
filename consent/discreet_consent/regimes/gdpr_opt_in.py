"""The regime `gdpr_opt_in`: nothing but what is essential, unless the visitor's TC string allows it.

In the order of judging: no string, a string that cannot be read, one that may not be relied on (`_objection`),
one without a section that speaks for the publisher, and what that section grants. The publisher restrictions in
the core are not read: they bind vendors, and say nothing about the publisher itself.

Source: spec/consent.md, "gdpr_opt_in". Why the core is a matter of the site, not of the string:
docs/adr/0004-core-fallback.md.
"""

from __future__ import annotations

from ..consent import Consent
from ..errors import PolicyError, SignalError
from ..immutable import Immutable, put
from ..purposes import TCF_DATA_USES
from ..signals.tcf import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..signals.tcf import PublisherTc, TcString

NAME = "gdpr_opt_in"
DAY_S = 86_400
MAX_AGE_DAYS = 390  # 13 months of 30 days: the TCF asks to remind visitors at least every 13 months
MAY_REST_ON_INTEREST = frozenset({2, 7, 8, 9, 10, 11})  # the others are consent only
CLOCK_SKEW_S = DAY_S  # strings are often dated to the day, by a clock that is not ours
MIN_POLICY_VERSION = 4
DISCLOSED_FROM_S = 1_772_323_200  # 2026-03-01: from here on, TCF 2.3 wants disclosed vendors in every string


class GdprPolicy(Immutable):
    """A site's settings for `gdpr_opt_in`. Immutable; the defaults are strict.

    Args:
        core_fallback: Whether the core's purposes stand in for a publisher TC. Only for a site whose consent
            tool keeps no publisher TC; the segment is then not read at all, present or not.
        max_age_days: For how many days after its last change a string counts: 1 to 390 (13 months of 30 days).
        legitimate_interest: The purposes, out of 2 and 7 to 11, that may also rest on a legitimate interest
            which was disclosed and not objected to.
        contextual_without_signal: Whether `personalize.content.limited` is granted when there is *no* TC
            string. Declare under that purpose only what the request itself carries, nothing read from the device.
        require_disclosed_vendors: Whether a string of March 2026 or later without its disclosed-vendors segment
            is refused rather than remarked on.
    Raises:
        PolicyError: an age or a purpose out of these bounds.
    """

    __slots__ = (
        "contextual_without_signal",
        "core_fallback",
        "legitimate_interest",
        "max_age_days",
        "require_disclosed_vendors",
    )

    core_fallback: bool
    max_age_days: float
    legitimate_interest: frozenset[int]
    contextual_without_signal: bool
    require_disclosed_vendors: bool

    def __init__(
        self,
        *,
        core_fallback: bool = False,
        max_age_days: float = 180,
        legitimate_interest: Iterable[int] = (),
        contextual_without_signal: bool = False,
        require_disclosed_vendors: bool = False,
    ) -> None:
        interest = frozenset(legitimate_interest)
        if not 1 <= max_age_days <= MAX_AGE_DAYS:
            raise PolicyError(f"`max_age_days` is {max_age_days}: it must be 1 to {MAX_AGE_DAYS}")
        if not interest <= MAY_REST_ON_INTEREST:
            wrong = ", ".join(map(str, sorted(interest - MAY_REST_ON_INTEREST)))
            raise PolicyError(f"purposes {wrong}: only 2 and 7 to 11 may rest on a legitimate interest")
        put(self, "core_fallback", core_fallback)
        put(self, "max_age_days", max_age_days)
        put(self, "legitimate_interest", interest)
        put(self, "contextual_without_signal", contextual_without_signal)
        put(self, "require_disclosed_vendors", require_disclosed_vendors)

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"GdprPolicy({settings})"


DEFAULT_POLICY = GdprPolicy()


def gdpr_opt_in(tcf: str | None, now_s: float, policy: GdprPolicy, *, by_default: bool = False) -> Consent:
    """Judge a TC string. Whatever is wrong with it grants nothing; the reasons say what that was.

    Args:
        by_default: Whether the regime applies only because the region has none of its own here.
    """
    reasons: list[str] = []
    if by_default:
        reasons.append(
            "the region is not known, or has no regime of its own here, so the strictest one applies"
        )
    if tcf is None:
        return _without_signal(now_s, policy, reasons)
    try:
        tc = decode(tcf)
    except SignalError as error:
        reasons.append(f"the TC string cannot be read ({error.code}: {error}), which counts as a refusal")
        return _consent((), reasons, now_s)
    objection = _objection(tc, now_s, policy)
    if objection:
        reasons.append(objection)
        return _consent((), reasons, now_s)
    reasons.extend(_remarks(tc, policy))
    purposes = _purposes(tc, policy, reasons)
    uses = [use for purpose in purposes for use in TCF_DATA_USES.get(purpose, ())]
    return _consent(uses, reasons, now_s, _expires_s(tc, policy))


def _without_signal(now_s: float, policy: GdprPolicy, reasons: list[str]) -> Consent:
    if not policy.contextual_without_signal:
        reasons.append("there is no TC string: nothing but what is essential is allowed")
        return _consent((), reasons, now_s)
    reasons.append("there is no TC string: this site's settings allow content chosen from the request alone")
    return _consent(TCF_DATA_USES[11], reasons, now_s)


def _objection(tc: TcString, now_s: float, policy: GdprPolicy) -> str | None:
    """Why the string may not be relied on at all, or None. A clock that is not a number is an objection too."""
    if tc.policy_version < MIN_POLICY_VERSION:
        return f"the TC string follows TCF policy version {tc.policy_version}, which is no longer valid"
    if not tc.is_service_specific:
        return "the TC string is not specific to this service, and global consent is no longer valid"
    if not max(tc.created_ds, tc.last_updated_ds) / 10 <= now_s + CLOCK_SKEW_S:
        return "the TC string is dated in the future"
    if not now_s < _expires_s(tc, policy):
        return f"the TC string was last changed {policy.max_age_days:g} days ago or earlier"
    if policy.require_disclosed_vendors and _lacks_disclosed_vendors(tc):
        return "the TC string does not say which vendors were disclosed, as it must since March 2026"
    return None


def _expires_s(tc: TcString, policy: GdprPolicy) -> float:
    return tc.last_updated_ds / 10 + policy.max_age_days * DAY_S


def _lacks_disclosed_vendors(tc: TcString) -> bool:
    written_s = max(tc.created_ds, tc.last_updated_ds) / 10
    return written_s >= DISCLOSED_FROM_S and "disclosed_vendors" not in tc.segments


def _remarks(tc: TcString, policy: GdprPolicy) -> Iterable[str]:
    if _lacks_disclosed_vendors(tc):
        yield "the TC string does not say which vendors were disclosed; this site's settings accept that"
    if policy.core_fallback and tc.publisher_tc is not None:
        yield "the publisher's own section was not read: this site's settings name the core in its place"


def _purposes(tc: TcString, policy: GdprPolicy, reasons: list[str]) -> list[int]:
    """The purposes that the section speaking for the publisher allows; why, is added to `reasons`."""
    section: TcString | PublisherTc | None = tc if policy.core_fallback else tc.publisher_tc
    if section is None:
        reasons.append("the TC string holds consents for vendors only, none for the publisher")
        return []
    consents = set(section.purposes_consent) & TCF_DATA_USES.keys()
    if tc.purpose_one_treatment:
        consents.discard(1)
        reasons.append("purpose 1 was not disclosed to the visitor: no storage on the device is allowed")
    interests = (policy.legitimate_interest & set(section.purposes_li)) - consents
    whose = "in the core of" if policy.core_fallback else "for the publisher in"
    reasons.append(f"consent {whose} the TC string: {_listed(consents)}")
    if policy.legitimate_interest:
        reasons.append(f"legitimate interest not objected to {whose} the TC string: {_listed(interests)}")
    return sorted(consents | interests)


def _listed(purposes: Iterable[int]) -> str:
    ordered = sorted(purposes)
    if not ordered:
        return "no purpose"
    return f"purpose{'s' if len(ordered) > 1 else ''} {', '.join(map(str, ordered))}"


def _consent(
    uses: Iterable[str], reasons: Iterable[str], now_s: float, expires_s: float | None = None
) -> Consent:
    return Consent(uses, reasons=reasons, regime=NAME, resolved_s=now_s, expires_s=expires_s)
