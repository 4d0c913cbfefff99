"""Run the scenarios that stand beside a model, and compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .consents import policy_options
from .files import check_output, write_atomically
from .includes import check_not_included
from .junit import junit
from .options import EXISTING_FILE, NEW_FILE, json_option, models_argument
from .output import line, note, print_json, working
from .refusals import NO, count
from .regions import remark_on_region
from .scenario_run import ScenarioResult, run_scenarios, scenarios_beside, throw_away_evaluator

if TYPE_CHECKING:
    from discreet_consent import Policy

    from ..model import Scenario

_EPILOG = """\b
Example:
  discreet test shop.yaml
  discreet test web.yaml mail.yaml --junit scenarios.xml
"""


@click.command("test", epilog=_EPILOG)
@models_argument
@click.option(
    "--scenarios",
    "stated",
    multiple=True,
    type=EXISTING_FILE,
    metavar="FILE",
    help="Run these instead of those beside the models; repeatable.",
)
@click.option("--junit", "report", type=NEW_FILE, metavar="FILE", help="Also write a JUnit XML report.")
@policy_options
@json_option
def command(
    models: Sequence[Path],
    stated: Sequence[Path],
    report: Path | None,
    policy: Policy | None,
    as_json: bool,
) -> None:
    """Run the scenarios that stand beside a model, and compare.

    For `shop.yaml` they stand in `shop.scenarios.yaml`: visitors with attributes, a consent and an instant, and the
    offer each must be shown or never be shown. Signals are judged by the site's settings (--policy and below).
    Exit code 1: one of them fails, or the model has problems.
    """
    files = tuple(stated) or _beside(models)
    if report is not None:
        check_output(report, (*models, *files))
    with working("running scenarios"):
        results = _run(models, files, policy)
    if report is not None:
        check_not_included(report, models)
        write_atomically(report, junit(results))
    failed = sum(1 for result in results if not result.passed)
    if as_json:
        print_json({
            "passed": not failed,
            "scenarios": [_as_dict(result) for result in results],
        })  # fmt: skip
    else:
        _print(results, failed)
    if failed:
        raise click.exceptions.Exit(NO)


def _beside(models: Sequence[Path]) -> tuple[Path, ...]:
    found = {model: scenarios_beside(model) for model in models}
    files = tuple(path for path in found.values() if path is not None)
    if not files:
        wanted = models[0].with_name(f"{models[0].stem}.scenarios.yaml")
        raise click.UsageError(
            f"there are no scenarios: write `{wanted}`, or name a file with --scenarios",
            click.get_current_context(),
        )
    for model, path in found.items():
        if path is None:
            note(f"`{model}` has no scenarios beside it")
    return files


def _run(models: Sequence[Path], files: Sequence[Path], policy: Policy | None) -> tuple[ScenarioResult, ...]:
    from ..model import read_models, read_scenarios

    sound = read_models(models)
    evaluator = throw_away_evaluator(sound)
    scenarios: list[Scenario] = []
    for path in files:
        scenarios.extend(read_scenarios(path, sound))
    _remark_on_regions(scenarios, policy)
    return run_scenarios(evaluator, scenarios, policy)


def _remark_on_regions(scenarios: Sequence[Scenario], policy: Policy | None) -> None:
    from ..model import Signalled

    given = (each.consent.region for each in scenarios if isinstance(each.consent, Signalled))
    for region in dict.fromkeys(given):
        if region:
            remark_on_region(region, policy)


def _as_dict(result: ScenarioResult) -> dict[str, Any]:
    return {
        "name": result.scenario.name,
        "file": result.file,
        "line": result.line,
        "placement": result.scenario.placement,
        "passed": result.passed,
        "expected": dict(result.expected),
        "got": dict(result.got),
        "why": list(result.why),
    }


def _print(results: Sequence[ScenarioResult], failed: int) -> None:
    for result in results:
        if result.passed:
            line(f"ok    {result.scenario.name}", "green")
        else:
            _print_failure(result)
    line()
    line(
        f"{count(len(results), 'scenario')}, {len(results) - failed} ok, {failed} failed",
        "red" if failed else "green",
    )


def _print_failure(result: ScenarioResult) -> None:
    line(f"FAIL  {result.scenario.name}", "bold red")
    line(f"      {result.file}:{result.line}: {result.scenario.placement}")
    line(f"      expected  {_in_words(result.expected)}")
    line(f"      got       {_in_words(result.got)}")
    for reason in result.why:
        line(f"      because   {reason}")


def _in_words(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())
