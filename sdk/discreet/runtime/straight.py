"""Straight-line source of an index: the same answer as its loop over slots, without the loop.

Two forms, by the number of clauses. A small index is tested clause by clause, so that no more is looked up than a
clause needs; a larger one slot by slot. Both sources are fixed templates over slot and attribute numbers: no text of
the bundle enters them, its values come in as names. docs/adr/0009 has the crossing points, as measured.
"""

from __future__ import annotations

from bisect import bisect_right

from . import kleene as k
from .index import MembersSlot, NumberSlot
from .readback import Readback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from .index import Alive, Index
    from .kleene import Tree

    Template: TypeAlias = Callable[["_Names", Tree], str]

MAX_ANSWERS = 1_024  # breakpoints and texts of all slots, each of which a clause's source may name
MAX_CLAUSE_BY_CLAUSE = 32  # clauses; from about 50 on, slot by slot is quicker, and its source is short


def straight_line(index: Index) -> Alive:
    """The function `(values, now_ms) -> bits` of an index; at most as many bits as its loop lets through."""
    return clause_by_clause(index) if _is_small(index) else slot_by_slot(index)


def _is_small(index: Index) -> bool:
    """Whether a source clause by clause is short, and says no more than the rows do: checks say less."""
    if index.bits > MAX_CLAUSE_BY_CLAUSE or index.checks.bits():
        return False
    breaks = sum(len(slot.breaks) for slot in index.slots if isinstance(slot, NumberSlot))
    texts = sum(len(slot.named) for slot in index.slots if isinstance(slot, MembersSlot))
    return breaks + texts <= MAX_ANSWERS


def slot_by_slot(index: Index) -> Alive:
    """A line for each slot. Gives the same bits as `Index.alive_plainly`."""
    names: dict[str, Any] = {"bisect": bisect_right, "everything": (1 << index.bits) - 1}
    lines = ["left = everything"]
    for number, slot in enumerate(index.slots):
        statements, used = slot.source(f"s{number}")
        lines += statements.split("\n")
        names.update(used)
    return _compiled([*lines, "return left"], names)


def clause_by_clause(index: Index) -> Alive:
    """A test for each clause, exact: it lets nothing through that a look at its checks would refuse."""
    names, clauses = _Names(), Readback(index)
    lines = ["left = 0"]
    for bit in range(index.bits):
        tests = [TEMPLATES[tree[0]](names, tree) for tree in clauses.tests(bit)]
        windows = clauses.windows(bit)
        if windows is not None:
            tests.append(f"({' or '.join(_window(names, *each) for each in windows) or 'False'})")
        lines.append(f"if {' and '.join(tests) or 'True'}: left |= {1 << bit}")
    read = [f"v{number} = values[{number}]" for number in sorted(names.attributes)]
    return _compiled([*read, *lines, "return left"], names.constants)


def _compiled(lines: list[str], names: dict[str, Any]) -> Alive:
    source = "\n    ".join(["def alive(values, now_ms):", *lines])
    exec(compile(source, "<discreet index>", "exec"), names)  # noqa: S102 - see the docstring of this module
    made: Alive = names["alive"]
    return made


class _Names:
    """What the source refers to: attributes as `v` and a number, constants as `k` and a number."""

    def __init__(self) -> None:
        self.attributes: set[int] = set()
        self.constants: dict[str, Any] = {}

    def value(self, attribute: int) -> str:
        self.attributes.add(attribute)
        return f"v{attribute}"

    def constant(self, constant: object) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = constant
        return name


def _window(names: _Names, from_ms: float, until_ms: float) -> str:
    return f"{names.constant(from_ms)} <= now_ms < {names.constant(until_ms)}"


def _compare(names: _Names, tree: Tree) -> str:
    _, attribute, sign, constant = tree
    value = names.value(attribute)
    if constant is True or constant is False:
        return f"{value} is {constant if sign == k.EQUAL else not constant}"
    test = f"{value} {k.COMPARISON_SIGNS[sign]} {names.constant(constant)}"
    return test if sign == k.EQUAL else f"{value} is not None and {test}"


def _days_compare(names: _Names, tree: Tree) -> str:
    _, attribute, sign, constant = tree
    value, limit = names.value(attribute), names.constant(constant)
    return f"{value} is not None and {_days(value)} {k.COMPARISON_SIGNS[sign]} {limit}"


def _days(value: str) -> str:
    return f"(now_ms - {value}) / {k.MS_PER_DAY}"


def _among(names: _Names, tree: Tree) -> str:
    return f"{names.value(tree[1])} in {names.constant(frozenset(tree[2]))}"


def _days_among(names: _Names, tree: Tree) -> str:
    value, days = names.value(tree[1]), names.constant(frozenset(tree[2]))
    return f"{value} is not None and {_days(value)} in {days}"


def _includes_some(names: _Names, tree: Tree) -> str:
    value = names.value(tree[1])
    if len(tree[2]) == 1:
        return f"{value} is not None and {names.constant(tree[2][0])} in {value}"
    return f"{value} is not None and not {names.constant(frozenset(tree[2]).isdisjoint)}({value})"


def _includes_all(names: _Names, tree: Tree) -> str:
    value = names.value(tree[1])
    return f"{value} is not None and {names.constant(frozenset(tree[2]).issubset)}({value})"


def _text(method: str) -> Template:
    def test(names: _Names, tree: Tree) -> str:
        value = names.value(tree[1])
        return f"{value} is not None and {value}.{method}({names.constant(tree[2])})"

    return test


def _contains(names: _Names, tree: Tree) -> str:
    value = names.value(tree[1])
    return f"{value} is not None and {names.constant(tree[2])} in {value}"


def _not(names: _Names, tree: Tree) -> str:
    """Not true of a known value. A test is unknown of an unknown one, and so is its negation."""
    (_, negated) = tree
    test = TEMPLATES[negated[0]](names, negated)
    return f"{names.value(negated[1])} is not None and not ({test})"


def _joined(word: str) -> Template:
    def test(names: _Names, tree: Tree) -> str:
        return "(" + f" {word} ".join(f"({TEMPLATES[each[0]](names, each)})" for each in tree[1:]) + ")"

    return test


# How each operation that `Readback` gives is written; a test of an unknown value is false.
TEMPLATES: Mapping[int, Template] = {
    k.ALL: _joined("and"),
    k.SOME: _joined("or"),
    k.NOT: _not,
    k.COMPARE: _compare,
    k.AMONG: _among,
    k.DAYS_COMPARE: _days_compare,
    k.DAYS_AMONG: _days_among,
    k.INCLUDES_SOME: _includes_some,
    k.INCLUDES_ALL: _includes_all,
    k.STARTS_WITH: _text("startswith"),
    k.ENDS_WITH: _text("endswith"),
    k.CONTAINS: _contains,
    k.KNOWN: lambda names, tree: f"{names.value(tree[1])} is not None",
    k.UNKNOWN: lambda names, tree: f"{names.value(tree[1])} is None",
}
