"""From the text of an expression to its tree, typed against the catalogue. Grammar: spec/expressions.md.

The words are checked in `lexing`, the structure is read by Python's `ast`, and what the names and literals mean is
found in `meaning`. Every problem of a text is found in one pass. Nothing is ever evaluated by Python.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from discreet_consent import Attribute

from .expressions import Expression
from .lexing import Fault, take_apart
from .meaning import Translator
from .nodes import Scalar
from .problems import Place
from .report import Report

MAX_FAULTS = 20  # problems reported of one text; more are noise


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression may speak of. Attributes and conditions share one name space.

    `attributes` holds None for one that is declared wrongly: it is known, but nothing can be checked of it.
    """

    attributes: Mapping[str, Attribute | None]
    conditions: AbstractSet[str] = frozenset()
    _parsed: dict[str, Expression] = field(default_factory=dict[str, Expression], repr=False, compare=False)

    def parse(self, text: Scalar, report: Report) -> Expression | None:
        """The tree of `text`; None when it has problems, which are in `report` at their places."""
        source = text.value if isinstance(text.value, str) else ""
        known = self._parsed.get(source)
        if known is not None:
            return known
        parsed, faults = _parse(source, self, report.hint)
        for fault in faults[:MAX_FAULTS]:
            report.add(text.at(fault.offset), fault.code, fault.message)
        if parsed is None or faults:
            return None
        self._parsed[source] = parsed
        return parsed


def parse_expression(
    text: str,
    attributes: Iterable[Attribute],
    conditions: AbstractSet[str] = frozenset(),
    place: Place = Place("<expression>", 1, 1),  # noqa: B008 - immutable
) -> Expression:
    """The tree of `text`, in which every name resolves and every literal has its attribute's type.

    Args:
        conditions: The names of the conditions that the text may use.
        place: Where the text stands; problems count their columns from there.
    Raises:
        ModelError: with every problem of the text.
    """
    report = Report()
    names = Names({each.name: each for each in attributes}, conditions)
    parsed = names.parse(Scalar(text, place), report)
    report.raise_if_any()
    assert parsed is not None  # noqa: S101 - without a problem there is a tree
    return parsed


def _parse(
    text: str, names: Names, hint: Callable[[str, Collection[str]], str]
) -> tuple[Expression | None, list[Fault]]:
    words = take_apart(text)
    faults = list(words.faults)
    if not words.sound:
        return None, faults
    canonical = " ".join(token.canonical for token in words.tokens)
    try:
        tree = ast.parse(canonical, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        faults.append(Fault(0, "syntax", "this cannot be read as an expression"))
        return None, faults
    translator = Translator(names.attributes, names.conditions, words.tokens, hint)
    parsed = translator.truth(tree.body)
    return parsed, [*faults, *translator.faults]
