"""Precedence: unreadable beats refused beats granted beats the regime's default, whatever the order of the sources."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent.purposes import DATA_USES, common, covers, is_granted, without
from discreet_consent.regimes.statement import (
    PRECEDENCE,
    Says,
    Statement,
    Verdict,
    combine,
    holds,
    in_force,
    meet,
)

TERM = "personalize.content.profiled"
OTHER = "analytics.reporting.campaign_insights"
AGES: dict[str, float | None] = {"older": 1_000.0, "newer": 2_000.0, "undated": None}


def saying(says: Says, *, source: str, carrier: str = "here", changed_s: float | None = None) -> Statement:
    return Statement(
        source,
        carrier,
        granted={TERM} if says is Says.GRANTED else (),
        refused={TERM} if says is Says.REFUSED else (),
        unreadable=says is Says.UNREADABLE,
        changed_s=changed_s,
    )


def granted(statements: tuple[Statement, ...], default: bool) -> bool:
    return TERM in combine(in_force(statements), {TERM, OTHER} if default else {OTHER}).granted


# What three sources say, written out once as people would decide it: the strongest word in the room.
def expected(said: tuple[Says, ...], default: bool) -> bool:
    if Says.UNREADABLE in said or Says.REFUSED in said:
        return False
    return Says.GRANTED in said or default


@pytest.mark.parametrize("default", [False, True])
@pytest.mark.parametrize(
    "said", list(product(Says, repeat=3)), ids=lambda said: "-".join(s.value for s in said)
)
def test_the_strongest_of_three_sources_decides(said: tuple[Says, ...], default: bool) -> None:
    statements = [saying(says, source=f"source {at}") for at, says in enumerate(said)]

    for ordered in permutations(statements):
        assert granted(ordered, default) is expected(said, default)
    assert holds(said, default)[0] is expected(said, default)


def test_the_table_of_precedence_has_every_word_once_and_the_default_last() -> None:
    assert [says for says, _ in PRECEDENCE] == list(Says)
    assert PRECEDENCE[-1] == (Says.NOTHING, None)


def test_what_cannot_be_read_ends_every_other_purpose_too() -> None:
    statements = (saying(Says.UNREADABLE, source="one"), saying(Says.GRANTED, source="other"))

    assert combine(statements, {OTHER}).granted == frozenset()


@pytest.mark.parametrize("default", [False, True])
@pytest.mark.parametrize("ages", list(product(AGES, repeat=2)), ids="-".join)
@pytest.mark.parametrize(
    "said", list(product(Says, repeat=2)), ids=lambda said: "-".join(s.value for s in said)
)
def test_newer_wins_only_within_a_source(
    said: tuple[Says, Says], ages: tuple[str, str], default: bool
) -> None:
    """Two carriers of one source, and the same two as different sources: all combinations."""
    one, other = (AGES[age] for age in ages)

    def spoken(source: str) -> tuple[Statement, ...]:
        return (
            saying(said[0], source="one", carrier="first", changed_s=one),
            saying(said[1], source=source, carrier="second", changed_s=other),
        )

    dated = one is not None and other is not None and one != other and Says.UNREADABLE not in said
    if dated:
        newer = said[0] if (one or 0) > (other or 0) else said[1]
        of_one_source = expected((newer,), default)
    else:  # neither replaces the other: what both allow
        both = said[0] is said[1] is Says.GRANTED or (default and Says.REFUSED not in said)
        of_one_source = both and Says.UNREADABLE not in said

    assert granted(spoken("one"), default) is of_one_source
    assert granted(spoken("other"), default) is expected(said, default)


def test_one_carrier_that_came_twice_is_not_replaced_by_halves() -> None:
    twice = (
        saying(Says.REFUSED, source="tcf", carrier="cookie", changed_s=1_000),
        saying(Says.REFUSED, source="tcf", carrier="cookie", changed_s=3_000),
    )
    between = saying(Says.GRANTED, source="tcf", carrier="parameter", changed_s=2_000)

    assert not granted((*twice, between), default=True)
    assert len(in_force((*twice, between))) == 3


def test_two_values_of_one_cookie_grant_what_both_grant() -> None:
    one = Statement("tool", "cookie", granted={"personalize"}, changed_s=1)
    other = Statement("tool", "cookie", granted={"personalize.content.limited", "analytics"}, changed_s=2)

    assert combine(in_force((one, other)), ()).granted == {"personalize.content.limited"}


def test_a_refusal_below_a_grant_leaves_the_keys_beside_it() -> None:
    assert without({"personalize"}, {TERM}) == {
        "personalize.content.limited",
        "personalize.content.profiling",
        "personalize.system",
    }
    assert without({TERM}, {f"{TERM}.homepage"}) == frozenset()
    assert without({TERM}, {"personalize"}) == frozenset()
    assert without({"personalize"}, {"analytics"}) == {"personalize"}


keys = st.sets(st.sampled_from(sorted(DATA_USES)), max_size=6)


@given(keys, keys, st.sampled_from(sorted(DATA_USES)))
def test_taking_refusals_out_is_exact_on_the_taxonomys_leaves(
    grants: set[str], refusals: set[str], key: str
) -> None:
    left = without(grants, refusals)
    leaf = not any(key != other and covers(key, other) for other in DATA_USES)
    touched = any(covers(refused, key) or covers(key, refused) for refused in refusals)

    if not covers("essential", key):
        assert not (touched and is_granted(key, left))
        if leaf:
            assert is_granted(key, left) is (is_granted(key, grants) and not touched)


@given(keys, keys, st.sampled_from(sorted(DATA_USES)))
def test_what_two_grant_in_common_is_what_each_grants(one: set[str], other: set[str], key: str) -> None:
    both = is_granted(key, one) and is_granted(key, other)

    assert is_granted(key, common(one, other)) is both


def statements() -> st.SearchStrategy[Statement]:
    terms = st.frozensets(
        st.sampled_from(["personalize", TERM, OTHER, "analytics", "sensitive:health"]), max_size=3
    )
    return st.builds(
        Statement,
        st.sampled_from(["tcf", "gpc", "onetrust"]),
        st.sampled_from(["cookie", "parameter"]),
        granted=terms,
        refused=terms,
        unreadable=st.sampled_from([False, False, False, True]),
        contextual_only=st.sampled_from([False, False, True]),
        changed_s=st.sampled_from([None, 1.0, 2.0, 3.0]),
        expires_s=st.sampled_from([None, 10.0, 20.0]),
    )


def grows(less: Verdict, more: Verdict) -> bool:
    """Whether `more` grants anything that `less` does not, or to a child what `less` keeps from it."""
    return not all(is_granted(term, less.granted) for term in more.granted) or (
        less.contextual_only and not more.contextual_only
    )


@given(st.lists(statements(), max_size=5), st.data())
def test_the_order_of_signals_does_not_matter(heard: list[Statement], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(heard))
    one, other = (combine(in_force(each), {"personalize"}) for each in (heard, shuffled))

    assert (one.granted, one.contextual_only, one.expires_s) == (
        other.granted,
        other.contextual_only,
        other.expires_s,
    )


@given(st.lists(statements(), max_size=4), st.booleans(), st.sampled_from(["gpc", "new source"]))
def test_one_more_refusal_never_grows_what_is_granted(
    heard: list[Statement], everything: bool, source: str
) -> None:
    refusal = Statement(source, "elsewhere", refused={"personalize", "analytics"} if everything else {TERM})
    before, after = (combine(in_force(each), {"personalize"}) for each in (heard, [*heard, refusal]))

    assert not grows(before, after)


@given(
    st.lists(
        st.builds(combine, st.lists(statements(), max_size=3), st.just(["personalize"])),
        min_size=1,
        max_size=4,
    )
)
def test_what_all_regimes_allow_is_allowed_by_each(verdicts: list[Verdict]) -> None:
    strictest = meet(verdicts)

    for each in verdicts:
        assert not grows(each, strictest)
        assert each.expires_s is None or (strictest.expires_s or 0) <= each.expires_s
