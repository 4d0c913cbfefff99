"""Who is heard under a regime, and which sections of a GPP string speak for a place."""

from __future__ import annotations

from typing import Any

import pytest

from discreet_consent import Policy, Signals
from discreet_consent.regimes.hearing import HEARD_AS, hear
from discreet_consent.regimes.rules import Rules
from discreet_consent.regimes.statement import Statement
from discreet_consent.signals.received import SOURCES
from support.cmp_cookies import cookiebot
from support.gpp_strings import encode_gpp
from support.tc_strings import NOW_S
from support.vectors.consenting_texts import TCF_CONSENTING, gpp_text, us_text

POLICY = Policy.default()
HEARS_ALL = ("tcf", "gpp", "us_privacy", "consent_mode", "cmp")
PLACE = {"kind": "opt_out", "sections": ["usnat", "uspv1", "tcfeuv2"], "section": "usca"}


def rules(hears: Any = HEARS_ALL, **keys: Any) -> Rules:
    stated = {"kind": "opt_in", "default": (), "opt_out_ends": ["third_party_sharing"], "hears": hears}
    return Rules("test", {**stated, **keys})


def heard(source: str, text: object, under: Rules, carrier: str = "cookie x") -> tuple[Statement, ...]:
    return hear(Signals([(source, carrier, text)]).readings, under, POLICY, NOW_S)


# --- Who is heard


@pytest.mark.parametrize("source", sorted(SOURCES.keys() - {"onetrust_closed", "gpc"}))
def test_a_source_is_heard_where_the_regime_names_its_kind(source: str) -> None:
    kind = HEARD_AS[source]

    assert [each.unreadable for each in heard(source, "", rules([kind]))] == [True]
    assert heard(source, "", rules([each for each in HEARS_ALL if each != kind])) == ()


def test_the_gpc_is_heard_everywhere() -> None:
    (statement,) = heard("gpc", "1", rules([]))

    assert statement.refused == {"third_party_sharing"}
    assert heard("gpc", "0", rules([])) == ()


def test_every_source_is_heard_as_something() -> None:
    assert HEARD_AS.keys() == SOURCES.keys() - {"onetrust_closed"}


@pytest.mark.parametrize("source", ["tcf", "cookiebot", "gcs"])
def test_what_cannot_be_read_says_so_with_its_code_and_without_its_text(source: str) -> None:
    (statement,) = heard(source, "broken-by-someone", rules())

    assert statement.unreadable
    assert statement.problem
    assert f"cannot be read ({statement.problem}: " in statement.reasons[0]
    assert "broken-by-someone" not in repr(statement.reasons)


def test_a_tc_string_in_a_tools_cookie_is_one_more_tc_string() -> None:
    both = heard("cookiebot", cookiebot(True, True, True, iab2=TCF_CONSENTING), rules())
    unread = heard("cookiebot", cookiebot(True, True, True, iab2="CO"), rules())

    assert [(each.source, each.carrier) for each in both] == [
        ("cookiebot", "cookie x"), ("tcf", "cookie x, its TC string"),
    ]  # fmt: skip
    assert [each.unreadable for each in unread] == [False, True]
    assert len(heard("cookiebot", cookiebot(True, True, True, iab2=TCF_CONSENTING), rules(["cmp"]))) == 1


# --- The sections of a GPP string


def test_each_section_of_the_place_speaks_and_no_other() -> None:
    text = gpp_text("usnat", "usca", uspv1="1YNN", tcfeuv2=TCF_CONSENTING)
    of_all = heard("gpp", text, rules(**PLACE))
    of_california = heard("gpp", text, rules(**{**PLACE, "sections": []}))

    assert [(each.source, each.carrier) for each in of_all] == [
        ("tcf", "cookie x, section 2"),
        ("us_privacy", "cookie x, section 6"),
        ("usnat", "cookie x, section 7"),
        ("usca", "cookie x, section 8"),
    ]
    assert [each.source for each in of_california] == ["usca"]


@pytest.mark.parametrize(("unheard", "left"), [("tcf", "us_privacy"), ("us_privacy", "tcf")])
def test_what_a_regime_does_not_hear_it_does_not_hear_in_a_gpp_string_either(unheard: str, left: str) -> None:
    text = gpp_text(uspv1="1YYN", tcfeuv2=TCF_CONSENTING)
    under = rules([each for each in HEARS_ALL if each != unheard], **PLACE)

    assert [each.source for each in heard("gpp", text, under)] == [left]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (encode_gpp({7: us_text("usnat"), 28: "AAAA"}), PLACE),  # nobody knows what it says
        (encode_gpp({2: TCF_CONSENTING, 65_535: "AAAA"}), {**PLACE, "kind": "opt_in"}),
        (gpp_text("usnat", usmd="AAAA"), {**PLACE, "section": "usmd"}),  # nor what a draft says
        (gpp_text(usmd="AAAA"), PLACE),
        (gpp_text("usnat", "usva"), PLACE),  # another state's alone
        (gpp_text("usnat", "usva"), {**PLACE, "section": None}),
        (gpp_text("usnat", usri="AAAA"), PLACE),
        (gpp_text("usva"), {"kind": "opt_in", "sections": ["tcfeuv2"]}),  # none of the place
        (gpp_text(uspv1="1YNN"), {"kind": "opt_in", "sections": ["tcfeuv2"]}),
        (encode_gpp({1: "AAAA"}), PLACE),
    ],
)
def test_a_string_that_does_not_speak_for_the_place_cannot_be_relied_on(
    text: str, place: dict[str, Any]
) -> None:
    stated = {key: value for key, value in place.items() if value is not None}
    (statement,) = heard("gpp", text, rules(**stated))

    assert statement.unreadable
    assert statement.problem == "not_for_here"
    assert "counts as a refusal" in statement.reasons[0]


@pytest.mark.parametrize(
    ("text", "place", "sources"),
    [
        ("DBAA", PLACE, []),  # no section at all
        (gpp_text("usca", "usva"), PLACE, ["usca"]),  # beside the place's own, another state's
        (gpp_text("usca", usmd="AAAA"), PLACE, ["usca"]),
        (encode_gpp({1: "AAAA", 4: "AAAA", 7: us_text("usnat")}), PLACE, ["usnat"]),
        (gpp_text("usva", tcfeuv2=TCF_CONSENTING), {"kind": "opt_in", "sections": ["tcfeuv2"]}, ["tcf"]),
    ],
)
def test_what_stands_beside_the_sections_of_the_place_is_not_heard(
    text: str, place: dict[str, Any], sources: list[str]
) -> None:
    statements = heard("gpp", text, rules(**place))

    assert [each.source for each in statements] == sources
    assert not any(each.unreadable for each in statements)


# --- What stands in the address


def test_what_stands_in_the_address_refuses_and_neither_grants_nor_replaces() -> None:
    child = gpp_text(usca=us_text("usca", {"KnownChildSensitiveDataConsents": [1, 0]}))
    for source, text in (("tcf", TCF_CONSENTING), ("gpp", child), ("gpp", "")):
        (cookie,) = heard(source, text, rules(**PLACE))
        (link,) = heard(source, text, rules(**PLACE), "parameter x")
        (trusted,) = heard(source, text, rules(**PLACE, parameters_grant=True), "parameter x")

        assert (link.granted, link.changed_s, link.only_refuses) == (frozenset(), None, True)
        assert (link.refused, link.unreadable, link.contextual_only, link.expires_s) == (
            cookie.refused, cookie.unreadable, cookie.contextual_only, cookie.expires_s,
        )  # fmt: skip
        assert (trusted.granted, trusted.changed_s) == (cookie.granted, cookie.changed_s)
