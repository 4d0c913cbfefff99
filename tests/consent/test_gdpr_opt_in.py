"""The regime `gdpr_opt_in`: which strings count, for how long, and what each purpose comes to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import (
    TCF_DATA_USES,
    Consent,
    Policy,
    PolicyError,
    resolve,
)
from support.naming import named
from support.signal_vectors import readable_strings, tcf_vectors
from support.tc_strategies import mutilated, tc_strings
from support.tc_strings import ALL_PURPOSES, CREATED_S, NOW_S, encode_tc

DAY_S = 86_400
EVERYTHING = encode_tc(ALL_PURPOSES, ALL_PURPOSES)
MARCH_2026_S = 1_772_323_200
MIDNIGHT_S = (NOW_S // DAY_S + 1) * DAY_S  # the end of the day on which these tests judge


@cache
def _opting_in(settings: frozenset[tuple[str, Any]]) -> Policy:
    return Policy.default().opting_in(**dict(settings))


def opting_in(**settings: Any) -> Policy:
    """The package's policy with these settings for regimes of consent."""
    return _opting_in(
        frozenset((name, tuple(v) if isinstance(v, list) else v) for name, v in settings.items())
    )


def judged(tcf: str | None, *, now_s: float = NOW_S, region: str = "IT", **settings: Any) -> Consent:
    """What `tcf` comes to in Italy, ten days after the strings of these tests were written."""
    return resolve(tcf=tcf, region=region, now_s=now_s, policy=opting_in(**settings))


def uses(*purposes: int) -> set[str]:
    """The data uses of these purposes of the TCF."""
    return {use for purpose in purposes for use in TCF_DATA_USES[purpose]}


def said(consent: Consent) -> str:
    return "; ".join(consent.reasons)


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_consent_to_a_purpose_grants_its_data_uses(purpose: int) -> None:
    assert judged(encode_tc(publisher=[purpose])).purposes == uses(purpose)


def test_purposes_that_the_tcf_does_not_define_grant_nothing() -> None:
    assert judged(encode_tc(publisher=range(12, 25))).purposes == frozenset()


def test_the_publisher_speaks_for_itself_and_the_core_only_for_vendors() -> None:
    assert judged(encode_tc(ALL_PURPOSES, [6])).purposes == uses(6)
    assert judged(encode_tc([], [6])).purposes == uses(6)
    assert judged(encode_tc(ALL_PURPOSES, [])).purposes == frozenset()
    assert judged(encode_tc(ALL_PURPOSES)).purposes == frozenset()
    assert (
        said(judged(encode_tc(ALL_PURPOSES)))
        == "the TC string holds consents for vendors only, none for the publisher"
    )


def test_a_site_without_a_publisher_tc_may_name_the_core_in_its_place() -> None:
    assert judged(encode_tc([1, 6]), core_fallback=True).purposes == uses(1, 6)


def test_naming_the_core_is_for_the_site_and_not_for_one_string() -> None:
    """Else cutting the publisher's segment off a string would grow what is permitted."""
    with_both = judged(encode_tc([1, 6], [6, 11]), core_fallback=True)

    assert with_both.purposes == uses(1, 6)
    assert "the publisher's own section was not read" in said(with_both)


def test_custom_purposes_grant_nothing() -> None:
    assert judged(encode_tc(publisher=[], custom=5, custom_consents=[1, 2, 3])).purposes == frozenset()


def test_what_the_publisher_forbids_its_vendors_does_not_bind_itself() -> None:
    forbidden = [(purpose, 0, [(1, 20)]) for purpose in ALL_PURPOSES]

    assert judged(encode_tc(publisher=[6], restrictions=forbidden)).purposes == uses(6)


def test_a_special_feature_grants_no_data_use() -> None:
    assert judged(encode_tc(publisher=[], special_features=[1, 2])).purposes == frozenset()


def test_a_legitimate_interest_counts_only_where_the_site_allows_it() -> None:
    interests = encode_tc(publisher=[], publisher_li=ALL_PURPOSES)

    assert judged(interests).purposes == frozenset()
    assert judged(interests, legitimate_interest=[8, 10]).purposes == uses(8, 10)
    assert judged(interests, legitimate_interest=[2, 7, 8, 9, 10, 11]).purposes == uses(2, 7, 8, 9, 10, 11)


def test_the_cores_legitimate_interests_are_the_vendors_own() -> None:
    interests = encode_tc(publisher=[], li=ALL_PURPOSES)

    assert judged(interests, legitimate_interest=[8]).purposes == frozenset()
    assert judged(interests, legitimate_interest=[8], core_fallback=True).purposes == uses(8)


def test_an_objection_to_a_legitimate_interest_counts() -> None:
    assert judged(encode_tc(publisher=[], publisher_li=[7]), legitimate_interest=[8]).purposes == frozenset()


@pytest.mark.parametrize("purpose", [1, 3, 4, 5, 6, 0, 12])
def test_purposes_that_need_consent_cannot_rest_on_an_interest(purpose: int) -> None:
    with pytest.raises(PolicyError, match="only the purposes 2 and 7 to 11"):
        opting_in(legitimate_interest=[2, purpose])


def test_storage_that_was_not_disclosed_is_not_allowed() -> None:
    undisclosed = judged(encode_tc(publisher=[1, 6], purpose_one_treatment=True))

    assert undisclosed.purposes == uses(6)
    assert "purpose 1 was not disclosed" in said(undisclosed)


@pytest.mark.parametrize("days", [1, 180, 390])
def test_a_consent_ends_a_number_of_days_after_its_last_change(days: int) -> None:
    text = encode_tc(publisher=[6], created_s=CREATED_S - 400 * DAY_S, updated_s=CREATED_S)
    end_s = CREATED_S + days * DAY_S
    last = judged(text, now_s=end_s - 0.1, max_age_days=days)
    over = judged(text, now_s=end_s, max_age_days=days)

    assert last.purposes == uses(6)
    assert last.expires_s == end_s
    assert last.purposes_at(end_s) == frozenset()
    assert over.purposes == frozenset()
    assert said(over) == f"the TC string was last changed {days} days ago or earlier"


def test_a_consent_counts_for_six_months_unless_configured() -> None:
    assert judged(EVERYTHING).expires_s == CREATED_S + 180 * DAY_S


@pytest.mark.parametrize("days", [0, 0.5, -1, 391, float("nan"), float("inf")])
def test_a_consent_counts_for_thirteen_months_at_most(days: float) -> None:
    with pytest.raises(PolicyError, match="it must be 1 to 390"):
        opting_in(max_age_days=days)


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        ({"created_s": MIDNIGHT_S}, True),
        ({"created_s": MIDNIGHT_S + 1}, False),
        ({"created_s": MIDNIGHT_S + 1, "updated_s": NOW_S}, False),
        ({"created_s": NOW_S, "updated_s": MIDNIGHT_S + 1}, False),
        ({"created_s": NOW_S, "updated_s": 0}, False),
        ({"created_s": 2**36 // 10 - 1}, False),
    ],
)
def test_a_string_from_the_future_does_not_count(settings: dict[str, Any], counts: bool) -> None:
    assert judged(encode_tc(publisher=[6], **settings)).purposes == (uses(6) if counts else frozenset())


@pytest.mark.parametrize("now_s", [float("nan"), float("inf"), float("-inf")])
def test_a_clock_that_shows_no_time_grants_nothing(now_s: float) -> None:
    assert judged(EVERYTHING, now_s=now_s).purposes == frozenset()


@pytest.mark.parametrize(
    ("version", "counts"), [(0, False), (2, False), (3, False), (4, True), (5, True), (6, True)]
)
def test_an_old_policy_version_does_not_count(version: int, counts: bool) -> None:
    consent = judged(encode_tc(publisher=[6], policy_version=version))

    assert consent.purposes == (uses(6) if counts else frozenset())
    assert (
        counts
        or said(consent) == f"the TC string follows TCF policy version {version}, which is no longer valid"
    )


def test_global_consent_does_not_count() -> None:
    consent = judged(encode_tc(ALL_PURPOSES, ALL_PURPOSES, service_specific=False), core_fallback=True)

    assert consent.purposes == frozenset()
    assert (
        said(consent)
        == "the TC string is not specific to this service, and global consent is no longer valid"
    )


@pytest.mark.parametrize(
    ("written_s", "disclosed", "flagged"),
    [
        (MARCH_2026_S, None, True),
        (MARCH_2026_S, [], False),
        (MARCH_2026_S - 0.1, None, False),
    ],
)
def test_strings_of_march_2026_and_later_must_say_who_was_disclosed(
    written_s: float, disclosed: list[tuple[int, int]] | None, flagged: bool
) -> None:
    text = encode_tc(publisher=[6], created_s=written_s, disclosed=disclosed)
    lenient = judged(text, now_s=written_s + DAY_S)
    strict = judged(text, now_s=written_s + DAY_S, require_disclosed_vendors=True)

    assert lenient.purposes == uses(6)
    assert ("which vendors were disclosed" in said(lenient)) is flagged
    assert strict.purposes == (frozenset() if flagged else uses(6))
    assert ("as it must since March 2026" in said(strict)) is flagged


def test_without_a_string_nothing_but_what_is_essential_is_allowed() -> None:
    consent = judged(None)

    assert consent.purposes == frozenset()
    assert said(consent) == "no signal speaks here: nothing but what is essential is allowed"


def test_content_from_the_request_alone_may_be_allowed_without_a_string() -> None:
    assert judged(None, default=["personalize.content.limited"]).purposes == {"personalize.content.limited"}


@pytest.mark.parametrize(
    "text", ["", "CO", "undefined", EVERYTHING[:-4], EVERYTHING + "=", encode_tc(publisher=[])]
)
def test_a_string_that_refuses_or_cannot_be_read_is_not_an_absent_one(text: str) -> None:
    assert judged(text, default=["personalize.content.limited"]).purposes == frozenset()


@pytest.mark.parametrize(
    "vector", [each for each in tcf_vectors() if each.error], ids=lambda vector: vector.id
)
def test_an_unreadable_string_is_a_refusal_with_its_reason(vector: Any) -> None:
    consent = judged(vector.text, core_fallback=True, legitimate_interest=[8])

    assert consent.purposes == frozenset()
    assert consent.reasons[0].startswith(f"the TC string cannot be read ({vector.error}: ")


@pytest.mark.parametrize("core_fallback", [False, True])
@pytest.mark.parametrize("text", readable_strings()[::3])
def test_what_the_libraries_read_is_what_is_granted(text: str, core_fallback: bool) -> None:
    said_so = next(vector.expect for vector in tcf_vectors() if vector.text == text)
    assert said_so is not None
    now_s = max(said_so["created_ds"], said_so["last_updated_ds"]) / 10
    in_force = now_s - said_so["last_updated_ds"] / 10 < 390 * DAY_S
    valid = said_so["is_service_specific"] and said_so["policy_version"] >= 4
    section = said_so if core_fallback else said_so["publisher_tc"] or {"purposes_consent": []}
    consented = {each for each in section["purposes_consent"] if each <= 11}
    if said_so["purpose_one_treatment"]:
        consented.discard(1)
    consent = judged(text, now_s=now_s, core_fallback=core_fallback, max_age_days=390)

    assert consent.purposes == (uses(*consented) if in_force and valid else frozenset())


def test_a_consent_says_what_decided() -> None:
    consent = judged(encode_tc([], [1, 6], publisher_li=[8, 9]), legitimate_interest=[8])

    assert consent.regime == "gdpr_opt_in"
    assert consent.resolved_s == MIDNIGHT_S
    assert consent.reasons == (
        "consent for the publisher in the TC string: purposes 1, 6",
        "legitimate interest not objected to for the publisher in the TC string: purpose 8",
    )
    assert judged(encode_tc([], [])).reasons == ("consent for the publisher in the TC string: no purpose",)


def fragments(text: str) -> Iterable[str]:
    return (part for part in text.split(".") if len(part) >= 8)


@given(mutilated(readable_strings()), st.booleans(), st.booleans())
def test_resolving_never_raises_and_the_reasons_never_quote_the_string(
    text: str, core: bool, contextual: bool
) -> None:
    default = ["personalize.content.limited"] if contextual else []
    consent = judged(text, core_fallback=core, default=default, max_age_days=390)

    assert consent.reasons
    assert not any(part in f"{consent!r} {consent.reasons}" for part in fragments(text))


@given(tc_strings, st.floats(0, 3e9), st.floats(0, 3e9))
def test_what_a_string_grants_only_shrinks_once_it_was_written(text: str, one: float, other: float) -> None:
    early, late = sorted((CREATED_S + one, CREATED_S + other))

    assert judged(text, now_s=late).purposes <= judged(text, now_s=early).purposes


@pytest.mark.parametrize("region", ["IT", "it", "IT-LO", "it-lo", "CH", "NO", "FR-IDF"])
def test_the_opt_in_of_the_eu_applies_in_europe(region: str) -> None:
    consent = judged(EVERYTHING, region=region)

    assert consent.regime == "gdpr_opt_in"
    assert not any("region" in reason for reason in consent.reasons)


@pytest.mark.parametrize("tcf", [b"CPXxRfAPXxRfA", 3, [], True], ids=named)
def test_a_signal_that_is_not_even_text_is_a_refusal(tcf: Any) -> None:
    consent = resolve(tcf=tcf, region="IT", now_s=0)

    assert consent.purposes == frozenset()
    assert "cannot be read" in consent.reasons[0]
