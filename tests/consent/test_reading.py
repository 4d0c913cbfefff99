"""Reading in loops, by straight-line source and by the visitor's names: the same knowledge, whatever the values are."""

from __future__ import annotations

import os
from collections import ChainMap, OrderedDict, UserDict, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import combinations, product
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import (
    Attribute,
    AttributeType,
    Catalogue,
    Consent,
    Observed,
    Permitted,
    Provenance,
    permit,
)
from discreet_consent.permit import MAX_COMPILED, MAX_LINES, WARM_UP, Plan

LIMITED, PROFILED, STORAGE = (
    "personalize.content.limited",
    "personalize.content.profiled",
    "functional.storage",
)
PURPOSES = (LIMITED, PROFILED, STORAGE)
NOW_S = 1_790_000_000


def declare(name: str, kind: AttributeType, number: int = 0, **options: Any) -> Attribute:
    return Attribute(name, kind, Provenance.FIRST_PARTY, [PURPOSES[number % 3]], **options)


def every_kind() -> list[Attribute]:
    """Each type, plain, with a retention, in lower case, and with a substitute under a weaker purpose."""
    exact = [
        declare(f"{kind.value}_{number}", kind, number, retention_s=100 if number == 1 else None)
        for kind, number in product(AttributeType, range(3))
    ]
    lower = [
        declare("city", AttributeType.STRING, 0, lower=True),
        declare("tags", AttributeType.STRINGS, 1, lower=True),
    ]
    coarse = [
        declare("postcode", AttributeType.STRING, 1),
        declare("age", AttributeType.NUMBER, 2, retention_s=100),
    ]
    return [
        *exact,
        coarse[1].substitute("age_band", [LIMITED], "bands", [0, 18, 65]),
        *lower,
        coarse[0].substitute("area", [LIMITED], "characters", 2),
        *coarse,
        coarse[0].substitute("network", [STORAGE], "network"),
        lower[0].substitute("initial", [STORAGE], "characters", 1),
    ]


CATALOGUE = Catalogue(every_kind())
NAMES = [each.name for each in CATALOGUE]
CONSENTS = [Consent.granting(*each) for count in range(4) for each in combinations(PURPOSES, count)]


class Text(str):
    """A text that is not exactly a string."""

    __slots__ = ()


class Whole(int):
    """A number that is not exactly an integer."""


class Fraction(float):
    """A number that is not exactly a double."""


class Several(list[str]):
    """Members in what is not exactly a list."""


class Key(str):
    """A name that is not exactly a string."""

    __slots__ = ()


class Bomb:
    """A value that explodes whatever is done with it but looking at its type."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    def __hash__(self) -> int:
        raise AssertionError("hashed")

    def __bool__(self) -> bool:
        raise AssertionError("asked for its truth")

    def __len__(self) -> int:
        raise AssertionError("measured")


LONG, AT_MOST = "x" * 5_000, "x" * 1_024
TEXTS = [
    "", "IT", "MILANO", "20121", "192.168.1.77", "Caff\u00e8", "e\u0301", "\u0130", "\ud800", "\udc80a", "\x00",
    "\U0001f600", AT_MOST, AT_MOST + "x", LONG, "e\u0301" * 1_024, "\ufb03" * 600, Text("IT"), Text("Caff\u00e8"),
]  # fmt: skip
NUMBERS = [
    0, -0.0, 0.0, 1, -1, 1.0, 0.1, 17, 18, 44.9, -5, 2**30 - 1, 2**30, -(2**30), 2**31, 1_790_000_000, 2**53,
    2**53 + 1, -(2**53), -(2**53) - 1, 2**63, 10**400, -(10**400), 2.0**60, 1e308, -1e308, 5e-324, 8.64e15, -8.64e15,
    8_640_000_000_000_000, 8_640_000_000_000_001, -8.65e15, float("nan"), float("inf"), float("-inf"), True, False,
    Whole(3), Fraction(3), 1j,
]  # fmt: skip
MANY = [f"m{number}" for number in range(1_025)]
SETS: list[Any] = [
    [], (), set(), frozenset(), ["a"], ["a", "a", "B"], ("a", "b"), {"a", "b"}, frozenset({"A", "b"}), ["a", None],
    ["a", 1], ["a", Text("b")], ["a", b"b"], [["a"]], ["caff\u00e8", "e\u0301"], ["\ud800"], [AT_MOST], [AT_MOST + "x"],
    [AT_MOST, "y"], [LONG], MANY[:16], MANY[:17], MANY[:1_024], MANY, {*MANY}, frozenset(MANY[:17]), [*"abc", Bomb()],
    [1] * 17, Several(["a"]), {"a": 1}, {"a": 1}.keys(), "abc", b"abc", bytearray(b"a"), range(3), Bomb(), object(),
]  # fmt: skip
INSTANTS: list[Any] = [
    "2026-03-01", "2026-03-01T08:30Z", "2026-03-01T08:30", "2026-13-01", datetime(2026, 3, 1, tzinfo=UTC),
    datetime(2026, 3, 1),
]  # fmt: skip
HOSTILE: list[Any] = [*TEXTS, *NUMBERS, *SETS, *INSTANTS, None]
AT_S: list[Any] = [
    NOW_S, NOW_S - 100, NOW_S - 101, NOW_S + 10**9, float("nan"), float("-inf"), True, "now", 10**400
]  # fmt: skip
SEEN: list[Any] = [
    Observed(value, at_s=at_s)
    for value in ("IT", 3, True, ["a"], "2026-03-01", None, float("nan"), Observed(3, at_s=NOW_S))
    for at_s in AT_S
]

values = (
    st.integers(0, len(HOSTILE) - 1).map(
        HOSTILE.__getitem__
    )  # by number: Hypothesis prints a strategy's values
    | st.integers(0, len(SEEN) - 1).map(SEEN.__getitem__)
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.text(max_size=3) | st.sampled_from([None, 1, Text("a")]), max_size=20)
)
keys: st.SearchStrategy[Any] = (
    st.sampled_from(NAMES)
    | st.sampled_from(NAMES).map(Key)
    | st.sampled_from(
        ["stranger", "", "\ud800", None, 1, 1.0, True, b"city", ("city",), frozenset({"a"}), Key("own")]
    )
)
visitors = st.dictionaries(keys, values, max_size=30)
clocks = st.sampled_from([None, NOW_S, NOW_S + 0.5, 0, float("nan"), float("inf"), -1e300])


def known(permitted: Permitted) -> tuple[object, ...]:
    """All that a Permitted says, with its values told apart by type: 1, 1.0 and True are different knowledge."""
    return (
        repr([sorted(each) if isinstance(each, frozenset) else each for each in permitted.values]),
        permitted.undeclared, permitted.withheld, permitted.withheld_declared, permitted.malformed, permitted.stale,
        permitted.grants, id(permitted.catalogue),
    )  # fmt: skip


def straight(plan: Plan) -> Any:
    made = plan.straight_line()
    assert made is not None
    return made


def plan_of(consent: Consent, catalogue: Catalogue = CATALOGUE) -> Plan:
    return catalogue.plan(consent.grants)


@pytest.mark.parametrize("name", NAMES)
def test_straight_lines_know_what_loops_know_of_each_kind_of_value(name: str) -> None:
    for consent in (CONSENTS[-1], CONSENTS[1]):
        plan = plan_of(consent)
        read = straight(plan)
        for value in (*HOSTILE, *SEEN):
            visitor = {name: value}

            assert known(read(visitor, NOW_S, None)) == known(plan.read_plainly(visitor, NOW_S, None))


@given(visitors, st.sampled_from(CONSENTS), clocks, clocks)
def test_straight_lines_know_what_loops_know(
    visitor: dict[Any, Any], consent: Consent, now_s: float | None, resolved_s: float | None
) -> None:
    plan = plan_of(consent)

    assert known(straight(plan)(visitor, now_s, resolved_s)) == known(
        plan.read_plainly(visitor, now_s, resolved_s)
    )


class Generous(dict[str, Any]):
    """A dictionary that has an answer for every name."""

    def get(self, name: str, default: Any = "IT") -> Any:
        return super().get(name, default)


MAPPINGS: list[Any] = [
    OrderedDict, MappingProxyType, ChainMap, UserDict, Generous, lambda given: defaultdict(lambda: "IT", given)
]  # fmt: skip


@given(st.dictionaries(st.sampled_from([*NAMES, "stranger"]), values), st.sampled_from(MAPPINGS))
def test_straight_lines_know_what_loops_know_of_any_mapping(visitor: dict[str, Any], mapping: Any) -> None:
    plan = plan_of(CONSENTS[-1])
    given_as = mapping(visitor)

    assert known(straight(plan)(given_as, NOW_S, None)) == known(plan.read_plainly(given_as, NOW_S, None))


@pytest.mark.parametrize("number", range(len(CONSENTS)))
def test_strangers_are_named_however_many_they_are(number: int) -> None:
    read = straight(plan_of(CONSENTS[number]))
    for count in range(len(NAMES) + 2):
        strangers = {f"stranger_{each}": 1 for each in range(count)}
        for visitor in (strangers, {**strangers, "city": "Roma"}, {**strangers, "city": None}):
            assert read(visitor, NOW_S, None).undeclared == strangers.keys()


def test_a_generous_mapping_with_as_many_strangers_as_attributes_hides_none() -> None:
    catalogue = Catalogue([declare("a", AttributeType.STRING), declare("b", AttributeType.STRING)])
    plan = plan_of(CONSENTS[-1], catalogue)

    assert straight(plan)(Generous(x=1, y=2), NOW_S, None).undeclared == {"x", "y"}


# --- Long catalogues ---------------------------------------------------------------------------------------


def long_catalogue(attributes: int) -> Catalogue:
    kinds = tuple(AttributeType)
    parent = declare("parent", AttributeType.STRING, 0)
    return Catalogue(
        [
            parent,
            *(declare(f"a{number}", kinds[number % 5], number) for number in range(attributes - 2)),
            parent.substitute("short", [LIMITED], "characters", 1),
        ]
    )


LONG_CATALOGUE = long_catalogue(4_096)


@given(
    st.dictionaries(
        st.sampled_from(["parent", "short", *(f"a{number}" for number in range(60))])
        | st.sampled_from(["stranger", None, 7, Key("a3")]),
        values,
        max_size=12,
    ),
    st.sampled_from(CONSENTS),
)
def test_of_a_long_catalogue_the_few_that_are_there_are_read_alike(
    visitor: dict[Any, Any], consent: Consent
) -> None:
    """A mapping that is no plain dictionary is read in loops over the declarations."""
    plan = plan_of(consent, LONG_CATALOGUE)
    by_names, in_loops = (
        plan.read_plainly(each, NOW_S, None) for each in (visitor, MappingProxyType(visitor))
    )

    assert known(by_names) == known(in_loops)


def test_of_a_long_catalogue_an_attribute_and_its_substitute_are_read_alike() -> None:
    permitted = plan_of(CONSENTS[-1], LONG_CATALOGUE).read_plainly(
        {"parent": "IT", "short": "X"}, NOW_S, None
    )

    assert permitted.known() == {"parent", "short"}
    assert (permitted.get("parent"), permitted.get("short")) == ("IT", "I")


def test_a_long_plan_is_never_compiled() -> None:
    at_most, too_long = (
        Catalogue(long_catalogue(3 * size).attributes) for size in (MAX_LINES, MAX_LINES + 1)
    )
    only = Consent.granting(STORAGE)  # a third of them
    for _ in range(WARM_UP + 1):
        permit({"a1": 3}, at_most, only, NOW_S)
        permit({"a1": 3}, too_long, only, NOW_S)

    assert plan_of(only, at_most).reading.size <= MAX_LINES < plan_of(CONSENTS[-1], at_most).reading.size
    assert plan_of(only, at_most).reading.compiled is not None
    assert plan_of(CONSENTS[-1], too_long).straight_line() is None
    assert permit({"a2": True}, too_long, CONSENTS[-1], NOW_S).get("a2") is None


# --- When the straight lines take over ---------------------------------------------------------------------


class Tripwire(Mapping[str, Any]):
    """A visitor that records which names are asked for, and has none of them."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> Any:
        self.asked.append(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("number", range(len(CONSENTS)))
def test_what_is_not_permitted_is_asked_for_on_neither_path(number: int) -> None:
    plan = plan_of(CONSENTS[number])
    permitted = {
        each.name if each.coarsens is None else each.coarsens.parent
        for each in CATALOGUE
        if each.name not in plan.withheld
    }
    for read in (plan.read_plainly, straight(plan)):
        visitor = Tripwire()
        read(visitor, NOW_S, None)

        assert set(visitor.asked) == permitted


def test_the_warm_up_changes_nothing_that_is_known() -> None:
    catalogue = Catalogue(every_kind())
    visitor = {"string_0": "IT", "number_2": 3, "stranger": 1, "boolean_0": "no", "city": "MILANO"}
    said = [known(permit(visitor, catalogue, CONSENTS[-1], NOW_S)) for _ in range(2 * WARM_UP)]

    assert said == said[:1] * (2 * WARM_UP)
    assert plan_of(CONSENTS[-1], catalogue).reading.compiled is not None


def test_plans_that_read_the_same_share_their_code() -> None:
    catalogue = Catalogue(every_kind())
    one, other = (plan_of(Consent.granting(LIMITED, extra), catalogue) for extra in ("analytics", "collect"))
    codes = {straight(plan).__code__ for plan in (one, other)}

    assert len(codes) == 1
    for plan in (one, other):
        assert straight(plan)({}, NOW_S, None).plan is plan


def test_a_catalogue_compiles_a_bounded_number_of_plans() -> None:
    purposes = [f"analytics.{number}" for number in range(7)]
    catalogue = Catalogue(
        [Attribute(each, AttributeType.NUMBER, Provenance.FIRST_PARTY, [each]) for each in purposes]
    )
    plans = [
        plan_of(Consent.granting(*each), catalogue)
        for count in range(8)
        for each in combinations(purposes, count)
    ]
    made = [plan.straight_line() for plan in plans]

    assert len(plans) > MAX_COMPILED
    assert sum(each is not None for each in made) == MAX_COMPILED
    late = plans[-1]
    for _ in range(WARM_UP):
        assert late.read({purposes[0]: 3}, NOW_S, None).get(purposes[0]) == 3
    assert late.read == late.read_plainly


def test_names_never_become_source() -> None:
    names = [
        "x') or exec('1/0",
        '"""',
        "\\",
        "\n",
        "value0",
        "None",
        "{slot}",
        "caff\u00e8 \u202e",
        "__import__",
    ]
    catalogue = Catalogue([declare(name, AttributeType.STRING) for name in names])
    read = straight(plan_of(CONSENTS[-1], catalogue))

    assert read(dict.fromkeys(names, "here"), NOW_S, None).known() == set(names)
    assert not set(names) & {*read.__code__.co_names, *read.__code__.co_varnames} - {"value0"}
    assert not any(name in map(str, read.__code__.co_consts) for name in names if name != "None")


def test_a_declaration_may_have_a_name_that_is_not_exactly_a_string() -> None:
    catalogue = Catalogue([declare(Key("city"), AttributeType.STRING)])
    plan = plan_of(CONSENTS[-1], catalogue)

    assert straight(plan)({"city": "Roma"}, NOW_S, None).get("city") == "Roma"


def test_threads_may_warm_up_one_catalogue_together() -> None:
    catalogue = Catalogue(every_kind())
    visitor = {"string_0": "IT", "number_2": 3, "strings_1": ["a"]}
    expected = [known(permit(visitor, CATALOGUE, consent, NOW_S))[:-1] for consent in CONSENTS]

    def all_of_them(_: int) -> list[list[tuple[object, ...]]]:
        return [
            [known(permit(visitor, catalogue, consent, NOW_S))[:-1] for consent in CONSENTS]
            for _ in range(WARM_UP)
        ]

    with ThreadPoolExecutor(8) as threads:
        said = [each for rounds in threads.map(all_of_them, range(8)) for each in rounds]

    assert all(each == expected for each in said)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_goes_on_with_the_same_plans() -> None:
    catalogue = Catalogue(every_kind())
    plan = plan_of(CONSENTS[-1], catalogue)
    plan.straight_line()
    child = os.fork()
    if child == 0:
        right = all(
            permit({"number_0": number}, catalogue, CONSENTS[-1], NOW_S).get("number_0") == number
            for number in range(2 * WARM_UP)
        )
        os._exit(0 if right else 1)

    assert os.waitpid(child, 0)[1] == 0
