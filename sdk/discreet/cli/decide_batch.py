"""`discreet decide --input FILE --output FILE`: decisions for a whole file of visitors."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .files import check_output
from .options import EXISTING_FILE, NEW_FILE
from .output import line, note, print_json, table
from .refusals import count

if TYPE_CHECKING:
    from discreet_consent import Consent, Policy

    from .. import Evaluator
    from ..offline import RowConsents, Summary
    from .signals import Sent

_SIGNALS = {
    "tcf": "TC strings",
    "gpp": "GPP strings",
    "us_privacy": "US Privacy strings",
    "gpc": "whether browsers send `Sec-GPC: 1`",
    "region": "regions, such as `IT` or `US-CA`",
    "age_years": "ages in years",
}
_ONE_VISITOR = ("attributes", "top", "explain")
MOST_OFFERS = 20  # that people are shown


@dataclass(frozen=True, slots=True)
class Files:
    """What the options say about a file of visitors.

    Attributes:
        columns: The column of each signal that has one.
        keep: Columns to be copied beside the decisions.
    """

    source: Path
    target: Path
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    keep: tuple[str, ...] = ()
    threads: int = 1


_OPTIONS = (
    click.option(
        "--input",
        "source",
        type=EXISTING_FILE,
        metavar="FILE",
        help="Decide for every visitor in this file (.parquet, .csv, .jsonl), not for one.",
    ),
    click.option(
        "--output", "target", type=NEW_FILE, metavar="FILE", help="Where the decisions go (.parquet, .csv, .jsonl)."
    ),
    *(
        click.option(
            f"--{name.removesuffix('_years').replace('_', '-')}-column",
            f"column_{name}",
            metavar="NAME",
            help=f"With --input: the column of {what}.",
        )
        for name, what in _SIGNALS.items()
    ),
    click.option(
        "--keep",
        multiple=True,
        metavar="NAME",
        help="With --input: a column to copy beside the decisions, such as an id; repeatable.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1, 64),
        default=1,
        metavar="N",
        help="With --input: so many batches side by side. [default: 1]",
    ),
)  # fmt: skip


def batch_options(decorated: Callable[..., None]) -> Callable[..., None]:
    """Every option for a file of visitors; the command gets them as `files`, None without `--input`.

    Raises:
        click.UsageError: when the command is run, for options that do not go together.
    """

    @functools.wraps(decorated)
    def with_files(
        *,
        source: Path | None,
        target: Path | None,
        keep: Sequence[str],
        threads: int,
        **others: Any,
    ) -> None:
        columns = {name: others.pop(f"column_{name}") for name in _SIGNALS}
        columns = {name: column for name, column in columns.items() if column is not None}
        if source is None:
            if target is not None or columns or keep:
                raise click.UsageError("--output, --keep and the options for columns go with --input")
            decorated(files=None, **others)
            return
        if target is None:
            raise click.UsageError("--input needs --output, where the decisions go")
        _refuse_one_visitors()
        decorated(files=Files(source, target, columns, tuple(keep), threads), **others)

    for option in reversed(_OPTIONS):
        with_files = option(with_files)
    return with_files


def _refuse_one_visitors() -> None:
    """Refuse what is about one visitor."""
    context = click.get_current_context()
    for name in _ONE_VISITOR:
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(f"--{name} is for one visitor, and does not go with --input")


def check_consent(files: Files, sent: Sent, *, states_grants: bool) -> None:
    """See that consent comes from one place: from columns, or for all visitors alike.

    Raises:
        click.UsageError: it comes from both.
    """
    if not files.columns:
        return
    if states_grants:
        raise click.UsageError("consent comes from columns of signals or from --grant, not from both")
    if sent.is_stated and sent != type(sent)(region=sent.region):
        raise click.UsageError(
            "signals come from columns or are stated for all visitors, not both; only --region may"
        )
    if sent.region is not None and "region" in files.columns:
        raise click.UsageError("the region comes from --region-column or from --region, not from both")


def row_consents(files: Files, sent: Sent, policy: Policy | None, now_s: float) -> RowConsents:
    """The consents that columns of signals come to."""
    from ..offline import RowConsents

    if sent.region is None and "region" not in files.columns:
        note("no region was stated; the strictest rules apply")
    return RowConsents(files.columns, region=sent.region, policy=policy, now_s=now_s)


def decide_all_rows(
    evaluator: Evaluator,
    files: Files,
    consent: Consent | RowConsents,
    placements: Sequence[str],
    *,
    read: Sequence[Path],
    now_s: float,
    as_json: bool,
) -> None:
    """Decide, write, and say what was decided; `read` are the files that must not be overwritten.

    Raises:
        UnknownPlacement: the bundle has no such placement.
        DiscreetError: a file is not what its ending says, or a column cannot be used so.
        OSError: a file cannot be read or written.
    """
    from ..offline import decide_file

    check_output(files.target, [files.source, *read])
    with _progress() as advance:
        summary = decide_file(
            evaluator,
            files.source,
            files.target,
            consent,
            placements,
            now_s=now_s,
            keep=files.keep,
            threads=files.threads,
            advance=advance,
        )
    everybody = count(summary.rows, "visitor")
    if summary.unreadable:
        note(f"{summary.unreadable:,} of {everybody} had a signal that cannot be read, which refuses")
    if summary.placeless and "region" in files.columns:
        note(f"{summary.placeless:,} of {everybody} had no region in the table; the strictest rules apply")
    if as_json:
        print_json(_as_dict(files, summary))
    else:
        _print(files, summary)


@contextmanager
def _progress() -> Generator[Callable[[int, int | None], None]]:
    """A progress bar on a terminal, elsewhere nothing; on stderr."""
    if not sys.stderr.isatty():
        yield lambda _, __: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("deciding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _as_dict(files: Files, summary: Summary) -> dict[str, Any]:
    return {
        "output": str(files.target),
        "visitors": summary.rows,
        "decisions": summary.decisions,
        "reasons": dict(sorted(summary.reasons.items())),
        "offers": [
            {"placement": placement, "offer": offer, "decisions": number}
            for (placement, offer), number in summary.offers.most_common()
        ],
        "undeclared": sorted(summary.undeclared),
        "unreadable_signals": summary.unreadable,
        "no_region": summary.placeless,
    }


def _print(files: Files, summary: Summary) -> None:
    line(
        f"{count(summary.rows, 'visitor')}, {count(summary.decisions, 'decision')}: `{files.target}`", "bold"
    )
    rows = [
        (placement, offer, f"{number:,}")
        for (placement, offer), number in summary.offers.most_common(MOST_OFFERS)
    ]
    table(("placement", "offer", "decisions"), rows)
    if len(summary.offers) > MOST_OFFERS:
        line(f"  and {count(len(summary.offers) - MOST_OFFERS, 'more offer')}; --json has all")
    if summary.undeclared:
        line(f"undeclared: {', '.join(sorted(summary.undeclared))}")
