"""Explain what a finding of `discreet check` means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import nearest
from .options import json_option
from .output import line, print_json, table

if TYPE_CHECKING:
    from ..checks import Check

_EPILOG = """\b
Example:
  discreet explain-check D104
  discreet explain-check --list
"""


@click.command("explain-check", epilog=_EPILOG)
@click.argument("code", required=False, metavar="CODE")
@click.option("--list", "wants_all", is_flag=True, help="All checks, a line each.")
@json_option
def command(code: str | None, wants_all: bool, as_json: bool) -> None:
    """Explain what a finding of `discreet check` means, and what to do about it.

    CODE is `D104`, or the check's name: `unused-condition`.
    """
    from ..checks import CHECKS

    if wants_all or code is None:
        if not wants_all:
            raise click.UsageError("missing argument `CODE`, or `--list`", click.get_current_context())
        _print_all(list(CHECKS.values()), as_json)
    else:
        _print_one(_asked(code), as_json)


def _asked(code: str) -> Check:
    from ..checks import CHECKS

    names = {check.name: check for check in CHECKS.values()}
    found = CHECKS.get(code.upper()) or names.get(code.lower())
    if found is None:
        hint = nearest(code.upper(), CHECKS) or nearest(code.lower(), names)
        raise click.UsageError(f"there is no check `{code}`{hint}", click.get_current_context())
    return found


def _print_all(checks: list[Check], as_json: bool) -> None:
    if as_json:
        print_json({"checks": [_as_dict(each) for each in checks]})
        return
    table(
        ("code", "name", "severity", "finds"),
        [(each.code, each.name, each.severity.value, each.one_line) for each in checks],
        indent=0,
    )


def _print_one(check: Check, as_json: bool) -> None:
    if as_json:
        print_json({**_as_dict(check), "page": check.page})
        return
    for each in check.page.splitlines():
        line(each, "bold" if each.startswith("#") else "")


def _as_dict(check: Check) -> dict[str, Any]:
    return {
        "code": check.code,
        "name": check.name,
        "severity": check.severity.value,
        "finds": check.one_line,
    }
