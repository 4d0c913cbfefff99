"""JSON with gaps, where a visitor's values go into texts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

import orjson

from discreet.runtime.content import Template, text_of

_PER_GAP: Final = 256  # octets that a gap takes beside its texts


class WithGaps:
    """A document whose texts may be `Template`s: its JSON, cut where values go.

    Attributes:
        first: The JSON up to the first gap; all of it where there is none.
        gaps: For each gap the number of its attribute, what stands there without a value, and the JSON after it.
        size: What all this takes, in octets, at most.
    """

    __slots__ = ("first", "gaps", "size")

    def __init__(self, document: dict[str, Any]) -> None:
        tokens: list[tuple[int, str]] = []
        mark = secrets.token_hex(16)  # stands in no text, for nobody could know it

        def marked(template: object) -> str:
            assert isinstance(template, Template)  # noqa: S101 - all else is JSON
            tokens.extend(part for part in template.parts if not isinstance(part, str))
            return "".join(part if isinstance(part, str) else mark for part in template.parts)

        self.first, *after = orjson.dumps(document, default=marked).split(mark.encode())
        self.gaps = tuple(
            (number, _inside(default), json) for (number, default), json in zip(tokens, after, strict=True)
        )
        lengths = [_PER_GAP + len(default) + len(json) for _, default, json in self.gaps]
        self.size = len(self.first) + sum(lengths)

    def filled(self, values: Sequence[Any]) -> bytes:
        """The JSON for a visitor with these values."""
        pieces = [self.first]
        for number, default, json in self.gaps:
            value = values[number]
            pieces += (default if value is None else _inside(text_of(value, "")), json)
        return b"".join(pieces)


def _inside(text: str) -> bytes:
    """`text` as it stands in a JSON text, without the quotes: what is escaped in one depends on no neighbour."""
    return orjson.dumps(text)[1:-1]
