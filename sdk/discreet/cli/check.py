"""Report every mistake of a model, and what is proven about it, with file, line and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .finding_lines import print_findings, total
from .options import clock_s, json_option, models_argument, now_option
from .output import line, print_json
from .progress import long_work
from .refusals import NO, count

if TYPE_CHECKING:
    from ..checks import Review
    from ..model import Model

SEVERITIES = ("error", "warning", "note")  # as `Severity` has them, which `--help` need not import

_EPILOG = """\b
Example:
  discreet check shop.yaml
  discreet check web.yaml mail.yaml --json
  discreet check shop.yaml --fail-on error --now 2026-12-24
"""


@click.command("check", epilog=_EPILOG)
@models_argument
@now_option
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="warning",
    show_default=True,
    help="The least severity that makes the answer no.",
)
@click.option(
    "--problems-only", is_flag=True, help="Only what cannot be built; prove nothing. For very large models."
)
@json_option
def command(
    models: Sequence[Path], now_s: float | None, fail_on: str, problems_only: bool, as_json: bool
) -> None:
    """Report every mistake of a model, and what is proven about it, with file, line and column.

    Several models are checked together, as they would share one bundle. A sound model is also compiled, so that
    whatever passes here can be built; nothing is written. Then its findings: what can never come about and what is
    probably not meant, each with a made-up visitor who shows it or the proof that there is none. `discreet
    explain-check D104` explains one; `accepted:` in the model keeps one, with the reason. Exit code 1: there are
    problems, or findings at least as bad as --fail-on.
    """
    at_s = None if problems_only else float(int(clock_s(now_s)))
    sound, review = reviewed(models, now_s=at_s)
    failed = fails(review, fail_on)
    if as_json:
        print_json(_document(sound, review, failed))
    else:
        for model in sound:
            _print_summary(model)
        print_findings(review.findings, now_ms=None if at_s is None else at_s * 1000)
        style = "red" if failed else "yellow" if review.findings else "green"
        line(f"{count(len(sound), 'model')}, {total(review)}", style)
    if failed:
        raise click.exceptions.Exit(NO)


def reviewed(paths: Sequence[Path], *, now_s: float | None) -> tuple[tuple[Model, ...], Review]:
    """The models at `paths`, found to compile, and what is found in them at an instant; without one, nothing.

    Raises:
        ModelError: they are not sound, or do not compile.
    """
    from ..checks import Review, review_models
    from ..compiler import compile_models
    from ..model import read_models

    with long_work() as progress:
        models = read_models(paths, progress=progress)
        if now_s is not None:
            return models, review_models(models, now_ms=now_s * 1000, progress=progress)
        compile_models(models, progress)
        return models, Review((), ())


def fails(review: Review, fail_on: str) -> bool:
    """Whether a finding that stands is at least as bad as the severity `fail_on`."""
    from ..checks import Severity

    least = Severity(fail_on)
    return any(each.severity.reaches(least) for each in review.findings)


def _document(models: Sequence[Model], review: Review, failed: bool) -> dict[str, Any]:
    return {
        "sound": True,
        "passed": not failed,
        "findings": [each.as_dict() for each in review.findings],
        "accepted": [{**each.finding.as_dict(), "because": each.because} for each in review.accepted],
        "models": [summary(model) for model in models],
    }


def summary(model: Model) -> dict[str, Any]:
    """What a model consists of, by name."""
    purposes = {purpose for attribute in model.attributes for purpose in attribute.purposes}
    return {
        "model": model.id,
        "channel": model.channel,
        "stages": [stage.id for stage in model.stages],
        "placements": [placement.id for placement in model.placements],
        "offers": [offer.id for offer in model.offers],
        "conditions": [condition.id for condition in model.conditions],
        "segments": [condition.id for condition in model.conditions if condition.segment],
        "attributes": [attribute.name for attribute in model.attributes],
        "purposes": sorted(purposes),
        "waives_withdrawal": [offer.id for offer in model.offers if offer.waives_withdrawal],
    }


def _print_summary(model: Model) -> None:
    parts = summary(model)
    line(f"{model.id} ({model.channel})", "bold")
    line(f"  stages      {' > '.join(parts['stages'])}")
    line(f"  placements  {', '.join(parts['placements'])}")
    competing = sum(1 for offer in model.offers if offer.placements)
    line(f"  offers      {len(model.offers)}, of which {competing} compete")
    line(f"  conditions  {len(model.conditions)}, of which {count(len(parts['segments']), 'segment')}")
    line(f"  attributes  {len(model.attributes)}")
    line(f"  purposes    {', '.join(parts['purposes'])}")
    if parts["waives_withdrawal"]:
        line(f"  waivers     {', '.join(parts['waives_withdrawal'])}", "yellow")
