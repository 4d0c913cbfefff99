"""What the signals of the United States say, one row of the specification's tables after the other."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from discreet_consent import Policy
from discreet_consent.regimes.rules import Rules
from discreet_consent.regimes.statement import Statement
from discreet_consent.regimes.us_rules import gpc_statement, section_statement, us_privacy_statement
from discreet_consent.signals import us_privacy
from discreet_consent.signals.us_sections import US_SECTIONS, UsLayout, decode
from support.gpp_strings import us_fields, us_ids, us_table, us_versions
from support.tc_strings import base64url, number
from support.vectors.consenting_texts import (
    ADVERTISING_NOTICES,
    OPT_OUTS,
    SENSITIVE_NOTICES,
    Values,
    has_gpc,
    us_text,
)

ENDED, GRANTED = frozenset({"third_party_sharing"}), frozenset({"marketing.advertising"})
EVERY = [(name, version) for name in us_ids() for version in us_versions(name)]
FURTHER_CONSENTS = ("PersonalDataConsents", "AdditionalDataProcessingConsent")
ITEMS, AGES = "SensitiveDataProcessing", "KnownChildSensitiveDataConsents"
FOR_TEENS = ("age_", "under_16")  # how the items begin that stand for those who may consent


def rules(**keys: Any) -> Rules:
    """A regime in which an opt-out, and none, each come to one term."""
    stated = {"default": (), "opt_out_ends": ENDED, "opt_in_grants": GRANTED, **keys}
    return Rules("test", {"kind": "opt_out", "hears": ["gpp"], **stated})


def said(name: str, version: int, values: Values | None = None, *, gpc: Any = ..., **keys: Any) -> Statement:
    """What a section says of a visitor who was told and stayed, but for `values` and `gpc`."""
    told = {} if gpc is ... else {"gpc": gpc}
    text = us_text(name, values, version=version, pad_to=24, **told)
    return section_statement(decode(US_SECTIONS[us_ids()[name]], text), "here", rules(**keys))


def fields(name: str, version: int) -> dict[str, int]:
    return dict(us_fields(name, version))


def having(*names: str) -> list[Any]:
    """Every section, version and field where the section has a field of one of these names."""
    return [
        pytest.param(section, version, field, id=f"{section} {version} {field}")
        for section, version in EVERY
        for field in names
        if field in fields(section, version)
    ]


each_section = pytest.mark.parametrize(("name", "version"), EVERY)


# --- Opting out


@each_section
def test_who_was_told_and_stayed_is_granted_what_the_regime_says(name: str, version: int) -> None:
    statement = said(name, version)

    assert (statement.granted, statement.refused) == (GRANTED, frozenset())
    assert not statement.unreadable
    assert not statement.contextual_only


@pytest.mark.parametrize(("name", "version", "field"), having(*OPT_OUTS))
def test_each_opt_out_alone_ends_it_and_without_an_answer_nothing_is_granted(
    name: str, version: int, field: str
) -> None:
    by_value = {value: said(name, version, {field: value}) for value in range(4)}

    assert {value: each.refused for value, each in by_value.items()} == {
        0: frozenset(), 1: ENDED, 2: frozenset(), 3: ENDED,
    }  # fmt: skip
    assert [value for value, each in by_value.items() if each.granted] == [2]


@pytest.mark.parametrize(("name", "version", "field"), having(*ADVERTISING_NOTICES))
def test_who_was_not_told_cannot_have_stayed(name: str, version: int, field: str) -> None:
    by_value = {value: said(name, version, {field: value}) for value in range(4)}

    assert [value for value, each in by_value.items() if each.granted] == [1]
    assert [value for value, each in by_value.items() if each.refused] == [2, 3]


@pytest.mark.parametrize(("name", "version", "field"), having(*ADVERTISING_NOTICES))
def test_one_right_that_was_not_used_and_not_told_of_is_enough(name: str, version: int, field: str) -> None:
    """The other opt-outs do not apply; the one that does counts as used."""
    opt_outs = [each for each in OPT_OUTS if each in fields(name, version)]
    for stayed in opt_outs:
        values = {each: 2 if each == stayed else 0 for each in opt_outs}

        assert said(name, version, {**values, field: 2}).refused == ENDED
        assert said(name, version, values).refused == frozenset()


@pytest.mark.parametrize(("name", "version", "field"), having(*ADVERTISING_NOTICES))
def test_where_no_opt_out_applies_a_missing_notice_says_nothing(name: str, version: int, field: str) -> None:
    none = {each: 0 for each in OPT_OUTS if each in fields(name, version)}
    statement = said(name, version, {**none, field: 2})

    assert statement.granted == statement.refused == frozenset()


@pytest.mark.parametrize(("name", "version", "field"), having(*FURTHER_CONSENTS, "MspaServiceProviderMode"))
def test_no_consent_to_further_uses_and_the_mode_of_a_mere_servant_end_it(
    name: str, version: int, field: str
) -> None:
    refused = [value for value in range(4) if said(name, version, {field: value}).refused]
    granted = [value for value in range(4) if said(name, version, {field: value}).granted]

    assert (refused, granted) == ([1, 3], [0, 2])


@pytest.mark.parametrize(("name", "version"), [each for each in EVERY if has_gpc(each[0])])
def test_the_gpc_of_a_section_ends_it_and_absent_is_not_false(name: str, version: int) -> None:
    by_value = {gpc: said(name, version, gpc=gpc) for gpc in (True, False, None)}

    assert {gpc: each.granted for gpc, each in by_value.items() if each.granted} == {False: GRANTED}
    assert {gpc: each.refused for gpc, each in by_value.items() if each.refused} == {True: ENDED, None: ENDED}


@each_section
def test_agreements_beside_the_mode_decide_nothing(name: str, version: int) -> None:
    for value in range(4):
        statement = said(name, version, {"MspaOptOutOptionMode": value})
        assert (statement.granted, statement.refused) == (GRANTED, frozenset())


# --- Sensitive items


def categories(name: str, at: int) -> frozenset[str]:
    """The terms that item `at` of a section stands for."""
    found = us_table()["sections"][name]["sensitive_categories"][at]
    return frozenset(f"sensitive:{each}" for each in ([found] if isinstance(found, str) else found))


def item(name: str, version: int, field: str, at: int, value: int) -> dict[str, list[int]]:
    """The values of `field` of which item `at` alone is not 0."""
    return {field: [value if each == at else 0 for each in range(fields(name, version)[field])]}


@each_section
def test_a_sensitive_item_speaks_of_its_own_categories_only(name: str, version: int) -> None:
    for at in range(fields(name, version)[ITEMS]):
        own = categories(name, at)
        allowed = said(name, version, item(name, version, ITEMS, at, 2))

        assert allowed.granted - GRANTED == own
        assert said(name, version, item(name, version, ITEMS, at, 0)).granted == GRANTED
        for value in (1, 3):
            refused = said(name, version, item(name, version, ITEMS, at, value))
            assert (refused.granted, refused.refused) == (GRANTED, own)


@pytest.mark.parametrize(("name", "version", "field"), having(*SENSITIVE_NOTICES))
def test_who_was_not_told_of_sensitive_data_allowed_none(name: str, version: int, field: str) -> None:
    allowed = item(name, version, ITEMS, 0, 2)
    by_notice = {value: said(name, version, {**allowed, field: value}) for value in range(4)}

    assert [value for value, each in by_notice.items() if each.granted >= categories(name, 0)] == [0, 1]
    assert [value for value, each in by_notice.items() if each.refused == categories(name, 0)] == [2, 3]
    assert all(each.granted >= GRANTED for each in by_notice.values())  # it is no notice of advertising


@each_section
def test_where_sensitive_data_is_never_allowed_every_answer_refuses(name: str, version: int) -> None:
    for value in range(4):
        statement = said(name, version, item(name, version, ITEMS, 0, value), sensitive="never")

        assert statement.granted == GRANTED
        assert statement.refused == (categories(name, 0) if value else frozenset())


@pytest.mark.parametrize("answers", [(1, 2), (2, 1), (2, 3)])
def test_of_two_items_that_stand_for_one_category_the_refusal_counts(answers: tuple[int, int]) -> None:
    """No section of today has two such items."""
    layout = UsLayout(99, "usxx", fields="SaleOptOut", sensitive="health health", children="under_13")
    digits = "".join(number(each, 2) for each in (2, *answers, 0, 0, 0, 0))
    text = f"{base64url(number(1, 6) + digits)}.{base64url('010')}"
    statement = section_statement(decode(layout, text), "here", rules())

    assert statement.granted == GRANTED
    assert statement.refused == {"sensitive:health"}


# --- Children


@each_section
def test_an_item_of_children_says_child_whatever_a_parent_says_and_one_of_teenagers_if_they_refuse(
    name: str, version: int
) -> None:
    ages = us_table()["sections"][name]["known_child_items"]
    for at in range(fields(name, version)[AGES]):
        child = [
            value
            for value in range(4)
            if said(name, version, item(name, version, AGES, at, value)).contextual_only
        ]
        assert child == ([1, 3] if ages[at].startswith(FOR_TEENS) else [1, 2, 3]), ages[at]


# --- The US Privacy string and the GPC


@pytest.mark.parametrize("speaks", [True, False])
@pytest.mark.parametrize(("notice", "opted_out", "covered"), list(product("YN-", repeat=3)))
def test_a_us_privacy_string_refuses_unless_the_visitor_was_told_and_stayed(
    notice: str, opted_out: str, covered: str, speaks: bool
) -> None:
    text = f"1{notice}{opted_out}{covered}"
    statement = us_privacy_statement(us_privacy.decode(text), "here", rules(us_privacy_speaks=speaks))
    refuses = text != "1---" and (opted_out != "N" or notice == "N")
    grants = (notice, opted_out) == ("Y", "N") and speaks

    assert statement.refused == (ENDED if refuses else frozenset())
    assert statement.granted == (GRANTED if grants else frozenset())


def test_the_gpc_refuses_what_an_opt_out_ends_and_grants_nothing() -> None:
    statement = gpc_statement("header sec-gpc", rules())

    assert (statement.granted, statement.refused) == (frozenset(), ENDED)


@pytest.mark.parametrize("region", ["US-CA", "US-VA"])
def test_whether_the_gpc_is_law_changes_only_what_is_explained(region: str) -> None:
    stated = Policy.default().rules_for(region)
    assert stated is not None
    statement = gpc_statement("here", stated)

    assert (
        ("by the law of this region" in statement.reasons[0]) is stated.gpc_is_binding is (region == "US-CA")
    )
    assert statement.refused == stated.opt_out_ends


# --- Reasons


def test_every_rule_that_decided_is_told_and_no_value() -> None:
    values: Values = {
        "SaleOptOut": 1, "SharingOptOut": 2, "SharingOptOutNotice": 2, "PersonalDataConsents": 1,
        "MspaServiceProviderMode": 1, ITEMS: [2, 1, *([0] * 7)], AGES: [1, 0],
    }  # fmt: skip

    assert said("usca", 1, values, gpc=True).reasons == (
        "SaleOptOut: the visitor opted out",
        "SharingOptOutNotice: no notice was given, so not having opted out counts as opting out",
        "PersonalDataConsents: the visitor did not consent to further uses",
        "MspaServiceProviderMode: nobody else may use the data for purposes of their own",
        "Gpc: the browser asks not to sell or share",
        "sensitive data allowed: government id",
        "sensitive data refused: financial account",
        "the visitor is known to be a child (under 16 sale)",
    )


def test_a_section_that_says_nothing_says_so() -> None:
    nothing: Values = {"SaleOptOut": 0, "TargetedAdvertisingOptOut": 0}

    assert said("usva", 1, nothing).reasons == ("it says nothing that decides here",)
