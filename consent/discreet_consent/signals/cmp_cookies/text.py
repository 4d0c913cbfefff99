"""What the decoders of consent tools' cookies share: percent-decoding, times, and lists of groups."""

from __future__ import annotations

from ...errors import SignalError
from ...values import epoch_ms

MAX_FIELDS = 256
MAX_GROUPS = 256
_MAX_GROUP_ID = 128
_ISO_LENGTH = 20  # 2026-03-01T08:30:00Z: without a time of day, the day would count from its first second
_DIGITS_OF_MS = 13  # from 2001 to 2286; with fewer, a cut number would pass for an earlier time
_HEX = "0123456789abcdefABCDEF"
_OCTETS = {high + low: int(high + low, 16) for high in _HEX for low in _HEX}


def unquoted(text: str, times: int = 2) -> str:
    """Undo percent-encoding, up to `times` over, as UTF-8. A `%` that begins no escape stays what it is."""
    for _ in range(times):
        if "%" not in text:
            break
        text = _unquoted_once(text)
    return text


def _unquoted_once(text: str) -> str:
    head, *parts = text.split("%")
    octets = bytearray(head.encode("utf-8", "replace"))
    for part in parts:
        octet = _OCTETS.get(part[:2])
        if octet is None:
            octets += b"%" + part.encode("utf-8", "replace")
        else:
            octets.append(octet)
            octets += part[2:].encode("utf-8", "replace")
    return octets.decode("utf-8", "replace")


def iso_s(text: object) -> float:
    """Unix seconds of an ISO 8601 date and time with an offset. Raises SignalError `bad_time` for anything else."""
    value = epoch_ms(text) if isinstance(text, str) and len(text) >= _ISO_LENGTH else None
    if value is None:
        raise SignalError("bad_time", "a time is not a date and time with an offset")
    return value / 1_000


def milliseconds_s(text: str) -> float:
    """Unix seconds of 13 digits of milliseconds. Raises SignalError `bad_time` for anything else."""
    if len(text) != _DIGITS_OF_MS or not (text.isascii() and text.isdigit()):
        raise SignalError("bad_time", "a time is not thirteen digits of milliseconds")
    return int(text) / 1_000


def add_group(groups: dict[str, bool], group: str, allowed: bool | None) -> None:
    """Add one entry of a list of groups.

    Raises:
        SignalError: `bad_group`: no id, one that cannot be printed, or nothing known for allowed or not;
            `duplicate_field`: the group is there with the other value; `too_many`.
    """
    if allowed is None or not 0 < len(group) <= _MAX_GROUP_ID or not group.isprintable():
        raise SignalError("bad_group", "an entry in the list of groups is not a group and its state")
    if groups.setdefault(group, allowed) is not allowed:
        raise SignalError("duplicate_field", "a group is both allowed and refused")
    if len(groups) > MAX_GROUPS:
        raise SignalError("too_many", f"a cookie has at most {MAX_GROUPS} groups")


def bad_form(message: str) -> SignalError:
    """The refusal of a text that is not of the tool's form."""
    return SignalError("bad_form", message)
