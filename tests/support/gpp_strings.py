"""An encoder for GPP strings, bit by bit, so that tests can say what a consent tool would have sent.

It writes what it is told, also what the specification forbids, and shares no code and no table with the decoder:
the US fields come from `spec/us_sections.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .tc_strings import CREATED_S, base64url, flags, letters, number, publisher_segment

_TABLE = Path(__file__).parents[2] / "spec" / "us_sections.json"

Values = Mapping[str, int | Sequence[int]]
Vendors = Sequence[tuple[int, int]]


@cache
def us_table() -> Mapping[str, Any]:
    """The table of the US sections, as the project publishes it."""
    table: Mapping[str, Any] = json.loads(_TABLE.read_text("utf-8"))
    return table


def us_ids() -> dict[str, int]:
    """The ids of the US sections, by name."""
    return {name: section["id"] for name, section in us_table()["sections"].items()}


def us_versions(name: str) -> tuple[int, ...]:
    """The versions that there are of a section."""
    return tuple(map(int, us_table()["sections"][name].get("versions", {"1": {}})))


def us_fields(name: str, version: int) -> list[tuple[str, int]]:
    """The fields of a US section after its version, each with its number of 2-bit items."""
    section = us_table()["sections"][name]
    widths = section.get("versions", {}).get(str(version), {})
    return [(field["name"], widths.get(field["name"], field.get("items", 1))) for field in section["fields"]]


def us_bits(name: str, version: int) -> dict[str, list[int]]:
    """For each field of a US section, where each of its items begins: bits from the start of the core."""
    at, places = 6, dict[str, list[int]]()
    for field, count in us_fields(name, version):
        places[field] = list(range(at, at + 2 * count, 2))
        at += 2 * count
    return places


def us_core(name: str, values: Values, version: int = 1) -> str:
    """The binary digits of a US core; fields that are left out are 0."""
    digits = number(version, 6)
    for field, count in us_fields(name, version):
        given = values.get(field, [0] * count)
        items = [given] if isinstance(given, int) else list(given)
        assert len(items) == count, f"{name}: {field}"
        digits += "".join(number(item, 2) for item in items)
    return digits


def us_section(
    name: str, values: Values | None = None, *, version: int = 1, gpc: bool | None = None, pad_to: int = 8
) -> str:
    """A US section as text; without `gpc` it has no such subsection."""
    core = base64url(us_core(name, values or {}, version), pad_to=pad_to)
    return core if gpc is None else f"{core}.{base64url('01' + number(gpc, 1), pad_to=pad_to)}"


def fibonacci(value: int) -> str:
    """The Fibonacci code of a number above 0."""
    assert value > 0
    weights = [1, 2]
    while weights[-1] <= value:
        weights.append(weights[-2] + weights[-1])
    digits = ""
    for weight in reversed(weights[:-1]):
        digits = ("1" if weight <= value else "0") + digits
        value -= weight if weight <= value else 0
    return digits + "1"


def fibonacci_range(groups: Vendors) -> str:
    """A count and that many ids or groups, which must ascend, as offsets."""
    digits, last = number(len(groups), 12), 0
    for first, end in groups:
        digits += ("0" if first == end else "1") + fibonacci(first - last)
        digits += "" if first == end else fibonacci(end - first)
        last = end
    return digits


def grouped(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending ids as groups, neighbours together."""
    groups: list[tuple[int, int]] = []
    for each in ids:
        if groups and groups[-1][1] == each - 1:
            groups[-1] = (groups[-1][0], each)
        else:
            groups.append((each, each))
    return groups


def header(
    ids: Sequence[int], *, kind: int = 3, version: int = 1, singly: bool = False, pad_to: int = 8
) -> str:
    """A header as text. With `singly`, neighbouring ids are written one by one and not as groups."""
    groups = [(each, each) for each in ids] if singly else grouped(ids)
    return base64url(number(kind, 6) + number(version, 6) + fibonacci_range(groups), pad_to=pad_to)


def encode_gpp(sections: Mapping[int, str], *, singly: bool = False, pad_to: int = 8) -> str:
    """A GPP string of sections as text, by id, in the order of their ids."""
    ids = sorted(sections)
    return "~".join([header(ids, singly=singly, pad_to=pad_to), *(sections[each] for each in ids)])


def vendor_list(vendors: Vendors, *, coding: str) -> str:
    """A list of vendors in a section of TCF Canada: `bits`, or ranges of `fibonacci` or `plain` numbers."""
    highest = vendors[-1][1] if vendors else 0
    if coding == "bits":
        members = [each for first, last in vendors for each in range(first, last + 1)]
        return number(highest, 16) + "0" + flags(members, highest)
    return number(highest, 16) + "1" + vendor_range(vendors, coding=coding)


def vendor_range(vendors: Vendors, *, coding: str) -> str:
    if coding == "fibonacci":
        return fibonacci_range(vendors)
    return number(len(vendors), 12) + "".join(
        "0" + number(first, 16) if first == last else "1" + number(first, 16) + number(last, 16)
        for first, last in vendors
    )


def canada_core(
    express: Sequence[int] = (),
    implied: Sequence[int] = (),
    *,
    version: int = 1,
    language: str = "EN",
    features: Sequence[int] = (),
    vendor_express: Vendors = (),
    vendor_implied: Vendors = (),
    restrictions: Sequence[tuple[int, int, Vendors]] = (),
    coding: str = "bits",
) -> str:
    """The binary digits of the core of a section of TCF Canada.

    Args:
        coding: How vendors are written: `bits`; `fibonacci`, with restrictions that are lists of their own; or
            `plain`, with restrictions that are bare ranges.
    """
    fixed = (
        number(version, 6)
        + number(CREATED_S * 10, 36) * 2
        + number(50, 12)  # CmpId
        + number(2, 12)  # CmpVersion
        + number(1, 6)  # ConsentScreen
        + letters(language)
        + number(413, 12)  # VendorListVersion
        + number(4, 6)  # TcfPolicyVersion
        + "1"  # UseNonStandardStacks
        + flags(features, 12)
        + flags(express, 24)
        + flags(implied, 24)
    )
    restricted = vendor_range if coding == "plain" else vendor_list
    return (
        fixed
        + vendor_list(vendor_express, coding=coding)
        + vendor_list(vendor_implied, coding=coding)
        + number(len(restrictions), 12)
        + "".join(
            number(purpose, 6) + number(kind, 2) + restricted(vendors, coding=coding)
            for purpose, kind, vendors in restrictions
        )
    )


def encode_canada(
    *args: Any,
    publisher: tuple[Sequence[int], Sequence[int]] | None = None,
    disclosed: Vendors | None = None,
    pad_to: int = 8,
    **kwargs: Any,
) -> str:
    """A section of TCF Canada as text: a core with the arguments of `canada_core`, and its other segments."""
    segments = [canada_core(*args, **kwargs)]
    if publisher is not None:
        segments.append(publisher_segment(*publisher, custom=3, custom_consents=[2], custom_li=[1, 3]))
    if disclosed is not None:
        segments.append("001" + vendor_list(disclosed, coding=kwargs.get("coding", "bits")))
    return ".".join(base64url(segment, pad_to=pad_to) for segment in segments)
