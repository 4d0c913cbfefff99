"""Contents as visitors read them, tokens filled: who reads another text in the one than in the other.

Two templates may come to one text (`{n|5}` and `5`, for whom n is 5), and one template to two, where its attribute may
be known on one side only. So it is asked with which attributes known the two come to different words; and whoever is
found reads both, before they are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

from discreet.model import Token, parse_template
from discreet.runtime import kleene as k
from discreet.runtime.content import text_of
from discreet_consent import permit

from .changes_found import same_json
from .proofs import Either, Every, Holds, Undecided, Want

if TYPE_CHECKING:
    from discreet_consent import Attribute

    from .proofs import Journeys, Prover, Requirement, Visitor

    Part: TypeAlias = "str | Token"
    Parts: TypeAlias = "Sequence[Part]"

ALWAYS, NEVER = Every(()), Either(())
_MOST_PRINTED = 6  # attributes of one text of which every way to know some of them is looked at
_MOST_TRIES = 16  # visitors for whom two texts happen to be the same, before it is given up


@dataclass(frozen=True, slots=True)
class Said:
    """A content, and the journeys whose attributes its tokens print; of those `withheld` only the defaults."""

    content: Mapping[str, object]
    journeys: Journeys
    withheld: Collection[str] = ()

    def read_by(self, visitor: Visitor) -> Mapping[str, object]:
        """The content with its tokens filled for the visitor, under their consent."""
        known = permit(visitor.given(), self.journeys.catalogue, visitor.consent(), visitor.now_s)

        def value(name: str) -> Any:
            return None if name in self.withheld else known.get(name)

        return {key: _filled(each, value) for key, each in self.content.items()}

    def values(self, visitor: Visitor) -> Iterator[tuple[int, Any]]:
        """What may be known of the visitor on this side, by the number of the attribute."""
        known = permit(visitor.given(), self.journeys.catalogue, visitor.consent(), visitor.now_s)
        return zip(self.journeys.own, known.values, strict=True)


@dataclass(frozen=True, slots=True)
class Readings:
    """Two contents that are compared.

    Attributes:
        where: The keys under which somebody may read something else, sorted, and who alone may; a visitor who fulfils
            it can still come to the same words.
    """

    was: Said
    becomes: Said
    where: Mapping[str, Requirement] = field(init=False)

    def __post_init__(self) -> None:
        keys = sorted({*self.was.content, *self.becomes.content})
        found = {key: self._under(key) for key in keys}
        object.__setattr__(self, "where", {key: asked for key, asked in found.items() if asked != NEVER})

    def differing(self, visitor: Visitor, keys: Collection[str]) -> tuple[str, ...]:
        """Those of `keys` under which the visitor reads something else."""
        old, new = self.was.read_by(visitor), self.becomes.read_by(visitor)
        return tuple(key for key in keys if not _same(old, new, key))

    def find(
        self, prover: Prover, shown: Requirement, keys: Collection[str] | None = None
    ) -> tuple[Visitor, Every] | None:
        """Somebody who is `shown` both and reads something else under one of `keys`, and what such visitors fulfil.

        None: proven that nobody does.

        Raises:
            Undecided: the budget was spent, or too many were found for whom both happen to be the same.
        """
        among = [key for key in self.where if keys is None or key in keys]
        asked = Every((shown, Either(tuple(self.where[key] for key in among))))
        for _ in range(_MOST_TRIES):
            visitor = prover.find(asked) if among else None
            if visitor is None:
                return None
            if self.differing(visitor, among):
                return visitor, asked
            asked = self.without(asked, visitor)
        raise Undecided("both texts happen to be the same for too many")

    def without(self, asked: Every, visitor: Visitor) -> Every:
        """`asked`, but of nobody of whom the same is known as of `visitor` of all that is printed."""
        printed = self._numbers()
        values = {
            number: value
            for side in (self.was, self.becomes)
            for number, value in side.values(visitor)
            if number in printed
        }
        unlike = tuple(
            _known(number, Want.TRUE)
            if value is None
            else Holds([k.COMPARE, number, k.EQUAL, value], Want.NOT_TRUE)
            for number, value in values.items()
        )
        return Every((*asked.parts, Either(unlike)))

    def _numbers(self) -> frozenset[int]:
        sides = (self.was, self.becomes)
        return frozenset(_number(side.journeys, name) for side in sides for name in _printed(side.content))

    def _under(self, key: str) -> Requirement:
        if key not in self.was.content or key not in self.becomes.content:
            return ALWAYS
        return self._of(self.was.content[key], self.becomes.content[key])

    def _of(self, old: object, new: object) -> Requirement:
        match old, new:
            case str(), str():
                return self._texts([*parse_template(old)], [*parse_template(new)])
            case Mapping(), Mapping() if old.keys() == new.keys():
                return _any_of(self._of(old[key], new[key]) for key in old)
            case ((list() | tuple()), (list() | tuple())) if len(old) == len(new):
                return _any_of(map(self._of, old, new))
            case _:
                return NEVER if same_json(old, new) else ALWAYS

    def _texts(self, old: Parts, new: Parts) -> Requirement:
        """With which attributes known two templates come to different words."""
        sides = [_Template(old, self.was), _Template(new, self.becomes)]
        numbers = sorted({number for side in sides for number in side.numbers.values()})
        if len(numbers) > _MOST_PRINTED:
            alike = sides[0].words(frozenset(numbers)) == sides[1].words(frozenset(numbers))
            return NEVER if old == new and alike and sides[0].numbers == sides[1].numbers else ALWAYS
        ways: list[Requirement] = []
        for way in product((Want.NOT_TRUE, Want.TRUE), repeat=len(numbers)):
            pairs = list(zip(numbers, way, strict=True))
            known = frozenset(number for number, want in pairs if want is Want.TRUE)
            if sides[0].words(known) != sides[1].words(known):
                ways.append(Every(tuple(_known(*pair) for pair in pairs)))
        return ALWAYS if len(ways) == 1 << len(numbers) else Either(tuple(ways))


class _Template:
    """A template whose tokens print attributes of some journeys."""

    def __init__(self, parts: Parts, of: Said) -> None:
        self._parts = parts
        self._journeys = of.journeys
        self._attributes = of.journeys.attributes
        names = {part.attribute for part in parts if isinstance(part, Token)}
        self.numbers = {name: _number(of.journeys, name) for name in names if name not in of.withheld}

    def words(self, known: Collection[int]) -> list[object]:
        """Text, and what stands for the value of each attribute that is `known`."""
        words: list[object] = []
        for part in self._parts:
            word = self._word(part, known)
            if isinstance(word, str) and words and isinstance(words[-1], str):
                words[-1] += word
            elif word != "":
                words.append(word)
        return words

    def _word(self, part: Part, known: Collection[int]) -> object:
        if isinstance(part, str):
            return part
        number = self.numbers.get(part.attribute)
        if number is None or number not in known:
            return part.default
        return self._value(self._attributes[number])

    def _value(self, attribute: Attribute) -> object:
        """What stands for a value: the same for two declarations that read one raw value alike."""
        own = attribute.name, attribute.type, attribute.lower
        if attribute.coarsens is None:
            return own
        parent = self._attributes[_number(self._journeys, attribute.coarsens.parent)]
        return *own, attribute.coarsens, self._value(parent)


def _number(journeys: Journeys, name: str) -> int:
    return next(number for number in journeys.own if journeys.attributes[number].name == name)


def _known(number: int, want: Want) -> Holds:
    return Holds([k.KNOWN, number], want)


def _any_of(asked: Iterator[Requirement]) -> Requirement:
    parts = tuple(each for each in asked if each != NEVER)
    return parts[0] if len(parts) == 1 else Either(parts)


def _same(old: Mapping[str, object], new: Mapping[str, object], key: str) -> bool:
    return key in old and key in new and same_json(old[key], new[key])


def _printed(content: object) -> Iterator[str]:
    match content:
        case str():
            yield from (part.attribute for part in parse_template(content) if isinstance(part, Token))
        case Mapping():
            for each in content.values():
                yield from _printed(each)
        case list() | tuple():
            for each in content:
                yield from _printed(each)
        case _:
            return


def _filled(content: object, value: Any) -> object:
    match content:
        case str():
            parts = parse_template(content)
            return "".join(each if isinstance(each, str) else _text(each, value) for each in parts)
        case Mapping():
            return {key: _filled(each, value) for key, each in content.items()}
        case list() | tuple():
            return [_filled(each, value) for each in content]
        case _:
            return content


def _text(token: Token, value: Any) -> str:
    known = value(token.attribute)
    return token.default if isinstance(known, frozenset) else text_of(known, token.default)
