"""How far long work has come: on a terminal a bar, elsewhere a line now and then; both on stderr, both late.

Work that is done at once shows nothing.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .output import printable

if TYPE_CHECKING:
    from rich.console import Console

    from ..model import Progress

PATIENCE_S = 2.0  # before the first word about it
EVERY_S = 10.0  # between two lines


@contextmanager
def long_work() -> Generator[Progress]:
    """What hears of the progress, as (step, done, total), while it is shown.

    The collector of cycles pauses: what models are made of has none, and looking for them takes as long as the work.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        if sys.stderr.isatty():
            from rich.console import Console

            with bar(Console(stderr=True), time.monotonic) as progress:
                yield progress
        else:
            yield lines(time.monotonic)
    finally:
        if collecting:
            gc.enable()


def lines(clock: Callable[[], float]) -> Progress:
    """Says on stderr where the work is, at every new step and every `EVERY_S` seconds."""
    begin = clock()
    said_at, said = begin + PATIENCE_S - EVERY_S, ""

    def progress(step: str, done: int, total: int) -> None:
        nonlocal said_at, said
        now = clock()
        if now >= begin + PATIENCE_S and done < total and (step != said or now >= said_at + EVERY_S):
            said_at, said = now, step
            click.echo(f"{printable(step)}: {done:,} of {total:,}", err=True)

    return progress


@contextmanager
def bar(console: Console, clock: Callable[[], float]) -> Generator[Progress]:
    """Draws one bar for the step at hand, and takes it away in the end."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    drawn = Progress(*columns, console=console, transient=True)
    task = drawn.add_task("", total=None)
    begin = clock()

    def progress(step: str, done: int, total: int) -> None:
        drawn.update(task, description=printable(step), completed=done, total=total)
        if clock() >= begin + PATIENCE_S:
            drawn.start()

    try:
        yield progress
    finally:
        if drawn.live.is_started:
            drawn.stop()
