"""What the fields of a record may hold: texts that are not empty. A refusal names the field, never what it held."""

from __future__ import annotations

from ..errors import RecordError
from ..immutable import Immutable, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    T = TypeVar("T")


class Written(Immutable):
    """A value of fields that is written as a JSON object. Equal when its fields are."""

    __slots__: tuple[str, ...] = ()

    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in type(self).__slots__)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and type(other) is type(self) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))


def text(value: object, field: str) -> str:
    """`value`, when it is a text and not blank."""
    if not isinstance(value, str):
        raise RecordError(f"`{field}` is not a text")
    if not value.strip():
        raise RecordError(f"`{field}` is empty")
    return value


def one_of(kind: type[T], value: object, field: str) -> T:
    """`value`, when it is of the class `kind`."""
    if not isinstance(value, kind):
        raise RecordError(f"`{field}` is not of the kind `{kind.__name__}`")
    return value


def all_of(kind: type[T], values: Iterable[object], field: str) -> tuple[T, ...]:
    """`values`, when each is of the class `kind`."""
    return tuple(one_of(kind, each, field) for each in values)


def text_or_none(value: object, field: str) -> str | None:
    """`value`, when it is None or a text that is not blank."""
    return None if value is None else text(value, field)


def text_list(values: str | Iterable[str], field: str) -> tuple[str, ...]:
    """The texts in `values`, none of them blank, each once, in their order."""
    if not hasattr(values, "__iter__"):
        raise RecordError(f"`{field}` is not a list of texts")
    return tuple(dict.fromkeys(text(each, field) for each in texts(values)))


def some_texts(values: str | Iterable[str], field: str) -> tuple[str, ...]:
    """As `text_list`, and at least one."""
    found = text_list(values, field)
    if not found:
        raise RecordError(f"`{field}` names none")
    return found


def written(fields: Iterable[tuple[str, object]]) -> dict[str, object]:
    """The fields as a JSON object, without those that are None; a tuple becomes a list."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in fields
        if value is not None
    }
