"""Explain a consent, list what is processed on which basis, and which rules apply where."""

from __future__ import annotations

import click

from .consent_inventory import inventory
from .consent_regimes import regimes
from .consent_show import show

_EPILOG = """\b
Example:
  discreet consent show --header @request-headers.txt --region DE
  discreet consent inventory shop.yaml -o inventory.html
  discreet consent regimes --region US-CA
"""


@click.group("consent", epilog=_EPILOG, no_args_is_help=False)
def command() -> None:
    """Explain a consent, list what is processed on which basis, and which rules apply where."""


for each in (show, inventory, regimes):
    command.add_command(each)
