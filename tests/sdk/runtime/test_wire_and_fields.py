"""Untrusted documents are read strictly: once, whole, without a field too many."""

from __future__ import annotations

import os
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import msgpack
import pytest

from discreet.errors import MalformedBundle
from discreet.runtime import wire
from discreet.runtime.fields import (
    Fields,
    a_list,
    a_name,
    ascending_pairs,
    many_names,
    names,
    numbers_below,
    whole,
)
from discreet.runtime.wire import MAX_INFLATED_BYTES, deflate, inflate, pack, template, unpack
from support.compiled import loaded, signed


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


STREAM = deflate(b"a document, a document, a document")


@pytest.mark.parametrize("document", [b"", b"x", bytes(100_000), bytes(range(256)) * 300], ids=len)
def test_what_was_deflated_inflates(document: bytes) -> None:
    assert inflate(deflate(document), "it") == document


def test_deflating_is_the_same_each_time() -> None:
    assert deflate(b"a document" * 100) == deflate(b"a document" * 100)


def raw(document: bytes, bits: int) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, bits)
    return deflater.compress(document) + deflater.flush()


def with_dictionary(document: bytes) -> bytes:
    deflater = zlib.compressobj(zdict=b"a document")
    return deflater.compress(document) + deflater.flush()


NO_STREAM: dict[str, bytes] = {
    "nothing": b"",
    "a head alone": STREAM[:2],
    "without its last byte": STREAM[:-1],
    "without its checksum": STREAM[:-4],
    "half of it": STREAM[: len(STREAM) // 2],
    "a wrong checksum": STREAM[:-1] + bytes([STREAM[-1] ^ 1]),
    "a byte more": STREAM + b"\0",
    "two streams": STREAM + STREAM,
    "a byte before": b"\0" + STREAM,
    "the document itself": b"a document, a document, a document",
    "raw deflate": raw(b"a document", -15),
    "gzip": raw(b"a document", 31),
    "with a dictionary": with_dictionary(b"a document"),
}


@pytest.mark.parametrize("stream", NO_STREAM.values(), ids=NO_STREAM)
def test_what_is_not_exactly_one_stream_is_malformed(stream: bytes) -> None:
    with pytest.raises(MalformedBundle, match=r"^it is not one zlib stream"):
        inflate(stream, "it")


@pytest.mark.parametrize("made", [bytes, os.urandom], ids=["zeros", "noise"])
@pytest.mark.parametrize(
    ("size", "fits"), [(9_999, True), (10_000, True), (10_001, False), (1_000_000, False)]
)
def test_a_stream_holds_at_most_so_many_bytes(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[int], bytes], size: int, fits: bool
) -> None:
    monkeypatch.setattr(wire, "MAX_INFLATED_BYTES", 10_000)
    stream = deflate(made(size))

    if fits:
        assert len(inflate(stream, "it")) == size
    else:
        with pytest.raises(MalformedBundle, match="of at most 10000 bytes"):
            inflate(stream, "it")


def test_a_bomb_is_refused_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_INFLATED_BYTES", 100_000)
    bomb = deflate(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedBundle, match="of at most 100000 bytes"):
            inflate(bomb, "it")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1_000_000


def test_the_limit_is_the_specifications() -> None:
    assert MAX_INFLATED_BYTES == 512 * 1024 * 1024


def test_a_signed_bomb_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_INFLATED_BYTES", 100_000)

    with pytest.raises(MalformedBundle, match="the payload is not one zlib stream"):
        loaded(signed(deflate(bytes(1_000_000))))


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
        (
            many_names(2),
            [[], ["a", "x" * 256]],
            [["a", "a"], [""], ["x" * 257], [1], [b"a"], ["a", "b", "c"], "ab", {}, None],
        ),
        (
            partial(ascending_pairs, limit=3),
            [[], [[0, None], [2, "x"]]],
            [
                [[3, 0]],
                [[-1, 0]],
                [[1, 0], [1, 0]],
                [[1, 0], [0, 0]],
                [[True, 0]],
                [[0.0, 0]],
                [[0]],
                [[0, 1, 2]],
                [0],
                [[0, 0]] * 4,
                {},
                None,
            ],
        ),
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
