"""Run the scenarios that stand beside a model, and compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .consents import policy_options
from .covering import as_dict as covered_as_dict
from .covering import check_suggestions, cover, in_percent, print_coverage, print_suggested
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

    from .. import Evaluator
    from ..model import Model, Scenario
    from .covering import Covered

_EPILOG = """\b
Example:
  discreet test shop.yaml
  discreet test web.yaml mail.yaml --junit scenarios.xml
  discreet test shop.yaml --coverage --fail-under 90
  discreet test shop.yaml --suggest suggested.yaml
"""
_STDOUT = Path("-")


class _Command(click.Command):
    """Says so where `--suggest`, whose FILE may be left out, has taken the only model for it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as error:
            taken = ctx.params.get("suggest")
            if taken in (None, _STDOUT) or error.param is None or error.param.name != "models":
                raise
            message = f"`{taken}` was taken for the FILE of --suggest; name the models first"
            raise click.UsageError(message, ctx) from None


class _Percent(click.FloatRange):
    """From 0 to 100; `nan`, which is in no order, is none of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"`{value}` is no number from 0 to 100", param, ctx)
        return float(found)


@click.command("test", cls=_Command, epilog=_EPILOG)
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
@click.option("--coverage", "covering", is_flag=True, help="Also say what no scenario has seen.")
@click.option(
    "--fail-under",
    "least",
    type=_Percent(0, 100),
    metavar="PERCENT",
    help="Exit code 1 when the scenarios see less than this of what can be seen.",
)
@click.option(
    "--suggest",
    type=click.Path(dir_okay=False, path_type=Path),
    is_flag=False,
    flag_value=_STDOUT,
    metavar="[FILE]",
    help="Write scenarios for what none has seen, to FILE or else to stdout. They expect what is decided today.",
)
@policy_options
@json_option
def command(
    models: Sequence[Path],
    stated: Sequence[Path],
    report: Path | None,
    covering: bool,
    least: float | None,
    suggest: Path | None,
    policy: Policy | None,
    as_json: bool,
) -> None:
    """Run the scenarios that stand beside a model, and compare.

    For `shop.yaml` they stand in `shop.scenarios.yaml`: visitors with attributes, a consent and an instant, and the
    offer each must be shown or never be shown. Signals are judged by the site's settings (--policy and below).

    Coverage counts the offers shown, the fallbacks, the furthest stages, and every condition that was true, false
    and unknown; what is proven to happen to no visitor at all does not count.
    Exit code 1: one of them fails, they see too little, or the model has problems.
    """
    files = tuple(stated) or _beside(models, needed=suggest is None)
    _check_outputs(report, suggest, (*models, *files))
    with working("running scenarios"):
        ran = _run(models, files, policy)
    if not ran.results and suggest is None:
        named = ", ".join(f"`{each}`" for each in files)
        raise click.UsageError(f"there are no scenarios in {named}, so that nothing is tested")
    covered = None
    if covering or least is not None or suggest is not None:
        scenarios = [each.scenario for each in ran.results]
        covered = cover(ran.models, ran.evaluator, scenarios, policy, suggesting=suggest is not None)
    _write(ran, covered, report, suggest, models)
    if as_json:
        print_json(_document(ran, covered))
    elif suggest != _STDOUT:
        _print(ran, covered)
        if suggest is not None and covered is not None:
            print_suggested(covered.suggested or (), suggest)
    else:
        _print_suggestions(ran, covered)
    if ran.failed or _is_too_little(covered, least):
        raise click.exceptions.Exit(NO)


@dataclass(frozen=True, slots=True)
class _Ran:
    models: tuple[Model, ...]
    evaluator: Evaluator
    results: tuple[ScenarioResult, ...]

    @property
    def failed(self) -> int:
        return sum(1 for result in self.results if not result.passed)

    @property
    def names(self) -> list[str]:
        return [result.scenario.name for result in self.results]


def _check_outputs(report: Path | None, suggest: Path | None, read: Sequence[Path]) -> None:
    if report is not None:
        check_output(report, read)
    if suggest is not None and suggest != _STDOUT:
        check_suggestions(suggest, read)
        if report is not None and report.resolve() == suggest.resolve():
            message = "--junit and --suggest name the same file"
            raise click.UsageError(message, click.get_current_context())


def _write(
    ran: _Ran, covered: Covered | None, report: Path | None, suggest: Path | None, models: Sequence[Path]
) -> None:
    if report is not None:
        check_not_included(report, models)
        write_atomically(report, junit(ran.results))
    if covered is not None and covered.suggested and suggest not in (None, _STDOUT):
        check_not_included(suggest, models)
        write_atomically(suggest, _suggestions(ran, covered).encode())


def _suggestions(ran: _Ran, covered: Covered) -> str:
    from ..checks.suggestions_text import as_yaml

    return as_yaml(covered.suggested or (), ran.names)


def _print_suggestions(ran: _Ran, covered: Covered | None) -> None:
    """Nothing but the scenarios on stdout, to be appended to a file."""
    if ran.failed:
        note(
            f"of {count(len(ran.results), 'scenario')} {ran.failed} failed; run without --suggest to see why"
        )
    if covered is not None:
        click.echo(_suggestions(ran, covered), nl=False)


def _is_too_little(covered: Covered | None, least: float | None) -> bool:
    if covered is None or least is None or covered.coverage.percent >= least:
        return False
    note(
        f"the scenarios see {in_percent(covered.coverage.percent)} of what can be seen, less than {least:g} %"
    )
    return True


def _document(ran: _Ran, covered: Covered | None) -> dict[str, Any]:
    told = {"passed": not ran.failed, "scenarios": [_as_dict(result) for result in ran.results]}
    return told if covered is None else told | covered_as_dict(covered, ran.names)


def _beside(models: Sequence[Path], *, needed: bool) -> tuple[Path, ...]:
    found = {model: scenarios_beside(model) for model in models}
    files = tuple(path for path in found.values() if path is not None)
    if not files and needed:
        from ..model import read_models

        read_models(models)  # what is wrong with them comes first
        wanted = models[0].with_name(f"{models[0].stem}.scenarios.yaml")
        raise click.UsageError(
            f"there are no scenarios: write `{wanted}`, name a file with --scenarios, or begin with --suggest",
            click.get_current_context(),
        )
    for model, path in found.items():
        if path is None:
            note(f"`{model}` has no scenarios beside it")
    return files


def _run(models: Sequence[Path], files: Sequence[Path], policy: Policy | None) -> _Ran:
    from ..model import read_models, read_scenarios

    sound = read_models(models)
    evaluator = throw_away_evaluator(sound)
    scenarios: list[Scenario] = []
    for path in files:
        scenarios.extend(read_scenarios(path, sound))
    _remark_on_regions(scenarios, policy)
    return _Ran(sound, evaluator, run_scenarios(evaluator, scenarios, policy))


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


def _print(ran: _Ran, covered: Covered | None) -> None:
    for result in ran.results:
        if result.passed:
            line(f"ok    {result.scenario.name}", "green")
        else:
            _print_failure(result)
    line()
    line(
        f"{count(len(ran.results), 'scenario')}, {len(ran.results) - ran.failed} ok, {ran.failed} failed",
        "red" if ran.failed else "green",
    )
    if covered is not None:
        line()
        print_coverage(covered)


def _print_failure(result: ScenarioResult) -> None:
    line(f"FAIL  {result.scenario.name}", "bold red")
    line(f"      {result.file}:{result.line}: {result.scenario.placement}")
    line(f"      expected  {_in_words(result.expected)}")
    line(f"      got       {_in_words(result.got)}")
    for reason in result.why:
        line(f"      because   {reason}")


def _in_words(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())
