"""The GPP decoder: header, sections, every refusal, what may be cut, and bounded work whatever it is given."""

from __future__ import annotations

import copy
import logging
import pickle
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from discreet_consent import SignalError, TcString
from discreet_consent.signals import US_SECTIONS, GppString, TcfCanada, UsPrivacy, UsSection, fibonacci, tcf
from discreet_consent.signals.gpp import decode
from discreet_consent.signals.tcf import MAX_LENGTH
from support.gpp_strategies import Gpp, Section, european, gpp_of, gpp_strings, replaced, said, us, us_any
from support.gpp_strings import (
    encode_canada,
    encode_gpp,
    fibonacci_range,
    header,
    us_core,
    us_ids,
    us_section,
)
from support.gpp_strings import fibonacci as code
from support.signal_vectors import readable_gpp_strings
from support.tc_strings import ALPHABET, base64url, encode_tc, number

CA = us_section("usca", {"SaleOptOut": 1}, gpc=True)
PLAIN = encode_gpp({7: us_section("usnat", version=2), 8: CA})
TC = encode_tc([1, 6], [1])
KNOWN = {2, 5, 6, *US_SECTIONS}
# What tests of the header put behind it; what is in them does not matter there.
OPAQUE = 181


def code_of(text: Any) -> str:
    """The code with which `text` is refused."""
    with pytest.raises(SignalError) as refusal:
        decode(text)
    return refusal.value.code


def read_or_refuse(text: str) -> tuple[GppString | None, SignalError | None]:
    """What `text` decodes to, or how it is refused; any other exception is a failure."""
    try:
        return decode(text), None
    except SignalError as refusal:
        return None, refusal


def headed(digits: str, *sections: str) -> str:
    """Sections under a header of type 3 and version 1 whose range is written by hand."""
    return "~".join([base64url(number(3, 6) + number(1, 6) + digits), *sections])


# The header


@given(st.sets(st.integers(28, 2_000), max_size=12), st.booleans(), st.sampled_from([1, 6, 8, 24]))
def test_the_header_lists_the_sections_however_it_groups_them(
    ids: set[int], singly: bool, pad_to: int
) -> None:
    text = encode_gpp(dict.fromkeys(sorted(ids), "BAAA"), singly=singly, pad_to=pad_to)

    assert decode(text).section_ids == decode(text).opaque_section_ids == tuple(sorted(ids))


@pytest.mark.parametrize(
    ("text", "ids"),
    [("DBABM", [2]), ("DBACNY", [2, 6]), ("DBACNYA", [2, 6]), ("DBABjw", [5, 6]), ("DBAA", [])],
)
def test_the_headers_of_the_specification_are_read(text: str, ids: list[int]) -> None:
    bodies = {2: TC, 5: encode_canada(), 6: "1YNN"}

    assert list(decode("~".join([text, *(bodies[each] for each in ids)])).section_ids) == ids


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30))
def test_a_range_of_offsets_is_read_as_written(steps: list[int]) -> None:
    groups, last = list[tuple[int, int]](), 0
    for at in range(0, len(steps) - 1, 2):
        groups.append((last + steps[at], last + steps[at] + (steps[at + 1] - 1)))
        last = groups[-1][1]
    digits = fibonacci_range(groups).encode()

    assert fibonacci.entries(digits + b"0011") == (groups, len(digits))


@pytest.mark.parametrize("value", [*range(1, 2_000, 7), 46_367, 46_368, 65_535])
def test_a_fibonacci_code_is_read_as_its_number(value: int) -> None:
    assert fibonacci.number(code(value)[:-1].encode()) == value
    assert fibonacci.entries((number(1, 12) + "0" + code(value)).encode())[0] == [(value, value)]


@pytest.mark.parametrize(
    ("text", "refused_with"),
    [
        ("", "empty"),
        ("~", "empty"),
        ("~~.", "empty"),
        ("D", "not_a_gpp_string"),
        ("D~1YNN", "not_a_gpp_string"),
        ("undefined", "not_a_gpp_string"),
        ("null", "not_a_gpp_string"),
        ("1YNN", "not_a_gpp_string"),
        (" ", "not_a_gpp_string"),
        (TC, "bare_tc_string"),
        ("C", "bare_tc_string"),
        (f"{TC}~1YNN", "bad_header"),
        (f"~{CA}", "bad_header"),
        (f" {PLAIN}", "bad_header"),
        (header([8], kind=4) + f"~{CA}", "bad_header"),
        (header([8], version=2) + f"~{CA}", "unsupported_version"),
        (header([8], version=0) + f"~{CA}", "unsupported_version"),
        (f"DB~{CA}", "bad_header"),
        (f"DBA~{CA}", "bad_header"),
        (f"DBAB~{CA}", "bad_header"),
        (f"DBABB~{CA}", "bad_header"),
        (f"DBABBg.A~{CA}", "bad_header"),
        (f"DBABBg.~{CA}", "bad_header"),
        (f"DBABBg=~{CA}", "bad_base64"),
        (f"DB!BBg~{CA}", "bad_base64"),
        (f"DBABBgB~{CA}", "bad_padding"),
        (f"DBABBgAAAB~{CA}", "bad_padding"),
        (encode_gpp({3: "AAAA"}), "bad_header"),
        (encode_gpp({2: TC, 3: "AAAA"}), "bad_header"),
        (headed(number(1, 12) + "1" + code(2) + code(1), TC, "DBAA"), "bad_header"),
        (headed(number(1, 12) + "0" + "10" * 30, CA), "bad_header"),
        (headed(number(1, 12) + "0" + code(65_536), CA), "bad_header"),
        (headed(number(2, 12) + "0" + code(65_535) + "0" + code(1), CA, CA), "bad_header"),
        (headed(number(1, 12) + "1" + code(8) + "000", CA), "bad_header"),
        (headed(number(1, 12) + "1" + code(8), CA), "bad_header"),
        ("DBABBg", "section_count"),
        (f"DBABBg~{CA}~{CA}", "section_count"),
        (f"DBAA~{CA}", "section_count"),
        (headed(number(2, 12) + "0" + code(8), CA), "section_count"),
        (headed(number(4_095, 12), CA), "section_count"),
        (headed(number(1, 12) + "1" + code(8) + code(65_000), CA), "section_count"),
        (f"{PLAIN}~", "section_count"),
        ("D" * (MAX_LENGTH + 1), "too_long"),
    ],
)
def test_a_header_that_is_none_is_refused(text: str, refused_with: str) -> None:
    assert code_of(text) == refused_with


@pytest.mark.parametrize("value", [None, 1, b"DBABBg~BAAAAAA", ["DBABBg"], {}])
def test_what_is_not_text_is_refused(value: Any) -> None:
    assert code_of(value) == "not_a_gpp_string"


# Sections


@given(gpp_strings())
def test_every_section_says_what_was_told(gpp: Gpp) -> None:
    decoded = decode(gpp.text)
    read = [each for each in gpp.sections if each.name]

    assert decoded.version == 1
    assert decoded.section_ids == tuple(each.id for each in gpp.sections)
    assert decoded.opaque_section_ids == tuple(each.id for each in gpp.sections if not each.name)
    assert list(decoded.sections) == [each.name for each in read]
    for each in read:
        if each.told:
            assert decoded.sections[each.name].as_dict() == each.told
    assert decoded.as_dict() == {
        "version": 1,
        "section_ids": [each.id for each in gpp.sections],
        "sections": {name: section.as_dict() for name, section in decoded.sections.items()},
        "opaque_section_ids": list(decoded.opaque_section_ids),
    }


def test_each_section_is_of_its_type() -> None:
    sections = decode(encode_gpp({2: TC, 5: encode_canada(), 6: "1YNN", 8: CA})).sections

    assert isinstance(sections["tcfeuv2"], TcString)
    assert isinstance(sections["tcfcav1"], TcfCanada)
    assert isinstance(sections["uspv1"], UsPrivacy)
    assert isinstance(sections["usca"], UsSection)
    assert sections["tcfeuv2"].as_dict() == tcf.decode(TC).as_dict()


@pytest.mark.parametrize("unknown", sorted({1, 4, *range(7, 40), 4_000, 65_535} - KNOWN))
def test_a_section_that_is_not_known_is_opaque(unknown: int) -> None:
    gpp = decode(encode_gpp({unknown: "BAAA.Q-_A.1YNN"}))

    assert (gpp.section_ids, gpp.opaque_section_ids, dict(gpp.sections)) == ((unknown,), (unknown,), {})


@pytest.mark.parametrize(
    ("sections", "refused_with"),
    [
        ({8: ""}, "empty_section"),
        ({6: "1YNN", 8: ""}, "empty_section"),
        ({6: "", 8: CA}, "empty_section"),
        ({8: " \t"}, "empty_section"),
        ({OPAQUE: ""}, "empty_section"),
        ({8: "."}, "empty_segment"),
        ({8: CA + "."}, "empty_segment"),
        ({8: "." + CA}, "empty_segment"),
        ({2: TC + "."}, "empty_segment"),
        ({2: "."}, "empty"),
        ({5: encode_canada() + "."}, "empty_segment"),
        ({OPAQUE: "AA."}, "empty_segment"),
        ({OPAQUE: ".AA"}, "empty_segment"),
        ({OPAQUE: "AA..AA"}, "empty_segment"),
        ({OPAQUE: "A A"}, "bad_base64"),
        ({OPAQUE: "AA="}, "bad_base64"),
        ({OPAQUE: "A+A"}, "bad_base64"),
        ({OPAQUE: "A\u00e9"}, "bad_base64"),
        ({OPAQUE: "A\ud800"}, "bad_base64"),
        ({8: CA + "="}, "bad_base64"),
        ({8: "B"}, "truncated"),
        ({8: "D" + CA[1:]}, "unsupported_version"),
        ({7: us_section("usnat", version=2).replace("C", "D", 1)}, "unsupported_version"),
        ({7: us_section("usnat", version=1).replace("B", "C", 1)}, "truncated"),
        ({7: "B" + us_section("usnat", {"MspaServiceProviderMode": 1}, version=2)[1:]}, "bad_padding"),
        ({9: us_section("usva") + ".YA"}, "unknown_segment"),
        ({6: "1YN"}, "bad_usp"),
        ({6: "1ynn"}, "bad_usp"),
        ({6: "1YNN.QA"}, "bad_usp"),
        ({2: "C"}, "truncated"),
        ({2: "CO"}, "truncated"),
        ({2: TC[:20]}, "truncated"),
        ({2: "gAAA"}, "not_a_tc_string"),
        ({2: "1YNN"}, "not_a_tc_string"),
        ({2: TC.partition(".")[2]}, "missing_core"),
        ({2: encode_tc(version=1)}, "unsupported_version"),
        ({2: TC + "B"}, "bad_padding"),
        ({2: encode_tc(language="E[")}, "bad_letter"),
        ({2: f"{TC}.{TC}"}, "duplicate_segment"),
    ],
)
def test_one_section_that_cannot_be_read_spoils_the_string(
    sections: dict[int, str], refused_with: str
) -> None:
    assert code_of(encode_gpp(sections)) == refused_with
    assert code_of(encode_gpp({**sections, 40: "AAAA"})) == refused_with


def test_a_refusal_names_the_section_and_not_its_text() -> None:
    for name, section_id in us_ids().items():
        with pytest.raises(SignalError, match=f"section `{name}`") as refusal:
            decode(encode_gpp({section_id: "SECRET"}))
        assert "SECRET" not in str(refusal.value)


@given(us("usnat"), st.integers(0, 30))
def test_the_layout_follows_the_version_and_not_the_length(section: Section, zeros: int) -> None:
    core, dot, gpc = section.text.partition(".")
    padded = decode(encode_gpp({7: core + "A" * zeros + dot + gpc})).sections["usnat"]

    assert padded.as_dict() == section.told


# What a part of a string, or a broken one, says


def shortest(section: Section) -> int:
    """How many characters a US section needs: those of its core; a national one of version 1 needs padding too."""
    version = section.told["Version"]
    return -(-len(us_core(section.name, {}, version)) // 6) + ((section.name, version) == ("usnat", 1))


def whole_parts(gpp: Gpp) -> set[int]:
    """The lengths of the proper prefixes that are readable, for a string whose last section is not a TC string.

    - A US section: padding of the core trimmed, the GPC subsection dropped, or padding of that trimmed.
    - An opaque section: cut anywhere but behind a dot.
    - US Privacy: none. No sections: padding of the header trimmed.
    """
    if not gpp.sections:
        return set(range(4, len(gpp.text)))
    last = gpp.sections[-1]
    start, text = gpp.start(last), last.text
    if last.name == "uspv1":
        return set()
    if not last.name:
        return {start + end for end in range(1, len(text)) if text[end - 1] != "."}
    core = len(text.partition(".")[0])
    return {start + end for end in range(shortest(last), len(text)) if end <= core or end >= core + 2}


@given(gpp_strings())
def test_only_whole_parts_of_a_string_are_readable(gpp: Gpp) -> None:
    assume(not gpp.sections or gpp.sections[-1].name not in ("tcfeuv2", "tcfcav1"))
    readable = {end for end in range(len(gpp.text)) if read_or_refuse(gpp.text[:end])[0] is not None}

    assert readable == whole_parts(gpp)


@given(gpp_strings())
def test_a_readable_part_says_the_same_or_lacks_the_last_gpc(gpp: Gpp) -> None:
    assume(not gpp.sections or gpp.sections[-1].name not in ("tcfeuv2", "tcfcav1"))
    whole = decode(gpp.text).as_dict()
    without = decode(gpp.text.rpartition(".")[0]).as_dict() if whole_gpc(gpp) else whole

    for end in whole_parts(gpp):
        assert decode(gpp.text[:end]).as_dict() in (whole, without)
    if without != whole:
        section = gpp.sections[-1]
        assert decode(gpp.text).sections[section.name].as_dict() == section.told
        assert without["sections"] == whole["sections"] | {section.name: {**section.told, "Gpc": None}}  # type: ignore[operator]  # the sections are a dict


def whole_gpc(gpp: Gpp) -> bool:
    """Whether the last section is a US one with a GPC subsection."""
    return bool(gpp.sections) and gpp.sections[-1].told.get("Gpc") is not None


@given(european, st.booleans())
def test_a_string_that_ends_with_a_tc_string_is_readable_where_that_is(last: Section, alone: bool) -> None:
    text = encode_gpp({1: "AAAA", 2: last.text} if not alone else {2: last.text})
    start = text.rindex("~") + 1

    for end in range(len(text)):
        gpp, _ = read_or_refuse(text[:end])
        if gpp is None:
            with pytest.raises(SignalError):
                tcf.decode(text[start:end] if end > start else "")
        else:
            assert gpp.sections["tcfeuv2"].as_dict() == tcf.decode(text[start:end]).as_dict()


@given(gpp_strings(), st.data())
def test_a_foreign_character_anywhere_is_refused(gpp: Gpp, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(gpp.text) - 1))
    foreign = data.draw(st.sampled_from("=+/ %!\u00e9\ud800\n\x00"))

    assert code_of(gpp.text[:at] + foreign + gpp.text[at + 1 :])
    assert code_of(gpp.text[:at] + foreign + gpp.text[at:])
    assert code_of(gpp.text + foreign)


@given(gpp_strings(), st.data())
def test_a_tilde_put_in_or_taken_out_is_refused(gpp: Gpp, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(gpp.text)))

    assert code_of(gpp.text[:at] + "~" + gpp.text[at:])
    assert at == len(gpp.text) or gpp.text[at] == "~" or code_of(gpp.text[:at] + "~" + gpp.text[at + 1 :])
    for index, letter in enumerate(gpp.text):
        if letter == "~":
            assert code_of(gpp.text[:index] + gpp.text[index + 1 :])
            assert code_of(gpp.text[:index] + "." + gpp.text[index + 1 :])


@given(us_any, st.data())
def test_a_dot_put_in_or_taken_out_of_a_us_section_is_refused(section: Section, data: st.DataObject) -> None:
    gpp = gpp_of(section)
    core = gpp.start(section) + shortest(section)
    at = data.draw(st.integers(0, len(gpp.text)))
    if gpp.text[at : at + 1] == ".":
        assert code_of(gpp.text[:at] + gpp.text[at + 1 :]) in ("bad_padding", "truncated")
    elif at < core:
        assert code_of(gpp.text[:at] + "." + gpp.text[at:])
        assert code_of(gpp.text[:at] + "." + gpp.text[at + 1 :])


@given(us_any, st.data())
def test_each_item_can_be_found_and_changed_alone(section: Section, data: st.DataObject) -> None:
    gpp = gpp_of(Section(6, "uspv1", "1YNN"), section)
    place = data.draw(st.sampled_from(sorted(gpp.places(), key=lambda each: each.at)))
    value = data.draw(st.integers(0, (1 << place.width) - 1))
    told = dict(section.told)
    if place.field == "Gpc":
        told["Gpc"] = value == 1
    elif isinstance(told[place.field], list):
        told[place.field] = [value if at == place.item else each for at, each in enumerate(told[place.field])]
    else:
        told[place.field] = value

    changed = replaced(gpp.text, place, value)

    assert said(changed, place) == value
    assert decode(changed).sections[section.name].as_dict() == told


# Bounded work


def test_the_longest_gpp_string_is_read() -> None:
    text = PLAIN.replace("~", "A" * 100 + "~", 1)
    text = text.replace(".", "A" * (MAX_LENGTH - len(text)) + ".", 1)

    assert len(text) == MAX_LENGTH
    assert decode(text).as_dict() == decode(PLAIN).as_dict()


def test_ids_are_counted_before_a_group_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    def expand(*_: object) -> None:
        raise AssertionError("a group was expanded")

    monkeypatch.setattr("discreet_consent.signals.gpp.chain", expand)

    assert code_of(headed(number(1, 12) + "1" + code(28) + code(65_000), "A")) == "section_count"


def test_entries_are_counted_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def entries(*_: object) -> None:
        raise AssertionError("entries were read")

    monkeypatch.setattr("discreet_consent.signals.fibonacci.entries", entries)

    assert code_of(headed(number(4_095, 12) + "011" * 4_095, *["A"] * 4_000)[:MAX_LENGTH]) == "section_count"


def test_a_fibonacci_code_is_not_read_beyond_the_highest_id() -> None:
    with pytest.raises(SignalError, match="too large"):
        fibonacci.entries(number(1, 12).encode() + b"0" + b"01" * 40_000)


def test_thousands_of_opaque_sections_are_read() -> None:
    ids = range(28, 4_028)

    assert decode(encode_gpp(dict.fromkeys(ids, "A"))).opaque_section_ids == tuple(ids)


@st.composite
def mutilated(draw: st.DrawFn) -> str:
    """A readable string after a few cuts, insertions, replacements and repetitions."""
    text = draw(st.sampled_from(sorted(readable_gpp_strings())) | gpp_strings().map(lambda gpp: gpp.text))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        until = draw(st.integers(at, min(len(text), at + 12)))
        put_in = draw(
            st.sampled_from(["", ".", "~", "=", "\u00e9", text[at:until] * 2])
            | st.text(ALPHABET + "~+/ .", max_size=6)
        )
        text = text[:at] + put_in + text[until:]
    return text


@given(mutilated() | st.text(max_size=60) | st.text(ALPHABET + ".~", max_size=300).map("DBA".__add__))
def test_hostile_text_is_refused_or_comes_out_no_longer_than_it_went_in(text: str) -> None:
    gpp, refusal = read_or_refuse(text)
    if gpp is None:
        assert len(text) < 8 or text not in str(refusal)
        return

    assert len(gpp.section_ids) == text.count("~")
    assert len(gpp.sections) + len(gpp.opaque_section_ids) == len(gpp.section_ids)


# What a decoded string is


def test_a_decoded_gpp_string_cannot_be_changed() -> None:
    gpp = decode(PLAIN)

    with pytest.raises(AttributeError, match="immutable"):
        setattr(gpp, "section_ids", ())  # noqa: B010 - a type checker forbids the plain form
    with pytest.raises(AttributeError, match="immutable"):
        delattr(gpp, "sections")
    with pytest.raises(TypeError):
        gpp.sections["usva"] = gpp.sections["usca"]  # type: ignore[index]  # the point of the test


def test_only_decode_builds_a_gpp_string() -> None:
    with pytest.raises(TypeError, match="only `decode`"):
        GppString()


def test_a_decoded_gpp_string_shows_neither_itself_nor_the_choice(caplog: pytest.LogCaptureFixture) -> None:
    gpp = decode(PLAIN)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r", gpp, dict(gpp.sections))

    assert repr(gpp) == "GppString(section_ids=[7, 8])"
    assert not any(part in caplog.text for part in PLAIN.replace("~", ".").split("."))


def test_a_decoded_gpp_string_is_neither_pickled_nor_copied() -> None:
    for again in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a visitor's signal"):
            again(decode(PLAIN))


@pytest.mark.parametrize("text", readable_gpp_strings()[::8])
def test_the_library_s_strings_read_the_same_with_more_padding(text: str) -> None:
    parts = text.split("~")
    padded = "~".join(
        part if part.startswith("1") else ".".join(segment + "AAA" for segment in part.split("."))
        for part in parts
    )

    assert decode(padded).as_dict() == decode(text).as_dict()
