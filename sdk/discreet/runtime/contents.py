"""The contents of a model's offers: flat ones as columns of values, the others packed. Source: spec/bundle-format.md.

Most contents are a few plain values under the same keys. They travel, are checked and are kept column by column, so
that a hundred thousand of them cost a few steps and not a few each.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress

from .content import fill, tokens_of, unfilled
from .fields import a_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Set
    from typing import Any, TypeAlias

    # The keys, and for each of them the values of all contents that have these keys; without keys, packed contents.
    Shape: TypeAlias = tuple[Sequence[str] | None, Sequence[Sequence[Any]]]

_ONLY_STRINGS = frozenset((str,))
_ONLY_BYTES = frozenset((bytes,))
_SCALARS = frozenset((str, int, bool, type(None)))
_SCALARS_AND_DOUBLES = _SCALARS | {float}
MAX_KEYS = 4_096
MAX_SHAPES = 4_096


class Contents:
    """All contents of one model.

    Args:
        shapes: The different sets of keys, with the values.
        shape_of: For each offer, the number of its shape; of one shape, the offers stand in their order.
        tokens: Those offers' tokens that have any, as attribute numbers.
    """

    __slots__ = ("_places", "_shape_of", "_shapes", "tokens")

    def __init__(
        self, shapes: Sequence[Shape], shape_of: Sequence[int], tokens: Mapping[int, frozenset[int]]
    ) -> None:
        self._shapes = shapes
        self._shape_of = shape_of
        self._places: Sequence[int] | None = range(len(shape_of)) if len(shapes) == 1 else None
        self.tokens = tokens

    def content(self, number: int, values: Sequence[Any]) -> dict[str, Any]:
        """A fresh copy of the content of an offer, its tokens filled from `values`."""
        return self._read(number, lambda packed: fill(packed, values))

    def unfilled(self, number: int) -> dict[str, Any]:
        """The same with a `Template` for each string that has tokens."""
        return self._read(number, unfilled)

    def _read(self, number: int, unpack: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
        places = self._places
        if places is None:  # two threads may both get here: the same list, made twice
            self._places = places = places_of(self._shape_of, len(self._shapes))
        keys, columns = self._shapes[self._shape_of[number]]
        place = places[number]
        if keys is None:
            return unpack(columns[0][place])
        return {key: column[place] for key, column in zip(keys, columns, strict=True)}


def places_of(shape_of: Sequence[int], shapes: int) -> list[int]:
    """For each offer, how many before it have its shape."""
    seen = [0] * shapes
    places: list[int] = []
    for shape in shape_of:
        places.append(seen[shape])
        seen[shape] += 1
    return places


def read_contents(value: Any, shape_of: Sequence[int], printable: Set[int]) -> Contents:
    """The contents of offers whose shapes are `shape_of`, all below the number of shapes.

    Raises:
        ValueError: they are not exactly so many JSON values of each shape, or two shapes have the same keys.
        MalformedBundle: a packed one is not a map of JSON values with templates over the attributes `printable`.
    """
    shapes = [_shape(entry) for entry in a_list(MAX_SHAPES)(value)]
    if shape_of and max(shape_of) >= len(shapes):
        raise ValueError("an offer of a shape that is none")
    if len({None if keys is None else tuple(keys) for keys, _ in shapes}) != len(shapes):
        raise ValueError("two shapes with the same keys")
    counts = Counter(shape_of)
    tokens: dict[int, frozenset[int]] = {}
    for number, (keys, columns) in enumerate(shapes):
        if any(len(column) != counts[number] for column in columns):
            raise ValueError("a shape with contents of another number than offers")
        if keys is None:
            found = [tokens_of(packed, printable) for packed in columns[0]]
            offers = compress(range(len(shape_of)), map(number.__eq__, shape_of))
            tokens = {offer: each for offer, each in zip(offers, found, strict=True) if each}
    return Contents(shapes, shape_of, tokens)


def _shape(entry: Any) -> Shape:
    match entry:
        case [None, [list(packed)]]:
            if not _ONLY_BYTES.issuperset(map(type, packed)):
                raise ValueError("not packed contents")
            return None, [packed]
        case [list(keys), list(columns)] if len(keys) == len(columns) <= MAX_KEYS:
            if not _ONLY_STRINGS.issuperset(map(type, keys)) or len(set(keys)) != len(keys):
                raise ValueError("not different keys")
            return keys, [_column(column) for column in columns]
        case _:
            raise ValueError("not a shape")


def _column(value: Any) -> list[Any]:
    column: list[Any] = a_list(1_000_000)(value)
    kinds = set(map(type, column))
    if not kinds <= _SCALARS_AND_DOUBLES:
        raise ValueError("a value that is not a plain one")
    if float in kinds and not all(each - each == 0 for each in column if type(each) is float):
        raise ValueError("a number that is not finite")
    return column
