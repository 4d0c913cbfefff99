"""The contents of a model's offers come out as they went in, whatever their shape; and are read strictly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.compiler.content import MANY, portable_content, shaped
from discreet.errors import MalformedBundle
from discreet.runtime.contents import MAX_SHAPES, Contents, read_contents
from discreet.runtime.wire import template
from support.compiled import B, D, Document, N, S, T, evaluator, offer, permitted
from support.naming import named

PRINTABLE = frozenset((B, N, S))
NUMBERS = {"b": B, "d": D, "n": N, "s": S, "t": T}
NOBODY: Sequence[Any] = [None] * 6


def packed(value: object) -> bytes:
    data: bytes = msgpack.packb(value)
    return data


def read(value: Any, *shape_of: int) -> Contents:
    return read_contents(value, shape_of, PRINTABLE)


def through(contents: Sequence[Document]) -> Contents:
    """The contents packed as a bundle has them, and read again."""
    shapes, shape_of = shaped([portable_content(each, NUMBERS)[0] for each in contents])
    return read(msgpack.unpackb(packed(shapes)), *shape_of)


_PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.text(alphabet="aé\u2028 ", max_size=5),
)  # fmt: skip
_FLAT = st.lists(st.sampled_from("abc"), unique=True).flatmap(
    lambda keys: st.fixed_dictionaries(dict.fromkeys(keys, _PLAIN))
)
_NESTED = st.dictionaries(
    st.text(max_size=3), st.lists(_PLAIN, max_size=3) | st.dictionaries(st.text(max_size=3), _PLAIN)
)


@given(contents=st.lists(_FLAT | _NESTED, max_size=40))
def test_any_contents_come_out_as_they_went_in(contents: list[Document]) -> None:
    came_out = through(contents)

    for number, content in enumerate(contents):
        again = came_out.content(number, NOBODY)
        assert repr(again) == repr(content)  # types too, and the order of the keys


def test_every_number_of_the_same_shape_is_its_own() -> None:
    contents: list[Document] = [{"a": number, "b": str(number)} for number in range(3 * MANY)]
    mixed = [each for content in contents for each in (content, {"deep": [content]}, {"c": content["a"]})]
    came_out = through(mixed)

    assert [came_out.content(number, NOBODY) for number in range(len(mixed))] == mixed


def test_many_flat_contents_with_the_same_keys_travel_as_columns() -> None:
    same: list[Document] = [{"a": number, "b": None} for number in range(MANY)]

    assert shaped(same) == ([[["a", "b"], [[*range(MANY)], [None] * MANY]]], [0] * MANY)


def test_few_contents_with_the_same_keys_are_packed() -> None:
    same: list[Document] = [{"a": number} for number in range(MANY - 1)]

    assert shaped(same) == ([[None, [[packed(each) for each in same]]]], [0] * (MANY - 1))


def test_no_contents_have_no_shape() -> None:
    assert shaped([]) == ([], [])
    assert read([]).tokens == {}


@pytest.mark.parametrize("count", [MANY - 1, MANY], ids=["packed", "columns"])
def test_contents_reach_the_visitor_alike(count: int) -> None:
    shop = evaluator(
        *(offer(f"o{at}", when=f"n == {at}", content={"x": at, "y": 1.0}) for at in range(count))
    )

    for at in (0, count - 1):
        shown = shop.decide("p", permitted(shop, {"n": at}), now_s=shop.bundle.created_s).content
        assert repr(shown) == repr({"x": at, "y": 1.0})


def test_each_reader_of_a_column_gets_a_map_of_their_own() -> None:
    came_out = through([{"a": 1}] * MANY)

    came_out.content(0, NOBODY)["a"] = "mine"

    assert came_out.content(0, NOBODY) == {"a": 1}


def test_contents_with_tokens_are_never_columns() -> None:
    contents: list[Document] = [{"a": "{s|you}"}] * MANY
    came_out = through(contents)

    assert came_out.tokens == dict.fromkeys(range(MANY), frozenset({S}))
    assert came_out.content(0, [None, None, None, None, "me", None]) == {"a": "me"}


def test_tokens_are_known_by_the_offers_number() -> None:
    came_out = read(
        [[["a"], [[1, 2]]], [None, [[packed({}), packed({"x": template([[N, "0"], "-", [S, "?"]])})]]]],
        0,
        1,
        0,
        1,
    )

    assert came_out.tokens == {3: frozenset({N, S})}


SHAPE = [["a", "b"], [[1, 2], ["x", None]]]
PACKED = [None, [[packed({"a": 1})]]]


def test_the_shapes_that_are_changed_here_are_sound() -> None:
    came_out = read([SHAPE, PACKED], 0, 1, 0)

    assert [came_out.content(number, NOBODY) for number in range(3)] == [
        {"a": 1, "b": "x"},
        {"a": 1},
        {"a": 2, "b": None},
    ]


def test_a_shape_may_be_of_no_offer_and_may_have_no_keys() -> None:
    assert read([SHAPE, [[], []], [["c"], [[]]]], 0, 0, 1).content(2, NOBODY) == {}


@pytest.mark.parametrize(
    ("shapes", "shape_of"),
    [
        (None, ()),
        ({}, ()),
        (b"", ()),
        ([None], (0,)),
        ([[]], (0,)),
        ([[["a"]]], (0,)),
        ([[["a"], [[1]], 1]], (0,)),
        ([{"a": [1]}], (0,)),
        ([["a", [[1]]]], (0,)),
        ([[["a"], [1]]], (0,)),
        ([[["a"], {"a": [1]}]], (0,)),
        ([[["a"], [[1], [1]]]], (0,)),
        ([[["a", "b"], [[1]]]], (0,)),
        ([[["a", "a"], [[1], [1]]]], (0,)),
        ([[[1], [[1]]]], (0,)),
        ([[[b"a"], [[1]]]], (0,)),
        ([[[None], [[1]]]], (0,)),
        ([[["a"], [[1]]]], (0, 0)),
        ([[["a"], [[1, 2]]]], (0,)),
        ([[["a"], [[1]]]], ()),
        ([[["a"], [[1]]]], (1,)),
        ([[["a", "b"], [[1, 2], [1]]]], (0, 0)),
        ([[["a"], [[b"x"]]]], (0,)),
        ([[["a"], [[[]]]]], (0,)),
        ([[["a"], [[{}]]]], (0,)),
        ([[["a"], [[math.nan]]]], (0,)),
        ([[["a"], [[1, "x", -math.inf]]]], (0, 0, 0)),
        ([[["a"], [[msgpack.ExtType(1, b"\x90")]]]], (0,)),
        ([[["a"], [[msgpack.Timestamp(1)]]]], (0,)),
        ([[["a"], [[1]]], [["a"], [[1]]]], (0, 1)),
        ([PACKED, PACKED], (0, 1)),
        ([[None, []]], ()),
        ([[None, [[]], 1]], ()),
        ([[None, [[], []]]], ()),
        ([[None, [packed({})]]], (0,)),
        ([[None, [["text"]]]], (0,)),
        ([[None, [[{}]]]], (0,)),
        ([PACKED], (0, 0)),
        ([PACKED], ()),
        ([], (0,)),
        ([[[str(number)], [[]]] for number in range(MAX_SHAPES + 1)], ()),
    ],
    ids=lambda value: named(value)[:60],
)
def test_what_are_no_contents_is_refused(shapes: Any, shape_of: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(shapes, *shape_of)


@pytest.mark.parametrize(
    "wrong",
    [b"", b"\xc1", b"\x80\x80", b"\x81\xa1a", packed([]), packed({b"a": 1}), packed({"a": b"x"}),
     packed({"a": math.inf}),
     packed({"a": template([[T, "x"]])}), packed({"a": template([[D, "x"]])}), packed({"a": template([[99, "x"]])}),
     b"\x82\xa1a\x01\xa1a\x02", b"\x81\x01\x01"],
    ids=named,
)  # fmt: skip
def test_a_packed_content_is_one_map_of_json_values_with_tokens(wrong: bytes) -> None:
    with pytest.raises(MalformedBundle):
        read([[None, [[packed({}), wrong]]]], 0, 0)
