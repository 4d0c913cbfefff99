"""Commanders Act (TrustCommander): the cookie `TC_PRIVACY`, fields joined by `@`.

    status@version[|tcf...]|banner|site@categories@blocked on@updated,created,expires[@vendors]

In older forms an `@` stands between banner and site as well. Status 0 lists the categories that were allowed, and
status 1 those that were refused; every other category is refused in both. Categories that are *blocked on* are the
ones that the site does not let a visitor refuse: nobody chose them, so they are in no list. The vendors are in a form
of the tool's own. A site may configure another separator; such a cookie is refused.
"""

from __future__ import annotations

from ...errors import SignalError
from ..bounded import bounded
from ..choices import CmpChoices
from .text import add_group, bad_form, milliseconds_s, unquoted

NAME = "commanders_act"
_ALLOWS = {"0": True, "1": False}
_ALL = "ALL"  # with status 1 only, by some old banners
_FIELDS = (5, 6)
_FIELDS_OF_OLD = (7, 8)  # banner and site are fields of their own


def decode(text: str) -> CmpChoices:
    """Read `TC_PRIVACY`. A category that is not listed is refused, so `whole` is always False.

    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_form`, `bad_value`, `bad_group`,
            `bad_time`, `duplicate_field`, `too_many`.
    """
    fields = unquoted(bounded(text)).split("@")
    if len(fields) in _FIELDS_OF_OLD:
        del fields[2:4]
    if len(fields) not in _FIELDS:
        raise bad_form("the text has not the fields of this cookie")
    status, _, categories, locked, times = fields[:5]
    if status not in _ALLOWS:
        raise SignalError("bad_value", "the status is neither 0 nor 1")
    chosen_s, expires_s = _times(times)
    _groups(locked, allowed=True)  # nobody's choice, but it must be a list
    is_locked = ("Commanders Act's cookie names categories that the site lets nobody refuse: no choice.",)
    return CmpChoices(
        NAME,
        _groups("" if categories == _ALL and status == "1" else categories, allowed=_ALLOWS[status]),
        whole=False,
        is_choice=True,
        chosen_s=chosen_s,
        expires_s=expires_s,
        remarks=is_locked if locked else (),
    )


def _times(text: str) -> tuple[float, float]:
    """When the choice was last updated, and when it expires."""
    times = [milliseconds_s(each) for each in text.split(",")]
    if len(times) != 3:
        raise SignalError("bad_time", "the times are not update, creation and expiry")
    return times[0], times[2]


def _groups(text: str, *, allowed: bool) -> dict[str, bool]:
    groups: dict[str, bool] = {}
    for category in text.split(",") if text else ():
        add_group(groups, category, allowed if category.isascii() and category.isdigit() else None)
    return groups
