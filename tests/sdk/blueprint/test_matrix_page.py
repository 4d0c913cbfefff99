"""The consent matrix as a page: every cell, nothing loaded, read by people and by machines, within axe's rules."""

from __future__ import annotations

from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from discreet.blueprint.matrix_page import WORDS, matrix_page
from discreet.checks.matrix import Matrix, Row, matrix_of
from discreet.checks.matrix_cells import Cell
from discreet.checks.matrix_merging import merged, placements_of
from discreet.checks.proofs import Prover, journeys_of
from support.example_models import example, example_evaluator
from support.npm import Missing, installed, skip_or_fail
from support.source import REPOSITORY
from support.storefront import DESKTOP, PHONE, guest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOW_MS = 1_782_864_000_000.0  # 2026-07-01
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def matrix() -> Matrix:
    journeys = journeys_of(example("cdnow"))
    prover = Prover(journeys, now_ms=NOW_MS)
    return matrix_of(example_evaluator("cdnow"), journeys, prover, now_ms=NOW_MS)


@cache
def page() -> str:
    return matrix_page(matrix(), [model.id for model in example("cdnow")])


class Tables(HTMLParser):
    """The tables of a page: for each row its cells as text, one that spans columns as often."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._span = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._span = int(dict(attrs).get("colspan") or 1)
            self.tables[-1][-1] += [""] * self._span
        elif tag == "li" and self._span:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._span = 0

    def handle_data(self, data: str) -> None:
        for at in range(1, self._span + 1):
            self.tables[-1][-1][-at] += data


def test_each_placement_has_a_table_with_every_cell() -> None:
    found = Tables()
    found.feed(page())

    assert len(found.tables) == len(placements_of(matrix()))
    for placement, (_, *rows) in zip(placements_of(matrix()), found.tables, strict=True):
        groups = merged(matrix(), placement)
        assert len(rows) == len(groups)
        for row, group in zip(rows, groups, strict=True):
            for text, cell in zip(row[1:], group.cells, strict=True):
                words = text.replace(f"({WORDS['fallback']})", "").split()
                assert words == [*cell.offers] or (not cell.offers and " ".join(words) == WORDS["nobody"])


def test_nothing_is_loaded_and_the_page_is_small() -> None:
    assert "default-src 'none'" in unescape(page())
    assert [
        each for each in ("http:", "https:", "<script", "<link", "<img", "url(", "@import") if each in page()
    ] == []
    assert len(page().encode()) < 100_000


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_breaks_no_rule(browser: Browser, tmp_path: Path, size: dict[str, int], scheme: str) -> None:
    try:
        modules = installed(REPOSITORY / "tests" / "shop")
    except Missing as error:
        skip_or_fail(error)
    path = tmp_path / "matrix.html"
    path.write_text(page(), "utf-8")
    with guest(browser, path.as_uri(), viewport=size, color_scheme=scheme) as reader:
        reader.goes("")
        reader.page.evaluate((modules / "axe-core" / "axe.min.js").read_text("utf-8"))
        found: list[dict[str, Any]] = reader.page.evaluate(
            "async rules => (await axe.run(document, {runOnly: rules})).violations", RULES
        )
        width = reader.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert [f"{each['id']}: {each['nodes'][0]['target']}" for each in found] == []
    assert width <= 0
    assert (reader.errors, reader.asked) == ([], [path.as_uri()])


def test_what_was_not_proven_is_said() -> None:
    cell = Cell("p", "first", ("it",), undecided=("other",))
    open_page = matrix_page(Matrix((), (), (), (Row((), (cell,)),), NOW_MS), ["m"])

    assert f'other</bdi> <span class="soft">({WORDS["undecided"]})' in open_page
    assert WORDS["any"] in open_page
