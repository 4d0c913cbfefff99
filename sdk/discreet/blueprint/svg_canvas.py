"""Shapes and lines of text as SVG: the only place where a text becomes markup, and is escaped for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final

from .drawing import MarkKind
from .svg_text import is_rtl, wrapped

if TYPE_CHECKING:
    from .drawing import Mark

PAPER, SHEET, LINE = "#f6f4ef", "#fffefb", "#dcd7cb"
INK, SOFT, ACCENT, WARN = "#1f2630", "#565d68", "#1d5c63", "#8a4300"
LEADING: Final = 1.32  # of a line, to its size
BOLD: Final = 1.14  # how much wider a bold text is
_COLOURS: Final = ("#2f5fa8", "#a8431c", "#0f6f66", "#7a3f98", "#7d5a05", "#ab2758", "#4b5b6b", "#3b6f22")
_SHAPES: Final = (  # of a square of 2 by 2 around 0, as a path; colours and shapes are the style sheet's
    "M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z",
    "M-1 -1H1V1H-1Z",
    "M-.5 -1H.5L1 0L.5 1H-.5L-1 0Z",
    "M-1 1V0A1 1 0 0 1 1 0V1Z",
    "M-.4 -1H.4L1 -.4V.4L.4 1H-.4L-1 .4V-.4Z",
    "M-1 -1H1V0A1 1 0 0 1 -1 0Z",
    "M-1 1V0A1 1 0 0 1 0 -1H1V0A1 1 0 0 1 0 1Z",
    "M-1 -1H1V.36L0 1L-1 .36Z",
)


@dataclass(frozen=True, slots=True)
class Face:
    """How a text looks; `size` is that of the font, in pixels."""

    size: float
    fill: str = INK
    bold: bool = False


@dataclass(slots=True)
class Canvas:
    """Elements in the order in which they are painted, each a line of SVG. All lengths are pixels."""

    elements: list[str] = field(default_factory=list[str])

    def box(self, x: float, y: float, width: float, height: float, *, fill: str, stroke: str) -> None:
        """A sheet; one that is not filled is drawn with dashes."""
        dashes = ' stroke-dasharray="5 4"' if fill == "none" else ""
        self.elements.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" fill="{fill}" stroke="{stroke}"'
            f"{dashes}/>"
        )

    def rule(self, x: float, y: float, to: float) -> None:
        self.elements.append(f'<path d="M{x:g} {y:g}H{to:g}" stroke="{LINE}" stroke-width="1.5"/>')

    def dot(self, x: float, y: float, radius: float) -> None:
        self.elements.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{ACCENT}"/>')

    def text(
        self, x: float, y: float, text: str, face: Face, *, room: float = 0, middle: bool = False
    ) -> None:
        """One line on the base line `y`. A text from right to left ends at `x`, and begins where its `room` does."""
        weight = ' font-weight="700"' if face.bold else ""
        anchor = ' text-anchor="middle"' if middle else ""
        if room and is_rtl(text):
            x, anchor = x + room, ' direction="rtl"'
        look = f'font-size="{face.size:g}" fill="{face.fill}"{weight}{anchor}'
        self.elements.append(f'<text x="{x:g}" y="{y:g}" {look}>{escape(text)}</text>')

    def words(self, x: float, y: float, text: str, face: Face, *, room: float, most: int = 4) -> float:
        """`text` in at most `most` lines, the first with its top at `y`; where the next would begin."""
        for line in wrapped(text, face.size, room / (BOLD if face.bold else 1), most):
            self.text(x, y + face.size, line, face, room=room)
            y += face.size * LEADING
        return y

    def marks(self, x: float, y: float, numbers: Sequence[int], marks: Sequence[Mark], radius: float) -> None:
        """Marks in a row, from their left edge and their top."""
        for place, number in enumerate(numbers):
            self._mark(x + radius + place * (2 * radius + 5), y + radius, number, marks[number], radius)

    def _mark(self, x: float, y: float, number: int, mark: Mark, radius: float) -> None:
        kind, shape, colour = number % len(_SHAPES), "", ""
        if mark.kind is MarkKind.ESSENTIAL:
            kind, shape, colour = 0, f'fill="none" stroke="{SOFT}" stroke-width=".12"', SOFT
        else:
            shape, colour = f'fill="{_COLOURS[kind]}"', "#fff"
        place = f"translate({x:g} {y:g}) scale({radius:g})"
        self.elements.append(f'<path transform="{place}" d="{_SHAPES[kind]}" {shape}/>')
        face = Face(radius * 1.25, colour, bold=True)
        self.text(x, y + radius * 0.45, mark.letter, face, middle=True)
