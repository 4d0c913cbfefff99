"""Taking typed values out of a node tree; what has the wrong type becomes a problem at its place.

Every function returns None, or nothing, after it has reported. `what` begins a message: "offer `welcome`".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from typing import TypeVar

from .nodes import Broken, Items, Node, Scalar, Table, kind
from .problems import Place, short
from .report import Report

MAX_ID_LENGTH = 128
MAX_PROSE_LENGTH = 4_096  # characters of `says`, `note` and other sentences for people
MAX_PRIORITY = 2**31 - 1

ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]*"
IDENTIFIER_PATTERN = "[A-Za-z_][A-Za-z0-9_]*"

_ID = re.compile(ID_PATTERN)
_IDENTIFIER = re.compile(IDENTIFIER_PATTERN)

Choice = TypeVar("Choice", bound=Enum)


def _wrong(node: Node, report: Report, what: str, wanted: str) -> None:
    if not isinstance(node, Broken):
        report.add(node.place, "wrong-type", f"{what} must be {wanted}, not {kind(node)}")


def table_of(node: Node, report: Report, what: str) -> Table | None:
    """`node` as a mapping."""
    if isinstance(node, Table):
        return node
    _wrong(node, report, what, "a mapping")
    return None


def items_of(node: Node, report: Report, what: str) -> tuple[Node, ...]:
    """The items of a list."""
    if isinstance(node, Items):
        return node.items
    _wrong(node, report, what, "a list")
    return ()


def is_empty_list(node: Node) -> bool:
    """Whether `node` is a list without items."""
    return isinstance(node, Items) and not node.items


def scalar_of(node: Node, report: Report, what: str) -> Scalar | None:
    """`node` as text, with its places."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node
    quotes = isinstance(node, Scalar) and node.value is not None
    _wrong(node, report, what, "text in quotes" if quotes else "text")
    return None


def text_of(node: Node, report: Report, what: str) -> str | None:
    """`node` as text."""
    scalar = scalar_of(node, report, what)
    return scalar.value if scalar is not None and isinstance(scalar.value, str) else None


def distinct_of(node: Node, report: Report, what: str, word: str) -> dict[str, Node]:
    """The texts of a list, each once and with its node; `word` says in messages what one of them is."""
    found: dict[str, Node] = {}
    for each in items_of(node, report, what):
        text = text_of(each, report, f"{what}: a {word}")
        if text is not None and text in found:
            report.add(each.place, "named-twice", f"{what}: {word} `{short(text)}` is named twice")
        elif text is not None:
            found[text] = each
    return found


def prose_of(node: Node, report: Report, what: str) -> str | None:
    """`node` as a sentence for people: not empty, not endless, without half characters."""
    text = text_of(node, report, what)
    if text is None:
        return None
    if not text.strip():
        report.add(node.place, "empty-text", f"{what} is empty")
    elif len(text) > MAX_PROSE_LENGTH:
        report.add(node.place, "too-long", f"{what} has at most {MAX_PROSE_LENGTH} characters")
    elif has_surrogate(text):
        report.add(node.place, "bad-text", f"{what} holds half of a surrogate pair")
    else:
        return text
    return None


def flag_of(node: Node, report: Report, what: str) -> bool | None:
    """`node` as true or false."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    _wrong(node, report, what, "`true` or `false`")
    return None


def priority_of(node: Node, report: Report, what: str) -> int | None:
    """`node` as a whole number whose absolute value is at most `MAX_PRIORITY`."""
    value = node.value if isinstance(node, Scalar) else None
    if type(value) is not int:
        wanted = "a whole number"
        if type(value) is float:
            report.add(node.place, "wrong-type", f"{what} must be {wanted}")
        else:
            _wrong(node, report, what, wanted)
        return None
    if abs(value) > MAX_PRIORITY:
        report.add(node.place, "out-of-range", f"{what} must lie within -{MAX_PRIORITY} and {MAX_PRIORITY}")
        return None
    return value


def choice_of(node: Node, report: Report, what: str, choices: type[Choice]) -> Choice | None:
    """`node` as one of a closed set of words."""
    text = text_of(node, report, what)
    if text is None:
        return None
    words = [str(each.value) for each in choices]
    if text in words:
        return choices(text)
    hint = report.hint(text, words) or f"; it is one of {', '.join(f'`{word}`' for word in words)}"
    report.add(node.place, "unknown-word", f"{what} cannot be `{short(text)}`{hint}")
    return None


def id_of(node: Node, report: Report, what: str) -> str | None:
    """`node` as an id: letters, digits, `.`, `_` and `-`, beginning with a letter or digit."""
    text = text_of(node, report, what)
    if text is None:
        return None
    return text if check_id(text, node.place, report, what) else None


def check_id(text: str, place: Place, report: Report, what: str) -> bool:
    """Whether `text` is well formed as the id of something that expressions do not name."""
    if _ID.fullmatch(text) and len(text) <= MAX_ID_LENGTH:
        return True
    rule = "an id has letters, digits, `.`, `_` and `-`, begins with a letter or digit"
    message = f"{what} cannot be `{short(text)}`: {rule}, and has at most {MAX_ID_LENGTH} characters"
    report.add(place, "bad-id", message)
    return False


def check_identifier(text: str, place: Place, report: Report, what: str, taken: Collection[str]) -> bool:
    """Whether `text` is well formed as a name that expressions use; `taken` are the language's own words."""
    if text in taken:
        report.add(place, "bad-id", f"{what} cannot be `{text}`: the word belongs to the expression language")
        return False
    if _IDENTIFIER.fullmatch(text) and len(text) <= MAX_ID_LENGTH:
        return True
    rule = "a name in expressions has letters, digits and `_`, does not begin with a digit"
    message = f"{what} cannot be `{short(text)}`: {rule}, and has at most {MAX_ID_LENGTH} characters"
    report.add(place, "bad-id", message)
    return False


def check_keys(
    table: Table, report: Report, what: str, required: Collection[str], optional: Collection[str]
) -> None:
    """Report the keys that are missing and those that do not exist."""
    known = (*required, *optional)
    for key, entry in table.entries.items():
        if key not in known:
            hint = report.hint(key, known) or f"; it is one of {', '.join(f'`{each}`' for each in known)}"
            report.add(entry.key, "unknown-key", f"{what}: unknown key `{short(key)}`{hint}")
    for key in required:
        if key not in table.entries:
            report.add(table.place, "missing-key", f"{what}: `{key}` is missing")


def has_surrogate(text: str) -> bool:
    """Whether `text` holds half of a surrogate pair, which no encoding can carry."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)
