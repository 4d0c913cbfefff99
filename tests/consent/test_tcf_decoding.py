"""The TC-string decoder: every field, every refusal, and bounded work whatever it is given."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import PublisherTc, SignalError, TcString
from discreet_consent.signals.bits import ids, merged, runs
from discreet_consent.signals.tcf import MAX_LENGTH, decode
from support.signal_vectors import readable_strings
from support.tc_strategies import Told, mutilated, tc_strings, told
from support.tc_strings import ALPHABET, base64url, encode_tc, entries, number, publisher_segment

PLAIN = encode_tc([1, 6], [1, 6])
CORE = PLAIN.split(".", maxsplit=1)[0]
FIXED = "".join(f"{ALPHABET.index(letter):06b}" for letter in CORE)[:213]
NO_VENDORS = number(0, 16) + "0"
NO_RESTRICTIONS = number(0, 12)


def core(vendors: str = NO_VENDORS, li: str = NO_VENDORS, restrictions: str = NO_RESTRICTIONS) -> str:
    """A core segment around hand-made sections."""
    return base64url(FIXED + vendors + li + restrictions)


def code_of(text: str) -> str:
    """The code with which `text` is refused."""
    with pytest.raises(SignalError) as refusal:
        decode(text)
    return refusal.value.code


def read_or_refuse(text: str) -> tuple[TcString | None, SignalError | None]:
    """What `text` decodes to, or how it is refused; any other exception is a failure."""
    try:
        return decode(text), None
    except SignalError as refusal:
        return None, refusal


def expanded(intervals: Iterable[tuple[int, int]]) -> set[int]:
    return {each for first, last in intervals for each in range(first, last + 1)}


@given(told())
def test_a_string_says_what_was_told(told: Told) -> None:
    tc = decode(encode_tc(**told))
    own = tc.publisher_tc

    assert set(tc.purposes_consent) == told["purposes"]
    assert set(tc.purposes_li) == told["li"]
    assert set(tc.special_feature_opt_ins) == told["special_features"]
    assert tc.purpose_one_treatment is told["purpose_one_treatment"]
    assert tc.created_ds == tc.last_updated_ds == told["created_s"] * 10
    assert (tc.consent_language, tc.publisher_country, tc.cmp_id) == ("EN", "IT", 300)
    assert (own is None) is (told["publisher"] is None)
    if own is not None:
        assert set(own.purposes_consent) == told["publisher"]
        assert set(own.purposes_li) == told["publisher_li"]
        assert own.num_custom_purposes == told["custom"]
        assert set(own.custom_consent) == told["custom_consents"]
        assert set(own.custom_li) == told["custom_li"]


@given(told())
def test_vendors_are_merged_intervals_however_they_were_written(told: Told) -> None:
    tc = decode(encode_tc(**told))
    sections = {
        "vendor_consents": tc.vendor_consents,
        "vendor_li": tc.vendor_li,
        "disclosed": tc.disclosed_vendors,
        "allowed": tc.allowed_vendors,
    }

    for name, intervals in sections.items():
        assert (intervals is None) is (told[name] is None)
        assert expanded(intervals or ()) == expanded(told[name] or ())
        gaps = zip(intervals or (), (intervals or ())[1:], strict=False)
        assert all(this[1] + 1 < following[0] for this, following in gaps)


@given(told())
def test_restrictions_of_one_purpose_and_type_are_one_record(told: Told) -> None:
    wanted: dict[tuple[int, int], set[int]] = {}
    for purpose, kind, vendors in told["restrictions"]:
        if vendors:
            wanted.setdefault((purpose, kind), set()).update(expanded(vendors))
    found = decode(encode_tc(**told)).publisher_restrictions

    assert [(purpose, kind) for purpose, kind, _ in found] == sorted(wanted)
    assert {(purpose, kind): expanded(vendors) for purpose, kind, vendors in found} == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (".", "empty"),
        ("....", "empty"),
        (PLAIN + ".", "empty_segment"),
        ("." + PLAIN, "empty_segment"),
        (PLAIN.replace(".", "..", 1), "empty_segment"),
        (PLAIN + "=", "bad_base64"),
        (PLAIN + "\n", "bad_base64"),
        (" " + PLAIN, "bad_base64"),
        (CORE[:20] + "+" + CORE[21:], "bad_base64"),
        (CORE[:20] + "/" + CORE[21:], "bad_base64"),
        (CORE[:20] + "\u00e9" + CORE[21:], "bad_base64"),
        (CORE[:20] + "\ud800" + CORE[21:], "bad_base64"),
        ("C", "not_a_tc_string"),
        ("CO", "not_a_tc_string"),
        (CORE[:6], "not_a_tc_string"),
        ("undefined", "not_a_tc_string"),
        ("null", "not_a_tc_string"),
        ("~", "bad_base64"),
        (PLAIN.partition(".")[2], "missing_core"),
        (base64url(publisher_segment([1])), "missing_core"),
        *((encode_tc(version=version), "unsupported_version") for version in (0, 1, 3, 4, 7)),
        (CORE[:7], "truncated"),
        (CORE[:35], "truncated"),
        (CORE[:-5], "truncated"),
        (f"{CORE}.{base64url(publisher_segment())[:9]}", "truncated"),
        (f"{CORE}.I", "truncated"),
        (f"{CORE}.{base64url(publisher_segment(custom=30))[:15]}", "truncated"),
        (core(number(500, 16) + "0" + number(0, 20)), "truncated"),
        (f"{CORE}.{base64url('001' + number(9, 16) + '1' + number(3, 12) + '0' + number(9, 16))}", "truncated"),
        (f"{CORE}.{base64url('001' + number(9, 16) + '1' + number(1, 12) + '1' + number(9, 16))}", "truncated"),
        (core(restrictions=number(4_095, 12)), "truncated"),
        (encode_tc(language="E["), "bad_letter"),
        (encode_tc(country="[T"), "bad_letter"),
        (encode_tc(language="\x80A"), "bad_letter"),
        (core(number(9, 16) + "1" + entries([(0, 0)])), "bad_range"),
        (core(number(9, 16) + "1" + entries([(0, 5)])), "bad_range"),
        (core(number(9, 16) + "1" + entries([(5, 4)])), "bad_range"),
        (core(li=number(9, 16) + "1" + entries([(5, 4)])), "bad_range"),
        (core(restrictions=number(1, 12) + number(4, 8) + entries([(5, 4)])), "bad_range"),
        (f"{CORE}.{base64url('001' + number(9, 16) + '1' + entries([(5, 4)]))}", "bad_range"),
        (CORE + "B", "bad_padding"),
        (f"{PLAIN}AAAB", "bad_padding"),
        (PLAIN.replace(".", ""), "bad_padding"),
        (f"{PLAIN}.gAAA", "unknown_segment"),
        (f"{PLAIN}._AAA", "unknown_segment"),
        (f"{PLAIN}.{CORE}", "duplicate_segment"),
        (f"{PLAIN}.AAAA", "duplicate_segment"),
        (f"{PLAIN}.{base64url(publisher_segment())}", "duplicate_segment"),
        (f"{PLAIN}.{PLAIN.split('.')[1]}", "duplicate_segment"),
        ("C" * (MAX_LENGTH + 1), "too_long"),
    ],
)  # fmt: skip
def test_what_the_specification_does_not_allow_is_refused(text: str, code: str) -> None:
    assert code_of(text) == code


@given(tc_strings, st.integers(0, 100))
def test_any_number_of_zero_bits_may_follow_a_segment(text: str, count: int) -> None:
    padded = ".".join(segment + "A" * count for segment in text.split("."))

    assert decode(padded).as_dict() == decode(text).as_dict()


@given(tc_strings)
def test_the_segments_after_the_core_may_come_in_any_order(text: str) -> None:
    first, *others = text.split(".")
    turned = decode(".".join([first, *reversed(others)])).as_dict()

    assert turned | {"segments": None} == decode(text).as_dict() | {"segments": None}


def test_bits_of_a_purpose_that_does_not_exist_yet_are_legal() -> None:
    assert decode(encode_tc(range(1, 25), range(1, 25))).purposes_consent == tuple(range(1, 25))


def test_the_longest_string_is_read() -> None:
    text = PLAIN + "A" * (MAX_LENGTH - len(PLAIN))

    assert decode(text).as_dict() == decode(PLAIN).as_dict()


def test_a_range_over_every_vendor_stays_one_interval() -> None:
    everyone = number(65_535, 16) + "1" + entries([(1, 65_535)] * 500)

    assert decode(core(everyone)).vendor_consents == ((1, 65_535),)


def test_a_bit_field_of_alternating_vendors_has_no_more_intervals_than_ones() -> None:
    width = 6 * MAX_LENGTH - 500
    tc = decode(core(number(width, 16) + "0" + "10" * (width // 2)))

    assert len(tc.vendor_consents) == width // 2
    assert tc.vendor_consents[-1] == (width - 1, width - 1)


def test_thousands_of_entries_and_records_are_read() -> None:
    singles = [(each, each) for each in range(2_600, 0, -1)]
    records = [(each % 12, each % 4, ()) for each in range(2_000)]

    assert decode(core(number(9, 16) + "1" + entries(singles))).vendor_consents == ((1, 2_600),)
    assert decode(encode_tc(restrictions=records)).publisher_restrictions == ()


@given(mutilated(readable_strings()) | st.text(max_size=100) | st.text(ALPHABET + ".", max_size=400))
def test_hostile_text_is_refused_or_comes_out_no_longer_than_it_went_in(text: str) -> None:
    tc, refusal = read_or_refuse(text)
    if tc is None:
        assert len(text) < 8 or text not in str(refusal)
        return
    sections = [tc.vendor_consents, tc.vendor_li, tc.disclosed_vendors or (), tc.allowed_vendors or ()]
    sections += [vendors for _, _, vendors in tc.publisher_restrictions]

    assert sum(map(len, sections)) <= 6 * len(text)
    assert len(tc.segments) <= 4


@given(st.binary(max_size=1_200))
def test_noise_after_a_core_is_read_or_refused(noise: bytes) -> None:
    digits = "".join(f"{byte:08b}" for byte in noise)
    _, refusal = read_or_refuse(base64url(FIXED + digits))

    assert refusal is None or refusal.code in ("truncated", "bad_range", "bad_padding")


@pytest.mark.parametrize("text", readable_strings()[::16])
def test_a_string_whose_form_is_broken_anywhere_is_refused(text: str) -> None:
    """Also where the break makes a dot: bits that one segment does not read never become another."""
    for at, letter in enumerate(text):
        broken = [text[:at] + wrong + text[at + 1 :] for wrong in ".=+/ \u00e9" if wrong != letter]
        broken.append(text[:at] + "." + text[at:])
        if letter == ".":
            broken.append(text[:at] + text[at + 1 :])
        for each in broken:
            assert code_of(each)


@given(tc_strings, st.data())
def test_a_generated_string_whose_form_is_broken_is_refused(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))

    assert code_of(text[:at] + "." + text[at:])
    assert code_of(text[:at] + "=" + text[at + 1 :])
    if text[at] != ".":
        assert code_of(text[:at] + "." + text[at + 1 :])
    else:
        assert code_of(text[:at] + text[at + 1 :])


def test_a_decoded_string_cannot_be_changed() -> None:
    tc = decode(PLAIN)

    for target in (tc, tc.publisher_tc):
        with pytest.raises(AttributeError):
            setattr(target, "purposes_consent", (1, 2, 3))  # noqa: B010 - a type checker forbids the plain form
        with pytest.raises(AttributeError, match="immutable"):
            setattr(target, "anything", 1)  # noqa: B010 - likewise
    with pytest.raises(AttributeError, match="immutable"):
        setattr(tc, "_core", 0)  # noqa: B010 - likewise
    with pytest.raises(AttributeError, match="immutable"):
        delattr(tc, "_core")
    assert decode(PLAIN).as_dict() == tc.as_dict()


def test_only_decode_builds_a_decoded_string() -> None:
    with pytest.raises(TypeError, match="only `decode`"):
        TcString()


def test_a_decoded_string_shows_neither_itself_nor_the_choice(caplog: pytest.LogCaptureFixture) -> None:
    tc = decode(PLAIN)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r", tc, tc.publisher_tc)

    assert repr(tc) == "TcString(cmp_id=300, segments=['core', 'disclosed_vendors', 'publisher_tc'])"
    assert repr(tc.publisher_tc) == "PublisherTc(...)"
    assert not any(segment in caplog.text for segment in PLAIN.split("."))


def test_a_decoded_string_is_neither_pickled_nor_copied() -> None:
    tc = decode(PLAIN)

    assert isinstance(tc.publisher_tc, PublisherTc)
    for again in (pickle.dumps, copy.copy, copy.deepcopy):
        for each in (tc, tc.publisher_tc):
            with pytest.raises(TypeError, match="a visitor's signal"):
                again(each)


@given(st.lists(st.booleans(), min_size=1))
def test_runs_and_ids_of_a_bit_field(flags: list[bool]) -> None:
    mask = int("".join("1" if flag else "0" for flag in flags), 2)
    wanted = {at for at, flag in enumerate(flags, start=1) if flag}

    assert set(ids(mask, len(flags))) == wanted
    assert expanded(runs(mask, len(flags))) == wanted
    assert runs(mask, len(flags)) == merged((each, each) for each in wanted)
    assert (ids(0, 0), runs(0, 0), merged(())) == ((), (), ())
