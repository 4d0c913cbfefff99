"""Didomi: the cookie `didomi_token`, JSON in base64, about the site's own purposes.

The purposes of the TCF are in the TC string of another cookie, `euconsent-v2`; read that first.
"""

from __future__ import annotations

import binascii

from ...errors import SignalError
from ..bounded import bounded, read_object
from ..choices import CmpChoices
from .text import add_group, iso_s, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "didomi"
# Both alphabets, and a blank where an encoder took `+` for one.
_TO_STANDARD = str.maketrans("-_ ", "+/+")
_LISTS = ("purposes", "purposes_li", "vendors", "vendors_li")


def decode(text: str) -> CmpChoices:
    """Read `didomi_token`.

    A purpose is allowed when it is enabled as a consent and not objected to as a legitimate interest. A legitimate
    interest that was not objected to is no consent, and not listed.

    Raises:
        SignalError: `code` is one of `not_text`, `empty`, `too_long`, `bad_base64`, `bad_json`, `bad_form`,
            `bad_group`, `bad_time`, `duplicate_field`, `too_many`.
    """
    token = read_object(_plain(unquoted(bounded(text))))
    lists = {name: _enabled_and_disabled(token.get(name)) for name in _LISTS}
    chosen_s = iso_s(token["updated"]) if token.get("updated") is not None else None
    says_something = any(enabled or disabled for enabled, disabled in lists.values())
    obstacles = tuple(_obstacles(says_something, chosen_s))
    return CmpChoices(
        NAME,
        _groups(lists),
        whole=True,
        is_choice=not obstacles,
        chosen_s=chosen_s,
        remarks=obstacles,
    )


def _plain(text: str) -> str:
    raw = text.translate(_TO_STANDARD).rstrip("=")
    try:
        octets = binascii.a2b_base64((raw + "=" * (-len(raw) % 4)).encode("ascii"), strict_mode=True)
        return octets.decode()
    except ValueError:  # also not ASCII, not UTF-8
        pass  # raised below: such an error holds the text, and would hang on to ours
    raise SignalError("bad_base64", "the text is not UTF-8 in base64")


def _enabled_and_disabled(lists: object) -> tuple[frozenset[str], frozenset[str]]:
    if lists is None:
        return frozenset(), frozenset()
    if not isinstance(lists, dict):
        raise SignalError("bad_form", "a list of purposes or vendors is not an object")
    enabled, disabled = _ids(lists.get("enabled")), _ids(lists.get("disabled"))
    if enabled & disabled:
        raise SignalError("duplicate_field", "a purpose or vendor is both enabled and disabled")
    return enabled, disabled


def _ids(listed: object) -> frozenset[str]:
    given = [] if listed is None else listed
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise SignalError("bad_form", "a list of purposes or vendors is not a list of ids")
    return frozenset(given)


def _groups(lists: Mapping[str, tuple[frozenset[str], frozenset[str]]]) -> dict[str, bool]:
    enabled, refused = lists["purposes"]
    objected = lists["purposes_li"][1]
    groups: dict[str, bool] = {}
    for purpose in sorted(refused | objected):
        add_group(groups, purpose, False)
    for purpose in sorted(enabled - objected):
        add_group(groups, purpose, True)
    return groups


def _obstacles(says_something: bool, chosen_s: float | None) -> Iterator[str]:
    """Why the purposes are no choice of the visitor."""
    if not says_something:
        yield "Didomi's token holds no choice yet."
    if chosen_s is None:
        yield "Didomi's token does not say when the visitor chose."
