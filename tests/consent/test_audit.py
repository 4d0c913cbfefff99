"""Audit: one row for each declared attribute, by name and rule; never a value, nor whether a withheld one was there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Attribute, AttributeType, Catalogue, Consent, Observed, Provenance, permit
from discreet_consent.errors import RecordError
from discreet_consent.receipts import AuditRow, Outcome, Rule, audit
from support.consent_records import LIMITED, PROFILED, STORAGE, problems

NOW_S = 1_793_491_200
MARK = "running-shoes-size-44"


def declare(
    name: str, *purposes: str, provenance: Provenance = Provenance.FIRST_PARTY, **more: Any
) -> Attribute:
    return Attribute(name, AttributeType.STRING, provenance, purposes, **more)


CATALOGUE = Catalogue(
    [
        declare("weekday", LIMITED, provenance=Provenance.CONTEXTUAL),
        declare("recent", PROFILED, STORAGE, retention_s=100),
        declare("diet", PROFILED, sensitive="health"),
        declare("cart", "essential.service"),
        declare("bought", "essential", provenance=Provenance.THIRD_PARTY),
    ]
)
FULL = Consent(
    [LIMITED, PROFILED, STORAGE],
    sensitive=["health"],
    regime="gdpr_opt_in",
    resolved_s=NOW_S,
    expires_s=NOW_S + 1_000,
)
HAS_ALL = {attribute.name: MARK for attribute in CATALOGUE}

visitors = st.dictionaries(
    st.sampled_from([*HAS_ALL, "size"]),
    st.none() | st.integers() | st.text(max_size=4).map(MARK.__add__),
)
consents = st.builds(
    Consent,
    st.sets(st.sampled_from([LIMITED, PROFILED, STORAGE, "personalize"])),
    sensitive=st.sets(st.sampled_from(["health", "religion"])),
    contextual_only=st.booleans(),
    resolved_s=st.just(NOW_S),
    expires_s=st.sampled_from([None, NOW_S, NOW_S + 10]),
)


def rows(
    visitor: Mapping[str, object], consent: Consent, now_s: float | None = NOW_S, **more: Any
) -> tuple[AuditRow, ...]:
    return audit(permit(visitor, CATALOGUE, consent, now_s), consent, now_s=now_s, **more)


def said(visitor: Mapping[str, object], consent: Consent, now_s: float = NOW_S) -> dict[str, tuple[str, str]]:
    return {row.attribute: (row.outcome.value, row.rule.value) for row in rows(visitor, consent, now_s)}


def test_every_declared_attribute_has_a_row_in_order() -> None:
    assert said(HAS_ALL, FULL) == {
        "weekday": ("known", "granted"),
        "recent": ("known", "granted"),
        "diet": ("known", "granted"),
        "cart": ("known", "essential"),
        "bought": ("withheld", "third_party"),
    }
    assert [row.attribute for row in rows({}, FULL)] == list(CATALOGUE.slots)


@pytest.mark.parametrize(
    ("consent", "now_s", "name", "rule", "missing", "item"),
    [
        (Consent([PROFILED]), NOW_S, "recent", "purpose_not_granted", (STORAGE,), None),
        (Consent.refusing(), NOW_S, "recent", "purpose_not_granted", (STORAGE, PROFILED), None),
        (Consent.refusing(), NOW_S, "diet", "purpose_not_granted", (PROFILED,), "health"),
        (Consent([PROFILED]), NOW_S, "diet", "sensitive_not_granted", (), "health"),
        (Consent([PROFILED, STORAGE], contextual_only=True), NOW_S, "recent", "contextual_only", (), None),
        (FULL, NOW_S + 1_000, "recent", "expired", (STORAGE, PROFILED), None),
        (FULL, NOW_S + 1_000, "diet", "expired", (PROFILED,), "health"),
        (FULL, NOW_S + 1_000, "bought", "third_party", (), None),
        (
            Consent([PROFILED], resolved_s=NOW_S, expires_s=NOW_S),
            NOW_S,
            "recent",
            "purpose_not_granted",
            (STORAGE, PROFILED),
            None,
        ),
    ],
)
def test_a_withheld_attribute_says_why(
    consent: Consent, now_s: float, name: str, rule: str, missing: tuple[str, ...], item: str | None
) -> None:
    (row,) = [row for row in rows(HAS_ALL, consent, now_s) if row.attribute == name]

    assert (row.outcome, row.rule.value) == (Outcome.WITHHELD, rule)
    assert (row.purposes_missing, row.sensitive_missing) == (missing, item)


@pytest.mark.parametrize(
    ("value", "outcome", "rule"),
    [
        ("shoes", "known", "granted"),
        (None, "absent", "granted"),
        (5, "malformed", "malformed"),
        (Observed("shoes", at_s=NOW_S - 100), "known", "granted"),
        (Observed("shoes", at_s=NOW_S - 101), "stale", "stale"),
        (Observed("shoes", at_s=float("nan")), "malformed", "malformed"),
    ],
)
def test_a_permitted_attribute_says_what_became_of_it(value: object, outcome: str, rule: str) -> None:
    assert said({"recent": value}, FULL)["recent"] == (outcome, rule)


def test_a_row_says_when_under_which_rules_and_from_which_signals() -> None:
    first, *_ = rows(HAS_ALL, FULL, NOW_S + 0.9, sources=["tcf", "gpc"])

    assert first.as_dict() == {
        "time": "2026-11-01T00:00:00Z",
        "attribute": "weekday",
        "outcome": "known",
        "rule": "granted",
        "regime": "gdpr_opt_in",
        "sources": ["tcf", "gpc"],
    }


def test_without_a_clock_a_row_has_no_time() -> None:
    assert {row.outcome for row in rows(HAS_ALL, FULL, None)} == {Outcome.KNOWN, Outcome.WITHHELD}
    assert not any("time" in row.as_dict() for row in rows(HAS_ALL, FULL, None))


def test_what_nobody_declared_is_named_only_when_asked_for() -> None:
    visitor = {"size": MARK, "age": 44}
    extra = rows(visitor, FULL, undeclared=True)[len(CATALOGUE) :]

    assert [(row.attribute, row.outcome, row.rule) for row in extra] == [
        ("age", Outcome.UNDECLARED, Rule.NOT_DECLARED),
        ("size", Outcome.UNDECLARED, Rule.NOT_DECLARED),
    ]
    assert len(rows(visitor, FULL)) == len(CATALOGUE)


@given(visitors, consents, st.sampled_from([NOW_S, NOW_S + 5, NOW_S + 10]))
def test_every_row_is_valid_and_holds_no_value(
    visitor: Mapping[str, object], consent: Consent, now_s: int
) -> None:
    found = rows(visitor, consent, now_s, undeclared=True)
    shown = json.dumps([row.as_dict() for row in found]) + repr(found)

    assert MARK not in shown
    assert [problem for row in found for problem in problems(row.as_dict(), "audit-row.schema.json")] == []


@given(visitors, visitors, consents)
def test_the_rows_of_what_is_withheld_are_the_same_for_every_visitor(
    one: Mapping[str, object], other: Mapping[str, object], consent: Consent
) -> None:
    withheld = permit({}, CATALOGUE, consent, NOW_S).withheld_declared
    ours, theirs = (
        {row for row in rows(each, consent) if row.attribute in withheld} for each in (one, other)
    )

    assert ours == theirs
    assert {row.outcome for row in ours} <= {Outcome.WITHHELD}


@given(visitors, consents)
def test_the_rows_agree_with_what_was_permitted(visitor: Mapping[str, object], consent: Consent) -> None:
    permitted = permit(visitor, CATALOGUE, consent, NOW_S)
    by_outcome: dict[Outcome, set[str]] = {outcome: set() for outcome in Outcome}
    for row in rows(visitor, consent):
        by_outcome[row.outcome].add(row.attribute)

    assert by_outcome[Outcome.KNOWN] == permitted.known()
    assert by_outcome[Outcome.WITHHELD] == permitted.withheld_declared
    assert by_outcome[Outcome.MALFORMED] == permitted.malformed
    assert by_outcome[Outcome.STALE] == permitted.stale


def test_the_consent_and_the_clock_are_those_of_permit() -> None:
    permitted = permit(HAS_ALL, CATALOGUE, FULL, NOW_S)

    with pytest.raises(RecordError, match="not the consent and the clock of `permit`"):
        audit(permitted, Consent.refusing(), now_s=NOW_S)
    with pytest.raises(RecordError, match="not the consent and the clock of `permit`"):
        audit(permitted, FULL, now_s=NOW_S + 1_000)


@pytest.mark.parametrize("now_s", [float("nan"), float("inf"), -1, NOW_S * 1_000])
def test_a_clock_that_is_none_is_refused(now_s: float) -> None:
    permitted = permit(HAS_ALL, CATALOGUE, Consent.granting(LIMITED), now_s)

    with pytest.raises(RecordError, match="`now_s`"):
        audit(permitted, Consent.granting(LIMITED), now_s=now_s)


def test_rows_are_immutable_and_equal_by_content() -> None:
    first, *_ = rows(HAS_ALL, FULL)

    with pytest.raises(AttributeError, match="immutable"):
        first.outcome = Outcome.WITHHELD
    assert rows(HAS_ALL, FULL) == rows(HAS_ALL, FULL)
