"""Slots of texts: which prefixes, suffixes or substrings of a string clauses name. They are its members.

None of them looks at every text that a clause names, nor at every length: a model may name thousands.
"""

from __future__ import annotations

from bisect import bisect_right

from .index import MembersSlot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

FEW_TEXTS = 32  # substrings up to which each is simply looked for
_ANCHORS = (8, 4, 2, 1, 0)  # lengths of the beginnings under which substrings are filed


class PrefixesSlot(MembersSlot):
    """The prefixes of a string that clauses name.

    In order, the last text that is not after the value either is its longest named prefix or shares with it just a
    prefix that is shorter; so the named prefixes are on the way up from there.
    """

    __slots__ = ("_texts", "_up")

    def file(self) -> None:
        self._texts = sorted(map(self._turned, self.named))
        self._up: dict[str, str | None] = {}  # the longest other text that is a prefix of it
        way: list[str] = []
        for text in self._texts:
            while way and not text.startswith(way[-1]):
                way.pop()
            self._up[text] = way[-1] if way else None
            way.append(text)

    def _turned(self, text: str) -> str:
        """How a text is read."""
        return text

    def members(self, value: Any) -> Collection[str]:
        value = self._turned(value)
        at = bisect_right(self._texts, value)
        text = self._texts[at - 1] if at else None
        while text is not None and not value.startswith(text):
            text = self._up[text]
        found: list[str] = []
        while text is not None:
            found.append(self._turned(text))
            text = self._up[text]
        return found


class SuffixesSlot(PrefixesSlot):
    """The suffixes of a string that clauses name: the prefixes of what is read backwards."""

    __slots__ = ()

    def _turned(self, text: str) -> str:
        return text[::-1]


class SubstringsSlot(MembersSlot):
    """The substrings of a string that clauses name; many of them are filed under how they begin."""

    __slots__ = ("_filed",)

    def file(self) -> None:
        self._filed: dict[int, dict[str, list[str]]] = {}
        for text in self.named:
            length = next(each for each in _ANCHORS if each <= len(text))
            self._filed.setdefault(length, {}).setdefault(text[:length], []).append(text)

    def members(self, value: Any) -> Collection[str]:
        if len(self.named) <= FEW_TEXTS:
            return [text for text in self.named if text in value]
        found: list[str] = []
        for length, filed in self._filed.items():
            there = {value[at : at + length] for at in range(len(value) - length + 1)}
            for anchor in filed.keys() & there:
                found += [text for text in filed[anchor] if text in value]
        return found
