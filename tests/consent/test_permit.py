"""Stripping: what passes, what is withheld, malformed or stale, and that stripped values are never touched."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import (
    Attribute,
    AttributeType,
    Catalogue,
    Consent,
    DeclarationError,
    Observed,
    Permitted,
    Provenance,
    permit,
)

SECRET = "running-shoes-size-44"  # noqa: S105 - a value that must not show
PROFILED, STORAGE, LIMITED = (
    "personalize.content.profiled",
    "functional.storage",
    "personalize.content.limited",
)


def declare(
    name: str,
    kind: AttributeType,
    *purposes: str,
    provenance: Provenance = Provenance.FIRST_PARTY,
    **options: Any,
) -> Attribute:
    return Attribute(name, kind, provenance, purposes, **options)


CATALOGUE = Catalogue(
    [
        declare("country", AttributeType.STRING, LIMITED, provenance=Provenance.CONTEXTUAL),
        declare("purchases", AttributeType.NUMBER, PROFILED, STORAGE, retention_s=100),
        declare("interests", AttributeType.STRINGS, PROFILED, provenance=Provenance.DECLARED),
        declare("member", AttributeType.BOOLEAN, PROFILED),
        declare("last_seen", AttributeType.DATETIME, PROFILED),
        declare("city", AttributeType.STRING, LIMITED, lower=True),
        declare("cart_open", AttributeType.BOOLEAN, "essential.service"),
        declare("bought", AttributeType.STRING, "essential", provenance=Provenance.THIRD_PARTY),
    ]
)
VISITOR = {
    "country": "IT",
    "purchases": 3,
    "interests": [SECRET],
    "member": True,
    "last_seen": "2026-03-01",
    "city": "MILANO",
    "cart_open": False,
    "bought": SECRET,
}
ALL_GRANTS = ("personalize", "functional", "third_party_sharing", "marketing")

grants = st.sets(
    st.sampled_from([PROFILED, STORAGE, LIMITED, "personalize", "functional", "essential", "analytics"])
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=3)
)
# Clocks of observation within what a double holds: see spec/consent.md, "Staleness".
observed = st.builds(
    lambda value, at_s: Observed(value, at_s=at_s), scalars, st.floats(-1e9, 1e12) | st.just(float("nan"))
)
visitors = st.dictionaries(
    st.sampled_from(sorted(VISITOR)) | st.text(max_size=3),
    scalars | st.lists(scalars, max_size=3) | st.sampled_from([*VISITOR.values()]) | observed,
)


def test_everything_granted_lets_everything_pass_but_what_third_parties_sold() -> None:
    permitted = permit(VISITOR, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s=0)

    assert permitted.values == ("IT", 3, frozenset({SECRET}), True, 1_772_323_200_000, "milano", False, None)
    assert permitted.withheld == {"bought"}
    assert permitted.malformed == permitted.stale == frozenset()


def test_a_refusal_lets_only_essential_facts_pass() -> None:
    permitted = permit(VISITOR, CATALOGUE, Consent.refusing(), now_s=0)

    assert permitted.known() == {"cart_open"}
    assert permitted.get("cart_open") is False
    assert permitted.withheld == CATALOGUE.names - {"cart_open"}


def test_all_purposes_of_an_attribute_must_be_granted() -> None:
    half = permit(VISITOR, CATALOGUE, Consent.granting(PROFILED), now_s=0)
    whole = permit(VISITOR, CATALOGUE, Consent.granting(PROFILED, STORAGE), now_s=0)

    assert half.get("purchases") is None
    assert "purchases" in half.withheld
    assert whole.get("purchases") == 3


def test_what_nobody_declared_is_named_and_does_not_pass() -> None:
    permitted = permit(VISITOR | {"shoe_size": 44}, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s=0)

    assert permitted.get("shoe_size") is None
    assert permitted.withheld == {"bought", "shoe_size"}
    assert permitted.withheld_declared == {"bought"}


def test_what_is_withheld_does_not_depend_on_what_the_visitor_has() -> None:
    assert permit({}, CATALOGUE, Consent.refusing()).withheld == CATALOGUE.names - {"cart_open"}


@pytest.mark.parametrize("value", [None, Observed(None, at_s=0)])
def test_none_is_absent(value: object) -> None:
    permitted = permit({"purchases": value}, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s=10**6)

    assert permitted.known() == permitted.malformed == permitted.stale == frozenset()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("purchases", True),
        ("purchases", "3"),
        ("purchases", float("nan")),
        ("purchases", Observed("3", at_s=0)),
        ("purchases", Observed(Observed(3, at_s=0), at_s=0)),
        ("country", 39),
        ("country", "\ud800"),
        ("country", "x" * 1_025),
        ("member", 1),
        ("interests", "running"),
        ("interests", ["running", None]),
        ("last_seen", "2026-03-01T08:30"),
        ("city", b"milano"),
    ],
)
def test_a_value_of_the_wrong_type_is_unknown_and_named(name: str, value: object) -> None:
    permitted = permit({name: value}, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s=0)

    assert permitted.malformed == {name}
    assert permitted.known() == frozenset()


def test_a_malformed_value_that_is_withheld_is_only_withheld() -> None:
    permitted = permit({"purchases": "three"}, CATALOGUE, Consent.refusing(), now_s=0)

    assert permitted.malformed == frozenset()


@pytest.mark.parametrize(
    ("at_s", "now_s", "fresh"),
    [
        (1_000, 1_000, True),
        (1_000, 1_100, True),  # an age equal to the retention
        (1_000, 1_100.001, False),
        (1_000, 10**9, False),
        (1_000.5, 1_100, True),
        (1_000, None, False),  # without a clock nothing can be shown to be fresh
        (1_000, float("nan"), False),
    ],
)
def test_an_observation_older_than_its_retention_is_stale(
    at_s: float, now_s: float | None, fresh: bool
) -> None:
    permitted = permit({"purchases": Observed(3, at_s=at_s)}, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s)

    assert permitted.get("purchases") == (3 if fresh else None)
    assert permitted.stale == (frozenset() if fresh else {"purchases"})


def test_without_a_clock_the_age_counts_to_the_instant_of_the_consent() -> None:
    consent = Consent(ALL_GRANTS, resolved_s=1_050)

    assert permit({"purchases": Observed(3, at_s=1_000)}, CATALOGUE, consent).get("purchases") == 3
    assert permit({"purchases": Observed(3, at_s=900)}, CATALOGUE, consent).stale == {"purchases"}


def test_a_value_without_an_observation_or_a_retention_is_fresh() -> None:
    consent = Consent.granting(*ALL_GRANTS)

    assert permit({"purchases": 3}, CATALOGUE, consent, now_s=10**12).get("purchases") == 3
    assert permit({"member": Observed(True, at_s=0)}, CATALOGUE, consent, now_s=10**12).get("member") is True


@pytest.mark.parametrize("at_s", [float("nan"), float("inf"), float("-inf"), "now", None, True, [1]])
def test_an_instant_that_is_no_number_makes_the_value_malformed(at_s: Any) -> None:
    permitted = permit(
        {"purchases": Observed(3, at_s=at_s)}, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s=0
    )

    assert permitted.malformed == {"purchases"}


def test_an_expired_consent_permits_nothing() -> None:
    consent = Consent(ALL_GRANTS, resolved_s=1_000, expires_s=2_000)

    assert permit(VISITOR, CATALOGUE, consent, now_s=1_999).get("country") == "IT"
    assert permit(VISITOR, CATALOGUE, consent, now_s=2_000).known() == {"cart_open"}
    assert permit(VISITOR, CATALOGUE, consent).get("country") == "IT"


class Tripwire(Mapping[str, Any]):
    """A visitor whose values may be read by some names only; the names themselves are no secret."""

    def __init__(self, values: Mapping[str, Any], readable: frozenset[str]) -> None:
        self._values, self._readable = values, readable

    def __getitem__(self, name: str) -> Any:
        assert name in self._readable, f"{name} was read"
        return self._values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self._values else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def items(self) -> Any:
        raise AssertionError("all values were read")

    values = items


class Bomb:
    """A value that explodes whatever is done with it."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError("a stripped value was touched")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("a stripped value was compared")

    def __hash__(self) -> int:
        raise AssertionError("a stripped value was hashed")


@pytest.mark.parametrize("count", range(4))
def test_stripped_values_are_never_read(count: int) -> None:
    for granted in combinations((PROFILED, STORAGE, LIMITED), count):
        readable = CATALOGUE.permitted_names(Consent.granting(*granted).grants)
        stripped = (VISITOR.keys() | {"stranger"}) - readable
        visitor = VISITOR | {name: Bomb() for name in stripped}

        permitted = permit(Tripwire(visitor, readable), CATALOGUE, Consent.granting(*granted), now_s=0)

        assert permitted.known() == readable


@pytest.mark.parametrize("value", [SECRET, Observed(SECRET, at_s=0)])
def test_values_are_in_no_repr_no_log_and_no_format(value: object, caplog: pytest.LogCaptureFixture) -> None:
    permitted = permit({"country": value}, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s=0)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r %s", permitted, permitted, value if value != SECRET else "")
    shown = [repr(permitted), str(permitted), f"{permitted}", f"{[permitted]}", caplog.text]

    assert permitted.get("country") == SECRET
    assert not any(SECRET in text for text in shown)


def test_a_permitted_is_neither_pickled_nor_copied() -> None:
    permitted = permit(VISITOR, CATALOGUE, Consent.granting(*ALL_GRANTS), now_s=0)

    for again in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            again(permitted)


def test_only_permit_builds_a_permitted() -> None:
    with pytest.raises(TypeError, match="only `permit`"):
        Permitted()


def test_two_declarations_may_not_share_a_name() -> None:
    twice = declare("country", AttributeType.STRING, LIMITED)

    with pytest.raises(DeclarationError, match="`country` is declared twice"):
        Catalogue([twice, twice])


def test_under_another_catalogue_only_what_is_declared_alike_is_known() -> None:
    other = Catalogue(
        [
            declare("member", AttributeType.BOOLEAN, PROFILED),
            declare("country", AttributeType.STRING, PROFILED, provenance=Provenance.CONTEXTUAL),
            declare("age", AttributeType.NUMBER, "marketing"),
        ]
    )
    permitted = permit(VISITOR, CATALOGUE, Consent.granting(PROFILED, LIMITED), now_s=0)
    moved = permitted.under(other)

    assert permitted.under(CATALOGUE) is permitted
    assert moved.values == (True, None, None)
    assert moved.withheld_declared == {"age"}


@given(visitors, grants, st.none() | st.floats(-1e12, 1e12))
def test_permit_is_total_and_sorts_every_declared_attribute_into_one_place(
    visitor: dict[str, Any], granted: set[str], now_s: float | None
) -> None:
    permitted = permit(visitor, CATALOGUE, Consent.granting(*granted), now_s)
    places = [permitted.known(), permitted.withheld_declared, permitted.malformed, permitted.stale]

    assert all(one.isdisjoint(other) for one, other in combinations(places, 2))
    assert frozenset().union(*places) <= CATALOGUE.names
    assert permitted.withheld - CATALOGUE.names == visitor.keys() - CATALOGUE.names
    assert permitted.withheld_declared == CATALOGUE.names - CATALOGUE.permitted_names(
        Consent.granting(*granted).grants
    )


@given(visitors, visitors, grants, st.floats(0, 1e12))
def test_what_was_withheld_cannot_change_what_is_permitted(
    one: dict[str, Any], other: dict[str, Any], granted: set[str], now_s: float
) -> None:
    readable = CATALOGUE.permitted_names(Consent.granting(*granted).grants)
    mixed = {name: value for name, value in other.items() if name not in readable} | {
        name: value for name, value in one.items() if name in readable
    }
    a, b = (permit(each, CATALOGUE, Consent.granting(*granted), now_s) for each in (one, mixed))

    assert a.values == b.values
    assert (a.withheld_declared, a.malformed, a.stale) == (b.withheld_declared, b.malformed, b.stale)


@given(visitors, grants, grants, st.floats(0, 1e12))
def test_a_withdrawal_never_adds_knowledge(
    visitor: dict[str, Any], kept: set[str], withdrawn: set[str], now_s: float
) -> None:
    before = permit(visitor, CATALOGUE, Consent.granting(*kept, *withdrawn), now_s)
    after = permit(visitor, CATALOGUE, Consent.granting(*kept), now_s)

    assert all(late is None or late == early for early, late in zip(before.values, after.values, strict=True))


def test_threads_share_a_catalogue() -> None:
    pool = (PROFILED, STORAGE, LIMITED, "personalize", "functional", "analytics", "collect", "sales")
    consents = [Consent.granting(*each) for count in range(9) for each in combinations(pool, count)]
    expected = [permit(VISITOR, CATALOGUE, consent, now_s=0).values for consent in consents]
    shared = Catalogue(CATALOGUE.attributes)  # with no plan made yet

    def all_of_them(_: int) -> list[tuple[Any, ...]]:
        return [permit(VISITOR, shared, consent, now_s=0).values for consent in consents]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(all_of_them, range(8)))

    assert all(answer == expected for answer in answers)


def test_many_sets_of_grants_share_what_is_read() -> None:
    catalogue = Catalogue(CATALOGUE.attributes)
    plans = [
        permit({}, catalogue, Consent.granting(PROFILED, f"analytics.{number}")).plan for number in range(200)
    ]

    assert len({id(plan) for plan in plans}) == 200
    assert len({id(plan.reading) for plan in plans}) == 1
    assert all(f"analytics.{number}" in plan.grants[0] for number, plan in enumerate(plans))


@given(st.floats(0, 86_399), st.floats(-200_000, 200_000))
def test_leaving_out_the_clock_never_permits_more_than_any_time_of_the_day(now_s: float, at_s: float) -> None:
    """A resolved consent is meant for a day; without a clock its strict end counts, for age and for the future."""
    resolved = Consent([PROFILED, STORAGE], resolved_s=86_400, expires_s=86_400.5)
    catalogue = Catalogue(
        [Attribute("visits", AttributeType.NUMBER, Provenance.FIRST_PARTY, [PROFILED], retention_s=100_000)]
    )
    attributes = {"visits": Observed(3, at_s=at_s)}
    without, with_it = (permit(attributes, catalogue, resolved, at) for at in (None, now_s))

    assert without.known() <= with_it.known()
