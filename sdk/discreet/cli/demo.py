"""Walk the whole way on real data: model, bundle, consent, decisions, report."""

from __future__ import annotations

import datetime
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import clock_s, json_option
from .output import line, print_json, printable, table

if TYPE_CHECKING:
    from ..demo import Report
    from ..demo.report import Tally

_EPILOG = """\b
Example:
  discreet demo
  discreet demo --limit 1000 --out quick --json
"""


def _day(text: str) -> datetime.date:
    """An ISO 8601 date on which the demo's bundle can be made."""
    from ..demo import LAST_DAY

    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"`{text}` is not a date; write `2026-07-01`") from error
    if day > LAST_DAY:
        raise click.BadParameter(f"`{text}` is after {LAST_DAY}: the bundle would outlive the year 9999")
    return day


def _customers(text: str) -> int:
    """A whole number, 1 or more."""
    try:
        number = int(text)
    except ValueError as error:
        raise click.BadParameter(f"`{text}` is not a whole number") from error
    if number < 1:
        raise click.BadParameter(f"`{text}` is less than 1")
    return number


@click.command("demo", epilog=_EPILOG)
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("discreet-demo"),
    metavar="DIR",
    help="Where to leave the bundle, the keyring and the decisions.  [default: discreet-demo]",
)
@click.option(
    "--date",
    "today",
    type=_day,
    metavar="DATE",
    help="The day on which the customers come; histories and consents are judged on it.  [default: 2026-07-01]",
)
@click.option("--limit", type=_customers, metavar="N", help="Only the first N customers.")
@json_option
def command(folder: Path, today: datetime.date | None, limit: int | None, as_json: bool) -> None:
    """Walk the whole way on real data: model, bundle, consent, decisions, report.

    Three models for an online music shop are compiled into one signed bundle; it is loaded and verified; and for each
    of CDNOW's 23,570 customers offers are decided under a consent string, under full consent, under none, and with one
    purpose withdrawn. The folder is made, or reused when it holds nothing but a former demo.
    """
    from ..demo import TODAY, run

    with _progress() as advance:
        report = run(folder, today=today or TODAY, limit=limit, advance=advance)
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report)


@contextmanager
def _progress() -> Generator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal, elsewhere a line at the start of each step; both on stderr."""
    if not sys.stderr.isatty():
        yield _milestone
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {"": progress.add_task("reading", total=None)}

        def advance(step: str, done: int, total: int) -> None:
            if "" in tasks:
                progress.remove_task(tasks.pop(""))
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done)

        yield advance


def _milestone(step: str, done: int, total: int) -> None:
    if not done:
        click.echo(f"{step}: {total:,} customers", err=True)


def _print(report: Report) -> None:
    line(f"{report.customers:,} customers of CDNOW, as if today were {report.today}", "bold")
    line("purchases of 1997 and 1998, moved by 28 years; consent strings assigned in turn;")
    line("region assumed: Italy")
    for part in (_bundle, _consents, _stages, _offers, _fallbacks, _withdrawals, _speed, _folder, _next):
        line()
        part(report)


def _bundle(report: Report) -> None:
    line("The bundle", "bold")
    line(
        f"  {report.bundle_bytes:,} bytes: {report.offers} offers for {len(report.placements)} placements in "
        f"{len(report.channels)} channels, {len(report.stages)} stages"
    )
    line(f"  signed with {report.key_id}, made for this run and kept nowhere")
    line("  read from its file again, verified, then loaded")


def _consents(report: Report) -> None:
    line("What the consent strings came to", "bold")
    rows = [(each.outcome, f"{each.strings}", f"{each.customers:,}") for each in report.consents]
    _figures(("the string ...", "strings", "customers"), rows)


def _stages(report: Report) -> None:
    line("Customers by the furthest stage that may be known", "bold")
    rows = [(stage, *(f"{tally.customers[stage]:,}" for tally in report.tallies)) for stage in report.stages]
    _figures(_heads("stage", report.tallies), rows)
    line("  own consent: the string assigned to that customer; full: all that the models ask; no: nothing")


def _offers(report: Report) -> None:
    title = "Offers matched, by stage (fallbacks not counted; in brackets: how many different ones)"
    line(title, "bold")
    rows = [(stage, *(_matched(tally, stage) for tally in report.tallies)) for stage in report.stages]
    _figures(_heads("stage", report.tallies), rows)
    line("  own consent may show more different offers than full: withholding hides better offers,")
    line("  so others show")


def _matched(tally: Tally, stage: str) -> str:
    offers: Mapping[str, int] = tally.offers.get(stage, {})
    return f"{sum(offers.values()):,} ({len(offers)})"


def _fallbacks(report: Report) -> None:
    line("The share that fell back to the consent-free offer", "bold")
    rows = [
        (place, *(f"{tally.fallbacks[place] / report.customers:.1%}" for tally in report.tallies))
        for place in report.placements
    ]
    rows.append(("all", *(f"{tally.fallback_share:.1%}" for tally in report.tallies)))
    _figures(_heads("placement", report.tallies), rows)


def _heads(first: str, tallies: Sequence[Tally]) -> tuple[str, ...]:
    return (first, *(f"{tally.consent} consent" for tally in tallies))


def _withdrawals(report: Report) -> None:
    line(f"What one withdrawal changes, of {report.full.decisions:,} decisions under full consent", "bold")
    rows = [
        (each.purpose, f"{each.changed:,}", f"{each.fell_back:,}", f"{each.lost:,}", f"{each.gained:,}")
        for each in report.withdrawals
    ]
    _figures(("withdrawn", "changed", "fell back", "lost", "gained"), rows)
    line("  changed, fell back: decisions; lost, gained: pairs of offer and placement, for each customer,")
    line("  that were eligible before and are not after, and the other way round")
    if not any(each.gained for each in report.withdrawals):
        line("  no withdrawal has made anybody eligible for an offer", "green")


def _figures(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose columns after the first are figures, aligned at the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    table(_to_the_right(head, widths), [_to_the_right(row, widths) for row in rows])


def _to_the_right(row: Sequence[str], widths: Sequence[int]) -> tuple[str, ...]:
    return (row[0], *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)))


def _speed(report: Report) -> None:
    line("Microseconds per decision, stripping included", "bold")
    speeds = (f"{tally.us_per_decision:.1f} under {tally.consent} consent" for tally in report.tallies)
    line(f"  {', '.join(speeds)}")
    line(f"  measured in this run: {report.own.decisions:,} decisions each, one process; a customer is")
    line(f"  stripped once, then the {len(report.placements)} placements are decided together")


def _folder(report: Report) -> None:
    from ..demo.folder import BUNDLE, DECISIONS, KEYRING

    line(f"Left in {report.folder}: {BUNDLE}, {KEYRING}, {DECISIONS}", "green")


def _next(report: Report) -> None:
    from ..demo.folder import BUNDLE, KEYRING

    folder = Path(report.folder)
    show = ["show", str(folder / BUNDLE), "--trust", str(folder / KEYRING), *_instant(report.today)]
    line("Next: what is in the bundle, and a model of your own", "bold")
    for arguments in (show, ["new", "my-shop"]):
        # Not `line`, which folds at a terminal's edge: a folded command cannot be pasted.
        click.echo(f"  {printable(shlex.join([*_program(), *arguments]))}")


def _instant(today: datetime.date) -> Sequence[str]:
    """`--now` with the demo's day when its bundle is not in force by the clock, else nothing."""
    from ..demo import LIFE_DAYS

    now = datetime.datetime.fromtimestamp(clock_s(), datetime.UTC).date()
    in_force = today <= now < today + datetime.timedelta(LIFE_DAYS)
    return () if in_force else ("--now", today.isoformat())


def _program() -> Sequence[str]:
    """How this program was started, so that the same shell can start it again."""
    invoked, found = sys.argv[0], shutil.which("discreet")
    if Path(invoked).parts[-2:] == ("discreet", "__main__.py"):
        return sys.executable, "-m", "discreet"
    own = os.path.splitext(os.path.basename(invoked))[0] == "discreet" and os.path.exists(invoked)
    if not own or (found is not None and os.path.samefile(invoked, found)):
        return ("discreet",)
    return (invoked,)
