"""Reading `when:`: one expression, a list of which all must hold, or `any:` and `all:` within each other."""

from __future__ import annotations

import re

from .expressions import All, Expression, Some
from .fields import is_empty_list, items_of, scalar_of
from .nodes import Broken, Items, Node, Scalar, Table
from .parsing import Names
from .report import Report

_SPACED = re.compile(r'("(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*')|\s+")
_WORDS = {"all": " and ", "any": " or "}


def read_when(node: Node, names: Names, report: Report, what: str) -> Expression | None:
    """What `node` asks of the visitor; None after a problem."""
    if isinstance(node, Items):
        return _join(node, "all", names, report, what)
    if isinstance(node, Table):
        word = _word(node, report, what)
        return None if word is None else _join(node.entries[word].node, word, names, report, what)
    if isinstance(node, Broken):
        return None
    if isinstance(node.value, bool):
        message = f"{what} is an expression; leave it out where nothing is asked"
        report.add(node.place, "wrong-type", message)
        return None
    text = scalar_of(node, report, what)
    return None if text is None else names.parse(text, report)


def _word(node: Table, report: Report, what: str) -> str | None:
    if len(node.entries) == 1:
        word = next(iter(node.entries))
        if word in _WORDS:
            return word
    message = f"{what} is an expression, a list, or a mapping with the one key `any` or `all`"
    report.add(node.place, "bad-when", message)
    return None


def _join(node: Node, word: str, names: Names, report: Report, what: str) -> Expression | None:
    items = items_of(node, report, f"`{word}`")
    if is_empty_list(node):
        report.add(node.place, "bad-when", f"{what} lists nothing; leave it out where nothing is asked")
    parts = [read_when(each, names, report, what) for each in items]
    sound = tuple(part for part in parts if part is not None)
    if not sound or len(sound) < len(parts):
        return None
    if len(sound) == 1:
        return sound[0]
    return All(sound) if word == "all" else Some(sound)


def words_of(node: Node) -> str:
    """What `when` says, in the author's own words, as one expression."""
    if isinstance(node, Scalar):
        return _on_one_line(node.value) if isinstance(node.value, str) else ""
    if isinstance(node, Items):
        return _listed(node.items, _WORDS["all"])
    if isinstance(node, Table):
        for word, entry in node.entries.items():
            if word in _WORDS and isinstance(entry.node, Items):
                return _listed(entry.node.items, _WORDS[word])
    return ""


def _on_one_line(expression: str) -> str:
    """`expression` with single spaces between its words; what stands in quotes stays."""
    return _SPACED.sub(lambda found: found[1] or " ", expression).strip()


def _listed(items: tuple[Node, ...], word: str) -> str:
    if len(items) == 1:
        return words_of(items[0])
    return word.join(f"({words_of(each)})" for each in items)
