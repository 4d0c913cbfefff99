"""What is known in every row of a slice: Arrow columns, brought into the normal forms that `permit` gives.

Columns of the common types are admitted whole. Whatever needs a closer look, a value or all of a column, goes through
`permit` itself, one value at a time and each different text once: so there is one meaning. Needs the extra `offline`.
Source: docs/batch.md, "Columns".
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from discreet_consent import AttributeType
from discreet_consent.values import MAX_EPOCH_MS, MAX_SET_MEMBERS, MAX_STRING_LENGTH

from .values import Admission, python_values, ticks_as_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    Flags: TypeAlias = NDArray[np.bool_]
    Cells: TypeAlias = NDArray[np.intp]
    Codes: TypeAlias = NDArray[np.integer[Any]]
    Doubles: TypeAlias = NDArray[np.float64]


class Facts:
    """One attribute in every row of a slice.

    Attributes:
        malformed, stale: The rows in which it is so; None: in no row.
    """

    __slots__ = ("malformed", "stale")

    def __init__(self, malformed: Flags | None = None, stale: Flags | None = None) -> None:
        self.malformed = malformed
        self.stale = stale

    def value(self, row: int) -> Any:  # noqa: ARG002 - of a fact that is unknown in every row
        """The value in one row, as `permit` gives it; None where it is unknown."""
        return None


class Numbers(Facts):
    """A number or datetime: doubles, 0 where it is unknown."""

    __slots__ = ("known", "values")

    def __init__(self, values: Doubles, known: Flags | None, malformed: Flags | None = None) -> None:
        super().__init__(malformed)
        self.values = values
        self.known = known

    def value(self, row: int) -> Any:
        return float(self.values[row]) if self.known is None or self.known[row] else None


class Coded(Facts):
    """A string or boolean: the different values, and for each row where it is known which of them it is.

    Among the different ones, None stands for what is malformed.
    """

    __slots__ = ("codes", "distinct", "known")

    def __init__(self, codes: Codes, known: Flags | None, distinct: Sequence[Any]) -> None:
        super().__init__()
        self.codes = codes
        self.known = known
        self.distinct = distinct

    def value(self, row: int) -> Any:
        return self.distinct[self.codes[row]] if self.known is None or self.known[row] else None


class Sets(Facts):
    """A set of strings: the members of all rows one after the other, each as a code into the different ones."""

    __slots__ = ("codes", "counts", "distinct", "known", "starts")

    def __init__(
        self, codes: Codes, starts: Cells, counts: Cells, distinct: Sequence[Any], known: Flags
    ) -> None:
        super().__init__()
        self.codes, self.starts, self.counts = codes, starts, counts
        self.distinct = distinct
        self.known = known

    def value(self, row: int) -> Any:
        if not self.known[row]:
            return None
        codes = self.codes[self.starts[row] : self.starts[row] + self.counts[row]]
        return frozenset(self.distinct[code] for code in codes)


def read_column(column: Any, kind: AttributeType, admission: Admission) -> Facts:
    """Admit every row of an Arrow array as a value of the declared type. Total."""
    if pa.types.is_null(column.type):
        return Facts()
    return _READERS[kind](column, admission) or _one_by_one(column, kind, admission)


# --- Whole columns; None where the column is of a type that needs a closer look --------------------------------


def _numbers(column: Any, admission: Admission) -> Facts | None:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return None
    exact = _within(_doubles(column), valid_rows(column), np.inf)
    return exact if admission.is_plain else _coarser(exact, admission)


def _coarser(exact: Numbers, admission: Admission) -> Facts:
    """A substitute of numbers, each different one admitted once; what is malformed stays so."""
    different, places = np.unique(exact.values, return_inverse=True)
    admitted = [admission(value) for value in different.tolist()]
    found = Numbers(
        np.array([0.0 if value is None else value for value, _, _ in admitted], np.float64)[places],
        np.array([value is not None for value, _, _ in admitted], np.bool_)[places],
    )
    malformed = np.array([is_malformed for _, is_malformed, _ in admitted], np.bool_)[places]
    if exact.known is not None:
        found.known = exact.known if found.known is None else exact.known & found.known
        malformed &= exact.known
    found.malformed = _some(malformed if exact.malformed is None else malformed | exact.malformed)
    return found


def _datetimes(column: Any, admission: Admission) -> Facts | None:
    if pa.types.is_dictionary(column.type) and not _is_text(column.type.value_type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        values = ticks_as_ms(_ticks(column), column.type.unit)
        return _within(values.astype(np.float64), valid_rows(column), MAX_EPOCH_MS)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _within(_doubles(column), valid_rows(column), MAX_EPOCH_MS)
    if not _is_text(column.type) and not pa.types.is_dictionary(column.type):
        return None
    texts = _texts(column, admission, is_plain=False)
    return None if texts is None else _numbers_of_coded(texts)


def _numbers_of_coded(texts: Coded) -> Numbers:
    values = np.array([0.0 if each is None else each for each in texts.distinct] or [0.0], np.float64)
    is_known = np.array([each is not None for each in texts.distinct] or [False], np.bool_)
    known = is_known[texts.codes] if texts.known is None else is_known[texts.codes] & texts.known
    return Numbers(np.where(known, values[texts.codes], 0.0), known, texts.malformed)


def _within(values: Doubles, valid: Flags | None, most: float) -> Numbers:
    """Doubles whose magnitude is finite and at most `most`; the others are malformed."""
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(values) if most == np.inf else np.abs(values) <= most
    if sound.all():
        return Numbers(values if valid is None else np.where(valid, values, 0.0), valid)
    known = sound if valid is None else sound & valid
    malformed = ~sound if valid is None else valid & ~sound
    return Numbers(np.where(known, values, 0.0), known, malformed if malformed.any() else None)


def _booleans(column: Any, _: Admission) -> Facts | None:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not pa.types.is_boolean(column.type):
        return None
    return Coded(_bits(column, 1).view(np.uint8), valid_rows(column), (False, True))


def _texts(column: Any, admission: Admission, *, is_plain: bool | None = None) -> Coded | None:
    encoded = _encoded(column)
    if encoded is None:
        return None
    codes, known, given = encoded
    distinct, malformed = _normal(given, admission, admission.is_plain if is_plain is None else is_plain)
    found = Coded(codes, known, distinct)
    if malformed:
        rows = np.isin(codes, malformed)
        found.malformed = _some(rows if known is None else rows & known)
    return found


def _sets(column: Any, admission: Admission) -> Facts | None:
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return None
    size = len(column)
    offsets = _buffer(column, 1, np.int64 if pa.types.is_large_list(column.type) else np.int32, size + 1)
    members = column.values.slice(offsets[0], offsets[-1] - offsets[0])
    encoded = _encoded(members)
    if encoded is None:
        return None
    codes, is_text, given = encoded
    normal, _ = _normal(given, admission, admission.is_plain, are_members=True)
    counts = np.diff(offsets).astype(np.intp)
    starts = (offsets[:-1] - offsets[0]).astype(np.intp)
    valid = valid_rows(column)
    known = np.ones(size, np.bool_) if valid is None else valid
    wrong = known & (counts > MAX_SET_MEMBERS)
    if None in normal or is_text is not None:  # a member that is no string spoils its set
        bad = np.array([each is None for each in normal] or [True], np.bool_)[codes]
        bad = bad if is_text is None else bad | ~is_text
        sums = np.concatenate(([0], np.cumsum(bad)))
        wrong |= known & (sums[starts + counts] > sums[starts])
    if wrong.any():
        known = known & ~wrong
    found = Sets(codes, starts, np.where(known, counts, 0), normal, known)
    found.malformed = wrong if wrong.any() else None
    return found


_READERS: Mapping[AttributeType, Callable[[Any, Admission], Facts | None]] = {
    AttributeType.BOOLEAN: _booleans,
    AttributeType.NUMBER: _numbers,
    AttributeType.STRING: _texts,
    AttributeType.STRINGS: _sets,
    AttributeType.DATETIME: _datetimes,
}


# --- Value by value --------------------------------------------------------------------------------------------


def _one_by_one(column: Any, kind: AttributeType, admission: Admission) -> Facts:
    admitted = [admission(value) for value in python_values(column, instants=kind is AttributeType.DATETIME)]
    values = [value for value, _, _ in admitted]
    found = _FACTS[kind](values)
    found.malformed = _flags([malformed for _, malformed, _ in admitted])
    found.stale = _flags([stale for _, _, stale in admitted])
    return found


def _facts_of_numbers(values: Sequence[Any]) -> Facts:
    doubles = np.array([0.0 if value is None else value for value in values], np.float64)
    return Numbers(doubles, np.array([value is not None for value in values], np.bool_))


def _facts_of_values(values: Sequence[Any]) -> Facts:
    order: dict[Any, int] = {}
    codes = [order.setdefault(value, len(order)) for value in values]
    return Coded(np.array(codes, np.intp), None, list(order))


def _facts_of_sets(values: Sequence[Any]) -> Facts:
    order: dict[str, int] = {}
    members = [() if value is None else tuple(value) for value in values]
    codes = [order.setdefault(member, len(order)) for each in members for member in each]
    counts = np.array([len(each) for each in members], np.intp)
    known = np.array([value is not None for value in values], np.bool_)
    return Sets(np.array(codes, np.intp), np.cumsum(counts) - counts, counts, list(order), known)


_FACTS: Mapping[AttributeType, Callable[[Sequence[Any]], Facts]] = {
    AttributeType.BOOLEAN: _facts_of_values,
    AttributeType.NUMBER: _facts_of_numbers,
    AttributeType.STRING: _facts_of_values,
    AttributeType.STRINGS: _facts_of_sets,
    AttributeType.DATETIME: _facts_of_numbers,
}


# --- Arrow's memory --------------------------------------------------------------------------------------------


def valid_rows(column: Any) -> Flags | None:
    """The rows that are not null; None: all of them."""
    return _bits(column, 0) if column.null_count else None


def _bits(column: Any, number: int) -> Flags:
    """The rows whose bit is set in a buffer of bits."""
    buffer, begin = column.buffers()[number], column.offset % 8
    if buffer is None:
        return np.zeros(len(column), np.bool_)
    bits = np.frombuffer(buffer, np.uint8)[column.offset // 8 :]
    flags: Flags = np.unpackbits(bits, count=begin + len(column), bitorder="little")[begin:].view(np.bool_)
    return flags


def _buffer(column: Any, number: int, kind: Any, size: int) -> Any:
    buffer = column.buffers()[number]
    if buffer is None or not size or not buffer.size:
        return np.zeros(size, kind)
    return np.frombuffer(buffer, kind)[column.offset : column.offset + size]


def _doubles(column: Any) -> Doubles:
    """The nearest doubles of integers or floats; what stands in null rows has no meaning."""
    values = _buffer(column, 1, np.dtype(column.type.to_pandas_dtype()), len(column))
    doubles: Doubles = values.astype(np.float64, copy=False)
    return doubles


def _ticks(column: Any) -> Any:
    return _buffer(column, 1, np.int64, len(column))


def _is_text(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or getattr(pa.types, "is_string_view", lambda _: False)(kind)
    )


def _encoded(column: Any) -> tuple[Codes, Flags | None, list[Any]] | None:
    """For each row its place among the different texts, whether it has one, and the texts.

    None where it is no text, or not UTF-8, which only a broken writer makes.
    """
    if pa.types.is_dictionary(column.type):
        if not _is_text(column.type.value_type):
            return None
        if len(column.dictionary) > len(column):  # a dictionary for more rows than these
            return _encoded(column.dictionary_decode())
    elif not _is_text(column.type):
        return None
    else:
        column = _plain_text(column).dictionary_encode()
    indices = column.indices
    codes = _buffer(indices, 1, np.dtype(indices.type.to_pandas_dtype()), len(indices))
    known = valid_rows(indices)
    try:
        texts: list[Any] = column.dictionary.to_pylist()
    except UnicodeDecodeError:
        return None
    return codes if known is None else np.where(known, codes, 0), known, texts


def _plain_text(column: Any) -> Any:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column
    return column.cast(pa.large_string())


def _normal(
    texts: Sequence[Any], admission: Admission, is_plain: bool, *, are_members: bool = False
) -> tuple[list[Any], list[int]]:
    """The value of each text, or each member of sets, and the places of the malformed.

    Where it `is_plain`, short ASCII text is its own value, as in `permit`.
    """
    distinct: list[Any] = list(texts)
    malformed: list[int] = []
    for place, text in enumerate(texts):
        if text is None or (is_plain and text.isascii() and len(text) <= MAX_STRING_LENGTH):
            continue
        value, is_malformed, _ = admission([text] if are_members else text)
        distinct[place] = next(iter(value)) if are_members and value is not None else value
        if is_malformed:
            malformed.append(place)
    return distinct, malformed


def _some(flags: Flags) -> Flags | None:
    return flags if flags.any() else None


def _flags(flags: Sequence[bool]) -> Flags | None:
    return np.array(flags, np.bool_) if any(flags) else None
