"""A drawing as GitHub-flavoured Markdown with a Mermaid diagram, to keep beside the model; all words are escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from .html import facts, purpose_name
from .mermaid import as_mermaid
from .pages import DRAWN
from .plain import headline, in_words, listed, plain
from .requirements import Requirements, Sheet
from .words import Words, words_in

if TYPE_CHECKING:
    from .drawing import Drawing, DrawnModel, DrawnOffer, DrawnPlacement

# What would be emphasis, code, a link, an image, HTML or an entity, or would end a cell; an underscore within a word is
# none of these.
_MARKUP: Final = re.compile(r"[\\`*\[\]<>&|~]|#(?!\d)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# What GitHub makes of a text once its backslashes are gone: mentions, formulas, emoji, links to issues and addresses.
_SPELLS: Final = re.compile(r"[@$]|#(?=\d)|:(?=//)|(?<=www)\.|:(?=[\\\w+-]+:)", re.IGNORECASE)


def as_markdown(drawing: Drawing, *, language: str = "en") -> str:
    """The blueprint as Markdown.

    Raises:
        KeyError: the page's words do not have that language.
    """
    return "\n".join(_lines(drawing, words_in(language))) + "\n"


def _lines(drawing: Drawing, words: Words) -> Iterator[str]:
    yield f"# {words['blueprint']}: {_text(plain(drawing.title))}"
    yield from ("", " \u00b7 ".join(facts(drawing, words)), "")
    for mark in drawing.marks:
        name = purpose_name(mark, words)
        yield f"- **{mark.letter}** {_text(plain(name))}{'' if name == mark.key else f' (`{mark.key}`)'}"
    yield from _heading(words["journey"])
    for board in drawing.boards:
        yield from ("```mermaid", as_mermaid(drawing, board, words), "```", "")
    for model in drawing.models:
        yield from _model(drawing, model, words)
    asked = Requirements(drawing, words)
    chapters = {
        "data": asked.attributes(),
        "decisions": asked.decisions(),
        "design": asked.design(),
        "distribution": asked.distribution(),
        "sides": asked.sides(),
    }
    for name, sheets in chapters.items():
        if sheets:
            yield from _heading(words[name])
            yield words[f"{name}_explained"]
            for sheet in sheets:
                yield from ("", f"### {sheet.title}", "", *_table(sheet))
    yield from ("", words["footer"], "", DRAWN)


def _heading(text: str) -> Iterator[str]:
    yield from ("", f"## {text}", "")


def _model(drawing: Drawing, model: DrawnModel, words: Words) -> Iterator[str]:
    stages = [each.stage.id for each in model.stages]
    rows = tuple(_placement(drawing, model, each, words) for each in model.placements)
    sheet = Sheet("", (words["placement"], *stages, words["otherwise"]), rows)
    yield from (
        f"### {_text(plain(model.model.channel))}: {_text(plain(model.model.id))}",
        "",
        *_table(sheet),
        "",
    )


def _placement(
    drawing: Drawing, model: DrawnModel, placement: DrawnPlacement, words: Words
) -> tuple[str, ...]:
    cells = (
        "\n".join(_card(drawing, model.offers[number], words) for number in cell) for cell in placement.cells
    )
    return placement.placement.id, *cells, headline(model.offers[placement.fallback])


def _card(drawing: Drawing, drawn: DrawnOffer, words: Words) -> str:
    asks = "; ".join(in_words(each, drawing, words).rstrip(".") for each in drawn.asks)
    marks = listed(drawing.marks[number].letter for number in drawn.marks)
    waives = f" ({words['waives']})" if drawn.offer.waives_withdrawal else ""
    return headline(drawn) + waives + (f": {asks}" if asks else "") + (f" ({marks})" if marks else "")


def _table(sheet: Sheet) -> Iterator[str]:
    yield _row(sheet.head)
    yield f"| {' | '.join(['---'] * len(sheet.head))} |"
    yield from map(_row, sheet.rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join('<br>'.join(map(_text, cell.splitlines())) for cell in cells)} |"


def _text(text: str) -> str:
    return _SPELLS.sub(r"<span>\g<0></span>", _MARKUP.sub(r"\\\g<0>", text))
