"""A drawing as SVG for slides: shapes and texts only, so that browsers and slide tools show the same.

No style sheet, no script, no embedded HTML. Lines are broken here, by estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from .drawing import Drawing
from .html import facts, purpose_name
from .joined import entered, in_rows
from .pages import DRAWN
from .plain import headline, in_words, plain, window
from .svg_canvas import ACCENT, LINE, PAPER, SHEET, SOFT, WARN, Canvas, Face
from .svg_text import is_rtl, width_of
from .words import Words, words_in

if TYPE_CHECKING:
    from .drawing import Board, DrawnModel, DrawnOffer, DrawnPlacement, DrawnStage, Phrase

WIDTH: Final = 1920
MARGIN: Final = 56
NAMES: Final = 220  # the first column
GAP: Final = 14
CROWDED: Final = 60  # offers; from there on cards have no conditions
_FONT: Final = "Helvetica Neue, Helvetica, Arial, Noto Sans, DejaVu Sans, sans-serif"


def as_svg(drawing: Drawing, *, language: str = "en") -> str:
    """The journey as one SVG picture, 1920 wide and as high as it needs.

    Raises:
        KeyError: the page's words do not have that language.
    """
    picture = _Picture(drawing, words_in(language))
    height = picture.drawn() + MARGIN
    title = escape(plain(drawing.title))
    size = f'width="{WIDTH}" height="{height:g}"'
    root = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height:g}" font-family="{_FONT}"'
    head = ['<?xml version="1.0" encoding="UTF-8"?>', DRAWN, f'{root} role="img" aria-label="{title}">']
    ground = f'<rect {size} fill="{PAPER}"/>'
    return "\n".join([*head, f"<title>{title}</title>", ground, *picture.canvas.elements, "</svg>\n"])


class _Picture:
    def __init__(self, drawing: Drawing, words: Words) -> None:
        self.canvas = Canvas()
        self._drawing = drawing
        self._words = words
        competing = sum(1 for model in drawing.models for each in model.offers if each.offer.placements)
        self._crowded = competing > CROWDED

    def drawn(self) -> float:
        """Draw everything; where it ends."""
        y = self._head()
        for board in self._drawing.boards:
            y = self._board(board, y) + 40
        return y

    def _head(self) -> float:
        drawing, canvas = self._drawing, self.canvas
        canvas.text(MARGIN, MARGIN + 34, plain(drawing.title), Face(40, bold=True), room=WIDTH - 2 * MARGIN)
        canvas.text(MARGIN, MARGIN + 68, " \u00b7 ".join(facts(drawing, self._words)), Face(18, SOFT))
        x, y = float(MARGIN), MARGIN + 96.0
        for number, mark in enumerate(drawing.marks):
            name = plain(purpose_name(mark, self._words))
            width = width_of(name, 16) + 48
            if x + width > WIDTH - MARGIN:
                x, y = MARGIN, y + 34
            canvas.marks(x, y, [number], drawing.marks, 10)
            canvas.text(x + 28, y + 16, name, Face(16))
            x += width
        return y + 64

    def _board(self, board: Board, y: float) -> float:
        for stages in in_rows(board.stages):
            y = self._stretch(board, stages, y) + 24
        return y

    def _stretch(self, board: Board, stages: Sequence[str], y: float) -> float:
        """So many stages as are read beside one another, and all placements beneath them."""
        column = (WIDTH - 2 * MARGIN - NAMES) / len(stages)
        y = self._stages(board, stages, y, column)
        for number in board.models:
            model = self._drawing.models[number]
            self.canvas.text(MARGIN, y + 40, plain(model.model.channel), Face(22, ACCENT, bold=True))
            y += 54
            for placement in model.placements:
                self.canvas.rule(MARGIN, y, WIDTH - MARGIN)
                y = self._row(stages, model, placement, y + GAP, column) + GAP
        return y

    def _stages(self, board: Board, stages: Sequence[str], y: float, column: float) -> float:
        room = column - GAP
        top = max(self._step(board, name, self._left(at, column), y, room) for at, name in enumerate(stages))
        ends = [y]
        for at, name in enumerate(stages):
            x, bottom = self._left(at, column), top
            for each in entered(self._drawing.models, board, name):
                if each.channels:
                    channels = plain(", ".join(each.channels))
                    bottom = self.canvas.words(x, bottom, channels, Face(13, ACCENT, bold=True), room=room)
                bottom = self._told(each.stage, x, bottom, room)
            ends.append(bottom)
        return max(ends)

    def _left(self, at: int, column: float) -> float:
        return MARGIN + NAMES + at * column

    def _step(self, board: Board, name: str, x: float, y: float, room: float) -> float:
        """A stage's number and name; where what is told of it may begin."""
        self.canvas.dot(x + 14, y + 14, 14)
        number = str(board.stages.index(name) + 1)
        self.canvas.text(x + 14, y + 19, number, Face(14, "#fff", bold=True), middle=True)
        bottom = self.canvas.words(x + 38, y + 2, plain(name), Face(19, bold=True), room=room - 38, most=2)
        return max(y + 42, bottom + 6)

    def _told(self, drawn: DrawnStage, x: float, y: float, room: float) -> float:
        y = self.canvas.words(x, y, plain(drawn.stage.says), Face(15), room=room)
        if not drawn.asks:
            return self.canvas.words(x, y, self._words["everyone_begins"], Face(13, SOFT), room=room)
        y = self._asks(drawn.asks, x, y + 4, room)
        self.canvas.marks(x, y + 4, drawn.marks, self._drawing.marks, 9)
        return y + 30

    def _asks(self, asks: Sequence[Phrase], x: float, y: float, room: float) -> float:
        for each in asks:
            said = in_words(each, self._drawing, self._words)
            dot, left = (room - 3, 0) if is_rtl(said) else (3, 12)
            self.canvas.dot(x + dot, y + 9, 2.5)
            y = self.canvas.words(x + left, y, said, Face(13, SOFT), room=room - 12, most=6) + 2
        return y

    def _row(
        self, stages: Sequence[str], model: DrawnModel, placement: DrawnPlacement, y: float, column: float
    ) -> float:
        ends = [self._name(model, placement, y)]
        own = [each.stage.id for each in model.stages]
        for at, name in enumerate(stages):
            x, bottom = self._left(at, column), y
            for number in placement.cells[own.index(name)] if name in own else ():
                bottom = self._card(model.offers[number], x, bottom, column - GAP) + 8
            ends.append(bottom)
        return max(ends)

    def _name(self, model: DrawnModel, placement: DrawnPlacement, y: float) -> float:
        room = NAMES - 2 * GAP
        top = self.canvas.words(MARGIN, y, plain(placement.placement.id), Face(17, bold=True), room=room) + 6
        self.canvas.text(MARGIN + 10, top + 19, self._words["otherwise"], Face(12, SOFT, bold=True))
        fallback = headline(model.offers[placement.fallback])
        bottom = self.canvas.words(MARGIN + 10, top + 25, fallback, Face(14), room=room - 20) + 6
        self.canvas.box(MARGIN, top, room, bottom - top, fill="none", stroke=SOFT)
        return bottom + 4

    def _card(self, drawn: DrawnOffer, x: float, y: float, room: float) -> float:
        """A card is painted before its texts, whose height is known only after them."""
        before, self.canvas.elements = self.canvas.elements, []
        inner = room - 20
        bottom = self.canvas.words(x + 10, y + 8, headline(drawn), Face(15, bold=True), room=inner)
        if not self._crowded:
            bottom = self._asks(drawn.asks, x + 10, bottom + 2, inner)
        for text, colour in self._remarks(drawn):
            bottom = self.canvas.words(x + 10, bottom, text, Face(12, colour), room=inner)
        if drawn.marks:
            self.canvas.marks(x + 10, bottom + 3, drawn.marks, self._drawing.marks, 9)
            bottom += 26
        texts, self.canvas.elements = self.canvas.elements, before
        stroke = WARN if drawn.offer.waives_withdrawal else LINE
        self.canvas.box(x, y, room, bottom - y + 6, fill=SHEET, stroke=stroke)
        self.canvas.elements += texts
        return bottom + 6

    def _remarks(self, drawn: DrawnOffer) -> Iterator[tuple[str, str]]:
        if drawn.offer.waives_withdrawal:
            yield self._words["waives"], WARN
        valid = window(drawn.offer.valid, self._words)
        if valid:
            yield valid, SOFT
