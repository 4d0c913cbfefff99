"""Reading the ranges of attributes: which values can be expected, for checks; nothing that decides."""

from __future__ import annotations

from collections.abc import Mapping

from discreet_consent import Attribute, AttributeType

from .fields import items_of
from .files import Declared
from .lexing import EXACT_INTEGER
from .nodes import Broken, Node, Scalar, Table
from .problems import short
from .report import Report
from .types import Range

_FORM = "two numbers, of which one may be `null`: `[0, 10]`, `[0, null]`"


def read_ranges(
    declared: Mapping[str, Declared], attributes: Mapping[str, Attribute | None], report: Report
) -> dict[str, Range]:
    """The ranges that are stated, by the attribute's name. One of a substitute is reported elsewhere."""
    ranges: dict[str, Range] = {}
    for name, each in declared.items():
        node = each.node.get("range") if isinstance(each.node, Table) else None
        attribute = attributes.get(name)
        if node is None or (attribute is not None and attribute.coarsens is not None):
            continue
        what = f"attribute `{short(name)}`: `range`"
        if attribute is not None and attribute.type is not AttributeType.NUMBER:
            report.add(node.place, "wrong-type", f"{what} is for the type `number`")
            continue
        read = _range(node, report, what)
        if read is not None:
            ranges[name] = read
    return ranges


def _range(node: Node, report: Report, what: str) -> Range | None:
    items = items_of(node, report, what)
    if isinstance(node, (Broken, Scalar, Table)):
        return None
    edges = [_edge(each) for each in items]
    if len(edges) != 2 or "" in edges or edges == [None, None]:
        report.add(node.place, "bad-range", f"{what} is {_FORM}")
        return None
    low, high = (None if isinstance(each, str) else each for each in edges)
    if low is not None and high is not None and low > high:
        report.add(items[1].place, "bad-range", f"{what} is empty: its end is below its beginning")
        return None
    return low, high


def _edge(node: Node) -> float | str | None:
    """The number at `node`, None where it is open, an empty text where it is neither."""
    value = node.value if isinstance(node, Scalar) else ""
    if value is None:
        return None
    sound = type(value) in (int, float) and isinstance(value, int | float) and abs(value) <= EXACT_INTEGER
    return float(value) if sound else ""
