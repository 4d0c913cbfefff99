"""An author's words where no markup may be: without what steers a terminal, a file or the direction of other words."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Final

from .drawing import Asks, Either, Every, Opposite, Phrase, Says

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from discreet.model import Window

    from .drawing import Drawing, DrawnOffer
    from .words import Words

# What overrides or embeds a direction; joiners, which some scripts are written with, stay.
_STEERING: Final = dict.fromkeys([0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def plain(text: str) -> str:
    """`text` on one line, without control characters and without marks of direction."""
    kept = (
        char if char.isprintable() or char in "\u200c\u200d" else " " for char in text.translate(_STEERING)
    )
    return " ".join("".join(kept).split())


def in_words(phrase: Phrase, drawing: Drawing, words: Words) -> str:
    """A phrase as one text: named conditions by what they say, the rest as expressions."""
    match phrase:
        case Says(condition):
            return plain(drawing.conditions[condition].condition.says)
        case Asks(text):
            return plain(text)
        case Every(parts):
            return _joined(parts, words["and"], drawing, words)
        case Either(parts):
            return _joined(parts, words["or"], drawing, words)
        case Opposite(part):
            return f"{words['not']} ({in_words(part, drawing, words)})"


def _joined(parts: Sequence[Phrase], word: str, drawing: Drawing, words: Words) -> str:
    said = (in_words(part, drawing, words).rstrip(".") for part in parts)
    return f" {word} ".join(
        f"({text})" if isinstance(part, (Every, Either)) else text
        for part, text in zip(parts, said, strict=True)
    )


def headline(drawn: DrawnOffer) -> str:
    """What an offer is called, with the defaults of its tokens."""
    return plain(drawn.headline) if drawn.offer.says else plain(printed(drawn.headline))


def printed(text: str) -> str:
    """A text of content as it prints where nothing may be known; an id, which may have no token, is itself."""
    from discreet.model import parse_template

    return "".join(
        part if isinstance(part, str) else part.default or "\u2026" for part in parse_template(text)
    )


def window(valid: Window, words: Words) -> str:
    """An offer's window in days of UTC; nothing where it is always valid."""
    if valid.from_ms is None and valid.until_ms is None:
        return ""
    if valid.from_ms is None:
        return words["window_until"].format(until=day(valid.until_ms or 0))
    if valid.until_ms is None:
        return words["window_from"].format(**{"from": day(valid.from_ms)})
    return f"{day(valid.from_ms)} \u2013 {day(valid.until_ms)}"


def day(instant_ms: float) -> str:
    """`2026-03-01`, in UTC; the milliseconds as they are beyond the years 1 to 9999."""
    try:
        moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(
            milliseconds=instant_ms
        )
    except OverflowError:
        return str(instant_ms)
    return moment.date().isoformat()


def value_in_words(value: object) -> str:
    """A value of content on one line."""
    return plain(value) if isinstance(value, str) else plain(json.dumps(value, ensure_ascii=False))


def listed(values: Iterable[str]) -> str:
    return ", ".join(values)
