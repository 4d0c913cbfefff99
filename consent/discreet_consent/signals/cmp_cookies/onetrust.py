"""OneTrust: the cookies `OptanonConsent`, a query string, and `OptanonAlertBoxClosed`, the time of the choice.

The fields keep the order in which they were first written, and what a newer script adds comes last. So a cut can
take anything: the `groups`, the flags for Global Privacy Control, and the statement that no new consent is awaited.
What a cut could have taken is therefore asked for, and taken as missing when it is not there.

`datestamp` is rewritten on every page and tells nothing. Nor does `interactionCount`: it is seen at 1 or more
without a choice.
"""

from __future__ import annotations

from ...errors import SignalError
from ..bounded import bounded
from ..choices import CmpChoices
from .text import MAX_FIELDS, add_group, bad_form, iso_s, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "onetrust"
_READ = frozenset(("groups", "AwaitingReconsent", "isGpcEnabled", "browserGpcFlag", "landingPath"))
_FLAGS = {"1": True, "0": False}
_BOOLEANS = {"true": True, "false": False}
_CHOSEN_ON = "NotLandingPage"  # until a choice or a second page, the field holds the address of the first


def decode(optanon_consent: str, alert_box_closed: str | None = None) -> CmpChoices:
    """Read `OptanonConsent`, best as it came, without percent-decoding.

    Args:
        alert_box_closed: The value of `OptanonAlertBoxClosed`, if that cookie came. Without it the visitor has not
            chosen.
    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_form`, `bad_value`, `bad_group`,
            `bad_time`, `duplicate_field`, `too_many`.
    """
    chosen_s = None if alert_box_closed is None else iso_s(unquoted(bounded(alert_box_closed)))
    fields, goes_on = _fields(bounded(optanon_consent))
    gpc, states_gpc = _gpc(fields)
    # In an address that was percent-decoded, `&` is not told from the end of the field: it could bring fields along.
    has_open_address = "/" in fields.get("landingPath", "")
    whole = "groups" in fields and goes_on and states_gpc and not has_open_address
    obstacles = tuple(_obstacles(fields, chosen_s))
    return CmpChoices(
        NAME,
        _groups(fields.get("groups", "")),
        whole=whole,
        is_choice=not obstacles,
        chosen_s=chosen_s,
        gpc=gpc,
        gpc_may_be_on=gpc is True or not whole,
        remarks=(*obstacles, *_doubts(whole, gpc)),
    )


def _fields(text: str) -> tuple[dict[str, str], bool]:
    """The fields that decide something, not yet decoded, and whether anything comes after the groups."""
    for _ in range(2):
        if "=" not in text:
            text = unquoted(text, 1)
    parts = text.split("&")
    if len(parts) > MAX_FIELDS:
        raise SignalError("too_many", f"the cookie has at most {MAX_FIELDS} fields")
    fields: dict[str, str] = {}
    for part in parts:
        name, sign, value = part.partition("=")
        if sign and name in _READ and fields.setdefault(name, value) != value:
            raise SignalError("duplicate_field", "a field is there twice, with different values")
    if not fields:
        raise bad_form("the text has none of the fields of this cookie")
    return fields, not parts[-1].startswith("groups=")


def _groups(text: str) -> dict[str, bool]:
    entries = unquoted(text).split(",")
    if not entries[-1]:  # some lists end with a comma
        entries.pop()
    groups: dict[str, bool] = {}
    for entry in entries:
        group, _, value = entry.rpartition(":")
        add_group(groups, group, _FLAGS.get(value))
    return groups


def _gpc(fields: Mapping[str, str]) -> tuple[bool | None, bool]:
    """What the two flags say, and whether both are there: newer scripts add the second at the very end."""
    enabled = _one_of(_FLAGS, fields.get("isGpcEnabled"))
    browser = _one_of(_FLAGS, fields.get("browserGpcFlag"))
    return (True if browser else enabled), enabled is not None and browser is not None


def _one_of(values: Mapping[str, bool], text: str | None) -> bool | None:
    if text is None:
        return None
    if text not in values:
        raise SignalError("bad_value", "a field that decides has none of its values")
    return values[text]


def _obstacles(fields: Mapping[str, str], chosen_s: float | None) -> Iterator[str]:
    """Why the groups are no choice of the visitor."""
    awaited = _one_of(_BOOLEANS, fields.get("AwaitingReconsent"))
    if chosen_s is None:
        yield "OneTrust's notice was not closed, so the groups are the site's defaults."
    if awaited:
        yield "OneTrust awaits a new consent, so what was chosen is out of date."
    if awaited is None:
        yield "OneTrust's cookie does not state that no new consent is awaited."
    if fields.get("landingPath", _CHOSEN_ON) != _CHOSEN_ON:
        yield "OneTrust's cookie was written on the first page of the visit, before a choice."


def _doubts(whole: bool, gpc: bool | None) -> Iterator[str]:
    if not whole:
        yield "OneTrust's cookie does not show that it is whole: a group that it does not list counts as refused."
        if gpc is not True:
            yield "OneTrust's cookie does not show that it is whole: Global Privacy Control counts as on."
