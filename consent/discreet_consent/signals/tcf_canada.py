"""Section 5 of a GPP string, IAB Canada's TCF: express and implied consent, for vendors and for the publisher.

It is the European TCF with other words: consent is *express* consent, legitimate interest *implied* consent.

Lists of vendors come in two codings, and nothing in the section says which: ranges of Fibonacci offsets, as the
specification has them, or ranges of 16-bit ids, as the IAB's library wrote until 2026. Both are tried on the whole
section; what both can read, and differently, is refused. A list begins with its highest id and then says its form,
as every library has it; the specification's table of data types puts the form first.

Source: IAB Tech Lab, "GPPExtension: IAB Canada TCF".
"""

from __future__ import annotations

from ..errors import SignalError
from ..immutable import Immutable, put
from . import fibonacci
from .bits import Bits, ids, merged, runs, truncated
from .tcf import PublisherTc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeAlias

    from .bits import Intervals
    from .fibonacci import Entries

    _List: TypeAlias = tuple[int, int] | Entries  # as sent: a bit field and its width, or ranges
    _ReadRange: TypeAlias = Callable[[bytes, int], tuple[Entries, int]]
    _ReadList: TypeAlias = Callable[[bytes, int], tuple[_List, int]]
    # Express and implied consents, restrictions by purpose and type, disclosed vendors.
    _Vendors: TypeAlias = tuple[_List, _List, list[tuple[int, _List]], _List | None]

_CORE_BITS = 199  # the fixed part of the core
_CORE, _DISCLOSED, _PUBLISHER = 0, 1, 3


class TcfCanada(Immutable):
    """A decoded section of TCF Canada. Only `decode` builds one.

    Vendors are ascending intervals `(first, last)`, both ends included. Its repr does not show the visitor's choice.

    Attributes:
        publisher_tc: The publisher's own; its consents are express ones, its legitimate interests implied
            ones. None when there is no such segment.
    """

    __slots__ = ("_core", "_vendors", "publisher_tc")

    publisher_tc: PublisherTc | None
    _core: int
    _vendors: _Vendors

    def __init__(self) -> None:
        raise TypeError("only `decode` builds a TcfCanada")

    def _field(self, at: int, width: int) -> int:
        return (self._core >> (_CORE_BITS - at - width)) & ((1 << width) - 1)

    @property
    def version(self) -> int:
        return self._field(0, 6)

    @property
    def created_ds(self) -> int:
        """When the section was created, in tenths of seconds since 1970-01-01 UTC; usually of day precision."""
        return self._field(6, 36)

    @property
    def last_updated_ds(self) -> int:
        """When the section was last changed, in the same unit."""
        return self._field(42, 36)

    @property
    def cmp_id(self) -> int:
        return self._field(78, 12)

    @property
    def policy_version(self) -> int:
        return self._field(132, 6)

    @property
    def special_feature_express(self) -> tuple[int, ...]:
        return ids(self._field(139, 12), 12)

    @property
    def purposes_express(self) -> tuple[int, ...]:
        """The purposes, 1 to 24, with express consent *for vendors*; see `publisher_tc`."""
        return ids(self._field(151, 24), 24)

    @property
    def purposes_implied(self) -> tuple[int, ...]:
        """The purposes with implied consent *for vendors*, to which the visitor did not object."""
        return ids(self._field(175, 24), 24)

    @property
    def vendor_express(self) -> Intervals:
        return _intervals(self._vendors[0])

    @property
    def vendor_implied(self) -> Intervals:
        """The vendors with implied consent, to which the visitor did not object."""
        return _intervals(self._vendors[1])

    @property
    def publisher_restrictions(self) -> tuple[tuple[int, int, Intervals], ...]:
        """`(purpose, type, vendors)`, ascending; the records of one pair are merged, empty ones left out."""
        grouped: dict[int, Entries] = {}
        for key, vendors in self._vendors[2]:
            grouped.setdefault(key, []).extend(_intervals(vendors))
        return tuple((key >> 2, key & 3, merged(grouped[key])) for key in sorted(grouped) if grouped[key])

    @property
    def disclosed_vendors(self) -> Intervals | None:
        """The vendors that the visitor was shown; None when there is no such segment."""
        return None if self._vendors[3] is None else _intervals(self._vendors[3])

    def as_dict(self) -> dict[str, object]:
        """The section under the specification's names, made of what JSON has: instants in tenths of seconds,
        vendors as intervals, null for what a segment that is not there would say."""
        publisher = self.publisher_tc
        return {
            "Version": self.version,
            "Created": self.created_ds,
            "LastUpdated": self.last_updated_ds,
            "CmpId": self.cmp_id,
            "CmpVersion": self._field(90, 12),
            "ConsentScreen": self._field(102, 6),
            "ConsentLanguage": chr(0x41 + self._field(108, 6)) + chr(0x41 + self._field(114, 6)),
            "VendorListVersion": self._field(120, 12),
            "TcfPolicyVersion": self.policy_version,
            "UseNonStandardStacks": self._field(138, 1) == 1,
            "SpecialFeatureExpressConsent": list(self.special_feature_express),
            "PurposesExpressConsent": list(self.purposes_express),
            "PurposesImpliedConsent": list(self.purposes_implied),
            "VendorExpressConsent": _listed(self.vendor_express),
            "VendorImpliedConsent": _listed(self.vendor_implied),
            "PubRestrictions": [
                {"key": purpose, "type": kind, "ids": _listed(vendors)}
                for purpose, kind, vendors in self.publisher_restrictions
            ],
            "DisclosedVendors": _listed(self.disclosed_vendors),
            "PubPurposesExpressConsent": publisher and list(publisher.purposes_consent),
            "PubPurposesImpliedConsent": publisher and list(publisher.purposes_li),
            "NumCustomPurposes": publisher and publisher.num_custom_purposes,
            "CustomPurposesExpressConsent": publisher and list(publisher.custom_consent),
            "CustomPurposesImpliedConsent": publisher and list(publisher.custom_li),
        }

    def __reduce__(self) -> NoReturn:
        raise TypeError("a TcfCanada is a visitor's signal: it is resolved, not pickled or copied")

    def __repr__(self) -> str:
        return f"TcfCanada(cmp_id={self.cmp_id})"


_new: Callable[[type[TcfCanada]], TcfCanada] = object.__new__


def decode(text: str) -> TcfCanada:
    """Read a section of TCF Canada. The work is bounded by the length of `text`, which the GPP bounds.

    Raises:
        SignalError: `code` is one of `empty_segment`, `bad_base64`, `missing_core`, `unsupported_version`,
            `truncated`, `bad_letter`, `bad_range`, `bad_padding`, `ambiguous_vendors`, `unknown_segment`,
            `duplicate_segment`.
    """
    segments = text.split(".")
    if "" in segments:
        raise SignalError("empty_segment", "a segment is empty")
    core = Bits(segments[0])
    section = _new(TcfCanada)
    put(section, "_core", _read_core(core))
    others = _read_others(segments)
    publisher, disclosed = others.get(_PUBLISHER), others.get(_DISCLOSED)
    put(section, "publisher_tc", None if publisher is None else _read_publisher(publisher))
    put(section, "_vendors", _read_vendors(core.digits(), None if disclosed is None else disclosed.digits()))
    return section


def _read_core(bits: Bits) -> int:
    version = bits.value >> (bits.left - 6)
    if version >> 3 in (_DISCLOSED, _PUBLISHER):
        raise SignalError("missing_core", "the first segment is not the core")
    if version != 1:
        raise SignalError("unsupported_version", "only version 1 of TCF Canada is supported")
    core = bits.take(_CORE_BITS)
    language = (core >> 79) & 0xFFF
    if language >> 6 > 25 or language & 0x3F > 25:
        raise SignalError("bad_letter", "a language code is not made of letters")
    return core


def _read_others(segments: list[str]) -> dict[int, Bits]:
    found: dict[int, Bits] = {}
    for segment in segments[1:]:
        bits = Bits(segment)
        kind = bits.take(3)
        if kind not in (_CORE, _DISCLOSED, _PUBLISHER):
            raise SignalError("unknown_segment", "a segment is of an unknown type")
        if kind in found or kind == _CORE:
            raise SignalError("duplicate_segment", "two segments are of the same type")
        found[kind] = bits
    return found


def _read_publisher(bits: Bits) -> PublisherTc:
    publisher = PublisherTc(bits)
    bits.finish()
    return publisher


def _read_vendors(core: bytes, disclosed: bytes | None) -> _Vendors:
    """Everything about vendors, in the one coding that reads all of it."""
    readings: list[_Vendors] = []
    refusal = truncated()
    for read_range, read_restricted in _CODINGS:
        try:
            readings.append(_read_coding(core, disclosed, read_range, read_restricted))
        except SignalError as refused:
            refusal = refused
    if not readings:
        raise refusal
    if readings[0] != readings[-1] and _meaning(readings[0]) != _meaning(readings[-1]):
        raise SignalError("ambiguous_vendors", "both codings read the lists of vendors, and differently")
    return readings[0]


def _read_coding(
    core: bytes, disclosed: bytes | None, read_range: _ReadRange, read_restricted: _ReadList
) -> _Vendors:
    express, at = _read_list(core, 0, read_range)
    implied, at = _read_list(core, at, read_range)
    restrictions, at = _read_restrictions(core, at, read_restricted)
    _finish(core, at)
    if disclosed is None:
        return express, implied, restrictions, None
    shown, at = _read_list(disclosed, 0, read_range)
    _finish(disclosed, at)
    return express, implied, restrictions, shown


def _meaning(vendors: _Vendors) -> object:
    express, implied, restrictions, disclosed = vendors
    named = [(key, meant) for key, listed in restrictions if (meant := _intervals(listed))]
    return (
        _intervals(express),
        _intervals(implied),
        named,
        None if disclosed is None else _intervals(disclosed),
    )


def _read_list(digits: bytes, at: int, read_range: _ReadRange) -> tuple[_List, int]:
    """A list of vendors: its highest id, and a bit field or ranges."""
    highest, at = _take(digits, at, 16)
    as_ranges, at = _take(digits, at, 1)
    if not as_ranges:
        mask, at = _take(digits, at, highest)
        return (mask, highest), at
    entries, at = read_range(digits, at)
    if entries and entries[-1][1] > highest:
        raise SignalError("bad_range", "a vendor id is above the highest of its list")
    return entries, at


def _read_restrictions(
    digits: bytes, at: int, read_restricted: _ReadList
) -> tuple[list[tuple[int, _List]], int]:
    records: list[tuple[int, _List]] = []
    count, at = _take(digits, at, 12)
    for _ in range(count):
        key, at = _take(digits, at, 8)
        vendors, at = read_restricted(digits, at)
        records.append((key, vendors))
    return records, at


def _read_numbers(digits: bytes, at: int) -> tuple[Entries, int]:
    """Read a range of 16-bit ids. Its writers put them in order, so others are not theirs."""
    entries: Entries = []
    last = 0
    count, at = _take(digits, at, 12)
    for _ in range(count):
        is_group, at = _take(digits, at, 1)
        first, at = _take(digits, at, 16)
        if first <= last:
            raise SignalError("bad_range", "a vendor id is zero, or does not ascend")
        last, at = _take(digits, at, 16) if is_group else (first, at)
        if last < first:
            raise SignalError("bad_range", "a range of vendors is reversed")
        entries.append((first, last))
    return entries, at


def _take(digits: bytes, at: int, width: int) -> tuple[int, int]:
    """The number in the `width` digits at `at`, and where they end."""
    end = at + width
    if end > len(digits):
        raise truncated()
    return int(digits[at:end], 2) if width else 0, end


def _finish(digits: bytes, at: int) -> None:
    if b"1" in digits[at:]:
        raise SignalError("bad_padding", "a segment goes on after its end")


# How a range is read, and the vendors of a restriction: a list of its own, or a bare range.
_CODINGS: tuple[tuple[_ReadRange, _ReadList], ...] = (
    (fibonacci.entries, lambda digits, at: _read_list(digits, at, fibonacci.entries)),
    (_read_numbers, _read_numbers),
)


def _intervals(vendors: _List) -> Intervals:
    return merged(vendors) if isinstance(vendors, list) else runs(*vendors)


def _listed(intervals: Intervals | None) -> list[list[int]] | None:
    return None if intervals is None else [[first, last] for first, last in intervals]
