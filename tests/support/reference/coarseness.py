"""Coarse values, worked out digit by digit: spec/consent.md, "Substitutes"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

HEX = frozenset("0123456789abcdefABCDEF")


def coarse(by: Mapping[str, Any], fact: Any) -> Any:
    """The coarse value of a fact; None where there is none."""
    ((method, parameter),) = by.items()
    match method:
        case "characters":
            return "".join(char for place, char in enumerate(fact) if place < parameter)
        case "decimals":
            return _rounded(float(fact), [1.0, 10.0, 100.0, 1000.0][parameter])
        case "bands":
            return max((float(bound) for bound in parameter if bound <= fact), default=None)
        case _:
            return network(fact)


def _rounded(number: float, scale: float) -> float | None:
    shifted = number * scale + 0.5
    return math.floor(shifted) / scale if math.isfinite(shifted) else None


def network(text: str) -> str | None:
    """The network of an IP address: its first three octets, or its first three groups of sixteen bits."""
    octets = _octets(text)
    if octets is not None:
        return _network_of_octets(octets)
    groups = _groups(text)
    if groups is None:
        return None
    if groups[:6] == [0, 0, 0, 0, 0, 0xFFFF]:
        return _network_of_octets([groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255])
    if groups[0] == 0x2002:
        return _network_of_octets([groups[1] >> 8, groups[1] & 255, groups[2] >> 8, groups[2] & 255])
    kept = groups[:3]
    while kept and kept[-1] == 0:
        kept.pop()
    return ":".join(f"{group:x}" for group in kept) + "::"


def _network_of_octets(octets: list[int]) -> str:
    return ".".join(str(octet) for octet in [*octets[:3], 0])


def _octets(text: str) -> list[int] | None:
    parts = text.split(".")
    sound = all(part in {str(octet) for octet in range(256)} for part in parts)
    return [int(part) for part in parts] if sound and len(parts) == 4 else None


def _groups(text: str) -> list[int] | None:
    """The eight groups of an IPv6 address in any of its forms (RFC 4291, section 2.2)."""
    before, gap, after = text.partition("::")
    head = _some_groups(before, last=not gap)
    tail = _some_groups(after, last=True) if gap else []
    if head is None or tail is None:
        return None
    missing = 8 - len(head) - len(tail)
    if (gap and missing < 1) or (not gap and missing != 0):
        return None
    return [*head, *[0] * missing, *tail]


def _some_groups(text: str, *, last: bool) -> list[int] | None:
    """Groups between colons; only the last of an address may be an IPv4 address, which counts as two."""
    if not text:
        return []
    groups: list[int] = []
    parts = text.split(":")
    for place, part in enumerate(parts, start=1):
        octets = _octets(part) if last and place == len(parts) else None
        if octets is not None:
            groups += [octets[0] * 256 + octets[1], octets[2] * 256 + octets[3]]
        elif 1 <= len(part) <= 4 and HEX.issuperset(part):
            groups.append(int(part, 16))
        else:
            return None
    return groups
