"""A condition tree as text, in the author's own syntax."""

from __future__ import annotations

from discreet_consent import AttributeType

from . import kleene as k

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from discreet_consent import Catalogue

    from .bundle import CompiledCondition
    from .kleene import Tree


def text_of_tree(tree: Tree, catalogue: Catalogue, conditions: Sequence[CompiledCondition]) -> str:
    """The expression of `tree` as an author would write it: read again, it means the same tree."""
    if tree[0] in (k.ALL, k.SOME):
        word = " and " if tree[0] == k.ALL else " or "
        return word.join(_grouped(part, catalogue, conditions) for part in tree[1:])
    if tree[0] == k.NOT:
        part = _grouped(tree[1], catalogue, conditions)
        return part.replace(" in ", " not in ", 1) if tree[1][0] in _AMONG else f"not {part}"
    if tree[0] == k.NAMED:
        return conditions[tree[1]].id
    attribute = catalogue.attributes[tree[1]]
    if attribute.type is AttributeType.DATETIME and tree[0] in (k.COMPARE, k.AMONG):
        return LEAVES[tree[0]](attribute.name, [*tree[2:-1], _instants(tree[-1])])
    return LEAVES[tree[0]](attribute.name, tree[2:])


def _grouped(tree: Tree, catalogue: Catalogue, conditions: Sequence[CompiledCondition]) -> str:
    text = text_of_tree(tree, catalogue, conditions)
    return f"({text})" if tree[0] in (k.ALL, k.SOME) else text


def _literal(value: Any) -> str:
    return f'"{value.translate(_ESCAPES)}"' if type(value) is str else repr(value)


def _literals(values: Sequence[Any]) -> str:
    return ", ".join(_literal(each) for each in values)


def _instants(literals: Any) -> Any:
    return [_instant(each) for each in literals] if type(literals) is list else _instant(literals)


def _instant(epoch_ms: float) -> str | float:
    """ISO 8601 in UTC; the milliseconds as they are beyond the years 1 to 9999."""
    from datetime import UTC, datetime, timedelta

    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=epoch_ms)
    except OverflowError:
        return epoch_ms
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def _compare(name: str, operands: Sequence[Any]) -> str:
    if operands[0] == k.EQUAL and operands[1] is True:
        return name
    return f"{name} {k.COMPARISON_SIGNS[operands[0]]} {_literal(operands[1])}"


def _call(function: str) -> Callable[[str, Sequence[Any]], str]:
    return lambda name, operands: f"{function}({', '.join([name, *map(_literal, operands)])})"


_AMONG = (k.AMONG, k.DAYS_AMONG)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
LEAVES: Mapping[int, Callable[[str, Sequence[Any]], str]] = {
    k.COMPARE: _compare,
    k.AMONG: lambda name, operands: f"{name} in [{_literals(operands[0])}]",
    k.DAYS_COMPARE: lambda name, operands: _compare(f"days_since({name})", operands),
    k.DAYS_AMONG: lambda name, operands: f"days_since({name}) in [{_literals(operands[0])}]",
    k.INCLUDES_SOME: lambda name, operands: f"any_of({name}, {_literals(operands[0])})",
    k.INCLUDES_ALL: lambda name, operands: f"all_of({name}, {_literals(operands[0])})",
    k.STARTS_WITH: _call("starts_with"),
    k.ENDS_WITH: _call("ends_with"),
    k.CONTAINS: _call("contains"),
    k.KNOWN: _call("known"),
    k.UNKNOWN: _call("unknown"),
}
