"""Every attribute with its purposes, legal basis and use: `discreet consent inventory`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ExpiredBundle
from .bundles import identity, open_bundle
from .consents import policy_option
from .files import check_output, write_atomically
from .includes import check_not_included
from .options import EXISTING_FILE, NEW_FILE, clock_s, json_option, now_option
from .output import iso, line, print_json
from .refusals import count
from .regions import what_it_is
from .scenario_run import throw_away_evaluator

if TYPE_CHECKING:
    from discreet_consent import Policy

    from ..inventory import Inventory
    from ..runtime import Bundle

_EPILOG = """\b
Example:
  discreet consent inventory shop.yaml
  discreet consent inventory web.yaml mail.yaml --format json
  discreet consent inventory shop.bundle --trust trusted-keys.json -o inventory.html
"""
_BUNDLE = b"\x83"  # how a bundle begins, and no model does
_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".md": "markdown", ".markdown": "markdown"}


@click.command("inventory", epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE, metavar="BUNDLE|MODEL...")
@click.option(
    "--trust",
    "ring",
    type=EXISTING_FILE,
    metavar="RING",
    help="For a bundle: the keys whose signatures count.",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="REGION",
    help="The legal bases in this region, instead of every regime's; repeatable.",
)
@policy_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html", "json"]),
    help="[default: by the ending of FILE; markdown without FILE]",
)
@click.option("-o", "--output", type=NEW_FILE, metavar="FILE", help="Write it there, not to stdout.")
@now_option
@json_option
def inventory(
    files: Sequence[Path],
    ring: Path | None,
    regions: Sequence[str],
    policy: Policy,
    form: str | None,
    output: Path | None,
    now_s: float | None,
    as_json: bool,
) -> None:
    """List every attribute with its provenance, purposes, legal basis and retention, and what depends on it.

    What a record of processing (GDPR 30) asks of the facts in a bundle, or in models that are in none yet, and what
    nothing depends on: that should not be collected. Legal bases are read off from the table of regimes.
    """
    if output is not None:
        check_output(output, (*files, *([ring] if ring else [])))
    form = _form(form, output, as_json=as_json)
    at_s = clock_s(now_s)
    taken = _taken(files, ring, policy, _known(regions, policy), at_s)
    if output is None:
        click.echo(_written(taken, form), nl=False)
        return
    if ring is None:
        check_not_included(output, files)
    write_atomically(output, _written(taken, form).encode())
    _answer(taken, output, form, as_json=as_json)


def _form(stated: str | None, output: Path | None, *, as_json: bool) -> str:
    if output is None:
        if as_json and stated not in (None, "json"):
            raise click.UsageError("`--json` prints JSON; name another format together with -o FILE")
        return "json" if as_json else stated or "markdown"
    form = stated or _ENDINGS.get(output.suffix.lower())
    if form is None:
        raise click.UsageError(
            f"`{output}` ends with none of {', '.join(_ENDINGS)}; name its form with --format"
        )
    return form


def _taken(
    files: Sequence[Path], ring: Path | None, policy: Policy, regions: Sequence[str], at_s: float
) -> Inventory:
    from ..inventory import inventory_of
    from ..model import read_models

    bundles = [path for path in files if _is_bundle(path)]
    if bundles and len(files) > 1:
        raise click.UsageError("an inventory is taken of one bundle, or of models")
    title = ", ".join(path.name for path in files)
    if bundles:
        if ring is None:
            raise click.UsageError(
                f"`{files[0]}` is a bundle, which is verified first: name its keyring with --trust"
            )
        bundle = _opened(files[0], ring, at_s)
        described = identity(bundle)
        return inventory_of(
            bundle, policy=policy, taken=iso(at_s), title=title, described=described, regions=regions
        )
    if ring is not None:
        raise click.UsageError("a model has no signature to verify; leave out --trust, or name a bundle")
    bundle = throw_away_evaluator(read_models(files)).bundle
    return inventory_of(bundle, policy=policy, taken=iso(at_s), title=title, regions=regions)


def _opened(path: Path, ring: Path, at_s: float) -> Bundle:
    try:
        return open_bundle(path, ring, now_s=at_s).bundle
    except ExpiredBundle as error:  # an auditor asks what was processed then
        error.args = (f"{error}; for the inventory as of then, state an instant at which it held with --now",)
        raise


def _is_bundle(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == _BUNDLE


def _known(regions: Sequence[str], policy: Policy) -> Sequence[str]:
    stripped = [region.strip() for region in regions]
    for region in stripped:
        if policy.rules_for(region) is None:
            raise click.UsageError(
                f"the table of regimes has no row for the region `{region}`; {what_it_is(region)}"
            )
    return stripped


def _written(taken: Inventory, form: str) -> str:
    from ..inventory import as_html, as_markdown

    forms: dict[str, Callable[[Inventory], str]] = {
        "markdown": as_markdown,
        "html": as_html,
        "json": lambda each: json.dumps(each.as_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
    }
    return forms[form](taken)


def _answer(taken: Inventory, output: Path, form: str, *, as_json: bool) -> None:
    unused = [name for each in taken.remarks if each.code == "unused" for name in each.attributes]
    if as_json:
        print_json(
            {"inventory": str(output), "format": form, "attributes": len(taken.entries), "unused": unused}
        )
        return
    line(f"made {output}: {count(len(taken.entries), 'attribute')}")
    if unused:
        line(f"  no decision depends on {', '.join(unused)}", "yellow")
