"""The journey as a Mermaid diagram: stages from left to right, in each what can show where.

Whatever an author wrote becomes an entity where Mermaid would take it for syntax, or its renderer for markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from .drawing import Drawing
from .joined import entered
from .plain import headline, in_words, plain
from .words import Words, counted

if TYPE_CHECKING:
    from .drawing import Board, DrawnModel, DrawnPlacement, Entered

MOST: Final = 8  # offers of a node that are named
LONGEST: Final = 60  # characters of a name
# Letters, digits and what neither Mermaid nor HTML nor Markdown gives a meaning.
_PLAIN: Final = frozenset(" .,!?'+-/()%:\u2013\u2026\u00b7")


def as_mermaid(drawing: Drawing, board: Board, words: Words) -> str:
    """One board as a flowchart, without fences. Nodes are named by position, never by an author."""
    return "\n".join(_lines(drawing, board, words))


def escaped(text: str) -> str:
    """`text` within quotes of Mermaid's: `#` and a code point stand for whatever could be syntax or markup."""
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in text)


def _lines(drawing: Drawing, board: Board, words: Words) -> Iterator[str]:
    yield "flowchart LR"
    for at, name in enumerate(board.stages):
        yield f'  subgraph s{at}["{at + 1}. {escaped(plain(name))}"]'
        yield "    direction TB"
        for node, label in _nodes(drawing, board, name, at, words):
            yield f'    {node}["{label}"]'
        yield "  end"
    for at, name in enumerate(board.stages[1:], 1):
        yield f'  s{at - 1} -->|"{escaped(_entry(drawing, board, name, words))}"| s{at}'


def _nodes(drawing: Drawing, board: Board, stage: str, at: int, words: Words) -> Iterator[tuple[str, str]]:
    for number in board.models:
        model = drawing.models[number]
        own = [each.stage.id for each in model.stages]
        for place, placement in enumerate(model.placements):
            offers = placement.cells[own.index(stage)] if stage in own else ()
            yield f"s{at}m{number}p{place}", _label(model, placement, offers, words)


def _label(model: DrawnModel, placement: DrawnPlacement, offers: tuple[int, ...], words: Words) -> str:
    named = [headline(model.offers[number]) for number in offers[:MOST]]
    more = [counted(words, "more", len(offers) - MOST)] if len(offers) > MOST else []
    otherwise = f"{words['otherwise']}: {_short(headline(model.offers[placement.fallback]))}"
    lines = [*map(_short, named), *more, otherwise]
    place = f"{plain(model.model.channel)} \u00b7 {plain(placement.placement.id)}"
    return "<br/>".join([f"<b>{escaped(place)}</b>", *map(escaped, lines)])


def _entry(drawing: Drawing, board: Board, name: str, words: Words) -> str:
    ways = (_way(each, drawing, words) for each in entered(drawing.models, board, name))
    return " / ".join(dict.fromkeys(ways))


def _way(each: Entered, drawing: Drawing, words: Words) -> str:
    asked = (in_words(one, drawing, words).rstrip(".") for one in each.stage.asks)
    said = _short(f" {words['and']} ".join(asked)) or words["everyone_begins"]
    return f"{plain(', '.join(each.channels))}: {said}" if each.channels else said


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}\u2026"
