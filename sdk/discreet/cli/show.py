"""Show what is in a bundle, and on what its decisions depend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .bundles import contents, identity, open_bundle
from .options import bundle_argument, json_option, now_option, trust_option
from .output import line, print_json, table
from .refusals import count
from .verify import print_identity

_EPILOG = """\b
Example:
  discreet show shop.bundle --trust trusted-keys.json
  discreet show shop.bundle --trust trusted-keys.json --json
"""


@click.command("show", epilog=_EPILOG)
@bundle_argument
@trust_option
@now_option
@json_option
def command(bundle: Path, ring: Path, now_s: float | None, as_json: bool) -> None:
    """Show what is in a bundle, and on what its decisions depend.

    What stands under "depends on" is the bundle's certificate: the decision for a placement, or the eligibility of
    an offer, can depend on these attributes and on no others. It is signed, and was checked while loading.
    """
    loaded = open_bundle(bundle, ring, now_s=now_s).bundle
    document = contents(loaded)
    if as_json:
        print_json(document)
        return
    line(str(bundle), "bold")
    print_identity(identity(loaded))
    line()
    line("attributes", "bold")
    _print_attributes(document["attributes"])
    for model in document["models"]:
        _print_model(model)


def _print_attributes(attributes: list[dict[str, Any]]) -> None:
    rows = [
        (
            each["name"],
            each["type"],
            each["provenance"],
            duration(each["retention_s"]),
            listed(each["purposes"]) + _peculiarities(each),
        )
        for each in attributes
    ]
    table(("name", "type", "provenance", "retention", "purposes"), rows)


def _peculiarities(attribute: Mapping[str, Any]) -> str:
    sensitive, coarsens = attribute["sensitive"], attribute["coarsens"]
    item = f"; sensitive: {sensitive}" if sensitive else ""
    return f"{item}; coarsens {coarsens['attribute']} {manner(coarsens['by'])}" if coarsens else item


def _print_model(model: Mapping[str, Any]) -> None:
    line()
    line(f"model {model['id']} ({model['channel']})", "bold")
    line(f"  stages: {' > '.join(model['stages'])}")
    line()
    line("placements", "bold")
    for placement in model["placements"]:
        competing = count(len(placement["offers"]), "offer competes", "offers compete")
        line(f"  {placement['id']}: {competing}, else `{placement['fallback']}`")
        _print_dependence(placement)
    line()
    line("offers", "bold")
    for offer in model["offers"]:
        stages = "every stage" if offer["stages"] == model["stages"] else listed(offer["stages"])
        where = (
            f"{listed(offer['placements'])}; {stages}; {window(offer)}"
            if offer["placements"]
            else "a fallback"
        )
        line(f"  {offer['id']}: {where}")
        _print_dependence(offer)
        if offer["waives_withdrawal"]:
            line("    waiver      withdrawing consent can make it eligible", "yellow")


def _print_dependence(entry: Mapping[str, Any]) -> None:
    line(f"    depends on  {listed(entry['attributes'], 'nothing')}")
    if entry["purposes"]:
        line(f"    purposes    {listed(entry['purposes'])}", "dim")
    if entry["sensitive"]:
        line(f"    sensitive   {listed(entry['sensitive'])}", "dim")


def listed(names: list[str], none: str = "-") -> str:
    return ", ".join(names) or none


def duration(seconds: int | None) -> str:
    """`365d`, in the largest unit that divides it; `-` when there is none."""
    if seconds is None:
        return "-"
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def manner(by: Mapping[str, Any]) -> str:
    """How a substitute is worked out: `by 2 characters`, `by bands from 0, 18, 65`, `by network`."""
    ((method, parameter),) = by.items()
    if method == "bands":
        return f"by bands from {', '.join(map(str, parameter))}"
    if method == "network":
        return "by network"
    return f"by {count(parameter, method[:-1], method)}"


def window(offer: Mapping[str, Any]) -> str:
    """An offer's window as `from .. until`, open ends left out; `always` when both are open."""
    if offer["from"] is None and offer["until"] is None:
        return "always"
    return f"{offer['from'] or ''} .. {offer['until'] or ''}".strip()
