"""The IAB's TC string (TCF 2.0 to 2.3): core, disclosed and allowed vendors, publisher TC, restrictions.

Decoding is strict, bounded and says nothing about validity: whether a string may be relied on is the regime's
decision. What is refused, and with which code, is a table in spec/consent.md, "TC strings".

Source: IAB Tech Lab, "Consent string and vendor list formats v2". Vectors: spec/vectors/tcf.jsonl.
"""

from __future__ import annotations

from ..errors import SignalError
from ..immutable import Immutable, put
from .bits import FAR, Bits, ids, merged, runs, truncated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeAlias

    from .bits import Intervals

    _Entries: TypeAlias = list[tuple[int, int]]
    _Vendors: TypeAlias = tuple[int, int] | _Entries  # as sent: a bit field and its width, or ranges

# A cookie holds 4 KB and servers commonly take 8 KB of headers; a full string of today has about 1 KB.
MAX_LENGTH = 8_192

_CORE_BITS = 213  # the fixed part of the core
_RECOGNIZABLE_BITS = 42  # version and creation date: with less, the text is not recognizably a TC string
_PUBLISHER_BITS = 54  # consents, legitimate interests and the number of custom purposes, after the type
_CORE, _DISCLOSED, _ALLOWED, _PUBLISHER = 0, 1, 2, 3
_SEGMENTS = {
    _CORE: "core",
    _DISCLOSED: "disclosed_vendors",
    _ALLOWED: "allowed_vendors",
    _PUBLISHER: "publisher_tc",
}


class PublisherTc(Immutable):
    """The publisher's own transparency and consent (segment 3). Only `decode` builds one."""

    __slots__ = ("_consents", "_custom_consents", "_custom_li", "_li", "num_custom_purposes")

    num_custom_purposes: int
    _consents: int
    _li: int
    _custom_consents: int
    _custom_li: int

    def __init__(self, bits: Bits) -> None:
        fixed = bits.take(_PUBLISHER_BITS)
        count = fixed & 0x3F
        put(self, "_consents", fixed >> 30)
        put(self, "_li", (fixed >> 6) & 0xFF_FFFF)
        put(self, "num_custom_purposes", count)
        put(self, "_custom_consents", bits.take(count))
        put(self, "_custom_li", bits.take(count))

    @property
    def purposes_consent(self) -> tuple[int, ...]:
        """The purposes, 1 to 24, that the visitor consented to."""
        return ids(self._consents, 24)

    @property
    def purposes_li(self) -> tuple[int, ...]:
        """The purposes under legitimate interest to which the visitor did not object."""
        return ids(self._li, 24)

    @property
    def custom_consent(self) -> tuple[int, ...]:
        """The publisher's custom purposes that the visitor consented to."""
        return ids(self._custom_consents, self.num_custom_purposes)

    @property
    def custom_li(self) -> tuple[int, ...]:
        """The publisher's custom purposes under legitimate interest, not objected to."""
        return ids(self._custom_li, self.num_custom_purposes)

    def as_dict(self) -> dict[str, object]:
        """The segment in the form of the vectors."""
        return {
            "purposes_consent": list(self.purposes_consent),
            "purposes_li": list(self.purposes_li),
            "num_custom_purposes": self.num_custom_purposes,
            "custom_consent": list(self.custom_consent),
            "custom_li": list(self.custom_li),
        }

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PublisherTc is a visitor's signal: it is resolved, not pickled or copied")

    def __repr__(self) -> str:
        return "PublisherTc(...)"


class TcString(Immutable):
    """A decoded TC string. Only `decode` builds one.

    Its fields are those of the specification and are read when asked for. Vendors are ascending intervals
    `(first, last)`, both ends included. It does not keep the text, and its repr does not show the visitor's choice.
    """

    __slots__ = ("_consents", "_core", "_li", "_others", "_restrictions")

    _core: int
    _consents: _Vendors
    _li: _Vendors
    _restrictions: list[tuple[int, _Entries]]
    _others: dict[int, _Vendors | PublisherTc]  # by segment type, in the order found

    def __init__(self) -> None:
        raise TypeError("only `decode` builds a TcString")

    def _field(self, at: int, width: int) -> int:
        return (self._core >> (_CORE_BITS - at - width)) & ((1 << width) - 1)

    def _letters(self, at: int) -> str:
        pair = self._field(at, 12)
        return chr(0x41 + (pair >> 6)) + chr(0x41 + (pair & 0x3F))

    @property
    def version(self) -> int:
        return self._field(0, 6)

    @property
    def created_ds(self) -> int:
        """When the string was created, in tenths of seconds since 1970-01-01 UTC; often of day precision."""
        return self._field(6, 36)

    @property
    def last_updated_ds(self) -> int:
        """When the string was last changed, in the same unit."""
        return self._field(42, 36)

    @property
    def cmp_id(self) -> int:
        return self._field(78, 12)

    @property
    def cmp_version(self) -> int:
        return self._field(90, 12)

    @property
    def consent_screen(self) -> int:
        return self._field(102, 6)

    @property
    def consent_language(self) -> str:
        return self._letters(108)

    @property
    def vendor_list_version(self) -> int:
        return self._field(120, 12)

    @property
    def policy_version(self) -> int:
        return self._field(132, 6)

    @property
    def is_service_specific(self) -> bool:
        return self._field(138, 1) == 1

    @property
    def use_non_standard_texts(self) -> bool:
        return self._field(139, 1) == 1

    @property
    def special_feature_opt_ins(self) -> tuple[int, ...]:
        return ids(self._field(140, 12), 12)

    @property
    def purposes_consent(self) -> tuple[int, ...]:
        """The purposes, 1 to 24, that the visitor consented to *for vendors*; see `publisher_tc`."""
        return ids(self._field(152, 24), 24)

    @property
    def purposes_li(self) -> tuple[int, ...]:
        """The purposes under legitimate interest, *for vendors*, to which the visitor did not object."""
        return ids(self._field(176, 24), 24)

    @property
    def purpose_one_treatment(self) -> bool:
        """True when purpose 1 was *not* disclosed to the visitor."""
        return self._field(200, 1) == 1

    @property
    def publisher_country(self) -> str:
        return self._letters(201)

    @property
    def vendor_consents(self) -> Intervals:
        return _intervals(self._consents)

    @property
    def vendor_li(self) -> Intervals:
        return _intervals(self._li)

    @property
    def disclosed_vendors(self) -> Intervals | None:
        """The vendors that the visitor was shown; None when there is no such segment."""
        return self._optional_vendors(_DISCLOSED)

    @property
    def allowed_vendors(self) -> Intervals | None:
        """The vendors of the obsolete segment 2; None when there is no such segment."""
        return self._optional_vendors(_ALLOWED)

    def _optional_vendors(self, kind: int) -> Intervals | None:
        vendors = self._others.get(kind)
        return None if vendors is None or isinstance(vendors, PublisherTc) else _intervals(vendors)

    @property
    def publisher_tc(self) -> PublisherTc | None:
        """The publisher's own transparency and consent; None when there is no such segment."""
        publisher = self._others.get(_PUBLISHER)
        return publisher if isinstance(publisher, PublisherTc) else None

    @property
    def segments(self) -> tuple[str, ...]:
        """The names of the segments in the order found."""
        return ("core", *(_SEGMENTS[kind] for kind in self._others))

    @property
    def publisher_restrictions(self) -> tuple[tuple[int, int, Intervals], ...]:
        """`(purpose, type, vendors)`, ascending; the records of one pair are merged, empty ones left out."""
        grouped: dict[int, _Entries] = {}
        for key, entries in self._restrictions:
            grouped.setdefault(key, []).extend(entries)
        return tuple((key >> 2, key & 3, merged(grouped[key])) for key in sorted(grouped) if grouped[key])

    def as_dict(self) -> dict[str, object]:
        """The whole string in the form of the vectors, made of what JSON has."""
        publisher = self.publisher_tc
        return {
            "version": self.version,
            "created_ds": self.created_ds,
            "last_updated_ds": self.last_updated_ds,
            "cmp_id": self.cmp_id,
            "cmp_version": self.cmp_version,
            "consent_screen": self.consent_screen,
            "consent_language": self.consent_language,
            "vendor_list_version": self.vendor_list_version,
            "policy_version": self.policy_version,
            "is_service_specific": self.is_service_specific,
            "use_non_standard_texts": self.use_non_standard_texts,
            "special_feature_opt_ins": list(self.special_feature_opt_ins),
            "purposes_consent": list(self.purposes_consent),
            "purposes_li": list(self.purposes_li),
            "purpose_one_treatment": self.purpose_one_treatment,
            "publisher_country": self.publisher_country,
            "vendor_consents": _listed(self.vendor_consents),
            "vendor_li": _listed(self.vendor_li),
            "publisher_restrictions": [
                {"purpose": purpose, "type": kind, "vendors": _listed(vendors)}
                for purpose, kind, vendors in self.publisher_restrictions
            ],
            "disclosed_vendors": _listed(self.disclosed_vendors),
            "allowed_vendors": _listed(self.allowed_vendors),
            "publisher_tc": None if publisher is None else publisher.as_dict(),
            "segments": list(self.segments),
        }

    def __reduce__(self) -> NoReturn:
        raise TypeError("a TcString is a visitor's signal: it is resolved, not pickled or copied")

    def __repr__(self) -> str:
        return f"TcString(cmp_id={self.cmp_id}, segments={list(self.segments)})"


_new: Callable[[type[TcString]], TcString] = object.__new__


def decode(text: str) -> TcString:
    """Read a TC string. The work is bounded by the length of `text`, which is bounded by `MAX_LENGTH`.

    Raises:
        SignalError: the text is not a TC string in every bit. `code` is one of `too_long`, `empty`,
            `empty_segment`, `bad_base64`, `not_a_tc_string`, `missing_core`, `unsupported_version`,
            `truncated`, `bad_letter`, `bad_range`, `bad_padding`, `unknown_segment`, `duplicate_segment`.
    """
    segments = _split(text)
    bits = _open_core(segments[0])
    tc = _new(TcString)
    put(tc, "_core", _checked_letters(bits.take(_CORE_BITS)))
    put(tc, "_consents", _read_vendors(bits))
    put(tc, "_li", _read_vendors(bits))
    put(tc, "_restrictions", _read_restrictions(bits))
    bits.finish()
    put(tc, "_others", _read_others(segments))
    return tc


def _split(text: object) -> list[str]:
    if not isinstance(text, str):  # what a request brings is not always what the types say
        raise SignalError("not_a_tc_string", "a TC string is text")
    if len(text) > MAX_LENGTH:
        raise SignalError("too_long", f"a TC string has at most {MAX_LENGTH} characters")
    segments = text.split(".")
    if "" in segments:
        if text.strip("."):
            raise SignalError("empty_segment", "a segment is empty")
        raise SignalError("empty", "there is no text")
    return segments


def _open_core(segment: str) -> Bits:
    bits = Bits(segment)
    version = bits.value >> (bits.left - 6)
    if version >> 3 in _SEGMENTS and version >> 3 != _CORE:
        raise SignalError("missing_core", "the first segment is not the core")
    if version >> 3 != _CORE or (version == 2 and bits.left < _RECOGNIZABLE_BITS):
        raise SignalError("not_a_tc_string", "the text is not a TC string")
    if version != 2:
        raise SignalError("unsupported_version", "only version 2 of the TC string is supported")
    return bits


def _checked_letters(core: int) -> int:
    language, country = (core >> 93) & 0xFFF, core & 0xFFF
    if language >> 6 > 25 or language & 0x3F > 25 or country >> 6 > 25 or country & 0x3F > 25:
        raise SignalError("bad_letter", "a language or country code is not made of letters")
    return core


def _read_others(segments: list[str]) -> dict[int, _Vendors | PublisherTc]:
    found: dict[int, _Vendors | PublisherTc] = {}
    for segment in segments[1:]:
        bits = Bits(segment)
        kind = bits.take(3)
        if kind not in _SEGMENTS:
            raise SignalError("unknown_segment", "a segment is of an unknown type")
        if kind in found or kind == _CORE:
            # Which of the two would count? Whichever is taken, one more segment could grow what is permitted.
            raise SignalError("duplicate_segment", "two segments are of the same type")
        found[kind] = PublisherTc(bits) if kind == _PUBLISHER else _read_vendors(bits)
        bits.finish()
    return found


def _read_vendors(bits: Bits) -> _Vendors:
    head = bits.take(17)
    if head & 1:
        return _read_entries(bits)
    return bits.take(head >> 1), head >> 1


def _read_restrictions(bits: Bits) -> list[tuple[int, _Entries]]:
    records: list[tuple[int, _Entries]] = []
    for _ in range(bits.take(12)):
        bits.forget()
        records.append((bits.take(8), _read_entries(bits)))
    return records


def _read_entries(bits: Bits) -> _Entries:
    """Read a count and that many ids or ranges, in any order. Their number is bounded by the bits left."""
    count = bits.take(12)
    value, left = bits.value, bits.left  # `take` and `forget` written out: the longest loop there is
    entries: _Entries = []
    for _ in range(count):
        if value.bit_length() - left > FAR:
            value &= (1 << left) - 1
        left -= 17
        first = last = (value >> left) & 0x1_FFFF if left >= 0 else 0
        if first > 0xFFFF:  # the leading bit says that an end follows
            first &= 0xFFFF
            left -= 16
            last = (value >> left) & 0xFFFF if left >= 0 else 0
        if left < 0:
            raise truncated()
        if not 1 <= first <= last:
            raise SignalError("bad_range", "a vendor id is zero, or a range is reversed")
        entries.append((first, last))
    bits.value, bits.left = value, left
    return entries


def _intervals(vendors: _Vendors) -> Intervals:
    return merged(vendors) if isinstance(vendors, list) else runs(*vendors)


def _listed(intervals: Intervals | None) -> list[list[int]] | None:
    return None if intervals is None else [[first, last] for first, last in intervals]
