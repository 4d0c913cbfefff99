"""What the choices of a consent tool, and of Google's consent mode, come to by the site's mapping of groups."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from discreet_consent.regimes.group_rules import cmp_statement, consent_mode_statement, mapped
from discreet_consent.regimes.rules import Rules
from discreet_consent.regimes.statement import Statement
from discreet_consent.signals.choices import CmpChoices
from discreet_consent.signals.consent_mode import decode
from support.vectors.consenting_texts import mode_text

DAY_S = 86_400
NOON_S = 20_000 * DAY_S + DAY_S // 2
TODAY_ENDS_S = NOON_S + DAY_S // 2
ENDED = frozenset({"third_party_sharing"})
GROUPS = {"stats": ["analytics"], "style": ["personalize.system", "functional"], "base": list[str]()}
ALLOWED = {"stats": True, "style": True, "base": True}
ANALYTICS = {"analytics_storage": ["analytics"]}
NAN = float("nan")


def rules(**keys: Any) -> Rules:
    """A regime in which a dated choice counts for 100 days."""
    stated = {"default": (), "opt_out_ends": ENDED, "max_age_days": 100, **keys}
    return Rules("test", {"kind": "opt_in", "hears": ["cmp"], **stated})


def said(
    groups: Mapping[str, bool] = ALLOWED, now_s: float = NOON_S, accept_undated: bool = False, **choices: Any
) -> Statement:
    """What a cookie comes to that lists `groups`, whole, by a choice of yesterday unless `choices` say otherwise."""
    told: dict[str, Any] = {"whole": True, "is_choice": True, "chosen_s": NOON_S - DAY_S} | choices
    tool = CmpChoices("tool", groups, **told)
    return cmp_statement(tool, "here", GROUPS, rules(accept_undated=accept_undated), now_s)


EVERYTHING = said().granted


# --- From groups to terms


def test_a_group_stands_for_its_terms() -> None:
    statement = said({"stats": True, "style": False})

    assert said().granted == {"analytics", "personalize.system", "functional"}
    assert statement.granted == {"analytics"}
    assert statement.refused == {"personalize.system", "functional"}


@pytest.mark.parametrize(("one", "other"), list(product([True, False, None], repeat=2)))
def test_several_groups_that_stand_for_one_term_must_all_be_allowed(
    one: bool | None, other: bool | None
) -> None:
    granted, refused = mapped({"one": one, "other": other}, {"one": ["analytics"], "other": ["analytics"]})

    assert ("analytics" in granted) is (one is other is True)
    assert ("analytics" in refused) is (one is False or other is False)


def test_a_group_that_nobody_speaks_of_says_nothing() -> None:
    assert mapped({}, {"one": ["analytics"]}) == (frozenset(), frozenset())
    assert mapped({"one": True}, {}) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("whole", "refused"), [(True, frozenset()), (False, {"personalize.system", "functional"})]
)
def test_what_a_list_lacks_is_refused_unless_the_list_is_known_to_be_whole(
    whole: bool, refused: frozenset[str]
) -> None:
    statement = said({"stats": True}, whole=whole)

    assert statement.granted == {"analytics"}
    assert statement.refused == refused


def test_a_group_without_a_meaning_for_the_site_grants_and_refuses_nothing() -> None:
    statement = said({"stats": True, "later": True, "never": False})

    assert statement.granted == {"analytics"}
    assert statement.refused == frozenset()
    assert "tool: this site's settings give no meaning to 1 of its groups" in statement.reasons


# --- Whether a choice counts, and until when


@pytest.mark.parametrize(
    ("choices", "counts"),
    [
        ({}, True),
        ({"is_choice": False}, False),
        ({"is_choice": False, "chosen_s": None}, False),
        ({"chosen_s": None}, False),  # nobody knows how old it is
        ({"chosen_s": TODAY_ENDS_S}, True),  # clocks differ, and a day's answer is the same all day
        ({"chosen_s": TODAY_ENDS_S + 0.001}, False),
        ({"chosen_s": NOON_S - 100 * DAY_S + 0.001}, True),
        ({"chosen_s": NOON_S - 100 * DAY_S}, False),
        ({"expires_s": NOON_S + 0.001}, True),
        ({"expires_s": NOON_S}, False),
        ({"expires_s": NOON_S + 10**9, "chosen_s": NOON_S - 100 * DAY_S}, False),
        ({"chosen_s": NAN}, False),
    ],
    ids=repr,
)
def test_a_choice_counts_from_its_day_until_it_is_too_old_or_the_tool_ends_it(
    choices: dict[str, Any], counts: bool
) -> None:
    assert said(**choices).granted == (EVERYTHING if counts else frozenset())


def test_midnight_is_of_the_day_that_begins() -> None:
    assert said(chosen_s=TODAY_ENDS_S + DAY_S, now_s=TODAY_ENDS_S).granted == EVERYTHING
    assert said(chosen_s=TODAY_ENDS_S + DAY_S, now_s=TODAY_ENDS_S - 0.001).granted == frozenset()


@pytest.mark.parametrize("choices", [{}, {"expires_s": NOON_S + DAY_S}])
def test_without_a_clock_no_dated_choice_counts(choices: dict[str, Any]) -> None:
    statement = said(now_s=NAN, **choices)

    assert statement.granted == frozenset()
    assert statement.expires_s is None


def test_a_choice_without_a_date_counts_where_the_site_accepts_that() -> None:
    assert said(chosen_s=None, accept_undated=True).granted == EVERYTHING
    assert said(chosen_s=None, accept_undated=True, is_choice=False).granted == frozenset()
    assert said(chosen_s=NOON_S - 100 * DAY_S, accept_undated=True).granted == frozenset()
    assert said(chosen_s=None, accept_undated=True, expires_s=NOON_S + 1).granted == said().granted
    assert said(chosen_s=None, accept_undated=True, expires_s=NOON_S).granted == frozenset()


@pytest.mark.parametrize(
    "choices",
    [{}, {"is_choice": False}, {"chosen_s": None}, {"chosen_s": 0.0}, {"chosen_s": 1e12}, {"expires_s": 1.0}],
    ids=repr,
)
def test_a_refusal_never_lapses(choices: dict[str, Any]) -> None:
    assert said({"stats": False, "style": True}, **choices).refused == {"analytics"}
    assert said({"stats": False}, now_s=NAN, **choices).refused == {"analytics"}


@pytest.mark.parametrize(
    ("choices", "expires_s"),
    [
        ({"chosen_s": NOON_S}, NOON_S + 100 * DAY_S),
        ({"chosen_s": NOON_S, "expires_s": NOON_S + 9}, NOON_S + 9),
        ({"chosen_s": NOON_S, "expires_s": NOON_S + 101 * DAY_S}, NOON_S + 100 * DAY_S),
        ({"chosen_s": NOON_S, "is_choice": False}, NOON_S + 100 * DAY_S),  # whether or not it grants anything
        ({"chosen_s": NOON_S - 100 * DAY_S + 1}, NOON_S + 1),
        ({"chosen_s": NOON_S - 100 * DAY_S}, None),  # what it ends grants nothing
        ({"chosen_s": None}, None),
        ({"chosen_s": None, "expires_s": NOON_S + 9}, NOON_S + 9),
    ],
    ids=repr,
)
def test_a_cookie_ends_at_the_earlier_of_both_ends(choices: dict[str, Any], expires_s: float | None) -> None:
    assert said(**choices).expires_s == expires_s
    assert said({"stats": False}, **choices).expires_s == expires_s


def test_only_a_choice_replaces_another() -> None:
    assert said().changed_s == NOON_S - DAY_S
    assert said(is_choice=False).changed_s is None
    assert said(chosen_s=None).changed_s is None
    assert said(chosen_s=0.0).changed_s == 0.0  # also one that is too old


def test_a_choice_of_the_future_replaces_nothing() -> None:
    assert said(chosen_s=TODAY_ENDS_S).changed_s == TODAY_ENDS_S
    assert said(chosen_s=TODAY_ENDS_S + 0.001).changed_s is None
    assert said(now_s=NAN).changed_s is None


# --- The GPC in a cookie


@pytest.mark.parametrize(
    ("told", "refuses"),
    [
        ({}, False),
        ({"gpc": False}, False),
        ({"gpc": True}, True),
        ({"gpc_may_be_on": True}, True),
        ({"gpc": False, "gpc_may_be_on": True}, True),
    ],
    ids=repr,
)
def test_a_browser_that_asked_or_may_have_asked_not_to_sell_refuses(
    told: dict[str, Any], refuses: bool
) -> None:
    assert said(**told).refused == (ENDED if refuses else frozenset())
    assert said(now_s=NAN, is_choice=False, **told).refused == (ENDED if refuses else frozenset())


# --- The consent mode


def mode(groups: Mapping[str, list[str]], **parts: Mapping[str, str]) -> Statement:
    return consent_mode_statement(decode(mode_text(**parts)), "consent_mode", "here", groups)


@pytest.mark.parametrize("update", [None, "granted", "denied"])
@pytest.mark.parametrize("default", [None, "granted", "denied"])
def test_only_an_update_grants_and_a_default_only_refuses(default: str | None, update: str | None) -> None:
    parts = {
        name: {"analytics_storage": state}
        for name, state in (("default", default), ("update", update))
        if state is not None
    }
    statement = mode(ANALYTICS, **parts)

    assert ("analytics" in statement.granted) is (update == "granted")
    assert ("analytics" in statement.refused) is ((update or default) == "denied")


def test_both_keys_of_a_term_must_be_granted() -> None:
    both = {"ad_storage": ["marketing.advertising"], "ad_user_data": ["marketing.advertising"]}

    assert mode(both, update=dict.fromkeys(both, "granted")).granted == {"marketing.advertising"}
    assert mode(both, update={"ad_storage": "granted"}).granted == frozenset()
    assert mode(both, update={"ad_storage": "granted", "ad_user_data": "denied"}).refused == {
        "marketing.advertising"
    }
    assert mode(
        both, update={"ad_storage": "granted"}, default={"ad_user_data": "granted"}
    ).granted == frozenset()  # fmt: skip


def test_the_state_of_a_page_has_no_age() -> None:
    statement = mode(ANALYTICS, update={"analytics_storage": "granted"})

    assert statement.changed_s is statement.expires_s is None


def test_the_consent_mode_says_what_decided() -> None:
    said_so = mode(ANALYTICS, default={"analytics_storage": "granted"}).reasons

    assert said_so == ("consent mode: analytics_storage: granted by default only, which is no choice",)
    assert mode(ANALYTICS).reasons == ("consent mode: nothing is set",)
