"""Coarsening: what each method makes of a value, and what it refuses as a parameter."""

from __future__ import annotations

import copy
import math
import pickle
import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet_consent import Attribute, AttributeType, Coarsening, DeclarationError, Provenance
from discreet_consent.coarsening import METHODS
from discreet_consent.values import admit
from support.reference.coarseness import coarse

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text)
)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
BOUNDS = st.lists(
    st.integers(-100, 100) | st.floats(-100, 100).map(lambda x: x + 0.0), min_size=1, max_size=6, unique=True
)
ADDRESSES = st.ip_addresses().map(str) | st.ip_addresses(v=6).map(lambda each: each.exploded)
MANNERS = (
    st.tuples(st.just("characters"), st.integers(1, 64), TEXTS)
    | st.tuples(st.just("decimals"), st.integers(0, 3), NUMBERS)
    | st.tuples(st.just("bands"), BOUNDS.map(sorted), NUMBERS)
    | st.tuples(st.just("network"), st.just(True), ADDRESSES | TEXTS | st.text("0123456789abcdef:.", max_size=40))
)  # fmt: skip


@given(MANNERS)
def test_every_method_says_what_the_reference_says(manner: tuple[str, Any, Any]) -> None:
    method, parameter, value = manner

    assert Coarsening("exact", method, parameter).coarser(value) == coarse({method: parameter}, value)


@given(MANNERS)
def test_a_coarse_value_is_a_normal_form_of_the_same_type(manner: tuple[str, Any, Any]) -> None:
    method, parameter, value = manner
    said = Coarsening("exact", method, parameter).coarser(value)
    exact = Attribute("exact", AttributeType(METHODS[method].type), Provenance.DECLARED, "analytics")

    assert said is None or admit(exact, said) == said


@given(MANNERS)
def test_a_coarse_value_is_as_coarse_as_it_gets(manner: tuple[str, Any, Any]) -> None:
    method, parameter, value = manner
    coarser = Coarsening("exact", method, parameter).coarser
    said = coarser(value)

    assert said is None or method == "decimals" or coarser(said) == said


@given(st.integers(0, 3), st.floats(-1e9, 1e9))
def test_a_rounded_number_stays_where_it_was_rounded_to(count: int, number: float) -> None:
    coarser = Coarsening("exact", "decimals", count).coarser
    said = coarser(number)

    assert coarser(said) == said
    assert abs(said - number) <= 0.5 / 10**count + 1e-6


@given(NUMBERS, NUMBERS, MANNERS.filter(lambda manner: METHODS[manner[0]].type == "number"))
def test_coarsening_keeps_the_order_of_numbers(
    one: float, other: float, manner: tuple[str, Any, Any]
) -> None:
    coarser = Coarsening("exact", *manner[:2]).coarser
    said = [coarser(each) for each in sorted((one, other))]

    assert all(low <= high for low, high in pairwise(each for each in said if each is not None))


@pytest.mark.parametrize(
    "text", ["1.2.3.4", "1.2.3.255", "::ffff:1.2.3.4", "0:0:0:0:0:FFFF:0102:03ff", "2002:102:304::"]
)
def test_neighbours_share_a_network(text: str) -> None:
    assert Coarsening("ip", "network").coarser(text) == "1.2.3.0"


def test_a_number_beyond_the_doubles_has_no_rounded_form() -> None:
    assert Coarsening("x", "decimals", 3).coarser(1.7e308) is None
    assert Coarsening("x", "decimals", 0).coarser(1.7e308) == 1.7e308


def test_below_the_first_band_nothing_is_said() -> None:
    bands = Coarsening("age", "bands", [18, 35])

    assert [bands.coarser(age) for age in (17.9, 18, 34, 35, 99)] == [None, 18, 18, 35, 35]
    assert not bands.none_is_malformed
    assert all(
        each.none_is_malformed for each in (Coarsening("x", "decimals", 1), Coarsening("x", "network"))
    )


def test_bounds_have_one_form() -> None:
    assert Coarsening("age", "bands", [-0.0, 18.0, 35.5]) == Coarsening("age", "bands", (0, 18, 35.5))
    assert repr(Coarsening("age", "bands", [18.0]).parameter) == "(18,)"


@pytest.mark.parametrize(
    ("method", "parameter", "message"),
    [
        ("hash", 1, "there is no coarsening by `hash`; it is one of characters, decimals, bands, network"),
        ("characters", 0, "a coarsening by `characters` takes a whole number from 1 to 64"),
        ("characters", 65, "a coarsening by `characters` takes a whole number from 1 to 64"),
        ("characters", True, "a coarsening by `characters` takes a whole number from 1 to 64"),
        ("characters", "2", "a coarsening by `characters` takes a whole number from 1 to 64"),
        ("decimals", -1, "a coarsening by `decimals` takes a whole number from 0 to 3"),
        ("decimals", 4, "a coarsening by `decimals` takes a whole number from 0 to 3"),
        ("decimals", 1.0, "a coarsening by `decimals` takes a whole number from 0 to 3"),
        *(
            ("bands", bounds, "a coarsening by `bands` takes 1 to 256 ascending numbers, the lower bounds")
            for bounds in (
                [], [2, 1], [1, 1.0], ["1"], [True], [math.nan], [0, math.inf], [2**53 + 1], 18, None,
                list(range(257)), {1: 2}, [[1]],
            )
        ),
        ("network", 24, "a coarsening by `network` takes nothing but `true`"),
        ("network", 1, "a coarsening by `network` takes nothing but `true`"),
        ("network", None, "a coarsening by `network` takes nothing but `true`"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused(method: str, parameter: object, message: str) -> None:
    with pytest.raises(DeclarationError) as refusal:
        Coarsening("exact", method, parameter)

    assert str(refusal.value) == message


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301 - our own bytes
def test_a_coarsening_is_a_value(again: Any) -> None:
    coarsening = Coarsening("age", "bands", [18, 35])

    assert again(coarsening) == coarsening
    assert len({again(coarsening), coarsening}) == 1
    assert coarsening != Coarsening("years", "bands", [18, 35])
    assert coarsening != "age"
    assert repr(coarsening) == "Coarsening('age', 'bands', (18, 35))"
    with pytest.raises(AttributeError, match="immutable"):
        coarsening.parent = "years"
