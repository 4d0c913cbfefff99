"""Say what remains under each consent: which offers, per placement and stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import nearest
from .files import check_drawn, check_output, write_atomically
from .includes import check_not_included
from .options import NEW_FILE, clock_s, json_option, models_argument, now_option
from .output import line, note, print_json, table
from .progress import long_work
from .refusals import NO, count
from .scenario_run import throw_away_evaluator

if TYPE_CHECKING:
    from ..checks.matrix import Matrix
    from ..checks.matrix_cells import Cell, Question
    from ..checks.matrix_merging import Merged, Pattern
    from ..model import Model

_EPILOG = """\b
Example:
  discreet matrix shop.yaml
  discreet matrix web.yaml mail.yaml --placement home.hero --json
  discreet matrix shop.yaml --html matrix.html
"""
_MARKS = {True: "+", False: "-", None: "."}
_NOBODY = "(nobody can be here)"


@click.command("matrix", epilog=_EPILOG)
@models_argument
@click.option("--placement", "placements", multiple=True, metavar="ID", help="Only this one; repeatable.")
@click.option("--stage", "stages", multiple=True, metavar="ID", help="Only this one; repeatable.")
@click.option(
    "--purposes",
    multiple=True,
    metavar="KEY",
    help="Vary only this purpose, or `sensitive:ITEM`; the others count as granted. Repeatable, or with commas.",
)
@click.option("--html", "page", type=NEW_FILE, metavar="FILE", help="Also write it as a page.")
@now_option
@json_option
def command(
    models: Sequence[Path],
    placements: Sequence[str],
    stages: Sequence[str],
    purposes: Sequence[str],
    page: Path | None,
    now_s: float | None,
    as_json: bool,
) -> None:
    """Say what remains under each consent: which offers, per placement and stage.

    Every combination of the purposes on which a decision can depend is asked: for visitors whose furthest stage is
    this one, which offers can any of them be shown from now on? What is listed was decided by a real bundle; of what
    is not, it is proven that nobody is shown it. Combinations under which the same remains are told as one.
    Exit code 1: the models have problems, or a proof took too long.
    """
    from ..checks.matrix_merging import as_json as document
    from ..model import read_models

    if page is not None:
        _check_page(page, models)
    with long_work() as progress:
        sound = read_models(models, progress=progress)
    asked = _question(sound, placements, stages)
    keys = _keys(sound, _split(purposes))
    matrix = _matrix(sound, asked, keys, clock_s(now_s))
    if page is not None:
        from ..blueprint.matrix_page import matrix_page

        check_not_included(page, models)
        write_atomically(page, matrix_page(matrix, [each.id for each in sound]).encode())
    if as_json:
        print_json({"models": [each.id for each in sound], **document(matrix)})
    else:
        _print(sound, matrix)
    if not matrix.is_proven:
        note("a proof took too long: what is marked with a question mark may remain, or not")
        raise click.exceptions.Exit(NO)


def _matrix(models: Sequence[Model], asked: Question, keys: Sequence[str], now_s: float) -> Matrix:
    from ..checks.matrix import matrix_of
    from ..checks.proofs import Prover, journeys_of

    now_ms = float(int(now_s) * 1_000)
    with long_work() as progress:
        journeys = journeys_of(models, progress)
        evaluator = throw_away_evaluator(models)
        prover = Prover(journeys, now_ms=now_ms)
        return matrix_of(
            evaluator, journeys, prover, now_ms=now_ms, asked=asked, purposes=keys, progress=progress
        )


def _question(models: Sequence[Model], placements: Sequence[str], stages: Sequence[str]) -> Question:
    from ..checks.matrix_cells import Question

    _check("placement", placements, [each.id for model in models for each in model.placements])
    _check("stage", stages, [each.id for model in models for each in model.stages])
    return Question(frozenset(placements), frozenset(stages))


def _keys(models: Sequence[Model], named: Sequence[str]) -> Sequence[str]:
    """What was named, which must be a key that the models use, or cover one."""
    from discreet_consent.purposes import lineage

    from ..checks.matrix import keys_of

    used = keys_of(attribute for model in models for attribute in model.attributes)
    _check("purpose", named, sorted({above for key in used for above in lineage(key)}))
    return named


def _split(purposes: Sequence[str]) -> list[str]:
    keys = [key.strip() for each in purposes for key in each.split(",")]
    if not all(keys):
        raise click.UsageError(
            "`--purposes` names no purpose between its commas", click.get_current_context()
        )
    return keys


def _check_page(page: Path, models: Sequence[Path]) -> None:
    from ..blueprint.pages import DRAWN

    if page == Path():
        raise click.UsageError("`--html` names no file", click.get_current_context())
    check_output(page, models)
    check_drawn(page, DRAWN)


def _check(what: str, named: Iterable[str], known: Sequence[str]) -> None:
    for each in named:
        if each not in known:
            raise click.UsageError(
                f"the models have no {what} `{each}`{nearest(each, known)}", click.get_current_context()
            )


def _print(models: Sequence[Model], matrix: Matrix) -> None:
    from ..checks.matrix_merging import merged, placements_of

    rows, differ = len(matrix.rows), len(merged(matrix))
    varied = f"{count(rows, 'combination')} of {count(len(matrix.keys), 'purpose')}"
    outcomes = count(differ, "different outcome")
    line(f"{', '.join(each.id for each in models)}: {varied}, {outcomes}", "bold")
    letters = [_letter(at) for at in range(len(matrix.keys))]
    idle = set(matrix.indifferent)
    for letter, key in zip(letters, matrix.keys, strict=True):
        line(f"  {letter}  {key}{'  (makes no difference)' if key in idle else ''}")
    _print_beside("always granted here", matrix.always)
    _print_beside("no decision depends on", matrix.unread)
    line("  + granted   - not granted   . either   [fallback]")
    for placement in placements_of(matrix):
        line()
        line(placement, "bold")
        _print_placement(placement, " ".join(letters), merged(matrix, placement))


def _print_beside(what: str, keys: Sequence[str]) -> None:
    if keys:
        line(f"  {what}: {', '.join(keys)}")


def _letter(at: int) -> str:
    return chr(ord("A") + at)


def _print_placement(placement: str, letters: str, groups: Sequence[Merged]) -> None:
    rows: list[tuple[str, str, str]] = []
    for group in groups:
        if rows:
            rows.append(("", "", ""))
        marks = [*map(_marks, group.patterns)]
        told = [(", ".join(each.stages), _offers(each.cell)) for each in group.stages(placement)]
        height = max(len(marks), len(told))
        marks += [""] * (height - len(marks))
        told += [("", "")] * (height - len(told))
        rows += [(mark, *cell) for mark, cell in zip(marks, told, strict=True)]
    table((letters or "consent", "furthest stage", "what remains"), rows)


def _offers(cell: Cell) -> str:
    told = [f"[{each}]" if each == cell.fallback else each for each in cell.offers]
    return ", ".join([*told, *(f"{each}?" for each in cell.undecided)]) or _NOBODY


def _marks(pattern: Pattern) -> str:
    return " ".join(_MARKS[each] for each in pattern) or "any"
