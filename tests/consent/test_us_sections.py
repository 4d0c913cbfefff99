"""The table of the US sections, and each of them read field by field."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from discreet_consent import SignalError
from discreet_consent.signals import DRAFT_SECTIONS, US_SECTIONS, UsLayout, UsSection
from discreet_consent.signals.us_sections import decode
from support.gpp_strategies import Section, us, us_any
from support.gpp_strings import Values, us_core, us_fields, us_ids, us_section, us_table, us_versions
from support.tc_strings import base64url

LAYOUTS = tuple(US_SECTIONS.values())
VERSIONS = [(layout, version) for layout in LAYOUTS for version in layout.versions]
BY_NAME = {layout.name: layout for layout in LAYOUTS}
GPC_ON, GPC_OFF = base64url("011"), base64url("010")


def code_of(layout: UsLayout, text: str) -> str:
    """The code with which `text` is refused as a section of that layout."""
    with pytest.raises(SignalError) as refusal:
        decode(layout, text)
    return refusal.value.code


def published(name: str) -> dict[str, Any]:
    section: dict[str, Any] = us_table()["sections"][name]
    return section


def test_the_table_has_the_published_sections() -> None:
    assert {layout.name: layout.id for layout in LAYOUTS} == us_ids()
    assert {key: layout.id for key, layout in US_SECTIONS.items()} == {key: key for key in us_ids().values()}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_row_of_the_table_is_as_published(layout: UsLayout) -> None:
    section = published(layout.name)
    categories = [each if isinstance(each, list) else [each] for each in section["sensitive_categories"]]

    assert tuple(layout.versions) == us_versions(layout.name)
    assert {version: list(fields) for version, fields in layout.versions.items()} == {
        version: us_fields(layout.name, version) for version in us_versions(layout.name)
    }
    assert [list(each) for each in layout.sensitive_items] == categories
    assert list(layout.child_items) == section["known_child_items"]
    assert layout.sensitive_model == section["sensitive_model"]
    assert layout.has_gpc is section["gpc_subsection"]


@pytest.mark.parametrize(("layout", "version"), VERSIONS)
def test_every_item_stands_for_something(layout: UsLayout, version: int) -> None:
    counts = dict(layout.versions[version])
    widest = max(layout.versions)

    assert counts["SensitiveDataProcessing"] <= len(layout.sensitive_items)
    assert counts["KnownChildSensitiveDataConsents"] <= len(layout.child_items)
    assert len(layout.sensitive_items) == dict(layout.versions[widest])["SensitiveDataProcessing"]
    assert len(layout.child_items) == dict(layout.versions[widest])["KnownChildSensitiveDataConsents"]


def test_the_national_section_has_the_published_widths() -> None:
    published_bits = {int(v): each["core_bits"] for v, each in published("usnat")["versions"].items()}

    assert {version: 6 + BY_NAME["usnat"].width(version) for version in (1, 2)} == published_bits


def test_a_section_is_for_the_region_in_its_name() -> None:
    assert BY_NAME["usnat"].region == "US"
    assert {layout.region for layout in LAYOUTS} == {
        "US", "US-CA", "US-VA", "US-CO", "US-UT", "US-CT", "US-FL", "US-MT", "US-OR", "US-TX", "US-DE", "US-IA",
        "US-NE", "US-NH", "US-NJ", "US-TN", "US-MN",
    }  # fmt: skip
    assert {key: f"us{region[3:].lower()}" for key, region in DRAFT_SECTIONS.items()} == {
        int(key): name for key, name in us_table()["draft_sections"].items()
    }


@given(us_any)
def test_a_section_says_what_was_told(section: Section) -> None:
    decoded = decode(BY_NAME[section.name], section.text)

    assert decoded.as_dict() == section.told
    assert (decoded.id, decoded.name, decoded.version) == (section.id, section.name, section.told["Version"])
    assert decoded.gpc is section.told["Gpc"]
    for field, _ in us_fields(section.name, decoded.version):
        told = section.told[field]
        assert decoded.items(field) == (tuple(told) if isinstance(told, list) else (told,))
        if isinstance(told, int):
            assert decoded.value(field) == told


@pytest.mark.parametrize(("layout", "version"), VERSIONS)
def test_each_item_alone_is_read_in_its_place(layout: UsLayout, version: int) -> None:
    for field, count in us_fields(layout.name, version):
        for item in range(count):
            items = [0] * item + [2] + [0] * (count - item - 1)
            section = decode(layout, us_section(layout.name, {field: items}, version=version))

            assert section.items(field) == tuple(items)
            assert sum(sum(section.items(other)) for other, _ in us_fields(layout.name, version)) == 2


def test_a_field_that_a_section_lacks_has_no_value() -> None:
    section = decode(BY_NAME["usva"], us_section("usva"))

    assert section.value("SharingOptOut") is None
    assert section.items("SharingOptOut") == ()


def test_a_list_has_no_one_value() -> None:
    section = decode(BY_NAME["usct"], us_section("usct"))

    with pytest.raises(ValueError, match="3 items in `usct`"):
        section.value("KnownChildSensitiveDataConsents")


@pytest.mark.parametrize(("layout", "version"), VERSIONS)
def test_a_section_cut_anywhere_in_its_core_is_refused(layout: UsLayout, version: int) -> None:
    core = us_section(layout.name, version=version, pad_to=1)

    assert {code_of(layout, core[:end]) for end in range(1, len(core))} == {"truncated"}
    assert decode(layout, core + "A")


@pytest.mark.parametrize(("layout", "version"), VERSIONS)
def test_any_number_of_zero_bits_may_follow_and_no_one_may(layout: UsLayout, version: int) -> None:
    core = us_section(layout.name, version=version, pad_to=1)
    room = -len(us_core(layout.name, {}, version)) % 6

    assert decode(layout, core + "A" * 50).as_dict() == decode(layout, core + "A").as_dict()
    assert code_of(layout, core + "AAB") == "bad_padding"
    if room:
        assert code_of(layout, core[:-1] + "B") == "bad_padding"


# The national section between 2024 and 2026: version 1 in name, version 2 in its fields


def mislabelled(values: Values, *, pad_to: int = 8, gpc: bool | None = None) -> str:
    """A national section of version 2 that says it is of version 1."""
    return "B" + us_section("usnat", values, version=2, pad_to=pad_to, gpc=gpc)[1:]


@pytest.mark.parametrize("text", ["BVVVkkkkkpFY.YA", "BAAAAAAAAABA.QA", "BAAAAAAAAABA"])
def test_what_the_library_wrote_as_version_1_has_the_fields_of_version_2(text: str) -> None:
    section, true = decode(BY_NAME["usnat"], text), decode(BY_NAME["usnat"], "C" + text[1:])

    assert (section.version, section.fields) == (1, BY_NAME["usnat"].versions[2])
    assert section.as_dict() == true.as_dict() | {"Version": 1}


@given(us("usnat"), st.integers(1, 2))
def test_a_mislabelled_section_is_known_by_its_agreement(section: Section, covered: int) -> None:
    assume(section.told["Version"] == 2)
    values = {key: value for key, value in section.told.items() if key not in ("Version", "Gpc")}
    text = mislabelled(values | {"MspaCoveredTransaction": covered}, gpc=section.told["Gpc"])

    assert decode(BY_NAME["usnat"], text).as_dict() == {
        **section.told,
        "Version": 1,
        "MspaCoveredTransaction": covered,
    }


@given(us("usnat"), st.integers(1, 3))
def test_a_cut_of_a_mislabelled_section_never_passes_for_a_true_version_1(
    section: Section, covered: int
) -> None:
    assume(section.told["Version"] == 2)
    values = {key: value for key, value in section.told.items() if key not in ("Version", "Gpc")}
    whole = mislabelled(values | {"MspaCoveredTransaction": covered}, gpc=section.told["Gpc"])

    assert {code_of(BY_NAME["usnat"], whole[:end]) for end in range(1, 12)} == {"truncated", "bad_padding"}


def test_a_mislabelled_section_without_an_agreement_is_refused_or_a_version_1() -> None:
    usnat = BY_NAME["usnat"]

    assert code_of(usnat, mislabelled({"MspaServiceProviderMode": 1})) == "bad_padding"
    assert code_of(usnat, mislabelled({"MspaCoveredTransaction": 1}) + "B") == "bad_padding"
    assert (
        decode(usnat, us_section("usnat", {"MspaOptOutOptionMode": 2}, pad_to=72)).fields == usnat.versions[1]
    )


def test_a_version_1_that_may_be_a_cut_is_refused_unless_something_follows() -> None:
    usnat, core = BY_NAME["usnat"], us_section("usnat", {"SaleOptOut": 1}, pad_to=6)

    assert len(core) == 10
    assert code_of(usnat, core) == "truncated"
    for whole in (core + "A", core + "." + GPC_ON):
        assert decode(usnat, whole).value("SaleOptOut") == 1


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_another_version_is_refused(layout: UsLayout) -> None:
    for version in set(range(64)) - set(layout.versions):
        assert code_of(layout, base64url(f"{version:06b}") + "A" * 30) == "unsupported_version"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_gpc_subsection_is_read_where_the_section_has_one(layout: UsLayout) -> None:
    core = us_section(layout.name)

    assert decode(layout, core).gpc is None
    if not layout.has_gpc:
        assert code_of(layout, f"{core}.{GPC_ON}") == "unknown_segment"
        return
    assert decode(layout, f"{core}.{GPC_ON}").gpc is True
    assert decode(layout, f"{core}.{GPC_OFF}").gpc is False
    assert decode(layout, f"{core}.{GPC_OFF}AAA").gpc is False


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (".", "empty_segment"),
        (f"..{GPC_ON}", "empty_segment"),
        (f".{GPC_ON}.", "empty_segment"),
        (f".{GPC_ON}.{GPC_ON}", "duplicate_segment"),
        (f".{GPC_ON}.{GPC_OFF}", "duplicate_segment"),
        (f".{us_section('usca')}", "duplicate_segment"),
        (".AA", "duplicate_segment"),
        (f".{base64url('101')}", "unknown_segment"),
        (f".{base64url('111')}", "unknown_segment"),
        (f".{base64url('0111')}", "bad_padding"),
        (f".{GPC_ON}B", "bad_padding"),
        (f".{GPC_ON}=", "bad_base64"),
        (f".{GPC_ON} ", "bad_base64"),
    ],
)
def test_what_may_not_follow_a_core_is_refused(tail: str, code: str) -> None:
    assert code_of(BY_NAME["usca"], us_section("usca") + tail) == code


def test_a_section_without_a_core_is_refused() -> None:
    assert code_of(BY_NAME["usca"], "") == "empty_segment"
    assert code_of(BY_NAME["usca"], f".{GPC_ON}") == "empty_segment"
    assert code_of(BY_NAME["usca"], GPC_ON) == "unsupported_version"


@given(us_any, st.data())
def test_a_us_section_with_a_foreign_character_is_refused(section: Section, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(section.text) - 1))
    foreign = data.draw(st.sampled_from("=+/ ~%\u00e9\ud800"))

    assert code_of(BY_NAME[section.name], section.text[:at] + foreign + section.text[at + 1 :])
    assert code_of(BY_NAME[section.name], section.text[:at] + foreign + section.text[at:])


def test_a_decoded_section_is_sealed_and_says_nothing() -> None:
    section = decode(BY_NAME["usca"], us_section("usca", {"SaleOptOut": 1}, gpc=True))

    assert repr(section) == "UsSection('usca', version=1)"
    assert repr(section.layout) == "UsLayout(8, 'usca')"
    with pytest.raises(TypeError, match="only `decode`"):
        UsSection()
    with pytest.raises(AttributeError, match="immutable"):
        setattr(section, "gpc", False)  # noqa: B010 - a type checker forbids the plain form
    for again in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a visitor's signal"):
            again(section)
