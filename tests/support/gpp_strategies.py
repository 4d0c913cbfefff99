"""Generated GPP strings, with handles to know which bit is which and which of their prefixes are whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from .gpp_strings import (
    encode_canada,
    encode_gpp,
    us_bits,
    us_fields,
    us_ids,
    us_section,
    us_table,
    us_versions,
)
from .tc_strategies import tc_strings
from .tc_strings import ALPHABET

OPAQUE_IDS = (1, 4, 24, 25, 26, 27, 28, 40, 181, 4_000)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one 2-bit item of a section, or its GPC bit, stands in the text.

    Attributes:
        item: Which item of a list; 0 for a field of one.
        at: Its first bit: six for each character of the text before it, also for dots and tildes.
        width: 2, or 1 for `Gpc`.
    """

    section: str
    field: str
    item: int
    at: int
    width: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a generated string.

    Attributes:
        name: In the GPP's interface; empty for an opaque one.
        told: What it was told to say, in the form of the vectors; empty for those with decoders of their own.
    """

    id: int
    name: str
    text: str
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Gpp:
    """A generated GPP string that is readable, and its parts in their order."""

    text: str
    header: str
    sections: tuple[Section, ...]

    def start(self, section: Section) -> int:
        """Where the text of `section` begins."""
        before = self.sections[: self.sections.index(section)]
        return len(self.header) + 1 + sum(len(each.text) + 1 for each in before)

    def places(self) -> Iterator[Place]:
        """Every item of every US section, and the GPC bits that there are."""
        for section in self.sections:
            if section.name not in us_ids():
                continue
            start = self.start(section)
            for name, ats in us_bits(section.name, section.told["Version"]).items():
                for item, at in enumerate(ats):
                    yield Place(section.name, name, item, 6 * start + at, 2)
            if "." in section.text:
                yield Place(section.name, "Gpc", 0, 6 * (start + section.text.index(".") + 1) + 2, 1)


def flipped(text: str, at: int) -> str:
    """The text with the bit at `at` turned over; a dot or a tilde has no bits."""
    index, bit = divmod(at, 6)
    letter = ALPHABET[ALPHABET.index(text[index]) ^ (1 << (5 - bit))]
    return text[:index] + letter + text[index + 1 :]


def said(text: str, place: Place) -> int:
    """What the text says at `place`, read from its characters one bit at a time."""
    digits = ""
    for at in range(place.at, place.at + place.width):
        digits += f"{ALPHABET.index(text[at // 6]):06b}"[at % 6]
    return int(digits, 2)


def replaced(text: str, place: Place, value: int) -> str:
    """The text with another value at `place`."""
    for offset in range(place.width):
        if (value ^ said(text, place)) >> (place.width - 1 - offset) & 1:
            text = flipped(text, place.at + offset)
    return text


@st.composite
def us(draw: st.DrawFn, name: str) -> Section:
    """A US section with any values, of any version that there is; a national one of version 1 has padding."""
    version = draw(st.sampled_from(us_versions(name)))
    has_gpc = us_table()["sections"][name]["gpc_subsection"]
    gpc = draw(st.none() | st.booleans()) if has_gpc else None
    values: dict[str, int | list[int]] = {}
    for each, count in us_fields(name, version):
        items = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
        values[each] = items[0] if count == 1 else items
    paddings = [1, 6, 8, 24] if (name, version) != ("usnat", 1) else [8, 24, 66]
    text = us_section(name, values, version=version, gpc=gpc, pad_to=draw(st.sampled_from(paddings)))
    return Section(us_ids()[name], name, text, {"Version": version, **values, "Gpc": gpc})


vendor_lists = st.sets(st.integers(1, 60), max_size=8).map(
    lambda ids: [(each, each) for each in sorted(ids) if each - 1 not in ids and each + 1 not in ids]
)
purposes = st.sets(st.integers(1, 24), max_size=11).map(sorted)


@st.composite
def canada_told(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `encode_canada` for a readable section."""
    return {
        "express": draw(purposes),
        "implied": draw(purposes),
        "features": draw(st.sets(st.integers(1, 12)).map(sorted)),
        "vendor_express": draw(vendor_lists),
        "vendor_implied": draw(vendor_lists),
        "restrictions": draw(
            st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3), vendor_lists), max_size=2)
        ),
        "coding": draw(st.sampled_from(["bits", "fibonacci", "plain"])),
        "publisher": draw(st.none() | st.tuples(purposes, purposes)),
        "disclosed": draw(st.none() | vendor_lists),
        "pad_to": draw(st.sampled_from([1, 6, 8, 24])),
    }


# No ranges, which one coding in many strings shares with the other: those are refused.
SIMPLE: Mapping[str, Any] = {"coding": "bits", "restrictions": ()}
canada = canada_told().map(lambda told: Section(5, "tcfcav1", encode_canada(**{**told, **SIMPLE})))
european = tc_strings.map(lambda text: Section(2, "tcfeuv2", text))
privacy = st.tuples(*[st.sampled_from("YN-")] * 3).map(
    lambda said: Section(
        6,
        "uspv1",
        "1" + "".join(said),
        {"Version": 1, "Notice": said[0], "OptOutSale": said[1], "LspaCovered": said[2]},
    )
)
opaque_text = st.lists(st.text(ALPHABET, min_size=1, max_size=12), min_size=1, max_size=3).map(".".join)
opaque = st.builds(lambda unknown, text: Section(unknown, "", text), st.sampled_from(OPAQUE_IDS), opaque_text)
us_any = st.sampled_from(sorted(us_ids())).flatmap(us)


@st.composite
def gpp_strings(draw: st.DrawFn, *, min_size: int = 0) -> Gpp:
    """A readable GPP string with any of the sections."""
    sections = draw(
        st.lists(
            us_any | privacy | us_any | opaque | european | canada,
            min_size=min_size,
            max_size=5,
            unique_by=lambda each: each.id,
        )
    )
    sections.sort(key=lambda each: each.id)
    return gpp_of(*sections, singly=draw(st.booleans()), pad_to=draw(st.sampled_from([1, 6, 8, 24])))


def gpp_of(*sections: Section, singly: bool = False, pad_to: int = 8) -> Gpp:
    """A string of these sections, in the order of their ids."""
    text = encode_gpp({each.id: each.text for each in sections}, singly=singly, pad_to=pad_to)
    return Gpp(text, text.partition("~")[0], sections)
