"""What a decoder takes at its bounds, and what it refuses just beyond: rows, shapes, checks, placements, candidates."""

from __future__ import annotations

import struct

import pytest

from discreet.errors import MalformedBundle
from discreet.runtime.blobs import read_rows
from discreet.runtime.contents import MAX_KEYS, read_contents
from discreet.runtime.index import NUMBER
from discreet.runtime.rows import read_checks, read_slots
from support.compiled import CATALOGUE, Document, M, N, chosen, evaluator, loaded, offer, tampered, words


def test_every_row_is_refused_that_has_a_bit_below_the_first() -> None:
    assert read_rows(2, 3, 1)(words(0b110, 0b010)) == [0b110, 0b010]
    with pytest.raises(ValueError, match="below the first"):
        read_rows(2, 3, 1)(words(0b110, 0b011))


def test_contents_have_so_many_keys_and_no_more() -> None:
    keys = [f"k{number}" for number in range(MAX_KEYS + 1)]

    most = read_contents([[keys[1:], [[1]] * MAX_KEYS]], [0], frozenset())
    assert len(most.content(0, ())) == MAX_KEYS
    with pytest.raises(ValueError, match="not a shape"):
        read_contents([[keys, [[1]] * len(keys)]], [0], frozenset())


def test_the_same_keys_in_another_order_are_another_shape() -> None:
    read = read_contents([[["a", "b"], [[1], [2]]], [["b", "a"], [[3], [4]]]], [0, 1], frozenset())

    assert [list(read.content(number, ()).items()) for number in (0, 1)] == [
        [("a", 1), ("b", 2)], [("b", 3), ("a", 4)]
    ]  # fmt: skip


def test_intervals_of_different_slots_do_not_overlap_each_other() -> None:
    ends = struct.pack("<4d", 1, 2, 3, 4)
    rows = words(0, 1)
    slots = read_slots([[NUMBER, attribute, b"", ends, rows, None] for attribute in (M, N)], CATALOGUE, 1)

    checks = read_checks([words(0, 0, 0), words(0, 0, 1), words(1, 3, 1), words(2, 4, 2)], slots, 1)
    assert [number for number, _, _ in checks.of(0)] == [0, 1]


def test_a_model_without_a_placement_is_refused() -> None:
    def edit(payload: Document) -> None:
        model = payload["models"][0]
        model["placements"] = []
        model["certificate"]["placements"] = []

    with pytest.raises(MalformedBundle):
        loaded(tampered(edit))


def test_the_best_offer_is_found_behind_many_that_a_closer_look_refuses() -> None:
    points = [number / 4 for number in range(200)]
    of = evaluator(
        *(offer(f"o{at}-{point}", when=f"n == {point}", priority=9) for point in points for at in range(6)),
        offer("behind", when="known(n)"),
    )

    assert {chosen(of, {"n": point + 0.001}) for point in points} == {"behind"}
    assert chosen(of, {"n": 7.25}) == "o0-7.25"
