"""What is asked of a text: equal to some, to none of some, how it starts and ends, what it contains and does not.

The least text that fulfils it is made of what it must start with, contain and end with, held apart by a character
that is in none of the literals: so no unwanted literal comes about where two pieces meet. Hence an unwanted literal
is unavoidable exactly when one of the pieces has it already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from discreet.runtime import kleene as k
from discreet_consent.values import MAX_STRING_LENGTH, normal_string

from .doubt import Doubt

if TYPE_CHECKING:
    from discreet.runtime.kleene import Tree

_NOTHING: frozenset[str] = frozenset()
# What holds pieces apart: plain characters first, then ideographs, which compose with nothing.
_PLAIN = "x_0-y1z2.:/#"
_IDEOGRAPHS = range(0x4E00, 0x9F00)


@dataclass(frozen=True, slots=True)
class Texts:
    """A text in normal form.

    Attributes:
        among: The texts of which it is one; None: any.
        denied: Texts that it is not.
        starts, ends: The longest that it starts and ends with.
        holds: What it contains.
        no_starts, no_ends, no_holds: What it does not start with, end with, contain.
    """

    lower: bool = False
    among: frozenset[str] | None = None
    denied: frozenset[str] = _NOTHING
    starts: str = ""
    ends: str = ""
    holds: frozenset[str] = _NOTHING
    no_starts: frozenset[str] = _NOTHING
    no_ends: frozenset[str] = _NOTHING
    no_holds: frozenset[str] = _NOTHING

    def tested(self, leaf: Tree, wanted: bool) -> Texts | None:
        if leaf[0] == k.COMPARE:
            return self.named(frozenset((leaf[3],)), wanted == (leaf[2] == k.EQUAL))
        if leaf[0] == k.AMONG:
            return self.named(frozenset(leaf[2]), wanted)
        if leaf[0] == k.STARTS_WITH:
            return self.starting(leaf[2], wanted)
        if leaf[0] == k.ENDS_WITH:
            return self._ending(leaf[2], wanted)
        return self._holding(leaf[2], wanted)

    def named(self, texts: frozenset[str], wanted: bool) -> Texts | None:
        """This, and one of `texts`, or none of them."""
        if not wanted:
            return replace(self, denied=self.denied | texts)._settled()
        return replace(self, among=texts if self.among is None else self.among & texts)._settled()

    def starting(self, text: str, wanted: bool) -> Texts | None:
        """This, and starting with `text`, or not."""
        if not wanted:
            return replace(self, no_starts=self.no_starts | {text})._settled()
        short, long = sorted((self.starts, text), key=len)
        return replace(self, starts=long)._settled() if long.startswith(short) else None

    def _ending(self, text: str, wanted: bool) -> Texts | None:
        if not wanted:
            return replace(self, no_ends=self.no_ends | {text})._settled()
        short, long = sorted((self.ends, text), key=len)
        return replace(self, ends=long)._settled() if long.endswith(short) else None

    def _holding(self, text: str, wanted: bool) -> Texts | None:
        if not wanted:
            return replace(self, no_holds=self.no_holds | {text})._settled()
        return replace(self, holds=self.holds | {text})._settled()

    def both(self, other: Texts) -> Texts | None:
        """This and another, of the same normal form."""
        among = other.among if self.among is None else self.among
        if self.among is not None and other.among is not None:
            among = self.among & other.among
        merged: Texts | None = replace(
            self,
            among=among,
            denied=self.denied | other.denied,
            holds=self.holds | other.holds,
            no_starts=self.no_starts | other.no_starts,
            no_ends=self.no_ends | other.no_ends,
            no_holds=self.no_holds | other.no_holds,
        )._settled()
        merged = merged and merged.starting(other.starts, wanted=True)
        return merged and merged._ending(other.ends, wanted=True)

    def value(self) -> str:
        return next(self.candidates())

    def fits(self, text: str) -> bool:
        """Whether `text` is such a text."""
        return self._asked(text) and normal_string(text, self.lower) == text

    def letters(self) -> frozenset[str]:
        """The characters of all literals."""
        several = (self.among or (), self.denied, self.holds, self.no_starts, self.no_ends, self.no_holds)
        return frozenset(chain(self.starts, self.ends, chain.from_iterable(chain.from_iterable(several))))

    def candidates(self) -> Iterator[str]:
        """Texts that fit, the most readable first; all of them where `among` says which."""
        if self.among is not None:
            yield from filter(self.fits, sorted(self.among))
            return
        short = chain([self.starts, self.ends, self.starts + self.ends], sorted(self.holds))
        yield from filter(self.fits, filter(None, short))
        yield from filter(self.fits, self._held_apart())

    def _settled(self) -> Texts | None:
        """This, or None when there is no such text."""
        if self.among is not None:
            left = frozenset(
                each for each in self.among if len(each) <= MAX_STRING_LENGTH and self._asked(each)
            )
            if left and not any(map(self.fits, left)):
                raise Doubt("a text that is not its own normal form")
            return replace(self, among=left) if left else None
        if self._contradicts() or self._too_long():
            return None
        if next(self.candidates(), None) is None:
            raise Doubt("a text of which no example was found")
        return self

    def _asked(self, text: str) -> bool:
        return (
            (self.among is None or text in self.among)
            and text not in self.denied
            and text.startswith(self.starts)
            and text.endswith(self.ends)
            and all(each in text for each in self.holds)
            and not any(each in text for each in self.no_holds)
            and not any(map(text.startswith, self.no_starts))
            and not any(map(text.endswith, self.no_ends))
        )

    def _contradicts(self) -> bool:
        pieces = (self.starts, self.ends, *self.holds)
        return (
            any(unwanted in piece for unwanted in self.no_holds for piece in pieces)
            or any(map(self.starts.startswith, self.no_starts))
            or any(map(self.ends.endswith, self.no_ends))
        )

    def _too_long(self) -> bool:
        return max(map(len, (self.starts, self.ends, *self.holds))) > MAX_STRING_LENGTH

    def _held_apart(self) -> Iterator[str]:
        pieces = sorted(self.holds)
        needed = [
            each
            for each in pieces
            if not any(each in other and each != other for other in (*pieces, self.starts, self.ends))
            and each not in (self.starts, self.ends)
        ]
        literals = chain(self.denied, self.no_starts, self.no_ends, self.no_holds, pieces)
        used = frozenset(chain(self.starts, self.ends, *literals))
        for apart in chain(_PLAIN, map(chr, _IDEOGRAPHS)):
            text = self.starts + apart + "".join(each + apart for each in needed) + self.ends
            if len(text) > MAX_STRING_LENGTH:
                return
            if apart not in used:
                yield text
