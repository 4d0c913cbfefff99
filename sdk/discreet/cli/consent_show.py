"""What a visitor's signals come to, in words for a report: `discreet consent show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from discreet_consent import SENSITIVE
from discreet_consent.purposes import is_data_use

from ..errors import likely_uses, nearest
from .consents import policy_options
from .options import clock_s, json_option, now_option
from .output import line, print_json
from .refusals import NO
from .signals import Sent, remark_on, signal_options

if TYPE_CHECKING:
    from discreet_consent import Explanation, Policy

_EPILOG = """\b
Example:
  discreet consent show --cookie 'CookieConsent=%7Bstamp...' --region DE
  discreet consent show --gpp 'DBABLA~...' --gpc --region US-CA --json
  discreet consent show --header @request-headers.txt --region FR --purpose personalize.content.profiled
"""
_ITEM = "sensitive:"


@click.command("show", epilog=_EPILOG)
@signal_options
@click.option(
    "--purpose",
    "asked",
    multiple=True,
    metavar="PURPOSE",
    help="Is this allowed? A data use, or `sensitive:ITEM`; exit code 1 when one is not; repeatable.",
)
@policy_options
@now_option
@json_option
def show(sent: Sent, asked: Sequence[str], policy: Policy | None, now_s: float | None, as_json: bool) -> None:
    """Say what a visitor's signals come to, and why.

    What each signal said, which rule decided each purpose, what could not be read, and until when it holds, in words
    for a report. No text of a signal is printed. Exit code 1: a signal that the region's regime hears could not be
    read or relied on, or something that --purpose asks for is not allowed. That nothing is allowed is an answer too:
    exit code 0.
    """
    for term in asked:
        _check_term(term)
    remark_on(sent, policy)
    explained = sent.consent(policy, clock_s(now_s)).explain()
    if as_json:
        print_json(_document(explained, asked))
    else:
        _print(explained, asked)
    if explained.unreadable or not all(explained.ruling(term).granted for term in asked):
        raise click.exceptions.Exit(NO)


def _check_term(term: str) -> None:
    item = term.removeprefix(_ITEM)
    if item == term and not is_data_use(term):
        raise click.UsageError(f"`{term}` is no data use{nearest(term, likely_uses(term))}")
    if item != term and item not in SENSITIVE:
        raise click.UsageError(f"`{item}` is no sensitive item{nearest(item, SENSITIVE)}")


def _document(explained: Explanation, asked: Sequence[str]) -> dict[str, Any]:
    return {**explained.as_dict(), "asked": [explained.ruling(term).as_dict() for term in asked]}


def _print(explained: Explanation, asked: Sequence[str]) -> None:
    from discreet_consent.explanation_text import lines

    for number, each in enumerate(lines(explained, asked)):
        line(each, "bold" if number == 0 else "")
