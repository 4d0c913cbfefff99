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


DAY_MS: Final = 86_400_000
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


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
    """An offer's window; nothing where it is always valid.

    Whole days of UTC are told by the first and the last of them; else its edges are instants, `until` excluded.
    """
    begins, ends = valid.from_ms, valid.until_ms
    days = all(each is None or each % DAY_MS == 0 for each in (begins, ends))
    first = "" if begins is None else (day(begins) if days else instant(begins))
    last = "" if ends is None else (day(ends - DAY_MS) if days else instant(ends))
    if first and last:
        return f"{first} \u2013 {last}"
    if first:
        return words["window_from"].format(**{"from": first})
    return words["window_through" if days else "window_until"].format(until=last) if last else ""


def day(instant_ms: float) -> str:
    """`2026-03-01`, in UTC; the milliseconds as they are beyond the years 1 to 9999."""
    moment = _moment(instant_ms)
    return str(instant_ms) if moment is None else moment.date().isoformat()


def instant(instant_ms: float) -> str:
    """`2026-03-01 18:00 UTC`; seconds only where there are some."""
    moment = _moment(instant_ms)
    if moment is None:
        return str(instant_ms)
    precision = "minutes" if instant_ms % 60_000 == 0 else "seconds"
    return f"{moment.replace(tzinfo=None).isoformat(sep=' ', timespec=precision)} UTC"


def _moment(instant_ms: float) -> datetime.datetime | None:
    try:
        return _EPOCH + datetime.timedelta(milliseconds=instant_ms)
    except OverflowError:
        return None


def value_in_words(value: object) -> str:
    """A value of content on one line."""
    return plain(value) if isinstance(value, str) else plain(json.dumps(value, ensure_ascii=False))


def listed(values: Iterable[str]) -> str:
    return ", ".join(values)
