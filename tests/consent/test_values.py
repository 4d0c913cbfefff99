"""Normal forms and limits of values, type by type."""

from __future__ import annotations

import datetime
import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Attribute, AttributeType, Provenance
from discreet_consent.values import (
    MAX_EPOCH_MS,
    MAX_SET_MEMBERS,
    MAX_STRING_LENGTH,
    admit,
    epoch_ms,
    normal_string,
)

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MILLISECOND = datetime.timedelta(milliseconds=1)

BOOLEAN, NUMBER, STRING, STRINGS, DATETIME = (
    Attribute(kind.value, kind, Provenance.DECLARED, ["essential"]) for kind in AttributeType
)
LOWER = Attribute("lower", AttributeType.STRING, Provenance.DECLARED, ["essential"], lower=True)
LOWERS = Attribute("lowers", AttributeType.STRINGS, Provenance.DECLARED, ["essential"], lower=True)

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
)
instants = st.datetimes(timezones=offsets)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("value", [0, 1, 0.0, "true", "", None, [True], float("nan")])
def test_only_true_and_false_are_booleans(value: object) -> None:
    assert admit(BOOLEAN, True) is True
    assert admit(BOOLEAN, False) is False
    assert admit(BOOLEAN, value) is None


@pytest.mark.parametrize("value", [0, -0.0, 0.5, 2**53, -(2**53), 1.7976931348623157e308, 5e-324])
def test_a_finite_number_is_itself(value: float) -> None:
    assert admit(NUMBER, value) == value


@pytest.mark.parametrize("value", [True, False, "1", math.nan, math.inf, -math.inf, 10**400, 1j, None, [1]])
def test_a_bool_is_no_number_nor_is_what_a_double_cannot_hold(value: object) -> None:
    assert admit(NUMBER, value) is None


@given(st.integers(-(2**80), 2**80))
def test_an_integer_becomes_the_nearest_double(value: int) -> None:
    admitted = admit(NUMBER, value)

    assert admitted == float(value)
    assert type(admitted) is not bool


def test_text_is_composed() -> None:
    assert admit(STRING, "e\u0301") == "\u00e9"
    assert admit(STRING, "\u212b") == "\u00c5"  # the angstrom sign


def test_text_keeps_its_case_unless_folded() -> None:
    assert admit(STRING, "ABC\u00c9") == "ABC\u00c9"
    assert admit(LOWER, "ABC\u00c9") == "abc\u00e9"
    assert admit(LOWER, "E\u0301") == "\u00e9"


@pytest.mark.parametrize("value", [b"text", 1, True, None, ["text"], "\ud800", "a\udfffb"])
def test_only_text_without_lone_surrogates_is_a_string(value: object) -> None:
    assert admit(STRING, value) is None
    assert admit(LOWER, value) is None


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\U0001f45f"])
def test_text_has_a_greatest_length_in_code_points(letter: str) -> None:
    assert admit(STRING, letter * MAX_STRING_LENGTH) == letter * MAX_STRING_LENGTH
    assert admit(STRING, letter * (MAX_STRING_LENGTH + 1)) is None


def test_the_length_counts_after_composition() -> None:
    assert admit(STRING, "e\u0301" * MAX_STRING_LENGTH) == "\u00e9" * MAX_STRING_LENGTH


def test_the_length_counts_after_folding() -> None:
    assert admit(LOWER, "\u0130" * MAX_STRING_LENGTH) is None  # a capital dotted I folds to two code points


@given(st.text(), st.booleans())
def test_the_normal_form_of_text_is_stable(text: str, lower: bool) -> None:
    once = normal_string(text, lower)

    assert once is not None
    assert normal_string(once, lower) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(), st.booleans())
def test_equivalent_spellings_have_one_normal_form(text: str, lower: bool) -> None:
    assert normal_string(unicodedata.normalize("NFD", text), lower) == normal_string(text, lower)


@pytest.mark.parametrize("shape", [list, tuple, set, frozenset])
def test_a_set_of_strings_comes_as_any_collection(shape: type) -> None:
    assert admit(STRINGS, shape(["running", "e\u0301"])) == frozenset({"running", "\u00e9"})
    assert admit(STRINGS, shape()) == frozenset()
    assert admit(LOWERS, shape(["A", "a"])) == frozenset({"a"})


@pytest.mark.parametrize(
    "value", ["running", {"running": 1}, ["a", None], ["a", 1], [["a"]], ["\ud800"], None, range(3)]
)
def test_one_malformed_member_spoils_the_set(value: object) -> None:
    assert admit(STRINGS, value) is None


def test_a_set_has_a_greatest_size() -> None:
    assert admit(STRINGS, ["a"] * MAX_SET_MEMBERS) == frozenset({"a"})
    assert admit(STRINGS, ["a"] * (MAX_SET_MEMBERS + 1)) is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01", 0),
        ("2026-03-01", 1_772_323_200_000),
        ("2026-03-01T08:30Z", 1_772_353_800_000),
        ("2026-03-01T08:30:00+01:00", 1_772_350_200_000),
        ("2026-03-01T08:30:00.125Z", 1_772_353_800_125),
        ("2026-03-01T08:30:00.5Z", 1_772_353_800_500),
        ("2024-02-29", 1_709_164_800_000),
        ("0001-01-01", -62_135_596_800_000),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_a_datetime_is_its_epoch_milliseconds(text: str, instant: float) -> None:
    assert epoch_ms(text) == instant
    assert admit(DATETIME, text) == instant
    assert admit(DATETIME, instant) == instant


@given(instants)
def test_text_and_datetime_objects_agree(instant: datetime.datetime) -> None:
    milliseconds = (instant - EPOCH) // MILLISECOND

    assert epoch_ms(instant.isoformat(timespec="milliseconds")) == milliseconds
    assert admit(DATETIME, instant) == milliseconds


@given(st.dates())
def test_a_date_is_its_midnight_in_utc(date: datetime.date) -> None:
    midnight = datetime.datetime.combine(date, datetime.time(), datetime.UTC)

    assert epoch_ms(date.isoformat()) == (midnight - EPOCH) // MILLISECOND


@pytest.mark.parametrize(
    "text",
    [
        "", "T", "2026", "2026-03", "2026-3-1", "20260301", "2026-02-29", "2026-13-01", "2026-00-10",
        "2026-01-00", "2026-04-31", "0000-01-01", "1900-02-29", "12026-01-01", "2026-03-01T",
        "2026-03-01T08:30", "2026-03-01 08:30Z", "2026-03-01t08:30Z", "2026-03-01T08:30z", "2026-03-01T24:00Z",
        "2026-03-01T08:60Z", "2026-03-01T08:30:60Z", "2026-03-01T08Z", "2026-03-01T08:30:00.Z",
        "2026-03-01T08:30:00.1234Z", "2026-03-01T08:30.5Z", "2026-03-01T08:30:00+0100",
        "2026-03-01T08:30:00+24:00", "2026-03-01T08:30:00+01:60", "2026-03-01T08:30:00,5Z", "2026-03-01T+01:00",
        "2026-03-01T-1:30Z", " 2026-03-01", "2026-03-01\n", "\u0662026-03-01", "2026-03-01T08:3\u0660Z",
        "yesterday",
    ],
)  # fmt: skip
def test_any_other_form_of_a_date_is_malformed(text: str) -> None:
    assert epoch_ms(text) is None
    assert admit(DATETIME, text) is None


@given(st.text(alphabet="0123456789-:.TZ+", max_size=30))
def test_whatever_reads_as_an_instant_is_one_that_the_standard_library_reads_too(text: str) -> None:
    instant = epoch_ms(text)

    if instant is not None:
        read = datetime.datetime.fromisoformat(text)
        aware = read if read.tzinfo else read.replace(tzinfo=datetime.UTC)
        assert instant == (aware - EPOCH) // MILLISECOND


@pytest.mark.parametrize(
    "value",
    [
        True,
        MAX_EPOCH_MS + 1,
        -MAX_EPOCH_MS - 1,
        math.nan,
        math.inf,
        datetime.date(2026, 3, 1),
        None,
        b"2026-03-01",
    ],
)
def test_a_datetime_lies_in_the_range_that_every_runtime_has(value: object) -> None:
    assert admit(DATETIME, MAX_EPOCH_MS) == MAX_EPOCH_MS
    assert admit(DATETIME, value) is None


def test_a_time_without_an_offset_is_no_instant() -> None:
    naive = datetime.datetime(2026, 3, 1, 8, 30)

    assert admit(DATETIME, naive) is None


@given(st.sampled_from([BOOLEAN, NUMBER, STRING, STRINGS, DATETIME, LOWER, LOWERS]), anything)
def test_an_admitted_value_is_in_its_normal_form(attribute: Attribute, value: object) -> None:
    admitted = admit(attribute, value)

    assert admitted is None or admit(attribute, admitted) == admitted
