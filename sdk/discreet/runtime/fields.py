"""Reading the fields of an untrusted document: each is taken once, by a reader that checks it; none may be left."""

from __future__ import annotations

from ..errors import MalformedBundle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")

MAX_NAME_LENGTH = 256
_ONLY_STRINGS = frozenset((str,))


class Fields:
    """The fields of one map. A reader refuses a value by raising ValueError."""

    __slots__ = ("_left", "_what")

    def __init__(self, document: Any, what: str) -> None:
        if type(document) is not dict:
            raise MalformedBundle(f"{what} is not a map")
        self._left = document
        self._what = what

    def take(self, name: str, read: Callable[[Any], T]) -> T:
        """The field `name` as `read` gives it; it must be there.

        Raises:
            MalformedBundle: it is missing, or `read` refused it.
        """
        try:
            return read(self._left.pop(name))
        except KeyError as error:
            raise MalformedBundle(f"{self._what} lacks the field `{name}`") from error
        except ValueError as error:
            raise MalformedBundle(f"field `{name}` of {self._what} is not well-formed: {error}") from error

    def end(self) -> None:
        """Raises MalformedBundle when a field is left that nobody took."""
        if self._left:
            raise MalformedBundle(f"{self._what} has unknown fields")


def a_name(value: Any) -> str:
    """A string of 1 to 256 characters."""
    if type(value) is str and 0 < len(value) <= MAX_NAME_LENGTH:
        return value
    raise ValueError("not a name")


def whole(least: int, most: int) -> Callable[[Any], int]:
    """An integer in [least, most]."""

    def read(value: Any) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise ValueError("not a whole number in its range")

    return read


def a_list(most: int) -> Callable[[Any], list[Any]]:
    """A list of at most `most` items of any kind."""

    def read(value: Any) -> list[Any]:
        if type(value) is list and len(value) <= most:
            return value
        raise ValueError("not a list, or too long")

    return read


def names(value: Any) -> list[str]:
    """A list of different names."""
    read = [a_name(each) for each in a_list(1_000_000)(value)]
    if len(set(read)) != len(read):
        raise ValueError("a name twice")
    return read


def many_names(most: int) -> Callable[[Any], list[str]]:
    """A list of different names, checked all at once: there may be hundreds of thousands."""

    def read(value: Any) -> list[str]:
        given = a_list(most)(value)
        if not _ONLY_STRINGS.issuperset(map(type, given)) or len(set(given)) != len(given):
            raise ValueError("not different names")
        lengths = [*map(len, given)]
        if lengths and not (min(lengths) > 0 and max(lengths) <= MAX_NAME_LENGTH):
            raise ValueError("not a name")
        return given

    return read


def ascending_pairs(value: Any, limit: int) -> list[tuple[int, Any]]:
    """A list of `[number, anything]` with ascending numbers below `limit`."""
    pairs: list[tuple[int, Any]] = []
    least = 0
    for entry in a_list(limit)(value):
        match entry:
            case [int(number), anything] if type(number) is int and least <= number < limit:
                pairs.append((number, anything))
                least = number + 1
            case _:
                raise ValueError("not ascending numbers with something each")
    return pairs


def numbers_below(limit: int) -> Callable[[Any], tuple[int, ...]]:
    """A list of integers in [0, limit)."""
    one = whole(0, limit - 1)
    return lambda value: tuple(one(each) for each in a_list(1_000_000)(value))
