"""Expressions in the author's language again: what a suggestion writes can be read back."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from discreet.model import All, Among, Compare, Includes, Known, Named, Not, Some, Text
from discreet_consent import AttributeType

if TYPE_CHECKING:
    from discreet.model import Expression, Literal

Types = Mapping[str, AttributeType]
_OR, _AND, _NOT, _TEST = range(4)  # how tightly each binds


def words(expression: Expression, types: Types) -> str:
    """`expression` as an author may write it. `types` are those of the attributes, by name."""
    return _words(expression, types, _OR)


def quoted(text: str) -> str:
    """A text literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else _escape(char) for char in escaped) + '"'


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a`, `b` and `c`, each in backticks."""
    return joined([f"`{part}`" for part in parts], last)


def joined(parts: Sequence[str], last: str = "and") -> str:
    """One, two and three, as they are."""
    return f" {last} ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def number(value: float) -> str:
    """A number as an author writes it: `12`, not `12.0`."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def day(instant_ms: float) -> str:
    """An instant as a literal: a day where it is midnight UTC."""
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(milliseconds=instant_ms)
    if moment.time() == datetime.time.min:
        return moment.date().isoformat()
    timespec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def _words(expression: Expression, types: Types, around: int) -> str:
    match expression:
        case All(parts):
            return _joined(" and ", parts, types, _AND, around)
        case Some(parts):
            return _joined(" or ", parts, types, _OR, around)
        case Not(part):
            return f"not {_words(part, types, _TEST)}"
        case Named(condition):
            return condition
        case _:
            return _test(expression, types)


def _joined(word: str, parts: Sequence[Expression], types: Types, own: int, around: int) -> str:
    text = word.join(_words(part, types, own + 1) for part in parts)
    return f"({text})" if around > own else text


def _test(test: Expression, types: Types) -> str:
    match test:
        case Compare(attribute, comparison, literal, days):
            if isinstance(literal, bool) and comparison.value == "==" and literal:
                return attribute
            return f"{_asked(attribute, days)} {comparison.value} {_literal(literal, types[attribute], days)}"
        case Among(attribute, literals, days):
            shown = ", ".join(_literal(each, types[attribute], days) for each in literals)
            return f"{_asked(attribute, days)} in [{shown}]"
        case Includes(attribute, members, every):
            if len(members) == 1:
                return f"{quoted(members[0])} in {attribute}"
            return f"{'all_of' if every else 'any_of'}({attribute}, {', '.join(map(quoted, members))})"
        case Text(attribute, how, text):
            return f"{how.value}({attribute}, {quoted(text)})"
        case Known(attribute):
            return f"known({attribute})"
        case _:
            return f"unknown({getattr(test, 'attribute', '')})"


def _asked(attribute: str, days: bool) -> str:
    return f"days_since({attribute})" if days else attribute


def _literal(literal: Literal, kind: AttributeType, days: bool) -> str:
    if isinstance(literal, bool):
        return str(literal)
    if isinstance(literal, str):
        return quoted(literal)
    return quoted(day(literal)) if kind is AttributeType.DATETIME and not days else number(literal)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
