"""Single values of Arrow columns: as Python has them, and as `permit` admits them. Needs the extra `offline`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from discreet_consent import Catalogue, Consent, Observed, permit
from discreet_consent.values import epoch_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from discreet_consent import Attribute

_UNHELD = (
    ValueError,
    OverflowError,
    TypeError,
    LookupError,
    NotImplementedError,
)  # in Python, of what Arrow holds
_TICKS_PER_S = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_VIEWS = {"is_string_view": pa.large_string(), "is_binary_view": pa.large_binary()}
_OBSERVED = ["observed", "value"]


class Admission:
    """Admits single values of one attribute, by `permit` itself, under a consent that permits it.

    Attributes:
        is_plain: Whether short ASCII text is its own normal form.
    """

    __slots__ = ("_alone", "_consent", "_name", "_now_s", "_slot", "is_plain")

    def __init__(
        self, catalogue: Catalogue, attribute: Attribute, now_s: float | None, resolved_s: float | None
    ) -> None:
        coarsens = attribute.coarsens
        family = [attribute]
        if coarsens is not None:
            family.insert(0, catalogue.attributes[catalogue.slots[coarsens.parent]])
        items = () if attribute.sensitive is None else (attribute.sensitive,)
        self._alone = Catalogue(family)
        self._consent = Consent(attribute.purposes, sensitive=items, resolved_s=resolved_s)
        self._name = family[0].name
        self._slot = len(family) - 1
        self._now_s = now_s
        self.is_plain = not attribute.lower and coarsens is None

    def __call__(self, value: object) -> tuple[Any, bool, bool]:
        """The value as known, None where it is not; whether it is malformed; and whether it is stale."""
        permitted = permit({self._name: value}, self._alone, self._consent, self._now_s)
        name = self._alone.attributes[self._slot].name
        return permitted.values[self._slot], name in permitted.malformed, name in permitted.stale


def python_values(column: Any, *, instants: bool = False) -> list[Any]:
    """The rows of an Arrow array as Python values: what `permit` would be given for each.

    A struct of `value` and `observed` is an `Observed`; all others are what Arrow makes of them. What Python cannot
    hold is something that no attribute takes.

    Args:
        instants: Whether a timestamp with a zone is epoch milliseconds; otherwise it too is what no attribute takes.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return python_values(column.dictionary_decode(), instants=instants)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        valid = column.is_valid().to_pylist()
        if not instants:
            return [... if is_valid else None for is_valid in valid]
        ticks = column.cast(pa.int64()).fill_null(0).to_numpy()
        at_ms = ticks_as_ms(ticks, kind.unit).tolist()
        return [at if is_valid else None for at, is_valid in zip(at_ms, valid, strict=True)]
    if pa.types.is_struct(kind) and sorted(field.name for field in kind) == _OBSERVED:
        return _observed(column, instants)
    if pa.types.is_union(kind):
        return _of_union(column, instants)
    try:
        values: list[Any] = column.to_pylist()
    except _UNHELD:  # text that is no UTF-8 among them
        values = [_row(column, row) for row in range(len(column))]
    return values


def _of_union(column: Any, instants: bool) -> list[Any]:
    """Each row's value as that of the one child which the row names."""
    numbers = {code: number for number, code in enumerate(column.type.type_codes)}
    children = np.array([numbers[code] for code in _items(column, 1, np.int8).tolist()], np.intp)
    is_dense = column.type.mode == "dense"
    places = _items(column, 2, np.int32) if is_dense else np.arange(len(column))
    values: list[Any] = [None] * len(column)
    for number in range(column.type.num_fields):
        rows = np.flatnonzero(children == number)
        if len(rows):
            first, last = int(places[rows].min()), int(places[rows].max())
            child = python_values(column.field(number).slice(first, last - first + 1), instants=instants)
            for row in rows.tolist():
                values[row] = child[places[row] - first]
    return values


def _items(column: Any, number: int, kind: Any) -> Any:
    """A buffer with an item a row, by the array's own offset: `type_codes` and `offsets` of a slice are not its own."""
    return np.frombuffer(column.buffers()[number] or b"", kind)[column.offset : column.offset + len(column)]


def _row(column: Any, row: int) -> Any:
    try:
        return column[row].as_py()
    except _UNHELD:
        return ...  # no value of any type


def _observed(column: Any, instants: bool) -> list[Any]:
    valid = column.is_valid().to_pylist()
    values = python_values(column.field("value"), instants=instants)
    observed = python_values(column.field("observed"), instants=True)
    seconds = _at_ms if pa.types.is_timestamp(column.field("observed").type) else _at_s
    return [
        Observed(value, at_s=seconds(at)) if is_valid else None
        for value, at, is_valid in zip(values, observed, valid, strict=True)
    ]


def _at_ms(at: Any) -> Any:
    """Epoch milliseconds as Unix seconds; None for a timestamp without a zone."""
    return at / 1_000 if type(at) in (int, float) else None


def _at_s(at: Any) -> Any:
    """Unix seconds as they are; ISO 8601 text as such."""
    return _at_ms(epoch_ms(at)) if type(at) is str else at


def taken(column: Any, rows: NDArray[np.intp]) -> Any:
    """These rows of an Arrow array, of whatever type it is: Arrow itself does not take from all of them."""
    try:
        return column.take(rows)
    except pa.ArrowNotImplementedError:
        pass
    for is_view, plain in _VIEWS.items():
        if getattr(pa.types, is_view, lambda _: False)(column.type):
            return column.cast(plain).take(rows)
    runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    return pa.concat_arrays([column.slice(run[0], len(run)) for run in runs])


def ticks_as_ms(ticks: NDArray[np.int64], unit: str) -> NDArray[np.int64] | NDArray[np.float64]:
    """Arrow's ticks since 1970 as whole milliseconds, rounded down; doubles where they may exceed 64 bits."""
    per_s = _TICKS_PER_S[unit]
    if per_s < 1_000:
        return ticks.astype(np.float64) * 1_000.0
    return ticks // (per_s // 1_000)
