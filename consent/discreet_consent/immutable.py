"""Values that cannot be changed: what `frozen=True` does, without importing `dataclasses`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

put = object.__setattr__  # how a constructor, and nothing else, sets a field of an `Immutable`


class Immutable:
    """A class whose instances refuse to have a field set or deleted."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"`{type(self).__name__}` is immutable: `{name}` cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"`{type(self).__name__}` is immutable: `{name}` cannot be deleted")

    def __setstate__(self, state: tuple[None, dict[str, object]]) -> None:
        for name, value in state[1].items():  # how `pickle` and `copy` fill slots
            put(self, name, value)


def texts(given: str | Iterable[str]) -> tuple[str, ...]:
    """The texts in `given`; a bare text is one text, not the iterable of letters that Python makes of it."""
    return (given,) if isinstance(given, str) else tuple(given)
