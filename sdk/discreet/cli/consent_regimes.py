"""Which rules apply where, and why: `discreet consent regimes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .consents import policy_option
from .options import json_option
from .output import line, print_json

if TYPE_CHECKING:
    from discreet_consent import Policy
    from discreet_consent.regimes import Rules

_EPILOG = """\b
Example:
  discreet consent regimes
  discreet consent regimes --region US-CA
  discreet consent regimes --policy site.toml --json
"""
_KINDS = {
    "opt_in": "nothing but what stands under `allowed without a signal` until the visitor agrees",
    "opt_out": "what stands under `allowed without a signal` until the visitor objects",
}
_SENSITIVE = {
    "opt_in": "an item needs its own grant",
    "opt_out": "the items of the state's GPP section are allowed until the visitor objects",
    "never": "never",
}


@click.command("regimes", epilog=_EPILOG)
@click.option("--region", metavar="REGION", help="Only the rules of this region, such as `IT` or `US-CA`.")
@policy_option
@json_option
def regimes(region: str | None, policy: Policy, as_json: bool) -> None:
    """Say which rules apply where, and why.

    Without --region, the whole table: every regime, and every region that has a row. With it, the rules by which the
    signals of a visitor from there are judged, the row that they come from, and what the row states anew.
    """
    document = table_of(policy) if region is None else rules_of(policy, region)
    if as_json:
        print_json(document)
    elif region is None:
        _print_table(document)
    else:
        _print_region(document)


def table_of(policy: Policy) -> dict[str, Any]:
    """The table of regimes and regions, made of what JSON has."""
    presets = {rules.regime: rules for rules in policy.presets}
    return {
        "version": policy.version,
        "regimes": [_keys_of(rules) for rules in policy.presets],
        "regions": {
            code: {"regime": rules.regime, "anew": _anew(rules, presets[rules.regime])}
            for code, rules in sorted(policy.regions.items())
        },
        "carriers": {
            "cookies": dict(policy.cookies),
            "headers": dict(policy.headers),
            "parameters": dict(policy.parameters),
        },
        "groups": {
            tool: {group: sorted(terms) for group, terms in groups.items()}
            for tool, groups in policy.groups.items()
        },
    }


def rules_of(policy: Policy, region: str) -> dict[str, Any]:
    """The rules of one region and where they come from; every preset where the region has no row."""
    code = region.upper()
    row = next((each for each in (code, code.partition("-")[0]) if each in policy.regions), None)
    rules = policy.rules_for(region)
    presets = {each.regime: each for each in policy.presets}
    return {
        "version": policy.version,
        "region": code,
        "row": row,
        "regime": "unknown" if rules is None else rules.regime,
        "anew": {} if rules is None else _anew(rules, presets[rules.regime]),
        "rules": [_keys_of(each) for each in (policy.presets if rules is None else (rules,))],
        "why": _why(code, row, [*presets]),
    }


def _keys_of(rules: Rules) -> dict[str, Any]:
    """The keys of a regime as a policy's file has them: sections by name."""
    from discreet_consent.regimes.rules import SECTION_IDS

    names = {number: name for name, number in SECTION_IDS.items()}
    section = None if rules.section is None else names[rules.section]
    return {
        **rules.as_dict(),
        "sections": [names[each] for each in sorted(rules.sections)],
        "section": section,
    }


def _anew(rules: Rules, preset: Rules) -> dict[str, Any]:
    before = _keys_of(preset)
    return {key: value for key, value in _keys_of(rules).items() if value != before[key]}


def _why(code: str, row: str | None, presets: Sequence[str]) -> str:
    if row is None:
        return f"`{code}` has no row: only what all of {', '.join(presets)} allow is allowed"
    return f"row `{row}`" + ("" if row == code else f", since `{code}` has no row of its own")


def _print_table(document: Mapping[str, Any]) -> None:
    line(f"table of {document['version'] or 'no version'}", "dim")
    for rules in document["regimes"]:
        line()
        line(rules["regime"], "bold")
        _print_rules(rules)
        rows = {code: row for code, row in document["regions"].items() if row["regime"] == rules["regime"]}
        plain = [code for code, row in rows.items() if not row["anew"]]
        if plain:
            line(f"  regions  {', '.join(plain)}")
        for code, row in rows.items():
            if row["anew"]:
                line(f"  region   {code}, with {'; '.join(_keys(row['anew']))}")
    line()
    line("Any other region is unknown: only what all of these regimes allow is allowed.")


def _print_region(document: Mapping[str, Any]) -> None:
    line(f"{document['region']}: {document['regime']}", "bold")
    line(f"  because of  {document['why']} (table of {document['version'] or 'no version'})")
    if document["anew"]:
        line(f"  anew here   {'; '.join(_keys(document['anew']))}")
    for rules in document["rules"]:
        line()
        line(rules["regime"], "bold")
        _print_rules(rules)


def _print_rules(rules: Mapping[str, Any]) -> None:
    line(f"  {rules['kind'].replace('_', '-')}: {_KINDS[rules['kind']]}")
    for title, words in _said(rules):
        line(f"  {title}: {words}")


def _said(rules: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "signals heard", ", ".join(rules["hears"])
    yield "allowed without a signal", ", ".join(rules["default"]) or "nothing but what is essential"
    yield (
        "an opt-out of sale, sharing or targeted advertising ends",
        ", ".join(rules["opt_out_ends"]) or "nothing",
    )
    if rules["opt_in_grants"]:
        yield "allowed to whom was told of that right and did not use it", ", ".join(rules["opt_in_grants"])
    yield "sensitive items", _SENSITIVE[rules["sensitive"]]
    yield "a dated consent counts for", f"{rules['max_age_days']:g} days"
    yield (
        "a child is younger than",
        f"{rules['child_age']:g}; no advertising from profiles below {rules['minor_age']:g}",
    )


def _keys(anew: Mapping[str, Any]) -> Iterator[str]:
    for key, value in anew.items():
        if isinstance(value, list):
            yield f"{key} {', '.join(map(str, value)) or 'none'}"
        else:
            yield f"{key} {str(value).lower() if isinstance(value, bool) else value}"
