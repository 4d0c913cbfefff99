"""A growth curve as SVG, both axes logarithmic: plain text, no plotting library."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 48, 52  # margins
COLOURS: Final = ("#0b6e4f", "#b5541c", "#4a5fb0", "#7a7a7a")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: `lines` and `marks` map a label to points (x, y) above zero; a mark stands alone."""

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Points]
    marks: Mapping[str, Points]


class _Axis:
    """Maps whole decades onto pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low = math.floor(math.log10(min(values)) + 1e-9)
        self.high = max(self.low + 1, math.ceil(math.log10(max(values)) - 1e-9))
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def decades(self) -> list[int]:
        return [10**power for power in range(self.low, self.high + 1)] if self.low >= 0 else [1]


def draw(chart: Chart) -> str:
    """The chart as one SVG document, the same text for the same numbers."""
    points = [point for part in (chart.lines, chart.marks) for each in part.values() for point in each]
    x = _Axis([point[0] for point in points], LEFT, WIDTH - RIGHT)
    y = _Axis([point[1] for point in points], HEIGHT - BOTTOM, TOP)
    parts = [*_frame(chart, x, y), *_lines(chart, x, y), *_marks(chart, x, y)]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(chart.title)}" font-family="system-ui, sans-serif" font-size="13">'
    )
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    return "\n".join([opening, ground, *parts, "</svg>\n"])


def _frame(chart: Chart, x: _Axis, y: _Axis) -> Iterator[str]:
    yield f'<text x="{LEFT}" y="26" font-size="15" font-weight="600">{escape(chart.title)}</text>'
    for value in x.decades():
        yield _rule(x.at(value), TOP, x.at(value), HEIGHT - BOTTOM)
        yield _text(x.at(value), HEIGHT - BOTTOM + 18, f"{value:,}", "middle")
    for value in y.decades():
        yield _rule(LEFT, y.at(value), WIDTH - RIGHT, y.at(value))
        yield _text(LEFT - 8, y.at(value) + 4, f"{value:,}", "end")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, chart.x_label, "middle")
    middle = (TOP + HEIGHT - BOTTOM) / 2
    yield f'<g transform="rotate(-90 16 {middle})">{_text(16, middle, chart.y_label, "middle")}</g>'


def _lines(chart: Chart, x: _Axis, y: _Axis) -> Iterator[str]:
    for (label, points), colour in zip(chart.lines.items(), COLOURS, strict=False):
        path = " ".join(f"{x.at(across)},{y.at(up)}" for across, up in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        for across, up in points:
            yield f'<circle cx="{x.at(across)}" cy="{y.at(up)}" r="3.5" fill="{colour}"/>'
        last_x, last_y = points[-1]
        yield _text(x.at(last_x) + 10, y.at(last_y) + 4, label, "start", colour)


def _marks(chart: Chart, x: _Axis, y: _Axis) -> Iterator[str]:
    for label, points in chart.marks.items():
        for across, up in points:
            left, height = x.at(across), y.at(up)
            yield f'<path d="M{left - 12} {height} h24" stroke="#b00020" stroke-width="3"/>'
            yield _text(left, height - 8, label, "middle", "#b00020")


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1} {y1} L{x2} {y2}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
