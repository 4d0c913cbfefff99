"""Cookiebot: the cookie `CookieConsent`, a JavaScript object with bare keys and single quotes, or `0`, or `-1`.

The closing brace shows that nothing was cut.
"""

from __future__ import annotations

from ...errors import SignalError
from ..bounded import bounded
from ..choices import CmpChoices
from .text import MAX_FIELDS, bad_form, milliseconds_s, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "cookiebot"
CATEGORIES = ("necessary", "preferences", "statistics", "marketing")
_BLANKS = " +"  # some writers put blanks after commas, and some encoders make `+` of them
_BOOLEANS = {"true": True, "false": False}
_NO_CONSENT_NEEDED = "-1"
_DECLINED = "0"
_NO_STAMP = ("", _DECLINED, _NO_CONSENT_NEEDED)  # a real one is a hash
_CHOSEN = "explicit"


def decode(text: str) -> CmpChoices:
    """Read `CookieConsent`.

    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_form`, `bad_value`, `bad_time`,
            `duplicate_field`, `too_many`.
    """
    sent = unquoted(bounded(text)).strip(_BLANKS)
    if sent == _NO_CONSENT_NEEDED:
        remarks = ("Cookiebot took the visitor to be where no consent is needed, and asked for none.",)
        return CmpChoices(NAME, {}, whole=True, is_choice=False, remarks=remarks)
    if sent == _DECLINED:
        return CmpChoices(NAME, dict.fromkeys(CATEGORIES[1:], False), whole=True, is_choice=True)
    return _choices(_fields(sent))


def _choices(fields: Mapping[str, str]) -> CmpChoices:
    if "stamp" not in fields:
        raise bad_form("the cookie has no stamp")
    stated = {category: _BOOLEANS.get(fields[category]) for category in CATEGORIES if category in fields}
    groups = {category: allowed for category, allowed in stated.items() if allowed is not None}
    if len(groups) != len(stated):
        raise SignalError("bad_value", "a category is neither true nor false")
    obstacles = tuple(_obstacles(fields))
    return CmpChoices(
        NAME,
        groups,
        whole=True,
        is_choice=not obstacles,
        chosen_s=milliseconds_s(fields["utc"]) if "utc" in fields else None,
        tcf=fields.get("iab2") or None,
        remarks=obstacles,
    )


def _obstacles(fields: Mapping[str, str]) -> Iterator[str]:
    """Why the categories are no choice of the visitor. Cookies of before 2023 have no method."""
    if fields["stamp"] == _NO_CONSENT_NEEDED:
        yield "Cookiebot took the visitor to be where no consent is needed, and asked for none."
    elif fields["stamp"] in _NO_STAMP:
        yield "Cookiebot's cookie carries no proof of a choice."
    if fields.get("method", _CHOSEN) != _CHOSEN:
        yield "Cookiebot did not record an explicit choice."


def _fields(text: str) -> dict[str, str]:
    if not (text.startswith("{") and text.endswith("}")):
        raise bad_form("the text is not an object from brace to brace")
    fields: dict[str, str] = {}
    at, end = 1, len(text) - 1
    while at < end:
        colon = text.find(":", at, end)
        name = text[at:colon].strip(_BLANKS)
        if colon < 0 or not name.isidentifier():
            raise bad_form("a field has no name")
        value, at = _value(text, colon + 1, end)
        if fields.setdefault(name, value) != value:
            raise SignalError("duplicate_field", "a field is there twice, with different values")
        if len(fields) > MAX_FIELDS:
            raise SignalError("too_many", f"the cookie has at most {MAX_FIELDS} fields")
    return fields


def _value(text: str, at: int, end: int) -> tuple[str, int]:
    """The value from `at` on, and where the next field begins. Only a value in quotes may hold a comma."""
    at = _past_blanks(text, at, end)
    if not text.startswith("'", at):
        comma = text.find(",", at, end)
        until = end if comma < 0 else comma
        value = text[at:until].strip(_BLANKS)
        if not value.isalnum():
            raise bad_form("a value without quotes is neither a word nor a number")
        return value, until + 1
    close = text.find("'", at + 1, end)
    after = _past_blanks(text, close + 1, end)
    if close < 0 or not (after == end or text[after] == ","):
        raise bad_form("a value in quotes does not end before the next field")
    return text[at + 1 : close], after + 1


def _past_blanks(text: str, at: int, end: int) -> int:
    while at < end and text[at] in _BLANKS:
        at += 1
    return at
