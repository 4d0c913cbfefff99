"""Say whether a bundle may be served, or why not."""

from __future__ import annotations

from pathlib import Path

import click

from .bundles import identity, open_bundle
from .options import bundle_argument, floor_option, json_option, now_option, trust_option
from .output import line, print_json

_EPILOG = """\b
Example:
  discreet verify shop.bundle --trust trusted-keys.json
  discreet verify shop.bundle --trust trusted-keys.json --floor 12 --json
"""


@click.command("verify", epilog=_EPILOG)
@bundle_argument
@trust_option
@now_option
@floor_option
@json_option
def command(bundle: Path, ring: Path, now_s: float | None, floor: int, as_json: bool) -> None:
    """Say whether a bundle may be served, or why not.

    Its signatures, its time and its form are checked: it is loaded as an edge would load it, so what holds here holds
    there. Exit code 1: it is refused.
    """
    evaluator = open_bundle(bundle, ring, now_s=now_s, floor=floor)
    facts = identity(evaluator.bundle)
    if as_json:
        print_json({"verified": True, **facts, "size_bytes": bundle.stat().st_size})
        return
    line(f"{bundle}: verified", "green")
    print_identity(facts)


def print_identity(facts: dict[str, object]) -> None:
    """Print what `identity` says, a line each."""
    for name, value in facts.items():
        line(f"  {name:8} {', '.join(value) if isinstance(value, list) else value}")
