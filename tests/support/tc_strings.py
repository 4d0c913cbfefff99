"""An encoder for TC strings, so that tests can say what a consent tool would have sent.

It writes what it is told, also what the specification forbids; it shares no code with the decoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

CREATED_S = 1_780_272_000  # 2026-06-01T00:00:00Z
NOW_S = CREATED_S + 10 * 86_400
ALL_PURPOSES = range(1, 12)


def number(value: int, width: int) -> str:
    """`value` as `width` binary digits, big-endian."""
    assert 0 <= value < 1 << width
    return f"{value:0{width}b}" if width else ""


def flags(ids: Iterable[int], width: int) -> str:
    """`width` binary digits, of which those at `ids` are ones; the first is 1."""
    wanted = set(ids)
    assert wanted <= set(range(1, width + 1))
    return "".join("1" if each in wanted else "0" for each in range(1, width + 1))


def letters(pair: str) -> str:
    return "".join(number(ord(letter) - ord("A"), 6) for letter in pair)


def base64url(digits: str, *, pad_to: int = 8) -> str:
    """Binary digits as base64url, filled with zeros to a multiple of `pad_to` and then of 6 bits."""
    digits += "0" * (-len(digits) % pad_to)
    digits += "0" * (-len(digits) % 6)
    return "".join(ALPHABET[int(digits[at : at + 6], 2)] for at in range(0, len(digits), 6))


def entries(intervals: Sequence[tuple[int, int]]) -> str:
    """A count and that many ids or ranges, in the order given."""
    written = (
        "0" + number(first, 16) if first == last else "1" + number(first, 16) + number(last, 16)
        for first, last in intervals
    )
    return number(len(intervals), 12) + "".join(written)


def vendor_section(intervals: Sequence[tuple[int, int]] = (), *, as_ranges: bool = False) -> str:
    """A vendor section: a bit field, or ranges in the order given."""
    highest = max((last for _, last in intervals), default=0)
    if as_ranges:
        return number(highest, 16) + "1" + entries(intervals)
    members = {each for first, last in intervals for each in range(first, last + 1)}
    return number(highest, 16) + "0" + flags(members, highest)


def publisher_segment(
    consents: Iterable[int] = (),
    li: Iterable[int] = (),
    *,
    custom: int = 0,
    custom_consents: Iterable[int] = (),
    custom_li: Iterable[int] = (),
) -> str:
    """The binary digits of a publisher TC (segment 3)."""
    choices = flags(custom_consents, custom) + flags(custom_li, custom)
    return "011" + flags(consents, 24) + flags(li, 24) + number(custom, 6) + choices


def encode_tc(
    purposes: Iterable[int] = (),
    publisher: Iterable[int] | None = None,
    *,
    li: Iterable[int] = (),
    publisher_li: Iterable[int] = (),
    custom: int = 0,
    custom_consents: Iterable[int] = (),
    custom_li: Iterable[int] = (),
    created_s: float = CREATED_S,
    updated_s: float | None = None,
    version: int = 2,
    policy_version: int = 5,
    service_specific: bool = True,
    special_features: Iterable[int] = (),
    purpose_one_treatment: bool = False,
    language: str = "EN",
    country: str = "IT",
    cmp_id: int = 300,
    vendor_consents: Sequence[tuple[int, int]] = (),
    vendor_li: Sequence[tuple[int, int]] = (),
    restrictions: Sequence[tuple[int, int, Sequence[tuple[int, int]]]] = (),
    disclosed: Sequence[tuple[int, int]] | None = ((1, 20),),
    allowed: Sequence[tuple[int, int]] | None = None,
    as_ranges: bool = False,
    publisher_first: bool = False,
    pad_to: int = 8,
) -> str:
    """Write a TC string as a consent tool would.

    Args:
        purposes: The core's consents, which are for vendors.
        publisher: The publisher's own consents; None leaves its segment out.
        updated_s: When it was last changed; as created if left out.
        restrictions: `(purpose, type, vendors)`.
        disclosed, allowed: Vendor intervals; None leaves the segment out.
        as_ranges: Whether vendors are written as ranges, in the order given, rather than as bit fields.
        publisher_first: Whether the publisher TC stands before the disclosed vendors.
    """
    core = (
        number(version, 6)
        + number(round(created_s * 10), 36)
        + number(round((created_s if updated_s is None else updated_s) * 10), 36)
        + number(cmp_id, 12)
        + number(7, 12)  # CmpVersion
        + number(1, 6)  # ConsentScreen
        + letters(language)
        + number(120, 12)  # VendorListVersion
        + number(policy_version, 6)
        + number(service_specific, 1)
        + "0"  # UseNonStandardTexts
        + flags(special_features, 12)
        + flags(purposes, 24)
        + flags(li, 24)
        + number(purpose_one_treatment, 1)
        + letters(country)
        + vendor_section(vendor_consents, as_ranges=as_ranges)
        + vendor_section(vendor_li, as_ranges=as_ranges)
        + number(len(restrictions), 12)
        + "".join(
            number(purpose, 6) + number(kind, 2) + entries(vendors) for purpose, kind, vendors in restrictions
        )
    )
    own = publisher_segment(
        publisher or (), publisher_li, custom=custom, custom_consents=custom_consents, custom_li=custom_li
    )
    others = [
        None if disclosed is None else "001" + vendor_section(disclosed, as_ranges=as_ranges),
        None if allowed is None else "010" + vendor_section(allowed, as_ranges=as_ranges),
        None if publisher is None else own,
    ]
    if publisher_first:
        others.reverse()
    segments = [core, *(segment for segment in others if segment is not None)]
    return ".".join(base64url(segment, pad_to=pad_to) for segment in segments)
