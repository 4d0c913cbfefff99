"""Untrusted documents are read strictly: once, whole, without a field too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from discreet.errors import MalformedBundle
from discreet.runtime.fields import Fields, a_list, a_name, names, numbers_below, whole
from discreet.runtime.wire import pack, template, unpack


@pytest.mark.parametrize(
    "document", [None, True, 0, -1, 2**64 - 1, 1.0, "é", b"\x00", [], {}, [1, [2, {"a": [None]}]]]
)
def test_plain_documents_come_back_as_they_were(document: object) -> None:
    assert repr(unpack(pack(document), "it")) == repr(document)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x01\x01",
        b"\x92\x01",
        b"\xa1\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x82\xa1a\x01\xa1a\x02",
        b"\x81\x01\x01",
        b"\x81\xc0\x01",
        b"\x81\x90\x01",
        b"\x91" * 5_000 + b"\x01",
        bytes(msgpack.packb(msgpack.ExtType(1, b""))),
        bytes(msgpack.packb(msgpack.ExtType(5, b""))),
        b"\xd6\xff\x00",
    ],
)
def test_anything_else_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedBundle, match=r"^it is not one well-formed msgpack document$"):
        unpack(data, "it")


def test_a_template_is_an_extension_of_its_own() -> None:
    assert template(["a", [1, "b"]]) == msgpack.ExtType(1, pack(["a", [1, "b"]]))


def test_a_field_is_taken_once_and_none_may_be_left() -> None:
    fields = Fields({"a": 1, "b": 2}, "a thing")

    assert fields.take("a", whole(0, 1)) == 1
    with pytest.raises(MalformedBundle, match="a thing lacks the field `a`"):
        fields.take("a", whole(0, 1))
    with pytest.raises(MalformedBundle, match="a thing has unknown fields"):
        fields.end()
    assert fields.take("b", whole(2, 2)) == 2
    fields.end()


def test_a_refused_field_names_its_place_and_not_its_value() -> None:
    with pytest.raises(MalformedBundle) as caught:
        Fields({"a": "secret"}, "a thing").take("a", whole(0, 1))

    assert str(caught.value) == "field `a` of a thing is not well-formed: not a whole number in its range"


@pytest.mark.parametrize("document", [None, [], "a", 1])
def test_fields_are_those_of_a_map(document: object) -> None:
    with pytest.raises(MalformedBundle, match="a thing is not a map"):
        Fields(document, "a thing")


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (a_name, ["a", "x" * 256], ["", "x" * 257, b"a", 1, None]),
        (whole(-1, 3), [-1, 0, 3], [-2, 4, 1.0, True, "1", None]),
        (a_list(2), [[], [1, "a"]], [[1, 2, 3], (1,), {}, "ab", None]),
        (names, [[], ["a", "b"]], [["a", "a"], [""], [1], "ab", None]),
        (numbers_below(3), [[], [0, 2, 2]], [[3], [-1], [True], [1.0], [None], "ab", 1]),
        (numbers_below(0), [[]], [[0]]),
    ],
)
def test_readers_take_what_they_say_and_nothing_else(
    read: Callable[[Any], object], good: list[object], bad: list[object]
) -> None:
    for value in good:
        read(value)
    for value in bad:
        with pytest.raises(ValueError, match=r"."):
            read(value)
