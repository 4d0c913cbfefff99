"""Reading an offer's content: JSON values, and the tokens in its texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from discreet_consent import AttributeType, Provenance

from .fields import has_surrogate, table_of
from .lexing import EXACT_INTEGER
from .literals import TYPE_NAMES
from .nodes import Broken, Items, Node, Scalar, Table
from .parsing import MAX_FAULTS, Names
from .problems import Place, short
from .report import Report
from .templates import Token, scan_template
from .types import Json

MAX_CONTENT_DEPTH = 16  # lists and mappings within each other, the content itself included
_PRINTABLE = frozenset({AttributeType.STRING, AttributeType.NUMBER, AttributeType.BOOLEAN})


@dataclass(frozen=True, slots=True)
class Content:
    """The content of an offer, and where its tokens stand."""

    value: Mapping[str, Json]
    tokens: tuple[tuple[Token, Place], ...]


def read_content(node: Node, names: Names, report: Report, what: str) -> Content | None:
    """The content at `node`, in which every token can be filled; None when it is not a mapping."""
    table = table_of(node, report, f"{what}: `content`")
    if table is None:
        return None
    reader = _ContentReader(names, report, what)
    return Content(reader.table(table, 1), tuple(reader.tokens))


class _ContentReader:
    def __init__(self, names: Names, report: Report, what: str) -> None:
        self._names, self._report, self._what = names, report, what
        self.tokens: list[tuple[Token, Place]] = []

    def _refuse(self, place: Place, code: str, message: str) -> None:
        self._report.add(place, code, f"{self._what}: {message}")

    def table(self, node: Table, depth: int) -> dict[str, Json]:
        value: dict[str, Json] = {}
        for key, entry in node.entries.items():
            if has_surrogate(key):
                self._refuse(entry.key, "bad-text", "a key holds half of a surrogate pair")
            value[key] = self._value(entry.node, depth)
        return value

    def _value(self, node: Node, depth: int) -> Json:
        if isinstance(node, Broken):
            return None
        if isinstance(node, Scalar):
            return self._scalar(node)
        if depth == MAX_CONTENT_DEPTH:
            self._refuse(node.place, "too-deep", f"content nests at most {MAX_CONTENT_DEPTH} deep")
            return None
        if isinstance(node, Items):
            return [self._value(each, depth + 1) for each in node.items]
        return self.table(node, depth + 1)

    def _scalar(self, node: Scalar) -> Json:
        value = node.value
        if isinstance(value, str):
            self._text(node, value)
        elif isinstance(value, float) and value - value != 0:
            self._refuse(node.place, "bad-number", "content holds finite numbers only")
        elif isinstance(value, int) and abs(value) > EXACT_INTEGER:
            message = "this number is beyond 2^53, where whole numbers are no longer exact; write it as text"
            self._refuse(node.place, "bad-number", message)
        return value

    def _text(self, node: Scalar, text: str) -> None:
        if has_surrogate(text):
            self._refuse(node.place, "bad-text", "this text holds half of a surrogate pair")
        if "{" not in text and "}" not in text:
            return
        parts, strays = scan_template(text)
        for stray in strays[:MAX_FAULTS]:
            self._refuse(node.at(stray.offset), "bad-token", stray.message)
        for part, offset in parts:
            if isinstance(part, Token):
                self._token(part, node.at(offset))

    def _token(self, token: Token, place: Place) -> None:
        self.tokens.append((token, place))
        name = token.attribute
        attributes = self._names.attributes
        if name not in attributes:
            message = f"unknown attribute `{short(name)}` in a token{self._report.hint(name, attributes)}"
            self._refuse(place, "unknown-name", message)
            return
        attribute = attributes[name]
        if attribute is None:
            return
        if attribute.provenance is Provenance.THIRD_PARTY:
            message = f"attribute `{name}` is third_party and never permitted: it could not be printed"
            self._refuse(place, "never-permitted", message)
        if attribute.type not in _PRINTABLE:
            message = f"attribute `{name}` is {TYPE_NAMES[attribute.type]} and cannot be printed in a token"
            self._refuse(place, "wrong-type", message)
