"""Where the IAB's own libraries read otherwise than we do, and why: in every string, and in some.

spec/consent.md, "Where the official libraries differ", says it for people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from discreet_consent.signals.us_sections import US_SECTIONS

from .gpp_strings import encode_canada, encode_gpp, us_section
from .signal_vectors import tcf_vectors
from .tc_strings import ALPHABET, base64url, encode_tc, number, publisher_segment

# --- What the libraries report otherwise in every such string: put right before the comparison ---------------------

Mend: TypeAlias = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Mending:
    """`mend` gets the text of a section and what the library reads in it, and puts right what `reason` is about."""

    sections: frozenset[str]
    reason: str
    mend: Mend


def null_without_segment(fields: Mapping[int, Sequence[str]]) -> Mend:
    """By type of segment, which are the first three bits of it: the fields that it has."""

    def mend(text: str, means: dict[str, Any]) -> None:
        found = {ALPHABET.index(segment[0]) >> 3 for segment in text.split(".")}
        means.update((field, None) for kind in fields.keys() - found for field in fields[kind])

    return mend


def null_without_subsection(text: str, means: dict[str, Any]) -> None:
    means["Gpc"] = means["Gpc"] if "." in text else None


EUROPE = {1: ["disclosed_vendors"], 2: ["allowed_vendors"], 3: ["publisher_tc"]}
CANADA = {
    1: ["DisclosedVendors"],
    3: ["PubPurposesExpressConsent", "PubPurposesImpliedConsent", "NumCustomPurposes",
        "CustomPurposesExpressConsent", "CustomPurposesImpliedConsent"],
}  # fmt: skip
STATES = frozenset(layout.name for layout in US_SECTIONS.values())
# In public comment, and not as the texts have them: what the library reads in them is left out.
DRAFTS = {"usmd": 24, "usin": 25, "usky": 26, "usri": 27}
MENDED = (
    Mending(
        frozenset({"tcf", "tcfeuv2"}), "what nobody was asked is not refused", null_without_segment(EUROPE)
    ),
    Mending(frozenset({"tcfcav1"}), "what nobody was asked is not refused", null_without_segment(CANADA)),
    Mending(STATES, "a GPC that is not said is not off", null_without_subsection),
)


def mended(section: str, text: str, means: Mapping[str, Any]) -> dict[str, Any]:
    right = dict(means)
    for mending in MENDED:
        if section in mending.sections:
            mending.mend(text, right)
    return right


def mended_gpp(text: str, means: Mapping[str, Any]) -> dict[str, Any]:
    parts = zip(means["sections"].items(), text.split("~")[1:], strict=True)
    sections = {name: mended(name, part, fields) for (name, fields), part in parts}
    return {
        **means,
        "sections": {name: each for name, each in sections.items() if name not in DRAFTS},
        "opaque_section_ids": [DRAFTS[name] for name in sections if name in DRAFTS],
    }


# --- What they read otherwise in strings that they would not write themselves, each with a string to show it -------


@dataclass(frozen=True, slots=True)
class Witness:
    """A string that a library and we read otherwise.

    Attributes:
        library: What it makes of the string: some of what it reads, or that it throws.
        ours: Some of what we read, by the names on the way to it, or the code with which we refuse the string.
    """

    about: str
    kind: str
    text: str
    library: Mapping[str, Any] | None
    ours: Mapping[str, Any] | str
    reason: str


def national(version: int, fields: int, filled_to: int = 0) -> str:
    """A core of section 7 with so many 2-bit fields, all of them 1, filled with zeros."""
    return base64url((number(version, 6) + "01" * fields).ljust(filled_to, "0"), pad_to=6)


CORE = encode_tc([1, 2], disclosed=None)
OWN = base64url(publisher_segment([1]))
OTHER_OWN = base64url(publisher_segment([1, 5]))
NATIONAL = national(2, 32)
VIRGINIA = us_section("usva")
V1 = next(vector.text for vector in tcf_vectors() if vector.kind == "v1")
WITNESSES = (
    Witness("version 1", "tcf", V1, {"version": 1}, "unsupported_version", "invalid since 2020"),
    Witness("no core", "tcf", OWN, {"cmp_id": 0}, "missing_core", "nobody consented, and today is no date"),
    Witness("the core not first", "tcf", f"{OWN}.{CORE}", {"cmp_id": 300}, "missing_core", "the core is first"),
    Witness(
        "two segments of one type", "tcf", f"{CORE}.{OWN}.{OTHER_OWN}",
        {"publisher_tc.purposes_consent": [1, 5]}, "duplicate_segment", "whichever counts, adding one could grant",
    ),
    Witness(
        "two cores", "tcf", f"{CORE}.{encode_tc([1, 2, 5], disclosed=None)}",
        {"purposes_consent": [1, 2, 5]}, "duplicate_segment", "whichever counts, adding one could grant",
    ),
    Witness(
        "ones after the last field", "tcf", f"{CORE[:-1]}B", {"cmp_id": 300}, "bad_padding",
        "unread bits become a segment when a character turns into a dot",
    ),
    Witness(
        "a reversed vendor range", "tcf", encode_tc([1], vendor_consents=[(9, 3), (12, 12)], as_ranges=True),
        {"vendor_consents": [[12, 12]]}, "bad_range", "undefined",
    ),
    Witness(
        "a letter after Z", "tcf", f"{CORE[:18]}_{CORE[19:]}", {"consent_language": "\x80N"}, "bad_letter",
        "undefined",
    ),
    Witness("more than 8,192 characters", "tcf", encode_tc([1], vendor_consents=[(each, each) for each in range(
        1, 60_000, 2)]), {"cmp_id": 300}, "too_long", "work is bounded"),
    Witness("CmpId 0", "tcf", encode_tc(cmp_id=0), None, {"cmp_id": 0}, "legal bits; decoding is not judging"),
    Witness("CmpId 1", "tcf", encode_tc(cmp_id=1), None, {"cmp_id": 1}, "legal bits; decoding is not judging"),
    Witness(
        "a restriction of type 3", "tcf", encode_tc(restrictions=[(2, 3, [(1, 4)])]), None,
        {"publisher_restrictions": [{"purpose": 2, "type": 3, "vendors": [[1, 4]]}]},
        "legal bits, undefined in meaning",
    ),
    Witness(
        "an unknown section", "gpp", encode_gpp({6: "1YNN", 40: "ABCD"}), {"section_ids": [6]},
        {"section_ids": [6, 40], "opaque_section_ids": [40]}, "what is not understood must show",
    ),
    Witness(
        "section 7, version 1, filled to 72 bits", "gpp", encode_gpp({7: national(1, 27, 72)}),
        {"sections.usnat.PersonalDataConsents": 0, "sections.usnat.MspaCoveredTransaction": 0},
        {"sections.usnat.PersonalDataConsents": 1, "sections.usnat.MspaCoveredTransaction": 1},
        "the version says the layout, not the length",
    ),
    Witness(
        "section 7, version 1, in 60 bits and nothing behind", "gpp", encode_gpp({7: national(1, 27)}),
        {"sections.usnat.Version": 1}, "truncated", "it may be a longer section that was cut",
    ),
    Witness("section 7, version 3", "gpp", encode_gpp({7: national(3, 32)}), {"sections.usnat.Version": 3},
            "unsupported_version", "nobody knows its layout"),
    Witness("two GPC subsections", "gpp", encode_gpp({7: f"{NATIONAL}.QA.YA"}), {"sections.usnat.Gpc": False},
            "duplicate_segment", "the second one says that GPC is on"),
    Witness("an unknown subsection", "gpp", encode_gpp({7: f"{NATIONAL}.4A"}), {"sections.usnat.Gpc": True},
            "unknown_segment", "it says type 3, and is read as GPC"),
    Witness("a GPC subsection in Virginia", "gpp", encode_gpp({9: f"{VIRGINIA}.YA"}), {"sections.usva.Version": 1},
            "unknown_segment", "the section has none, so it would be dropped unread"),
    Witness("US Privacy, version 2", "gpp", encode_gpp({6: "2YNN"}), {"sections.uspv1.Version": 2}, "bad_usp",
            "there is no version 2"),
    Witness("US Privacy, another letter", "gpp", encode_gpp({6: "1XNN"}), {"sections.uspv1.Notice": "X"}, "bad_usp",
            "undefined"),
    Witness("US Privacy in small letters", "gpp", encode_gpp({6: "1yyn"}), {"sections.uspv1.OptOutSale": "y"},
            "bad_usp", "undefined"),
    Witness("section 2, version 3", "gpp", encode_gpp({2: encode_tc(version=3)}), {"sections.tcfeuv2.version": 3},
            "unsupported_version", "nobody knows its layout"),
    Witness("section 2 without a core", "gpp", encode_gpp({2: OWN}), {"sections.tcfeuv2.cmp_id": 0}, "missing_core",
            "nobody consented, and today is no date"),
    Witness("section 2, cut at the restrictions", "gpp", encode_gpp({2: CORE[:42]}), {"sections.tcfeuv2.cmp_id": 300},
            "truncated", "a cut string is not a whole one"),
    Witness("section 2, an empty segment", "gpp", encode_gpp({2: f"{CORE}."}), {"sections.tcfeuv2.cmp_id": 300},
            "empty_segment", "a cut string is not a whole one"),
    Witness(
        "section 2, vendor 0", "gpp", encode_gpp({2: encode_tc(vendor_consents=[(0, 3)], as_ranges=True)}),
        {"sections.tcfeuv2.vendor_consents": [[0, 3]]}, "bad_range", "undefined",
    ),
    Witness(
        "section 5, vendors that both codings read", "gpp",
        encode_gpp({5: encode_canada(vendor_express=[(987, 987)], coding="fibonacci")}),
        {"sections.tcfcav1.VendorExpressConsent": [[987, 987]]}, "ambiguous_vendors",
        "nothing says which coding was meant",
    ),
    Witness("ones after the header's last field", "gpp", encode_gpp({6: "1YNN"}).replace("A~", "B~"),
            {"section_ids": [6]}, "bad_padding", "as in TC strings"),
    Witness("the header as a section", "gpp", encode_gpp({3: "ABCD", 6: "1YNN"}), {"section_ids": [6]}, "bad_header",
            "3 is the header's own id"),
    Witness("a header of segments", "gpp", encode_gpp({6: "1YNN"}).replace("~", ".AA~"), {"section_ids": [6]},
            "bad_header", "it has none"),
    Witness("a bare TC string", "gpp", CORE, {"sections.tcfeuv2.cmp_id": 300}, "bare_tc_string",
            "the caller is told to read it as one"),
    Witness("no text", "gpp", "", {"section_ids": []}, "empty", "what was sent and is empty is not absent"),
)  # fmt: skip
