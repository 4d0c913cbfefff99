"""The IAB's GPP string: one header, and one section for each law or region that it speaks for.

    header ~ section ~ section ...        a section is subsections joined by dots, or plain text (US Privacy)

Decoding is strict, bounded and says nothing about validity. Which section applies to a visitor does not stand in
the string: the regime knows. What is refused, and with which code, is a table in spec/consent.md, "GPP strings".

Source: IAB Tech Lab, Global Privacy Platform, "Consent String Specification". Vectors: spec/vectors/gpp.jsonl.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from types import MappingProxyType

from ..errors import SignalError
from ..immutable import Immutable, put
from . import fibonacci, tcf, tcf_canada, us_privacy, us_sections
from .bits import Bits, truncated
from .tcf import MAX_LENGTH, TcString
from .tcf_canada import TcfCanada
from .us_privacy import UsPrivacy
from .us_sections import US_SECTIONS, UsSection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn, TypeAlias

    Section: TypeAlias = TcString | TcfCanada | UsPrivacy | UsSection

_GPP, _TCF = "D", "C"  # the first characters of the two: types 3 and 2
_VERSION = 1
_HEADER = 3  # the header's own id, which no section has


class GppString(Immutable):
    """A decoded GPP string. Only `decode` builds one. It does not keep the text, and its repr shows no choice.

    Attributes:
        section_ids: The ids of its sections, ascending, which is the order of the text.
        sections: By name, the sections that were read: `tcfeuv2`, `tcfcav1`, `uspv1`, `usnat`, `usca`, ...
        opaque_section_ids: The ids of the sections that were not read: unknown ones, drafts (24 to 27), and 1
            and 4. What they say is not known, which is not the same as nothing.
    """

    __slots__ = ("opaque_section_ids", "section_ids", "sections")

    section_ids: tuple[int, ...]
    sections: Mapping[str, Section]
    opaque_section_ids: tuple[int, ...]

    def __init__(self) -> None:
        raise TypeError("only `decode` builds a GppString")

    @property
    def version(self) -> int:
        return _VERSION

    def as_dict(self) -> dict[str, object]:
        """The whole string in the form of the vectors, made of what JSON has."""
        return {
            "version": self.version,
            "section_ids": list(self.section_ids),
            "sections": {name: section.as_dict() for name, section in self.sections.items()},
            "opaque_section_ids": list(self.opaque_section_ids),
        }

    def __reduce__(self) -> NoReturn:
        raise TypeError("a GppString is a visitor's signal: it is resolved, not pickled or copied")

    def __repr__(self) -> str:
        return f"GppString(section_ids={list(self.section_ids)})"


_new: Callable[[type[GppString]], GppString] = object.__new__


def decode(text: str) -> GppString:
    """Read a GPP string, all of it or nothing: one section that cannot be read spoils the string.

    The work is bounded by the length of `text`, which is bounded by `MAX_LENGTH`. An opaque section is not read,
    but it must look like one: characters of the base64url alphabet in segments joined by dots, none of them empty.

    Raises:
        SignalError: the text is not a GPP string in every bit. `code` is one of `too_long`, `empty`,
            `not_a_gpp_string`, `bare_tc_string`, `bad_header`, `unsupported_version`, `section_count`,
            `empty_section`, `empty_segment`, `bad_base64`, `truncated`, `bad_padding`, `unknown_segment`,
            `duplicate_segment`, `bad_usp`, `missing_core`, `bad_letter`, `bad_range`, `ambiguous_vendors`,
            `not_a_tc_string`.
    """
    header, *texts = _split(text)
    section_ids = _read_header(header, len(texts))
    sections: dict[str, Section] = {}
    opaque: dict[int, str] = {}
    for section_id, each in zip(section_ids, texts, strict=True):
        if not each or each.isspace():
            raise SignalError("empty_section", "a section is empty")
        if section_id in _READERS:
            name, read = _READERS[section_id]
            sections[name] = _read_section(name, read, each)
        else:
            opaque[section_id] = each
    _check_opaque(opaque.values())
    gpp = _new(GppString)
    put(gpp, "section_ids", section_ids)
    put(gpp, "sections", MappingProxyType(sections))
    put(gpp, "opaque_section_ids", tuple(opaque))
    return gpp


def _split(text: object) -> list[str]:
    if not isinstance(text, str):  # what a request brings is not always what the types say
        raise SignalError("not_a_gpp_string", "a GPP string is text")
    if len(text) > MAX_LENGTH:
        raise SignalError("too_long", f"a GPP string has at most {MAX_LENGTH} characters")
    if not text.strip("~."):
        raise SignalError("empty", "there is no text")
    return text.split("~")


def _read_header(header: str, sections: int) -> tuple[int, ...]:
    """The ids that the header lists, which must be as many as there are `sections`."""
    _check_kind(header, sections)
    bits = Bits(header)
    bits.take(6)
    if bits.take(6) != _VERSION:
        raise SignalError("unsupported_version", "only version 1 of the GPP string is supported")
    digits = bits.digits()
    try:
        if fibonacci.count(digits) > sections:
            raise _section_count()
        entries, end = fibonacci.entries(digits)
    except SignalError as refusal:
        raise (
            refusal if refusal.code == "section_count" else SignalError("bad_header", f"{refusal}")
        ) from None
    if b"1" in digits[end:]:
        raise SignalError("bad_padding", "the header goes on after its end")
    if sum(last - first + 1 for first, last in entries) != sections:  # counted before a group is expanded
        raise _section_count()
    section_ids = tuple(chain.from_iterable(range(first, last + 1) for first, last in entries))
    if _HEADER in section_ids:
        raise SignalError("bad_header", "the header lists itself as a section")
    return section_ids


def _check_kind(header: str, sections: int) -> None:
    """Refuse what is something else than a GPP string; with sections, it is one whose header is broken."""
    if not header.startswith(_GPP):
        if sections:
            raise SignalError("bad_header", "the header is not of type 3")
        if header.startswith(_TCF):
            raise SignalError("bare_tc_string", "the text starts as a TC string does, not as a GPP string")
        raise SignalError("not_a_gpp_string", "the text is not a GPP string")
    if header == _GPP:
        raise SignalError("not_a_gpp_string", "the text is not a GPP string")
    if "." in header:
        raise SignalError("bad_header", "the header has no segments")


def _section_count() -> SignalError:
    return SignalError("section_count", "the header lists more or fewer sections than there are")


def _read_section(name: str, read: Callable[[str], Section], text: str) -> Section:
    try:
        return read(text)
    except SignalError as refusal:
        raise SignalError(refusal.code, f"section `{name}`: {refusal}") from None


def _read_tc_string(text: str) -> TcString:
    try:
        return tcf.decode(text)
    except SignalError as refusal:
        if refusal.code == "not_a_tc_string" and text.startswith(_TCF):
            raise truncated() from None  # too short to be recognized, but its place says what it is
        raise


def _check_opaque(texts: Iterable[str]) -> None:
    segments = list(chain.from_iterable(text.split(".") for text in texts))
    if "" in segments:
        raise SignalError("empty_segment", "a segment of an unknown section is empty")
    Bits("".join(segments))


_READERS: dict[int, tuple[str, Callable[[str], Section]]] = {
    2: ("tcfeuv2", _read_tc_string),
    5: ("tcfcav1", tcf_canada.decode),
    6: ("uspv1", us_privacy.decode),
    **{layout.id: (layout.name, partial(us_sections.decode, layout)) for layout in US_SECTIONS.values()},
}
