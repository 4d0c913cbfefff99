"""What commands print: one JSON document for machines, lines and tables for people. Data goes to stdout."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_UNBOUNDED = 10_000  # columns: a file or a pipe has no edge at which to fold a table


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def note(text: str) -> None:
    """Say on stderr what the user should know; it changes neither the answer nor stdout."""
    sys.stderr.write(f"discreet: note: {printable(text)}\n")


def line(text: str = "", style: str = "") -> None:
    """Print a line on stdout, in `style` on a terminal. Markup in `text` is text."""
    _console(sys.stdout).print(printable(text), style=style or None)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 2) -> None:
    """Print `rows` in aligned columns under `head`; nothing when there are none."""
    from rich.padding import Padding
    from rich.table import Table

    if not rows:
        return
    made = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in head:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*map(printable, row))
    console = _console(sys.stdout)
    with console.capture() as captured:
        console.print(Padding(made, (0, 0, 0, indent), expand=False))
    sys.stdout.writelines(each.rstrip() + "\n" for each in captured.get().splitlines())


@contextmanager
def working(text: str) -> Generator[None]:
    """Show on a terminal that something is going on; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield
        return
    with _console(sys.stderr).status(text):
        yield


def iso(instant_s: float) -> str:
    """Unix seconds as `2026-03-01T08:00:00Z`."""
    moment = datetime.datetime.fromtimestamp(instant_s, datetime.UTC)
    timespec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def as_text(value: Any) -> str:
    """A JSON value on one line, with every control character escaped."""
    return printable(json.dumps(value, ensure_ascii=False))


def printable(text: str) -> str:
    """`text` without the control characters by which a file could steer a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _console(file: TextIO) -> Console:
    from rich.console import Console

    width = None if file.isatty() else _UNBOUNDED
    return Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=False, width=width)
