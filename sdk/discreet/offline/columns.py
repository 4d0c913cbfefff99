"""Arrow arrays of Python values as JSON or a caller has them, so that a batch reads each as `permit` would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa  # type: ignore[import-untyped] # it has no types

from discreet_consent import AttributeType, Observed
from discreet_consent.values import ADMISSIONS, finite_number

_NO_VALUE: Final = b""  # what no attribute takes


def array_of(values: Sequence[object]) -> Any:
    """An Arrow array of `values`, None being null; where they are of several kinds, a union.

    Whole numbers and others are one kind; a datetime with a zone is a timestamp in milliseconds. What Arrow cannot
    hold becomes something that no attribute takes, so that it stays malformed: nested objects, text with lone
    surrogates, numbers beyond the doubles.
    """
    plain = [_plain(value) for value in values]
    kinds = list(dict.fromkeys(_kind(value) for value in plain if value is not None))
    if not kinds:
        return pa.nulls(len(plain))
    if len(kinds) == 1:
        return _MAKERS[kinds[0]](plain)
    return _union(plain, kinds)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value if value.isascii() or _is_text(value) else _NO_VALUE
    if isinstance(value, bool | float | Observed) or value is None:
        return value
    if isinstance(value, int):
        number = finite_number(value)
        return _NO_VALUE if number is None else number
    if isinstance(value, list | tuple | set | frozenset):
        members: list[object] = [*value]
        is_set = all(isinstance(each, str) and _is_text(each) for each in members)
        return members if is_set else _NO_VALUE
    if isinstance(value, datetime):
        return _NO_VALUE if _at_ms(value) is None else value
    return _NO_VALUE


def _at_ms(value: object) -> Any:
    return ADMISSIONS[AttributeType.DATETIME](value, False)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind(value: object) -> type:
    return float if type(value) is int else type(value)


def _numbers(values: Sequence[Any]) -> Any:
    return pa.array([None if value is None else float(value) for value in values], pa.float64())


def _instants(values: Sequence[Any]) -> Any:
    at_ms = [None if value is None else int(_at_ms(value)) for value in values]
    return pa.array(at_ms, pa.timestamp("ms", tz="UTC"))


def _observations(values: Sequence[Any]) -> Any:
    inner = array_of([None if each is None else each.value for each in values])
    instants = [None if each is None else finite_number(each.at_s) for each in values]
    at_s = [float("nan") if instant is None else float(instant) for instant in instants]
    absent = pa.array([each is None for each in values], pa.bool_())
    return pa.StructArray.from_arrays(
        [inner, pa.array(at_s, pa.float64())], names=["value", "observed"], mask=absent
    )


def _union(values: Sequence[Any], kinds: Sequence[type]) -> Any:
    parts: dict[type, list[Any]] = {kind: [] for kind in kinds}
    types: list[int] = []
    offsets: list[int] = []
    for value in values:
        part = parts[kinds[0] if value is None else _kind(value)]
        types.append(0 if value is None else kinds.index(_kind(value)))
        offsets.append(len(part))
        part.append(value)
    return pa.UnionArray.from_dense(
        pa.array(types, pa.int8()),
        pa.array(offsets, pa.int32()),
        [_MAKERS[kind](parts[kind]) for kind in kinds],
        [kind.__name__ for kind in kinds],
    )


_MAKERS: Final[Mapping[type, Callable[[Sequence[Any]], Any]]] = {
    bool: lambda values: pa.array(values, pa.bool_()),
    float: _numbers,
    str: lambda values: pa.array(values, pa.string()),
    list: lambda values: pa.array(values, pa.list_(pa.string())),
    bytes: lambda values: pa.array(values, pa.binary()),
    datetime: _instants,
    Observed: _observations,
}
