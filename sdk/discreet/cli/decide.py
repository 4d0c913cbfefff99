"""Decide for one visitor and say why, or for a whole file of visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from discreet_consent import Consent

from .attributes import read_attributes
from .bundles import open_bundle
from .consents import consent_as_dict, consent_from, grant_options, policy_options
from .decide_batch import Files, batch_options, check_consent, decide_all_rows, row_consents
from .explaining import part_in_words, unknown_in_words
from .options import bundle_argument, clock_s, floor_option, json_option, now_option, trust_option
from .output import as_text, line, note, print_json
from .refusals import count
from .signals import Sent, signal_options

if TYPE_CHECKING:
    from discreet_consent import Permitted, Policy

    from .. import Decision, Evaluator
    from ..offline import RowConsents

_EPILOG = """\b
Example:
  discreet decide shop.bundle --trust trusted-keys.json --placement home.hero \\
      --attributes '{"region": "IT-25", "visits_30d": 3}' \\
      --grant personalize.content --grant functional.storage --explain
  discreet decide shop.bundle --trust trusted-keys.json --attributes @visitor.json \\
      --header @request-headers.txt --region IT
  discreet decide shop.bundle --trust trusted-keys.json --placement home.hero \\
      --input visitors.parquet --output decisions.parquet --keep visitor_id --tcf-column tcf --region IT
"""
CLOSEST = 5  # candidates that people are shown
_TRUTH_STYLES = {"true": "green", "false": "red", "unknown": "yellow"}


@click.command("decide", epilog=_EPILOG)
@bundle_argument
@trust_option
@click.option(
    "--placement", "placements", multiple=True, metavar="P", help="A slot; repeatable. All if left out."
)
@click.option(
    "--attributes",
    default="{}",
    metavar="JSON",
    help='What is known of the visitor: JSON, @file, or - for stdin. {"value": ..., "observed": ISO} says when.',
)
@signal_options
@grant_options
@policy_options
@batch_options
@click.option("--top", type=click.IntRange(min=1), default=1, help="Up to so many offers for each placement.")
@click.option(
    "--explain", is_flag=True, help="Say which offers were close, and what would have made them eligible."
)
@now_option
@floor_option
@json_option
def command(
    bundle: Path,
    ring: Path,
    placements: Sequence[str],
    attributes: str,
    sent: Sent,
    grants: Sequence[str],
    items: Sequence[str],
    grant_all: bool,
    policy: Policy | None,
    files: Files | None,
    top: int,
    explain: bool,
    now_s: float | None,
    floor: int,
    as_json: bool,
) -> None:
    """Decide for one visitor and say why, or for a whole file of visitors.

    Consent comes from the visitor's signals (--tcf to --region), judged by the site's settings (--policy and
    below), or is stated (--grant). Without any, nothing is known but what is essential. The bundle is verified
    first.
    """
    at_s = clock_s(now_s)
    evaluator = open_bundle(bundle, ring, now_s=at_s, floor=floor)
    if files is not None and files.columns:
        check_consent(files, sent, states_grants=bool(grants or items or grant_all))
        consent: Consent | RowConsents = row_consents(files, sent, policy, at_s)
    else:
        consent = consent_from(
            evaluator.catalogue,
            sent=sent,
            grants=grants,
            items=items,
            grant_all=grant_all,
            policy=policy,
            now_s=at_s,
        )
    asked = placements or evaluator.placements
    if files is not None:
        policy_file: Path | None = click.get_current_context().params["policy_file"]
        read = (bundle, ring, *(() if policy_file is None else (policy_file,)))
        decide_all_rows(evaluator, files, consent, asked, read=read, now_s=at_s, as_json=as_json)
    elif isinstance(consent, Consent):
        _decide_one(evaluator, attributes, consent, asked, top, explain, at_s, as_json)


def _decide_one(
    evaluator: Evaluator,
    attributes: str,
    consent: Consent,
    placements: Sequence[str],
    top: int,
    explain: bool,
    now_s: float,
    as_json: bool,
) -> None:
    """Decide for the visitor that `--attributes` describes, and print the answer."""
    known = read_attributes(attributes)
    _remark_on_substitutes(evaluator, known)
    permitted = evaluator.permit(known, consent, now_s=now_s)
    document = answer(evaluator, placements, permitted, consent, top=top, explain=explain, now_s=now_s)
    if as_json:
        print_json(document)
    else:
        _print(document)


def _remark_on_substitutes(evaluator: Evaluator, known: Mapping[str, Any]) -> None:
    for each in evaluator.catalogue:
        if each.coarsens is not None and each.name in known:
            parent = each.coarsens.parent
            note(f"`{each.name}` is worked out from `{parent}`; what is given under its own name is not read")


def answer(
    evaluator: Evaluator,
    placements: Sequence[str],
    permitted: Permitted,
    consent: Consent,
    *,
    top: int,
    explain: bool,
    now_s: float,
) -> dict[str, Any]:
    """The decisions for `placements`, under which consent, and with `explain` why.

    Raises:
        UnknownPlacement: the bundle has no such placement.
    """
    decisions = [
        decision
        for placement in placements
        for decision in evaluator.decide_top(placement, permitted, top, now_s=now_s)
    ]
    document = {
        "bundle": {
            "name": evaluator.bundle.name,
            "version": evaluator.bundle.version,
            "digest": evaluator.bundle.digest,
        },
        "consent": consent_as_dict(consent, now_s),
        "withheld": sorted(permitted.withheld_declared),
        "undeclared": sorted(permitted.withheld - permitted.withheld_declared),
        "malformed": sorted(permitted.malformed),
        "stale": sorted(permitted.stale),
        "decisions": [_decision(decision) for decision in decisions],
    }
    if explain:
        reasons = [evaluator.explain(placement, permitted, now_s=now_s).as_dict() for placement in placements]
        document["explanations"] = reasons
    return document


def _decision(decision: Decision) -> dict[str, Any]:
    names = ("placement", "offer", "reason", "stage", "content")
    whole = decision.as_dict()
    return {name: whole[name] for name in names}


def _print(document: Mapping[str, Any]) -> None:
    for decision in document["decisions"]:
        style = "green" if decision["reason"] == "matched" else "yellow"
        line(f"{decision['placement']}: {decision['offer']}", f"bold {style}")
        line(f"  {decision['reason']}, stage {decision['stage']}")
        for name, value in decision["content"].items():
            line(f"  {name}: {as_text(value)}")
        line()
    for explanation in document.get("explanations", ()):
        _print_explanation(explanation)
    consent = document["consent"]
    line(
        f"consent ({consent['regime']}): {', '.join(consent['purposes']) or 'nothing but what is essential'}"
    )
    if consent["sensitive"]:
        line(f"  sensitive items: {', '.join(consent['sensitive'])}")
    if consent["contextual_only"]:
        line("  of a known child, only contextual facts may be known")
    for reason in consent["reasons"]:
        line(f"  {reason}")
    for name in ("withheld", "undeclared", "malformed", "stale"):
        if document[name]:
            line(f"{name}: {', '.join(document[name])}")


def _print_explanation(explanation: Mapping[str, Any]) -> None:
    chosen, candidates = explanation["decision"], explanation["candidates"]
    line(f"why {chosen['offer']} for {chosen['placement']}", "bold")
    if not candidates:
        line("  no offer competes for it")
    for candidate in candidates[:CLOSEST]:
        word = "eligible" if candidate["eligible"] else "not eligible"
        line(f"  {candidate['offer']}: {word}", "green" if candidate["eligible"] else "")
        for part in candidate["parts"]:
            line(f"    {part['truth']:8}{part_in_words(part)}", _TRUTH_STYLES[part["truth"]])
            for words in unknown_in_words(part["unknown"]):
                line(f"            {words}", "dim")
    if len(candidates) > CLOSEST:
        line(f"  and {count(len(candidates) - CLOSEST, 'more offer')} further away; --json shows all")
    line()
