"""A drawing as one self-contained page: nothing is loaded, and the data stands in it once, for its script."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from .drawing import Drawing, MarkKind
from .packing import packed
from .pages import asset, environment, page
from .words import Words, counted, spoken, words_in

if TYPE_CHECKING:
    from .drawing import Mark

SCRIPTS: Final = (
    "core.js",
    "board.js",
    "details.js",
    "controls.js",
    "requirements.js",
    "start.js",
)  # in this order, as one script
_IN_SCRIPT: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def as_html(drawing: Drawing, *, language: str = "en") -> str:
    """The blueprint as one HTML page, its own words in one of `languages()`.

    Raises:
        KeyError: it does not speak that language.
    """
    words = words_in(language)
    body = environment().get_template("blueprint.html").render(_for_body(drawing, words))
    script = '"use strict";\n(() => {\n' + "\n".join(map(asset, SCRIPTS)) + "\n})();"
    title = words["window_title"].format(title=drawing.title)
    return page(
        title,
        Markup(body),  # noqa: S704 - autoescaped by the template
        language=language,
        style=asset("blueprint.css"),
        script=script,
    )


def _for_body(drawing: Drawing, words: Words) -> dict[str, object]:
    named = [(number, mark, purpose_name(mark, words)) for number, mark in enumerate(drawing.marks)]
    return {
        "title": drawing.title,
        "words": spoken(words),
        "facts": facts(drawing, words),
        "chapters": _chapters(drawing, words),
        "marks": named,
        "purposes": [
            (number, f"{mark.letter} \u00b7 {name}")
            for number, mark, name in named
            if mark.kind is not MarkKind.ESSENTIAL
        ],
        "channels": _twice(each.model.channel for each in drawing.models),
        "stages": _twice(stage for board in drawing.boards for stage in board.stages),
        "segments": _twice(each.condition.id for each in drawing.conditions if each.condition.segment),
        "drawing": embedded(packed(drawing)),
        "spoken": embedded(dict(words)),
        "footer": words["footer"],
    }


def embedded(document: object) -> Markup:
    """JSON that cannot end the element in which it stands."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 - has no character left that is markup


def purpose_name(mark: Mark, words: Words) -> str:
    """What people call a purpose, where there is a name for it; else its key."""
    return words.get(f"purpose.{mark.key}", mark.key)


def facts(drawing: Drawing, words: Words) -> list[str]:
    """How much there is of everything."""
    counts = {
        "channel": len({each.model.channel for each in drawing.models}),
        "stage": max(len(board.stages) for board in drawing.boards),
        "placement": sum(len(each.placements) for each in drawing.models),
        "offer": sum(1 for model in drawing.models for each in model.offers if each.offer.placements),
        "condition": len(drawing.conditions),
        "attribute": len(drawing.attributes),
    }
    return [counted(words, f"count_{name}", number) for name, number in counts.items()]


def _chapters(drawing: Drawing, words: Words) -> list[tuple[str, str]]:
    names = ["journey", "data", "decisions", "design", "distribution"]
    return [(name, words[name]) for name in (*names, *(["sides"] if len(drawing.models) > 1 else []))]


def _twice(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(each, each) for each in dict.fromkeys(values)]
