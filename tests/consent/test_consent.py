"""Consent: immutable, hashable, and never in force when that cannot be shown."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Consent

PROFILED = "personalize.content.profiled"
RESOLVED = Consent([PROFILED], reasons=["consented"], regime="gdpr_opt_in", resolved_s=1_000, expires_s=2_000)


def test_nothing_is_granted_unless_stated() -> None:
    assert Consent().purposes == frozenset()
    assert Consent.refusing().purposes == frozenset()
    assert Consent.granting().purposes == frozenset()
    assert Consent.granting(PROFILED, "analytics").purposes == {PROFILED, "analytics"}


def test_a_single_purpose_may_be_written_bare() -> None:
    assert Consent(PROFILED).purposes == {PROFILED}
    assert Consent(reasons="refused").reasons == ("refused",)


def test_a_stated_consent_says_who_stated_it() -> None:
    assert Consent.granting(PROFILED).reasons == ("granted by the caller",)
    assert Consent.refusing().reasons == ("refused by the caller",)


@pytest.mark.parametrize(
    ("now_s", "in_force"),
    [(None, True), (0, True), (1_999.999, True), (2_000, False), (10**9, False), (float("nan"), False)],
)
def test_a_consent_ends_at_its_expiry(now_s: float | None, in_force: bool) -> None:
    assert RESOLVED.purposes_at(now_s) == (RESOLVED.purposes if in_force else frozenset())


def test_without_a_clock_a_consent_is_judged_when_it_was_resolved() -> None:
    late = Consent([PROFILED], resolved_s=3_000, expires_s=2_000)
    never_resolved = Consent([PROFILED], expires_s=2_000)

    assert late.purposes_at(None) == frozenset()
    assert never_resolved.purposes_at(None) == frozenset()
    assert never_resolved.purposes_at(1_999) == {PROFILED}


def test_a_consent_without_expiry_stays() -> None:
    assert Consent.granting(PROFILED).purposes_at(None) == {PROFILED}
    assert Consent.granting(PROFILED).purposes_at(10**12) == {PROFILED}


def test_an_expiry_that_is_no_number_is_never_in_force() -> None:
    assert Consent([PROFILED], resolved_s=0, expires_s=float("nan")).purposes_at(0) == frozenset()


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_the_passing_of_time_never_grows_a_consent(one: float, other: float) -> None:
    earlier, later = sorted((one, other))

    assert RESOLVED.purposes_at(later) <= RESOLVED.purposes_at(earlier)


def test_a_consent_cannot_be_changed() -> None:
    for name in ("purposes", "expires_s", "anything"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(RESOLVED, name, None)
    with pytest.raises(AttributeError, match="immutable"):
        del RESOLVED.expires_s
    assert RESOLVED.expires_s == 2_000


def test_equal_consents_are_interchangeable() -> None:
    again = Consent(
        {PROFILED}, reasons=("consented",), regime="gdpr_opt_in", resolved_s=1_000, expires_s=2_000
    )

    assert again == RESOLVED
    assert len({again, RESOLVED}) == 1
    assert Consent({PROFILED}) != RESOLVED
    assert {PROFILED} != RESOLVED


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301 - our own bytes
def test_a_consent_survives_copying(again: Any) -> None:
    assert again(RESOLVED) == RESOLVED
    assert hash(again(RESOLVED)) == hash(RESOLVED)


def test_its_repr_says_what_is_granted_and_until_when() -> None:
    assert repr(RESOLVED) == f"Consent(['{PROFILED}'], regime='gdpr_opt_in', expires_s=2000)"
