"""Section 5 of a GPP string: both codings of vendors, the strings of the IAB's own library, every refusal."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from discreet_consent import SignalError
from discreet_consent.signals import TcfCanada
from discreet_consent.signals.tcf_canada import decode
from support.gpp_strategies import SIMPLE, canada_told
from support.gpp_strings import canada_core, encode_canada, fibonacci_range, vendor_list
from support.tc_strings import CREATED_S, base64url, number, publisher_segment

Told = dict[str, Any]

FIXED = canada_core()[:199]
NO_VENDORS = number(0, 16) + "0"
NONE = number(0, 12)
CORE = base64url(canada_core())
PUBLISHER = base64url(publisher_segment([2, 3]))
DISCLOSED = base64url("001" + vendor_list([(1, 3)], coding="bits"))
# Made by `@iabgpp/cmpapi`, in its tests: its words for what they say.
LIBRARY = "BPSG_8APSG_8A"
EXPRESS_AND_IMPLIED = [[12, 12], [24, 24], [48, 48]], [[18, 18], [30, 30]]


def core(express: str = NO_VENDORS, implied: str = NO_VENDORS, restrictions: str = NONE) -> str:
    """A core segment around hand-made lists."""
    return base64url(FIXED + express + implied + restrictions)


def code_of(text: str) -> str:
    """The code with which `text` is refused."""
    with pytest.raises(SignalError) as refusal:
        decode(text)
    return refusal.value.code


def listed(vendors: list[tuple[int, int]]) -> list[list[int]]:
    return [list(each) for each in vendors]


def ambiguous(text: str) -> bool:
    """Whether both codings read it, and differently: one string in many."""
    try:
        decode(text)
    except SignalError as refusal:
        return refusal.code == "ambiguous_vendors"
    return False


@given(canada_told())
def test_a_section_of_canada_says_what_was_told(told: Told) -> None:
    text = encode_canada(**told)
    assume(not ambiguous(text))
    publisher = told["publisher"]
    grouped: dict[tuple[int, int], set[int]] = {}
    for purpose, kind, vendors in told["restrictions"]:
        if vendors:
            grouped.setdefault((purpose, kind), set()).update(first for first, _ in vendors)
    decoded = decode(text).as_dict()
    restrictions: Any = decoded.pop("PubRestrictions")

    assert decoded == {
        "Version": 1,
        "Created": CREATED_S * 10,
        "LastUpdated": CREATED_S * 10,
        "CmpId": 50,
        "CmpVersion": 2,
        "ConsentScreen": 1,
        "ConsentLanguage": "EN",
        "VendorListVersion": 413,
        "TcfPolicyVersion": 4,
        "UseNonStandardStacks": True,
        "SpecialFeatureExpressConsent": told["features"],
        "PurposesExpressConsent": told["express"],
        "PurposesImpliedConsent": told["implied"],
        "VendorExpressConsent": listed(told["vendor_express"]),
        "VendorImpliedConsent": listed(told["vendor_implied"]),
        "DisclosedVendors": None if told["disclosed"] is None else listed(told["disclosed"]),
        "PubPurposesExpressConsent": publisher and publisher[0],
        "PubPurposesImpliedConsent": publisher and publisher[1],
        "NumCustomPurposes": publisher and 3,
        "CustomPurposesExpressConsent": publisher and [2],
        "CustomPurposesImpliedConsent": publisher and [1, 3],
    }
    assert [(each["key"], each["type"]) for each in restrictions] == sorted(grouped)
    for each in restrictions:
        ids = {vendor for first, last in each["ids"] for vendor in range(first, last + 1)}
        assert ids == grouped[each["key"], each["type"]]


@given(canada_told())
def test_the_words_of_code_are_those_of_the_section(told: Told) -> None:
    section = decode(encode_canada(**{**told, **SIMPLE}))
    publisher = section.publisher_tc

    assert section.version == 1
    assert section.created_ds == section.last_updated_ds == CREATED_S * 10
    assert (section.cmp_id, section.policy_version) == (50, 4)
    assert section.special_feature_express == tuple(told["features"])
    assert section.purposes_express == tuple(told["express"])
    assert section.purposes_implied == tuple(told["implied"])
    assert section.vendor_express == tuple(told["vendor_express"])
    assert section.vendor_implied == tuple(told["vendor_implied"])
    assert (publisher is None) is (told["publisher"] is None)
    if publisher is not None:
        assert list(publisher.purposes_consent) == told["publisher"][0]
        assert list(publisher.purposes_li) == told["publisher"][1]


@pytest.mark.parametrize(
    "text",
    [
        f"{LIBRARY}AyACAENGdCgf_gfgAfgfgBhADVqxGAD0AILVgAA.fHHHA4444ao",
        f"{LIBRARY}AyACAENGdCgf_gfgAfgfgBgABABAAABAB4AACACAAA.fHHHA4444ao",
    ],
    ids=["since 2026", "until 2026"],
)
def test_both_codings_of_the_library_say_the_same(text: str) -> None:
    said = decode(text).as_dict()

    assert (said["VendorExpressConsent"], said["VendorImpliedConsent"]) == EXPRESS_AND_IMPLIED
    assert said["SpecialFeatureExpressConsent"] == [7, 8, 9, 10, 11, 12]
    assert said["PurposesExpressConsent"] == [1, 2, 3, 4, 5, 6, 13, 14, 15, 16, 17, 18]
    assert said["PurposesImpliedConsent"] == [7, 8, 9, 10, 11, 12, 19, 20, 21, 22, 23, 24]
    assert said["PubPurposesExpressConsent"] == [1, 2, 3, 7, 8, 9, 13, 14, 15, 19, 20, 21]
    assert said["PubPurposesImpliedConsent"] == [4, 5, 6, 10, 11, 12, 16, 17, 18, 22, 23, 24]
    assert (said["NumCustomPurposes"], said["CustomPurposesExpressConsent"]) == (3, [2])
    assert said["CustomPurposesImpliedConsent"] == [1, 3]


@pytest.mark.parametrize("tail", ["ACCgAS7o", "ACCgBwABAAOAAoADgAJA"], ids=["since 2026", "until 2026"])
def test_both_codings_of_the_library_s_restrictions_say_the_same(tail: str) -> None:
    said = decode(f"{LIBRARY}AAAAAENAACAAAAAAAAAAAAAAAA{tail}.YAAAAAAAAAA").as_dict()

    assert said["PubRestrictions"] == [{"key": 1, "type": 1, "ids": [[1, 3], [5, 7], [9, 9]]}]


@pytest.mark.parametrize("tail", ["IAGO5w", "IAGO5wAA"])
def test_the_library_s_disclosed_vendors_are_read(tail: str) -> None:
    said = decode(f"{LIBRARY}AAAAAENAACAAAAAAAAAAAAAAAAAAA.YAAAAAAAAAA.{tail}").as_dict()

    assert said["DisclosedVendors"] == [[1, 3], [5, 7], [10, 12]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_segment"),
        (".", "empty_segment"),
        (CORE + ".", "empty_segment"),
        (f"{CORE}..{PUBLISHER}", "empty_segment"),
        (CORE + "=", "bad_base64"),
        (f"{CORE}.{PUBLISHER} ", "bad_base64"),
        (PUBLISHER, "missing_core"),
        (f"{DISCLOSED}.{CORE}", "missing_core"),
        (encode_canada(version=0), "unsupported_version"),
        (encode_canada(version=2), "unsupported_version"),
        ("gAAA", "unsupported_version"),
        ("B", "truncated"),
        (CORE[:33], "truncated"),
        (CORE[:34], "truncated"),
        (core(number(100, 16) + "0" + "1" * 30)[:40], "truncated"),
        (base64url(FIXED + number(9, 16) + "1" + number(3, 12) + "0" + number(5, 16)), "truncated"),
        (core(restrictions=number(4_095, 12)), "truncated"),
        (f"{CORE}.Y", "truncated"),
        (f"{CORE}.I", "truncated"),
        (encode_canada(language="E["), "bad_letter"),
        (encode_canada(language="[N"), "bad_letter"),
        (core(number(9, 16) + "1" + number(1, 12) + number(0, 17)), "bad_range"),
        (core(number(9, 16) + "1" + number(1, 12) + "0" + number(10, 16)), "bad_range"),
        (core(number(9, 16) + "1" + number(2, 12) + "0" + number(5, 16) + "0" + number(5, 16)), "bad_range"),
        (core(number(9, 16) + "1" + number(1, 12) + "1" + number(6, 16) + number(5, 16)), "bad_range"),
        (core(number(4, 16) + "1" + fibonacci_range([(5, 5)]) + "0" * 40), "bad_range"),
        (CORE + "B", "bad_padding"),
        (f"{CORE}.{PUBLISHER}AB", "bad_padding"),
        (f"{CORE}.{DISCLOSED}AB", "bad_padding"),
        (f"{CORE}.{base64url('010')}", "unknown_segment"),
        (f"{CORE}.gAAA", "unknown_segment"),
        (f"{CORE}.{CORE}", "duplicate_segment"),
        (f"{CORE}.{PUBLISHER}.{PUBLISHER}", "duplicate_segment"),
        (f"{CORE}.{DISCLOSED}.{DISCLOSED}", "duplicate_segment"),
    ],
)
def test_a_section_of_canada_that_is_none_is_refused(text: str, code: str) -> None:
    assert code_of(text) == code


def test_vendors_that_both_codings_read_differently_are_refused() -> None:
    """The one in many: restrictions that are an empty list to one coding, and an empty range to the other."""
    purpose = number(2, 6) + number(0, 2)
    # As a list: no vendors. As a range of no entries: five zeros are left, and no more.
    assert decode(core(restrictions=number(1, 12) + purpose + NO_VENDORS)).publisher_restrictions == ()

    # As a range: one entry, vendor 4,096 plus what follows. As a list: highest id 16, and sixteen bits.
    both = number(1, 12) + purpose + number(1, 12) + "0" + number(0x0080, 16)
    assert code_of(core(restrictions=both)) == "ambiguous_vendors"


@given(canada_told())
def test_only_whole_parts_of_a_section_of_canada_are_readable(told: Told) -> None:
    """The core, or it and further whole segments; and padding may be trimmed."""
    told = {**told, **SIMPLE}
    unpadded: Told = {**told, "pad_to": 1}
    text = encode_canada(**told)
    needed = [len(each) for each in encode_canada(**unpadded).split(".")]
    whole, start = set[int](), 0
    for segment, least in zip(text.split("."), needed, strict=True):
        whole |= set(range(start + least, start + len(segment) + 1))
        start += len(segment) + 1
    readable: dict[int, TcfCanada] = {}
    for end in range(len(text)):
        try:
            readable[end] = decode(text[:end])
        except SignalError:
            continue

    assert set(readable) == whole - {len(text)}
    for part in readable.values():
        assert list(part.purposes_express) == told["express"]
        assert (
            part.publisher_tc is None
            or part.publisher_tc.as_dict()["purposes_consent"] == told["publisher"][0]
        )


@given(canada_told(), st.data())
def test_a_dot_put_in_or_taken_out_of_a_section_of_canada_is_refused(told: Told, data: st.DataObject) -> None:
    text = encode_canada(**{**told, **SIMPLE})
    at = data.draw(st.integers(0, len(text) - 1))

    assert code_of(text[:at] + "." + text[at:])
    if text[at] == ".":
        assert code_of(text[:at] + text[at + 1 :])
    else:
        assert code_of(text[:at] + "." + text[at + 1 :])


@given(canada_told())
def test_no_part_in_any_coding_says_more_of_purposes(told: Told) -> None:
    text = encode_canada(**told)
    assume(not ambiguous(text))
    whole = decode(text)

    for end in range(34, len(text)):
        try:
            part = decode(text[:end])
        except SignalError:
            continue
        assert part.purposes_express == whole.purposes_express
        assert part.purposes_implied == whole.purposes_implied
        assert part.publisher_tc is None or whole.publisher_tc is not None


def test_a_decoded_section_of_canada_is_sealed_and_says_nothing() -> None:
    section = decode(encode_canada([2], [3]))

    assert repr(section) == "TcfCanada(cmp_id=50)"
    with pytest.raises(TypeError, match="only `decode`"):
        TcfCanada()
    with pytest.raises(AttributeError, match="immutable"):
        setattr(section, "vendor_express", ())  # noqa: B010 - a type checker forbids the plain form
    for again in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a visitor's signal"):
            again(section)
