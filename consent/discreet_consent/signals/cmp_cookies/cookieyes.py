"""CookieYes: the cookie `cookieyes-consent`, `key:value` pairs joined by commas.

It carries no time of the choice: `lastRenewedDate` is a date of the site, the same for every visitor. Sites that
set one write it after the categories, so where it stands nothing was cut.
"""

from __future__ import annotations

from ...errors import SignalError
from ..bounded import bounded
from ..choices import CmpChoices
from .text import MAX_FIELDS, add_group, bad_form, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "cookieyes"
_RENEWED = "lastRenewedDate"
_ABOUT = ("consentid", "consent", "action", _RENEWED)  # every other key is a category of the site
_ANSWERS = {"yes": True, "no": False}
_NECESSARY = "necessary"


def decode(text: str) -> CmpChoices:
    """Read `cookieyes-consent`.

    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_form`, `bad_value`, `bad_group`,
            `duplicate_field`, `too_many`.
    """
    fields = _fields(unquoted(bounded(text)))
    groups, obstacles = _groups(fields), tuple(_obstacles(fields))
    whole = next(reversed(fields)) == _RENEWED
    remarks = [*obstacles]
    if not whole:
        remarks.append(
            "CookieYes's cookie does not show that it is whole: a category not in it counts as refused."
        )
    if not obstacles and fields["consent"] == "no" and any(groups.values()):
        groups = {group: allowed and group == _NECESSARY for group, allowed in groups.items()}
        remarks.append(
            "CookieYes recorded a refusal: every category but the necessary one counts as refused."
        )
    return CmpChoices(NAME, groups, whole=whole, is_choice=not obstacles, remarks=remarks)


def _fields(text: str) -> dict[str, str]:
    entries = text.split(",")
    if len(entries) > MAX_FIELDS:
        raise SignalError("too_many", f"the cookie has at most {MAX_FIELDS} fields")
    fields: dict[str, str] = {}
    for entry in entries:
        name, colon, value = (part.strip() for part in entry.partition(":"))
        if not colon or not name:
            raise bad_form("an entry is not a key and a value")
        if fields.setdefault(name, value) != value:
            raise SignalError("duplicate_field", "a field is there twice, with different values")
    if not fields.keys() & {"consentid", "consent", "action"}:
        raise bad_form("the text has none of the fields of this cookie")
    return fields


def _groups(fields: Mapping[str, str]) -> dict[str, bool]:
    groups: dict[str, bool] = {}
    for name, value in fields.items():
        if value and name not in _ABOUT:  # before a choice, the values may be empty
            add_group(groups, name, _ANSWERS.get(value))
    return groups


def _obstacles(fields: Mapping[str, str]) -> Iterator[str]:
    """Why the categories are no choice of the visitor."""
    answers = {name: fields.get(name, "") for name in ("consent", "action")}
    if not {*answers.values()} <= {*_ANSWERS, ""}:
        raise SignalError("bad_value", "`consent` or `action` is neither yes nor no")
    if answers["action"] != "yes":
        yield "CookieYes recorded no action of the visitor, so the categories are the site's defaults."
    elif not answers["consent"]:
        yield "CookieYes recorded neither a consent nor a refusal."
