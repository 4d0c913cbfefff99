"""What the choices of a consent tool say: CMP cookies and Google's consent mode, by the site's mapping of groups.

A term is granted when the visitor allowed every group that stands for it, and refused when one of them was refused.
A default is not a choice: it can refuse, and never grants.

Source: spec/consent.md, "Groups".
"""

from __future__ import annotations

from .statement import Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..signals.choices import CmpChoices
    from ..signals.consent_mode import ConsentMode
    from .rules import Rules

DAY_S = 86_400
_FUTURE = "it is dated in the future"
GRANTED, DENIED = "granted", frozenset({"denied", "denied_by_default"})


def cmp_statement(
    choices: CmpChoices, carrier: str, groups: Mapping[str, Iterable[str]], rules: Rules, now_s: float
) -> Statement:
    """What a consent tool's own cookie says, by the site's mapping `groups` of its groups to terms."""
    reasons = [f"{choices.cmp}: {remark}" for remark in choices.remarks]
    allowed: dict[str, bool | None] = {
        group: choices.groups.get(group, None if choices.whole else False) for group in groups
    }
    granted, refused = mapped(allowed, groups)
    expires_s = _expires_s(choices, rules)
    objection = _objection(choices, expires_s, rules, now_s)
    if objection:
        granted = frozenset()
        reasons.append(f"{choices.cmp}: {objection}, so it counts as no consent")
    unmapped = sorted(group for group, value in choices.groups.items() if value and group not in groups)
    if unmapped:
        reasons.append(
            f"{choices.cmp}: this site's settings give no meaning to {len(unmapped)} of its groups"
        )
    for words, value in (("listed as allowed" if objection else "allowed", True), ("refused", False)):
        found = sorted(group for group, each in allowed.items() if each is value)
        reasons.append(
            f"{choices.cmp}: {words} {', '.join(found) if found else 'no group that has a meaning here'}"
        )
    if choices.gpc_may_be_on:
        refused |= rules.opt_out_ends
        asked = "asked" if choices.gpc else "may have asked"
        reasons.append(f"{choices.cmp}: the browser {asked} not to sell or share")
    return Statement(
        choices.cmp,
        carrier,
        granted=granted,
        refused=refused,
        changed_s=choices.chosen_s
        if choices.is_choice and objection != _FUTURE
        else None,  # else it replaces nothing
        expires_s=expires_s if expires_s is not None and now_s < expires_s else None,
        reasons=reasons,
    )


def _expires_s(choices: CmpChoices, rules: Rules) -> float | None:
    ends = [choices.expires_s] if choices.expires_s is not None else []
    if choices.chosen_s is not None:
        ends.append(choices.chosen_s + rules.max_age_days * DAY_S)
    return min(ends, default=None)


def _objection(choices: CmpChoices, expires_s: float | None, rules: Rules, now_s: float) -> str | None:
    """Why its consents may not be relied on, or None. A clock that is not a number is an objection too."""
    if not choices.is_choice:
        return "the visitor did not choose, or is to be asked again"
    if choices.chosen_s is None and not rules.accept_undated:
        return "it does not say when the visitor chose"
    if choices.chosen_s is not None and not choices.chosen_s <= now_s - now_s % DAY_S + DAY_S:
        return _FUTURE
    if expires_s is not None and not now_s < expires_s:
        return "the choice is too old"
    return None


def consent_mode_statement(
    state: ConsentMode, source: str, carrier: str, groups: Mapping[str, Iterable[str]]
) -> Statement:
    """What Google's consent mode says. It is the page's live state, so it has no age."""
    choices = {key: state.choice(key) for key in groups}
    values = {
        key: True if said == GRANTED else False if said in DENIED else None for key, said in choices.items()
    }
    granted, refused = mapped(values, groups)
    by_default = sorted(key for key, said in choices.items() if said == "granted_by_default")
    reasons = [
        f"consent mode: {key} {said}" for key, said in sorted(choices.items()) if said in {GRANTED, *DENIED}
    ]
    if by_default:
        reasons.append(f"consent mode: {', '.join(by_default)}: granted by default only, which is no choice")
    return Statement(
        source,
        carrier,
        granted=granted,
        refused=refused,
        reasons=[reason.replace("_by_default", " by default") for reason in reasons]
        or ["consent mode: nothing is set"],
    )


def mapped(
    values: Mapping[str, bool | None], groups: Mapping[str, Iterable[str]]
) -> tuple[frozenset[str], frozenset[str]]:
    """The terms granted and refused when each group has the value in `values`; None: it says nothing.

    Several groups that stand for one term must all be allowed.
    """
    granted: set[str] = set()
    refused: set[str] = set()
    silent: set[str] = set()
    for group, terms in groups.items():
        value = values.get(group)
        (granted if value else silent if value is None else refused).update(terms)
    return frozenset(granted - silent - refused), frozenset(refused)
