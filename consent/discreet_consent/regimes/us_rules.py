"""What the opt-out signals of the United States say: GPP sections, the US Privacy string, and the GPC.

An opt-out ends what the regime lists under `opt_out_ends`. Not having opted out grants `opt_in_grants`, and only
where the visitor was told of every right that the section speaks of. A value of 3 is reserved and counts as a refusal.

Source: spec/consent.md, "US sections". Field order and items: spec/us_sections.json.
"""

from __future__ import annotations

from .rules import SENSITIVE_TERM
from .statement import Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..signals.us_privacy import UsPrivacy
    from ..signals.us_sections import UsSection
    from .rules import Rules

OPT_OUTS = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
FURTHER_CONSENTS = ("PersonalDataConsents", "AdditionalDataProcessingConsent")  # to uses beyond what was told
NOTICES = (
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
# A child item that stands for children under 13, or for all: whatever it says, the visitor is a child. The others
# stand for teenagers, who may consent.
CHILD_ITEMS = frozenset({"known_child_sensitive", "under_13", "under_13_sensitive"})
YES, NO, REFUSED = 1, 2, frozenset({1, 3})  # 1: opted out, no consent, notice given; 2: the contrary


def section_statement(section: UsSection, carrier: str, rules: Rules) -> Statement:
    """What one US section of a GPP string says."""
    reasons: list[str] = []
    opted_out = _opt_out(section, reasons)
    allowed = not opted_out and _agreed(section, reasons)
    granted, refused = _sensitive(section, rules, reasons)
    if opted_out:
        refused |= rules.opt_out_ends
    if allowed:
        granted |= rules.opt_in_grants
    return Statement(
        section.name,
        carrier,
        granted=granted,
        refused=refused,
        contextual_only=_is_child(section, reasons),
        reasons=reasons or ["it says nothing that decides here"],
    )


def _opt_out(section: UsSection, reasons: list[str]) -> bool:
    """Whether the section ends sale, sharing and targeted advertising; every reason for it is given."""
    before = len(reasons)
    values = {name: section.value(name) for name in OPT_OUTS}
    reasons.extend(f"{name}: the visitor opted out" for name in OPT_OUTS if values[name] in REFUSED)
    untold = [name for name in NOTICES if section.value(name) in {NO, 3}]
    if NO in values.values() and untold:
        reasons.append(
            f"{', '.join(untold)}: no notice was given, so not having opted out counts as opting out"
        )
    refused = [name for name in FURTHER_CONSENTS if section.value(name) in REFUSED]
    reasons.extend(f"{name}: the visitor did not consent to further uses" for name in refused)
    if section.value("MspaServiceProviderMode") in REFUSED:
        reasons.append("MspaServiceProviderMode: nobody else may use the data for purposes of their own")
    if section.gpc:
        reasons.append("Gpc: the browser asks not to sell or share")
    elif section.gpc is None and section.layout.has_gpc:
        # Absent is not false: the part that holds it may have been cut off.
        reasons.append("Gpc: the section does not say, which cannot be told from a part that was cut off")
    return len(reasons) > before


def _agreed(section: UsSection, reasons: list[str]) -> bool:
    values = [value for value in map(section.value, OPT_OUTS) if value is not None]
    told = [value for value in map(section.value, NOTICES) if value is not None]
    if not all(value == NO for value in values) or not all(value == YES for value in told):
        return False
    reasons.append("the visitor was told of the right to opt out, and did not")
    return True


def _sensitive(section: UsSection, rules: Rules, reasons: list[str]) -> tuple[set[str], set[str]]:
    granted: set[str] = set()
    refused: set[str] = set()
    untold = any(section.value(name) in {NO, 3} for name in SENSITIVE_NOTICES)
    values = section.items("SensitiveDataProcessing")
    for value, names in zip(values, section.layout.sensitive_items, strict=False):
        named = {SENSITIVE_TERM + name for name in names}
        if value in REFUSED or (value == NO and untold) or (value and rules.sensitive == "never"):
            refused |= named
        elif value == NO:
            granted |= named
    granted -= refused
    for words, found in (("allowed", granted), ("refused", refused)):
        if found:
            reasons.append(f"sensitive data {words}: {_in_words(found)}")
    return granted, refused


def _in_words(found: Iterable[str]) -> str:
    return ", ".join(sorted(each.removeprefix(SENSITIVE_TERM).replace("_", " ") for each in found))


def _is_child(section: UsSection, reasons: list[str]) -> bool:
    values = section.items("KnownChildSensitiveDataConsents")
    found = [
        name
        for value, name in zip(values, section.layout.child_items, strict=False)
        if (value if name in CHILD_ITEMS else value in REFUSED)
    ]
    if found:
        reasons.append(f"the visitor is known to be a child ({', '.join(found).replace('_', ' ')})")
    return bool(found)


def us_privacy_statement(usp: UsPrivacy, carrier: str, rules: Rules) -> Statement:
    """What a US Privacy string says. It grants only where the law that it was made for applies."""
    granted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    if not usp.applies:
        reason = "the US Privacy string says that it does not apply"
    elif usp.opt_out_sale != "N":
        refused, reason = rules.opt_out_ends, "the US Privacy string: the visitor opted out of sale"
        if usp.opt_out_sale == "-":
            reason = (
                "the US Privacy string does not say whether the visitor opted out, which counts as opting out"
            )
    elif usp.notice == "N":
        refused = rules.opt_out_ends
        reason = "the US Privacy string: no notice was given, so not having opted out counts as opting out"
    elif usp.notice == "Y" and rules.us_privacy_speaks:
        granted = rules.opt_in_grants
        reason = "the US Privacy string: the visitor was told of the right to opt out, and did not"
    else:
        reason = "the US Privacy string: the visitor did not opt out"
    return Statement("us_privacy", carrier, granted=granted, refused=refused, reasons=[reason])


def gpc_statement(carrier: str, rules: Rules) -> Statement:
    """What the Global Privacy Control says: do not sell or share. Its absence says nothing."""
    binding = ", which binds sites by the law of this region" if rules.gpc_is_binding else ""
    return Statement(
        "gpc",
        carrier,
        refused=rules.opt_out_ends,
        reasons=[f"the browser asks not to sell or share personal data{binding}"],
    )
