"""Make the decisions of a server's log again and say whether they come out the same."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import EXISTING_FILE, clock_s, json_option, now_option, trust_option
from .output import line, note, print_json, table
from .progress import bar, lines
from .refusals import NO, count
from .signers import read_keyring

if TYPE_CHECKING:
    from ..offline import Replayed
    from ..visitors import Sealer

_EPILOG = """\b
Example:
  discreet replay shop.bundle --trust trusted-keys.json --log decisions.jsonl --secret log.secret
  discreet replay shop.bundle shop-last-week.bundle decisions.jsonl --trust trusted-keys.json \\
      --secret log.secret --json
"""
MOST_LINES = 20  # that people are shown
_LOG = click.Path(dir_okay=False, path_type=Path)  # it may just have been rotated away


@click.command("replay", epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE, metavar="FILE... [LOG]")
@trust_option
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=_LOG,
    metavar="LOG",
    help="A log of JSON lines; its rotated and compressed files are read too. Repeatable. "
    "[default: the last FILE]",
)
@click.option(
    "--secret",
    "secrets",
    type=EXISTING_FILE,
    metavar="FILE",
    help="The secrets with which inputs were sealed (see `discreet keys secret`).",
)
@now_option
@json_option
def command(
    files: Sequence[Path],
    ring: Path,
    logs: Sequence[Path],
    secrets: Path | None,
    now_s: float | None,
    as_json: bool,
) -> None:
    """Make the decisions of a server's log again and say whether they come out the same.

    The FILEs are the bundles that were in service; each record finds its own by the digest, and one that has expired
    since is judged by the record's clock. What was recorded without the analytics grant, or without sealed inputs,
    cannot be replayed and is counted. Exit code 1: a line is different, changed or unreadable; it is named, and
    nothing of what it holds.
    """
    from ..offline import Missing, replay

    if not logs:
        *files, log = files
        logs = (log,)
    if not files:
        raise click.UsageError("name the bundles that were in service, and the log")
    keyring = read_keyring(ring)
    sealer = _sealer(secrets)
    with _progress() as advance:
        replayed = replay(files, keyring, logs, sealer=sealer, now_s=clock_s(now_s), advance=advance)
    for name in replayed.unverified if replayed.missing[Missing.NO_BUNDLE] else ():
        note(f"`{name}` was in force at no record's clock; --now states an instant at which it was")
    if replayed.records and not (replayed.same or replayed.different):
        note(
            "nothing could be replayed"
            + ("" if secrets else "; --secret opens the inputs of a log that has them")
        )
    if as_json:
        print_json(_as_dict(replayed))
    else:
        _print(replayed)
    if not replayed.is_sound:
        raise click.exceptions.Exit(NO)


def _sealer(secrets: Path | None) -> Sealer | None:
    if secrets is None:
        return None
    from ..visitors import Sealer, read_secrets

    return Sealer(read_secrets(secrets), use="decision-log")


@contextmanager
def _progress() -> Generator[Callable[[int, int], None]]:
    """On a terminal a bar, elsewhere a line now and then; both late."""
    step = "replaying, in bytes"
    if not sys.stderr.isatty():
        say = lines(time.monotonic)
        yield lambda done, total: say(step, done, total)
        return
    from rich.console import Console

    with bar(Console(stderr=True), time.monotonic) as draw:
        yield lambda done, total: draw(step, done, total)


def _as_dict(replayed: Replayed) -> dict[str, Any]:
    return {
        "records": replayed.records,
        "same": replayed.same,
        "different": replayed.different,
        "unopened": replayed.unopened,
        "unreadable": replayed.unreadable,
        "not_replayable": {why.name.lower(): number for why, number in sorted_missing(replayed)},
        "differences": [
            {"file": each.file, "line": each.line, "fields": list(each.fields)}
            for each in replayed.differences
        ],
        "broken": [{"file": file, "line": number} for file, number in replayed.broken],
        "unsealed": [{"file": file, "line": number} for file, number in replayed.unsealed],
        "unverified": list(replayed.unverified),
    }


def sorted_missing(replayed: Replayed) -> list[tuple[Any, int]]:
    """Why lines could not be replayed, and how many; always in the same order."""
    return sorted(replayed.missing.items(), key=lambda each: each[0].name)


def _print(replayed: Replayed) -> None:
    style = "bold green" if replayed.is_sound else "bold red"
    line(
        f"{count(replayed.records, 'record')}: {replayed.same:,} the same, {replayed.different:,} different",
        style,
    )
    table(
        ("not replayable", "records"),
        [(why.value, f"{number:,}") for why, number in sorted_missing(replayed)],
    )
    for each in replayed.differences[:MOST_LINES]:
        line(f"different: {each.file}:{each.line}: {', '.join(each.fields)}", "red")
    if replayed.unopened or replayed.unreadable:
        line(
            f"inputs that cannot be opened (changed, or another secret): {replayed.unopened:,}; "
            f"lines that are no record: {replayed.unreadable:,}"
        )
    for file, number in replayed.unsealed[:MOST_LINES]:
        line(f"without inputs: {file}:{number}", "yellow")
    for file, number in replayed.broken[:MOST_LINES]:
        line(f"  {file}:{number}", "yellow")
    more = replayed.different + replayed.unopened + replayed.unreadable
    more -= len(replayed.differences[:MOST_LINES]) + len(replayed.broken[:MOST_LINES])
    if more:
        line(f"  and {count(more, 'more line')}; --json names more of them")
