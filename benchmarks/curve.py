"""Pictures for the report as SVG: growth curves, both axes logarithmic, and bars. Plain text, no plotting library.

Colours are those of Okabe and Ito, which colour-blind readers tell apart; shapes and dashes say the same again.
Texts are dark on white and large, so that a phone can show them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 720
FONT: Final = 17
LEFT, RIGHT, TOP, BOTTOM = 104, 186, 92, 66  # margins of a growth chart
PLOT: Final = 470  # height of a growth chart's plot
GAP: Final = 25.0  # between the labels at the end of lines
NAMES: Final = 196  # width of the names beside bars
BAR, PITCH = 20, 33  # height of a bar, and from bar to bar

INK, PALE, OURS = "#1a1a1a", "#d9d9d9", "#000000"
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a7a7a")
SHAPES: Final = ("circle", "square", "diamond", "up", "down")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: `lines` and `marks` map a label to points (x, y) above zero; a mark stands alone.

    Attributes:
        strong: The labels of the lines that are drawn thick and black.
    """

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Points]
    marks: Mapping[str, Points]
    strong: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar for each label, from the top down; values above zero, on a logarithmic axis."""

    title: str
    x_label: str
    unit: str
    values: Mapping[str, float]
    strong: Sequence[str] = ()


class _Axis:
    """Maps whole decades onto pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low = math.floor(math.log10(min(values)) + 1e-9)
        self.high = max(self.low + 1, math.ceil(math.log10(max(values)) - 1e-9))
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def decades(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


# --- Growth ------------------------------------------------------------------------------------------------


def draw(chart: Chart) -> str:
    """The chart as one SVG document, the same text for the same numbers."""
    points = [point for part in (chart.lines, chart.marks) for each in part.values() for point in each]
    x = _Axis([point[0] for point in points], LEFT, WIDTH - RIGHT)
    y = _Axis([point[1] for point in points], TOP + PLOT, TOP)
    parts = [*_frame(chart, x, y), *_marks(chart, x, y), *_lines(chart, x, y)]
    return _document(chart.title, TOP + PLOT + BOTTOM, parts)


def _frame(chart: Chart, x: _Axis, y: _Axis) -> Iterator[str]:
    bottom, right = TOP + PLOT, WIDTH - RIGHT
    for value in x.decades():
        yield _rule(x.at(value), TOP, x.at(value), bottom)
        yield _text(x.at(value), bottom + 24, f"{value:,g}", "middle")
    for value in y.decades():
        yield _rule(LEFT, y.at(value), right, y.at(value))
        yield _text(LEFT - 9, y.at(value) + 6, f"{value:,g}", "end")
    yield _text((LEFT + right) / 2, bottom + 52, chart.x_label, "middle")
    middle = TOP + PLOT / 2
    yield f'<g transform="rotate(-90 18 {middle})">{_text(18, middle, chart.y_label, "middle")}</g>'


def _lines(chart: Chart, x: _Axis, y: _Axis) -> Iterator[str]:
    ends = {label: (x.at(points[-1][0]), y.at(points[-1][1])) for label, points in chart.lines.items()}
    heights = _spread([up for _, up in ends.values()], TOP + 4, TOP + PLOT)
    styles = _styles(chart)
    for (label, end), height in zip(ends.items(), heights, strict=True):
        yield from _label(label, end, height, styles[label], label in chart.strong)
    for label in sorted(chart.lines, key=lambda each: each in chart.strong):  # the strong ones on top
        colour, shape, dashes = styles[label]
        places = [(x.at(across), y.at(up)) for across, up in chart.lines[label]]
        path = " ".join(f"{across},{up}" for across, up in places)
        width = 4 if label in chart.strong else 2.4
        yield (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
            f' stroke-linejoin="round"{dashes}/>'
        )
        for across, up in places:
            yield _shape(shape, across, up, colour)


def _styles(chart: Chart) -> dict[str, tuple[str, str, str]]:
    """By label, the colour, the shape of the points, and the attribute for dashes."""
    styles: dict[str, tuple[str, str, str]] = {}
    others = [label for label in chart.lines if label not in chart.strong]
    for place, label in enumerate(others):
        again = place // len(COLOURS)
        dashes = f' stroke-dasharray="{9 - 5 * (again - 1)} 5"' if again else ""
        styles[label] = COLOURS[place % len(COLOURS)], SHAPES[place % len(SHAPES)], dashes
    for place, label in enumerate(chart.strong):
        styles[label] = OURS, SHAPES[place % len(SHAPES)], ' stroke-dasharray="3 5"' if place else ""
    return styles


def _label(
    label: str, end: tuple[float, float], height: float, style: tuple[str, str, str], strong: bool
) -> Iterator[str]:
    """The name beside the end of a line, led to by a thin line when it had to give way or the line ends early."""
    colour, shape, _ = style
    across = WIDTH - RIGHT + 24
    yield (
        f'<path d="M{end[0]} {end[1]} L{WIDTH - RIGHT + 8} {height}" fill="none" stroke="{colour}"'
        ' stroke-width="1" stroke-opacity="0.55" stroke-dasharray="2 3"/>'
    )
    yield _shape(shape, across - 8, height, colour)
    yield _text(across + 4, height + 6, label, "start", bold=strong)


def _spread(wanted: Sequence[float], low: float, high: float) -> list[float]:
    """Heights as near to the wanted ones as can be, at least GAP from each other and between `low` and `high`."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    blocks: list[list[int]] = []  # labels that stand close together move as one
    for place in order:
        blocks.append([place])
        while len(blocks) > 1 and _middle(blocks[-1], wanted, low, high) - _middle(
            blocks[-2], wanted, low, high
        ) < GAP / 2 * (len(blocks[-1]) + len(blocks[-2])):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    placed = [0.0] * len(wanted)
    for block in blocks:
        top = _middle(block, wanted, low, high) - GAP * (len(block) - 1) / 2
        for place, each in enumerate(block):
            placed[each] = round(top + GAP * place, 1)
    return placed


def _middle(block: Sequence[int], wanted: Sequence[float], low: float, high: float) -> float:
    half = GAP * (len(block) - 1) / 2
    return min(max(sum(wanted[each] for each in block) / len(block), low + half), high - half)


def _marks(chart: Chart, x: _Axis, y: _Axis) -> Iterator[str]:
    across = float(LEFT)
    for place, (label, points) in enumerate(chart.marks.items()):
        stroke = (
            f'stroke="{INK}" stroke-width="{2.5 if place else 5}" stroke-opacity="{1 if place else 0.45}"'
        )
        for point in points:
            yield f'<path d="M{x.at(point[0]) - 13} {y.at(point[1])} h26" {stroke}/>'
        yield f'<path d="M{across} 66 h26" {stroke}/>'
        yield _text(across + 34, 72, label, "start")
        across += 34 + 9.2 * len(label) + 26


# --- Bars --------------------------------------------------------------------------------------------------


def draw_bars(bars: Bars) -> str:
    """The bars as one SVG document, the same text for the same numbers."""
    top, right = 66, WIDTH - 96
    bottom = top + PITCH * len(bars.values) + 6
    x = _Axis(list(bars.values.values()), NAMES, right)
    parts: list[str] = []
    for value in x.decades():
        parts += [_rule(x.at(value), top - 6, x.at(value), bottom)]
        parts += [_text(x.at(value), bottom + 24, f"{value:,g}", "middle")]
    parts.append(_text((NAMES + right) / 2, bottom + 52, bars.x_label, "middle"))
    for place, (label, value) in enumerate(bars.values.items()):
        strong, height = label in bars.strong, top + PITCH * place + 4
        colour = OURS if strong else COLOURS[0]
        width = max(2.0, round(x.at(value) - NAMES, 1))
        parts.append(
            f'<rect x="{NAMES}" y="{height}" width="{width}" height="{BAR}" fill="{colour}" rx="2"/>'
        )
        parts.append(_text(NAMES - 10, height + 16, label, "end", bold=strong))
        said = f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
        parts.append(_text(NAMES + width + 8, height + 16, f"{said} {bars.unit}", "start", bold=strong))
    return _document(bars.title, bottom + 66, parts)


# --- Pieces ------------------------------------------------------------------------------------------------


def _document(title: str, height: float, parts: Sequence[str]) -> str:
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        f' role="img" aria-label="{escape(title)}" font-family="system-ui, -apple-system, Segoe UI, Helvetica,'
        f' Arial, sans-serif" font-size="{FONT}">'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    head = f'<text x="20" y="34" font-size="20" font-weight="600" fill="{INK}">{escape(title)}</text>'
    return "\n".join([opening, ground, head, *parts, "</svg>\n"])


def _shape(shape: str, x: float, y: float, colour: str) -> str:
    """A point of a line, 10 pixels wide, with a white rim that keeps it apart from what it lies on."""
    rim = f'fill="{colour}" stroke="#ffffff" stroke-width="1"'
    if shape == "circle":
        return f'<circle cx="{x}" cy="{y}" r="5" {rim}/>'
    corners = {
        "square": ((-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)),
        "diamond": ((0, -6.2), (6.2, 0), (0, 6.2), (-6.2, 0)),
        "up": ((0, -6), (5.8, 4.6), (-5.8, 4.6)),
        "down": ((0, 6), (5.8, -4.6), (-5.8, -4.6)),
    }[shape]
    path = " ".join(f"{round(x + across, 1)},{round(y + up, 1)}" for across, up in corners)
    return f'<polygon points="{path}" {rim}/>'


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1} {y1} L{x2} {y2}" stroke="{PALE}"/>'


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{INK}"{weight}>{escape(text)}</text>'
