"""The report's own arithmetic: verdicts, what breaks it, pictures, and a page that has a place for every section."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import subjects, targets
from benchmarks.curve import GAP, Bars, Chart, draw, draw_bars
from benchmarks.loading import deep_bytes, measure_index
from benchmarks.reasons import REASONS
from benchmarks.report import filled, main, places_missing
from benchmarks.targets import CALLS, LOADS, Figure, Part, Target
from benchmarks.worst_models import CASES

ONE = Target("one", "2", "1", (Part("a", "{}", 2, 1), Part("b", "{}", goal=3, at_least=True)))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (0.5, 3.0, "goal held"),
        (0.5, 2.9, "must held, **goal missed**"),
        (1.5, 3.0, "must held, **goal missed**"),
        (2.5, 9.0, "**must missed**"),
        (0.5, None, "goal held as far as measured"),
        (None, 3.0, "must held as far as measured"),
        (None, None, "not measured"),
    ],
)
def test_a_verdict_says_what_is_held_and_what_was_not_measured(
    a: float | None, b: float | None, verdict: str
) -> None:
    assert targets.verdict(ONE, {"a": Figure(a, "why"), "b": Figure(b, "why")}) == verdict


def test_a_miss_is_printed_with_a_line_for_its_reason_and_what_was_not_measured_with_its_own() -> None:
    table = targets.table("all", [ONE], {"a": Figure(2.5), "b": Figure(None, "no peer")})

    assert "| one | 2 | 1 | 2.5; not measured: no peer | **must missed** |" in table
    assert table.endswith("- one: no reason is written down.")


def _all_figures(value: float | None) -> dict[str, Figure]:
    return {part.figure: Figure(value, "why") for target in (*CALLS, *LOADS) for part in target.parts}


def test_what_is_beyond_a_must_breaks_the_report_and_a_quick_one_gives_it_a_little() -> None:
    figures = {**_all_figures(None), "call 10": Figure(9.0), "p99 10": Figure(2.5), "answer ms": Figure(99.0)}

    assert [each.partition(":")[0] for each in targets.broken(figures, quick=False)] == ["call 10", "p99 10"]
    assert targets.broken(figures, quick=True) == []
    assert len(targets.broken({**figures, "call 10": Figure(10.1)}, quick=True)) == 1
    assert len(targets.broken({**figures, "call 1000": Figure(22.1)}, quick=True)) == 1


def test_what_was_not_measured_breaks_nothing() -> None:
    assert targets.broken(_all_figures(None), quick=False) == []


def test_every_reason_is_that_of_a_row_or_a_worst_case() -> None:
    known = {target.name for target in (*CALLS, *LOADS)} | {case.name for case in CASES}

    assert set(REASONS) <= known


def test_the_page_has_one_place_for_every_section() -> None:
    page = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")

    assert places_missing(page) == []
    assert places_missing(page.replace("<!-- worst:end -->", "")) == ["worst"]


def test_what_is_written_stands_between_the_marks_of_its_section() -> None:
    page = "head\n<!-- speed:begin -->\nold\n<!-- speed:end -->\ntail\n"

    assert filled(page, {"speed": "new"}) == page.replace("old", "new")


def test_the_labels_of_lines_that_end_together_do_not_cover_each_other() -> None:
    lines = {f"line {place}": [(10.0, 5.0), (1_000.0, 100.0 + place)] for place in range(12)}
    drawn = ET.fromstring(draw(Chart("all", "x", "y", lines, {}, ("line 3",))))  # noqa: S314 - our own text
    heights = sorted(
        float(each.attrib["y"]) for each in drawn.iter(f"{SVG}text") if "line" in (each.text or "")
    )

    assert len(heights) == 12
    assert min(later - earlier for earlier, later in pairwise(heights)) >= GAP - 0.2


def test_a_bar_is_drawn_for_every_value_and_a_longer_one_for_a_greater() -> None:
    drawn = ET.fromstring(draw_bars(Bars("all", "x", "ms", {"a": 3.0, "b": 40.0, "c": 5_000.0})))  # noqa: S314
    widths = [float(each.attrib["width"]) for each in drawn.iter(f"{SVG}rect")][1:]

    assert len(widths) == 3
    assert widths == sorted(widths)


def test_the_size_of_an_index_counts_its_rows_once() -> None:
    index = subjects.subject(100).evaluator.bundle.models[0].index
    rows = [row for slot in index.slots for row in getattr(slot, "rows", ())]

    assert deep_bytes(index) > len(rows) * sys.getsizeof(1 << 100)
    assert deep_bytes([index, index]) == deep_bytes(index) + sys.getsizeof([index, index])
    assert measure_index([10])["index 1000"].value is None


def test_help_is_shown_without_measuring(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    assert "--quick" in capsys.readouterr().out
