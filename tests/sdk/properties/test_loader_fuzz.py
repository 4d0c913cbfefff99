"""Fuzzing the loader: whatever the bytes are, it raises a BundleError or loads a bundle that decides totally."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import discreet
from discreet.compiler import sign
from support.fuzzing import (
    ODD,
    RICH_BUNDLE,
    TINY_BUNDLE,
    at,
    neighbours,
    paths,
    payload_of,
    put,
    refused_or_total,
    resigned,
)
from support.products import TEST_KEY, TEST_RING
from support.vectors.cases import NOW_S

PAYLOAD = payload_of(RICH_BUNDLE)
PATHS = list(paths(PAYLOAD))
PARTS = [(part,) for part in PAYLOAD if part != "models"] + [
    ("models", 0, part) for part in PAYLOAD["models"][0]
]
OFFERS = PAYLOAD["models"][0]["offers"]
SHAPES = ("models", 0, "offers", "contents")
PACKED = next(number for number, (keys, _) in enumerate(OFFERS["contents"]) if keys is None)
CONTENTS = [(*SHAPES, PACKED, 1, 0, number) for number in range(len(OFFERS["contents"][PACKED][1][0]))]
PRINTS = next(path for path in CONTENTS if b"\xc7" in at(PAYLOAD, path))  # the content that has templates


def refused(data: bytes) -> bool:
    try:
        discreet.load_bytes(data, TEST_RING, now_s=NOW_S)
    except discreet.BundleError:
        return True
    return False


def test_the_bundles_that_are_changed_here_load_unchanged() -> None:
    assert not refused_or_total(TINY_BUNDLE)
    assert not refused_or_total(RICH_BUNDLE)
    assert resigned(PAYLOAD) == RICH_BUNDLE


def test_every_flipped_bit_is_refused() -> None:
    for at_byte in range(len(TINY_BUNDLE)):
        for bit in range(8):
            flipped = bytearray(TINY_BUNDLE)
            flipped[at_byte] ^= 1 << bit
            assert refused(bytes(flipped)), f"bit {bit} of byte {at_byte}"


def test_every_truncation_is_refused() -> None:
    for length in range(len(TINY_BUNDLE)):
        assert refused(TINY_BUNDLE[:length]), f"{length} bytes"


@pytest.mark.parametrize(
    "more", [b"\x00", b"\xc0", b"\n", TINY_BUNDLE], ids=["nul", "nil", "newline", "itself"]
)
def test_trailing_bytes_are_refused(more: bytes) -> None:
    assert refused(TINY_BUNDLE + more)


@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"\xdd\xff\xff\xff\xff")
@example(data=b"\xc6\xff\xff\xff\xff")
@example(data=b"\x91" * 100_000)
@example(data=b"\xdf\x00\x00\x00\x01")
def test_random_bytes_are_refused(data: bytes) -> None:
    assert refused(data)


@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"\xdd\xff\xff\xff\xff")
@example(data=b"\x91" * 100_000)
@example(data=b"\x81\xa6format" + b"\x91" * 5_000)
def test_random_bytes_in_a_signed_envelope_are_refused(data: bytes) -> None:
    assert refused(resigned(data))


def test_a_signed_payload_with_trailing_bytes_is_refused() -> None:
    assert refused(resigned(msgpack.packb(PAYLOAD) + b"\xc0"))


@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"\x78\x9c")
@example(data=b"\x78\x01\x01\x00\x00\xff\xff\x00\x00\x00\x01")
def test_random_bytes_for_a_signed_stream_are_refused(data: bytes) -> None:
    assert refused(sign(data, [TEST_KEY]))


STREAM: bytes = msgpack.unpackb(TINY_BUNDLE)["payload"]


def test_every_flipped_bit_of_a_signed_stream_is_refused_or_harmless() -> None:
    for bit in range(0, 8 * len(STREAM), 3):
        flipped = bytearray(STREAM)
        flipped[bit >> 3] ^= 1 << (bit & 7)
        refused_or_total(sign(bytes(flipped), [TEST_KEY]))


def test_every_truncation_of_a_signed_stream_is_refused() -> None:
    for length in range(len(STREAM)):
        assert refused(sign(STREAM[:length], [TEST_KEY])), f"{length} bytes"


def test_the_rich_bundle_has_what_only_large_models_need() -> None:
    kinds = [slot[0] for slot in PAYLOAD["models"][0]["index"]["slots"] if slot[5] is not None]

    assert kinds, "sparse rows"
    assert PAYLOAD["models"][0]["index"]["checks"][0], "checks"
    assert len(OFFERS["contents"]) > 2, "columns"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: ".".join(map(str, part)))
def test_every_signed_change_is_refused_or_harmless(part: tuple[Any, ...]) -> None:
    for path in PATHS:
        if path[: len(part)] == part:
            value = at(PAYLOAD, path)
            for changed in (*ODD, *neighbours(value)):
                refused_or_total(resigned(put(PAYLOAD, path, changed)))


def test_every_change_inside_an_offers_content_is_refused_or_harmless() -> None:
    for path in CONTENTS:
        content = msgpack.unpackb(at(PAYLOAD, path), ext_hook=msgpack.ExtType)
        for inner in paths(content):
            for changed in (*ODD, *neighbours(at(content, inner))):
                packed = msgpack.packb(put(content, inner, changed))
                refused_or_total(resigned(put(PAYLOAD, path, packed)))


TEMPLATES = [
    [], ["x"], ["x", "y"], [[0, ""]], [[1, "d"]], [[4, "t"]], [[5, "none"]], [[-1, "x"]],
    [[2**40, "x"]], [[True, "x"]], [[0]], [[0, 1]], [0], [[0.0, "x"]],
    [[0, "x", "y"]], {"a": 1}, "x", None, [[[0, "x"]]],
]  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=map(str, TEMPLATES))
def test_a_template_over_anything_is_refused_or_prints(template: object) -> None:
    content = {"text": msgpack.ExtType(1, msgpack.packb(template))}
    packed = put(PAYLOAD, PRINTS, msgpack.packb(content))
    certificate = at(packed, ("models", 0, "certificate"))
    for extra in ((), (1,), (4,), (1, 4)):
        placements = [sorted({*needs, *extra}) for needs in certificate["placements"]]
        said = {**certificate, "placements": placements}
        refused_or_total(resigned(put(packed, ("models", 0, "certificate"), said)))


def test_deep_and_wide_trees_are_refused_or_harmless() -> None:
    tree: list[object] = [13, 0]
    for depth in range(1, 400):
        tree = [2, tree]
        if depth in (100, 149, 150, 151, 300, 399):
            refused_or_total(resigned(put(PAYLOAD, ("models", 0, "conditions", 0, 2), tree)))


@settings(max_examples=300)
@given(data=st.data())
def test_two_signed_changes_are_refused_or_harmless(data: st.DataObject) -> None:
    payload = PAYLOAD
    for _ in range(2):
        path = data.draw(st.sampled_from(list(paths(payload))[1:]), label="path")
        nearby = list(neighbours(at(payload, path)))
        payload = put(payload, path, data.draw(st.sampled_from([*nearby, *ODD]), label="value"))

    refused_or_total(resigned(payload))
