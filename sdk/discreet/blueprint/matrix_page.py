"""The consent matrix as one page: per placement what remains, under which purposes, at which stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from discreet.checks.matrix_merging import merged, placements_of

from .pages import asset, environment, page
from .words import spoken

if TYPE_CHECKING:
    from discreet.checks.matrix import Matrix
    from discreet.checks.matrix_merging import Merged

# The page's own words, so that they can be put into another language.
WORDS: Final = {
    "title": "What remains under each consent",
    "explained": "Each row is a set of choices a visitor can make, each column the furthest stage of their journey. "
    "A cell lists every offer that some such visitor can be shown from {now} on. What is listed was decided; of what "
    "is not, it is proven that nobody is shown it.",
    "rows": "Combinations: {rows}, of {keys} purposes and sensitive items. Different outcomes: {differ}.",
    "always": "Always granted here:",
    "indifferent": "Whether these are granted changes nothing:",
    "unread": "No decision depends on these:",
    "granted": "granted",
    "refused": "refused",
    "or": "or",
    "consent": "Consent",
    "any": "any consent",
    "fallback": "fallback",
    "nobody": "nobody can be here",
    "undecided": "not proven either way",
    "legend": "How to read the marks",
}


def matrix_page(matrix: Matrix, models: Sequence[str], *, language: str = "en") -> str:
    """The matrix as one self-contained HTML document.

    Args:
        models: The ids of the models, for the heading.
        language: BCP 47; of the page's own words.
    """
    from discreet.checks.proofs.instants import iso

    words = {
        **WORDS,
        "explained": WORDS["explained"].format(now=iso(matrix.now_ms)),
        "rows": WORDS["rows"].format(
            rows=len(matrix.rows), keys=len(matrix.keys), differ=len(merged(matrix))
        ),
    }
    body = (
        environment()
        .get_template("matrix.html")
        .render(
            words=spoken(words),
            models=models,
            matrix=matrix,
            placements=[_placement(matrix, each) for each in placements_of(matrix)],
        )
    )
    title = f"{WORDS['title']}: {', '.join(models)}"
    return page(title, Markup(body), language=language, style=asset("matrix.css"))  # noqa: S704 - from a template


def _placement(matrix: Matrix, placement: str) -> dict[str, Any]:
    """A placement for the template: stages as columns, and a row for each consent that differs here."""
    groups = merged(matrix, placement)
    return {
        "id": placement,
        "stages": [cell.stage for cell in groups[0].cells],
        "rows": [_row(matrix, group) for group in groups],
    }


def _row(matrix: Matrix, group: Merged) -> dict[str, Any]:
    """Neighbouring cells that hold the same stand in one."""
    cells: list[dict[str, Any]] = []
    for cell in group.cells:
        told = {"offers": cell.offers, "fallback": cell.fallback, "undecided": cell.undecided}
        if cells and cells[-1]["cell"] == told:
            cells[-1]["span"] += 1
        else:
            cells.append({"cell": told, "span": 1})
    patterns = [
        [(key, asked) for key, asked in zip(matrix.keys, pattern, strict=True) if asked is not None]
        for pattern in group.patterns
    ]
    return {"patterns": patterns, "cells": cells}
