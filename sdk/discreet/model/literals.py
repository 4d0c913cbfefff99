"""A literal in an expression, held against the type that it meets, in the normal form of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from discreet_consent import Attribute, AttributeType
from discreet_consent.values import MAX_STRING_LENGTH, epoch_ms, normal_string

from .expressions import Literal
from .lexing import Kind, Token
from .problems import short

TYPE_NAMES: Mapping[AttributeType, str] = {
    AttributeType.BOOLEAN: "a boolean",
    AttributeType.NUMBER: "a number",
    AttributeType.STRING: "a text",
    AttributeType.STRINGS: "a set of texts",
    AttributeType.DATETIME: "a datetime",
}
_KIND_NAMES: Mapping[Kind, str] = {
    Kind.BOOLEAN: "a boolean",
    Kind.NUMBER: "a number",
    Kind.TEXT: "a text",
}
_WANTED: Mapping[AttributeType, Kind] = {
    AttributeType.BOOLEAN: Kind.BOOLEAN,
    AttributeType.NUMBER: Kind.NUMBER,
    AttributeType.STRING: Kind.TEXT,
    AttributeType.DATETIME: Kind.TEXT,
}
_SPOKEN: Mapping[str, str] = {
    **dict.fromkeys(("yes", "on", "true"), "True"),
    **dict.fromkeys(("no", "off", "false"), "False"),
}
_DATETIME_FORM = 'write it as `"2026-03-01"` or `"2026-03-01T08:30:00Z"`'


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a literal cannot stand where it does."""

    code: str
    message: str


def literal_of(attribute: Attribute, asked: AttributeType, token: Token) -> Literal | Refusal:
    """The literal of `token` as `attribute`'s values have it.

    Args:
        asked: The type that is compared: the attribute's own, a member's of a set, or a number of days.
    """
    if token.kind is not _WANTED[asked]:
        return _mismatch(attribute, asked, token)
    if asked is AttributeType.STRING:
        return _text(attribute, token)
    if asked is AttributeType.DATETIME:
        instant = epoch_ms(str(token.literal))
        if instant is None:
            message = f"`{short(token.written)}` is not a datetime; {_DATETIME_FORM}"
            return Refusal("bad-datetime", message)
        return instant
    if isinstance(token.literal, (bool, float)):
        return token.literal
    return _mismatch(attribute, asked, token)


def remedy_of(word: str, attribute: Attribute | None) -> str:
    """What to write for the unknown `word` beside `attribute`, as the end of a message; or nothing."""
    if attribute is None:
        return ""
    if attribute.type in (AttributeType.STRING, AttributeType.STRINGS):
        return f'; a text needs quotes: `"{short(word)}"`'
    return _boolean_remedy(word) if attribute.type is AttributeType.BOOLEAN else ""


def _boolean_remedy(word: str) -> str:
    spoken = _SPOKEN.get(word.lower())
    return f"; use `{spoken}`" if spoken else ""


def _mismatch(attribute: Attribute, asked: AttributeType, token: Token) -> Refusal:
    what = _KIND_NAMES[token.kind]
    subject = f"attribute `{attribute.name}` is {TYPE_NAMES[attribute.type]}"
    if attribute.type is AttributeType.STRINGS:
        subject = f"the members of `{attribute.name}` are texts"
    elif asked is not attribute.type:
        subject = f"`days_since({attribute.name})` is a number"
    hint = f"; {_DATETIME_FORM}" if asked is AttributeType.DATETIME else ""
    if asked is AttributeType.BOOLEAN:
        hint = _boolean_remedy(str(token.literal))
    if asked is AttributeType.STRING:
        hint = f'; write it in quotes: `"{short(token.written)}"`'
    return Refusal("wrong-type", f"{subject}, and `{short(token.written)}` is {what}{hint}")


def _text(attribute: Attribute, token: Token) -> str | Refusal:
    text = str(token.literal)
    normal = normal_string(text, attribute.lower)
    if normal is not None:
        return normal
    if any("\ud800" <= char <= "\udfff" for char in text):
        return Refusal("bad-text", "this text holds half of a surrogate pair; write the character itself")
    return Refusal("bad-text", f"a text has at most {MAX_STRING_LENGTH} characters")
