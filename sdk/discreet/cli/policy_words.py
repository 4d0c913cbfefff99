"""A consent policy in words: the settings of a regime, the carriers, the groups, and what a site's file has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discreet_consent import Policy
    from discreet_consent.regimes import Rules

SENSITIVE = {
    "opt_in": "an item needs its own grant",
    "opt_out": "the items of the state's GPP section are allowed until the visitor objects",
    "never": "never",
}
_FLAGS = {  # what holds when the key is true, and when it is false
    "core_fallback": (
        "a TC string's core speaks for the site",
        "only a TC string's publisher section speaks for the site",
    ),
    "require_disclosed_vendors": (
        "a TC string must say which vendors were disclosed",
        "a TC string need not say which vendors were disclosed",
    ),
    "accept_undated": ("a choice without a date counts", "a choice without a date does not count"),
    "parameters_grant": (
        "what stands in the address may grant consent",
        "what stands in the address grants nothing",
    ),
    "us_privacy_speaks": (
        "a US Privacy string may grant consent here",
        "a US Privacy string grants nothing here",
    ),
    "gpc_is_binding": (
        "the law binds sites to the Global Privacy Control",
        "the law does not bind sites to the Global Privacy Control, which is heard all the same",
    ),
}
_TITLES = {
    "hears": "signals heard",
    "sections": "GPP sections heard",
    "section": "its own GPP section",
    "default": "allowed without a signal",
    "opt_out_ends": "an opt-out ends",
    "opt_in_grants": "allowed to whom was told and did not object",
    "legitimate_interest": "TCF purposes that may rest on a legitimate interest",
}
_NUMBERS = {
    "max_age_days": "a dated consent counts for {:g} days",
    "child_age": "a child is younger than {:g}",
    "minor_age": "no advertising from profiles below {:g}",
}


def keys_of(rules: Rules) -> dict[str, Any]:
    """The keys of a regime as a policy's file has them: sections by name."""
    from discreet_consent.regimes.rules import SECTION_IDS

    names = {number: name for name, number in SECTION_IDS.items()}
    section = None if rules.section is None else names[rules.section]
    return {
        **rules.as_dict(),
        "sections": [names[each] for each in sorted(rules.sections)],
        "section": section,
    }


def anew(rules: Rules, before: Rules) -> dict[str, Any]:
    """The keys of `rules` that differ from those of `before`."""
    others = keys_of(before)
    return {key: value for key, value in keys_of(rules).items() if value != others[key]}


def in_words(keys: Mapping[str, Any]) -> str:
    """Keys of a regime, each with its value, in words."""
    return "; ".join(_in_words(key, value) for key, value in keys.items())


def _in_words(key: str, value: Any) -> str:
    if key in _FLAGS:
        return _FLAGS[key][0 if value else 1]
    if key in _NUMBERS:
        return _NUMBERS[key].format(value)
    if key == "sensitive":
        return f"sensitive items: {SENSITIVE[value]}"
    shown = ", ".join(map(str, value)) if isinstance(value, list) else value
    title = _TITLES.get(key, key)
    return (
        f"{title} {shown or 'none'}"
        if key in {"section", "kind", "regime"}
        else f"{title}: {shown or 'none'}"
    )


def carriers_of(policy: Policy) -> dict[str, dict[str, str]]:
    """By kind: the names of cookies, headers and parameters that are read, and what each carries."""
    return {
        "cookies": dict(policy.cookies),
        "headers": dict(policy.headers),
        "parameters": dict(policy.parameters),
    }


def groups_of(policy: Policy) -> dict[str, dict[str, list[str]]]:
    """By consent tool: its groups, and the terms that each stands for."""
    return {
        tool: {group: sorted(terms) for group, terms in groups.items()}
        for tool, groups in policy.groups.items()
    }


def changed_rules(policy: Policy) -> dict[str, dict[str, Any]]:
    """By regime: its keys that are not the package's; all keys of a regime that the package does not have."""
    from discreet_consent import Policy as AnyPolicy

    before = {rules.regime: rules for rules in AnyPolicy.default().presets}
    found = {
        rules.regime: anew(rules, before[rules.regime]) if rules.regime in before else keys_of(rules)
        for rules in policy.presets
    }
    return {regime: keys for regime, keys in found.items() if keys}


def changed_in(policy: Policy, region: str) -> dict[str, Any]:
    """The keys of the rules of `region` that are not those of the package's table; all where it has no row there."""
    from discreet_consent import Policy as AnyPolicy

    now, before = policy.rules_for(region), AnyPolicy.default().rules_for(region)
    if now is None:
        return {}
    return keys_of(now) if before is None else anew(now, before)


def changed_regions(policy: Policy) -> dict[str, dict[str, Any]]:
    """By region: the keys of its rules that are not the package's, less those that its regime has changed."""
    by_regime = changed_rules(policy)
    found = {
        code: {
            key: value
            for key, value in changed_in(policy, code).items()
            if by_regime.get(rules.regime, {}).get(key, ...) != value
        }
        for code, rules in policy.regions.items()
    }
    return {code: keys for code, keys in found.items() if keys}


def changed_carriers(policy: Policy) -> list[str]:
    """In words: the carriers and groups that are not the package's."""
    from discreet_consent import Policy as AnyPolicy

    before = AnyPolicy.default()
    found = list(_differing(carriers_of(policy), carriers_of(before), "carries", "is not read"))
    return [*found, *_differing(groups_of(policy), groups_of(before), "stands for", "has no meaning")]


def _differing(
    now: Mapping[str, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]], verb: str, gone: str
) -> Iterator[str]:
    for kind in dict.fromkeys([*before, *now]):
        ours, theirs = now.get(kind, {}), before.get(kind, {})
        for name in dict.fromkeys([*theirs, *ours]):
            if name not in ours:
                yield f"{kind} {name} {gone}"
            elif ours[name] != theirs.get(name):
                yield f"{kind} {name} {verb} {listed(ours[name])}"


def listed(value: str | list[str]) -> str:
    """What a carrier carries or a group stands for."""
    return value if isinstance(value, str) else ", ".join(value) or "nothing"
