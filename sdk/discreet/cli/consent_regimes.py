"""Which rules apply where, and why: `discreet consent regimes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .consents import policy_option
from .options import json_option
from .output import line, print_json
from .policy_words import (
    SENSITIVE,
    anew,
    carriers_of,
    changed_carriers,
    changed_in,
    changed_regions,
    changed_rules,
    groups_of,
    in_words,
    keys_of,
    listed,
)
from .regions import remark_on_region

if TYPE_CHECKING:
    from discreet_consent import Policy

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


@click.command("regimes", epilog=_EPILOG)
@click.option("--region", metavar="REGION", help="Only the rules of this region, such as `IT` or `US-CA`.")
@policy_option
@json_option
def regimes(region: str | None, policy: Policy, as_json: bool) -> None:
    """Say which rules apply where, and why.

    Without --region, the whole table: every regime, and every region that has a row. With it, the rules by which the
    signals of a visitor from there are judged, the row that they come from, and what the row states anew.
    """
    if region is not None and region.strip():
        remark_on_region(region.strip(), policy)
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
        "regimes": [keys_of(rules) for rules in policy.presets],
        "regions": {
            code: {"regime": rules.regime, "anew": anew(rules, presets[rules.regime])}
            for code, rules in sorted(policy.regions.items())
        },
        "carriers": carriers_of(policy),
        "groups": groups_of(policy),
        "changed": {
            "regimes": changed_rules(policy),
            "regions": changed_regions(policy),
            "others": changed_carriers(policy),
        },
    }


def rules_of(policy: Policy, region: str) -> dict[str, Any]:
    """The rules of one region and where they come from; every preset where the region has no row."""
    code = region.strip().upper()
    row = next((each for each in (code, code.partition("-")[0]) if each in policy.regions), None)
    rules = policy.rules_for(code)
    presets = {each.regime: each for each in policy.presets}
    return {
        "version": policy.version,
        "region": code,
        "row": row,
        "regime": "unknown" if rules is None else rules.regime,
        "anew": {} if rules is None else anew(rules, presets[rules.regime]),
        "rules": [keys_of(each) for each in (policy.presets if rules is None else (rules,))],
        "why": _why(code, row, [*presets]),
        "changed": {"rules": changed_in(policy, code), "others": changed_carriers(policy)},
    }


def _why(code: str, row: str | None, presets: Sequence[str]) -> str:
    if row is None:
        which = f"`{code}` has no row" if code else "no region is stated"
        return f"{which}: only what all of {', '.join(presets)} allow is allowed"
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
                line(f"  region   {code}, with {in_words(row['anew'])}")
        _print_changed(document["changed"]["regimes"].get(rules["regime"], {}))
    line()
    line("Any other region is unknown: only what all of these regimes allow is allowed.")
    _print_named("where signals are found", document["carriers"])
    _print_named("what a consent tool's groups stand for", document["groups"])
    changed = document["changed"]
    regions = [f"region {code}: {in_words(keys)}" for code, keys in changed["regions"].items()]
    _print_others([*regions, *changed["others"]])


def _print_named(title: str, document: Mapping[str, Mapping[str, Any]]) -> None:
    line()
    line(title, "bold")
    for kind, entries in document.items():
        shown = "; ".join(f"{name}: {listed(value)}" for name, value in entries.items())
        line(f"  {kind}  {shown or 'none'}")


def _print_changed(keys: Mapping[str, Any]) -> None:
    if keys:
        line(f"  changed here: {in_words(keys)}", "yellow")


def _print_others(changed: Sequence[str]) -> None:
    if changed:
        line()
        line(f"changed here: {'; '.join(changed)}", "yellow")


def _print_region(document: Mapping[str, Any]) -> None:
    line(f"{document['region'] or 'no region'}: {document['regime']}", "bold")
    line(f"  because of  {document['why']} (table of {document['version'] or 'no version'})")
    if document["anew"]:
        line(f"  anew here   {in_words(document['anew'])}")
    _print_changed(document["changed"]["rules"])
    for rules in document["rules"]:
        line()
        line(rules["regime"], "bold")
        _print_rules(rules)
    _print_others(document["changed"]["others"])


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
    yield "sensitive items", SENSITIVE[rules["sensitive"]]
    yield "a dated consent counts for", f"{rules['max_age_days']:g} days"
    yield (
        "a child is younger than",
        f"{rules['child_age']:g}; no advertising from profiles below {rules['minor_age']:g}",
    )
