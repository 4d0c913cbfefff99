"""The index finds what the conditions say, whatever the number of thresholds, members or windows."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discreet.compiler import build
from discreet.compiler.clauses import Clausifier
from discreet.compiler.index import FEW_BITS, MAX_BREAKS, SPARSE_FROM, IndexBuilder, Rows, Slot
from discreet.model import models_from_dicts
from discreet.runtime import kleene as k
from discreet.runtime.index import (
    CLOCK,
    DAYS,
    FEW_MEMBERS,
    FLAG,
    MEMBERS,
    NUMBER,
    PREFIXES,
    SUBSTRINGS,
    SUFFIXES,
    VALUE,
    Index,
    NumberSlot,
)
from discreet.runtime.rows import read_checks, read_slots
from discreet.runtime.straight import slot_by_slot
from support.compiled import (
    BUNDLE,
    CATALOGUE,
    NOW_S,
    TEST_KEY,
    B,
    D,
    N,
    S,
    T,
    chosen,
    document,
    evaluator,
    loaded,
    offer,
    words,
)
from support.products import evaluator_of

NOW_MS = NOW_S * 1000


class Built:
    """The index of some trees, one clause per bit. Only clauses that are not exact keep their tree for confirming."""

    def __init__(self, trees: Sequence[list[Any]]) -> None:
        self.builder = IndexBuilder(CATALOGUE)
        self.tree_of: list[int] = []  # for each bit, the number of its tree
        for number, tree in enumerate(trees):
            made = Clausifier(CATALOGUE, ()).clauses(tree)
            for clause in made.clauses:
                self.builder.add(clause, exact=made.exact, has_tree=not made.exact)
                self.tree_of.append(number)
        self.slots = self.builder.slots()
        self.bits = len(self.builder.clauses)
        read = read_slots([wired(each) for each in self.slots], CATALOGUE, self.bits)
        columns = [*zip(*self.builder.checks, strict=True)] or [()] * 4
        self.index = Index(self.bits, read, read_checks([words(*each) for each in columns], read, self.bits))

    def confirmed(self, alive: int, values: Sequence[Any]) -> set[int]:
        """The numbers of the trees of which a clause is left once it is confirmed by its checks."""
        left = [bit for bit in range(self.bits) if (alive >> bit) & 1]
        return {self.tree_of[bit] for bit in left if self.index.checks.hold(bit, values, NOW_MS, {})}


def wired(slot: Slot) -> list[Any]:
    """A slot as a bundle has it."""
    sparse = None if slot.sparse is None else [words(*slot.sparse.lengths), words(*slot.sparse.bits)]
    return [slot.kind, slot.attribute, slot.keys, slot.more, slot.rows, sparse]


def slots_of(trees: Sequence[list[Any]]) -> list[Slot]:
    return Built(trees).slots


def faults(trees: Sequence[list[Any]], visitors: Sequence[Sequence[Any]]) -> list[object]:
    """Where the index, with its checks, says otherwise than a tree; or lets a clause through as sure that is not."""
    made = Built(trees)
    quick = slot_by_slot(made.index)
    with_tree = {made.tree_of[bit] for bit in made.builder.with_tree}
    found: list[object] = []
    for values in visitors:
        alive = made.index.alive_plainly(values, NOW_MS)
        assert quick(values, NOW_MS) == alive
        visit = k.Visit(values, NOW_MS, ())
        true = {number for number, tree in enumerate(trees) if visit.truth(tree) is True}
        confirmed = made.confirmed(alive, values)
        found += [("lost", trees[number], values) for number in true - confirmed]
        found += [("not true", trees[number], values) for number in confirmed - true - with_tree]
        for bit, number in enumerate(made.tree_of):
            if (alive >> bit) & 1 and number not in true and bit not in made.builder.inexact:
                found.append(("not sure", trees[number], values))
    return found


def visitor(**known: Any) -> list[Any]:
    """One value per attribute of the catalogue, None where it is not said."""
    return [known.get(attribute.name) for attribute in CATALOGUE]


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=25)
@given(
    thresholds=st.lists(finite | st.integers(-300, 300), min_size=1, max_size=8, unique=True),
    operation=st.sampled_from((k.COMPARE, k.DAYS_COMPARE)),
)
def test_every_order_test_is_right_at_just_below_and_just_above_its_threshold(
    thresholds: list[float], operation: int
) -> None:
    number = N if operation == k.COMPARE else D
    trees: list[list[Any]] = [[operation, number, sign, each] for each in thresholds for sign in range(6)]
    trees += [[k.NOT, tree] for tree in trees]
    near = {n for t in thresholds for n in (t, math.nextafter(t, -math.inf), math.nextafter(t, math.inf))}
    if operation == k.COMPARE:
        visitors = [visitor(n=value) for value in sorted(n for n in near if n - n == 0)]
    else:
        instants = [NOW_MS - t * 86_400_000 for t in near if abs(t) < 1e7]
        visitors = [
            visitor(d=at) for i in instants for at in (i, math.nextafter(i, 0), math.nextafter(i, 1e300))
        ]

    assert faults(trees, [*visitors, visitor()]) == []


@settings(max_examples=5)
@given(
    thresholds=st.lists(finite, min_size=300, max_size=400, unique=True),
    signs=st.lists(st.integers(0, 5), min_size=8, max_size=8),
)
def test_more_thresholds_than_cells_still_decide_right(thresholds: list[float], signs: list[int]) -> None:
    trees = [[k.COMPARE, N, signs[at % 8], each] for at, each in enumerate(thresholds)]
    sample = thresholds[:: len(thresholds) // 12]
    near = {n for t in sample for n in (t, math.nextafter(t, -math.inf), math.nextafter(t, math.inf))}

    made = Built(trees)
    (slot,) = made.index.slots

    assert isinstance(slot, NumberSlot)
    assert len(slot.breaks) == MAX_BREAKS < len(slot.ends)
    assert made.builder.inexact
    assert {*made.index.checks.bits()} == made.builder.inexact
    assert faults(trees, [visitor(n=n) for n in sorted(near) if n - n == 0]) == []


def test_intervals_that_share_a_coarse_cell_are_confirmed() -> None:
    ends = [float(number) for number in range(0, 4_000, 4)]
    points = [k.AMONG, N, ends]  # two ends for each: far more than cells
    gaps = [k.NOT, points]
    values = [*ends[:40], *(end + 1 for end in ends[:40]), -1, 5_000, 3_996, 3_997]

    assert Built([points, gaps]).builder.inexact == {0, 1}
    assert faults([points, gaps], [visitor(n=value) for value in values]) == []


def test_four_hundred_thresholds_choose_right_through_the_whole_way() -> None:
    by_spend = evaluator(*(offer(f"o{n}", when=f"n >= {n}", priority=n) for n in range(400)))

    for value in (*range(400), 0.5, 77.5, 398.999, 1e300):
        assert chosen(by_spend, {"n": value}) == f"o{min(int(value), 399)}"
    assert chosen(by_spend, {"n": -0.001}) == "none"
    assert chosen(by_spend, {}) == "none"


def test_four_hundred_windows_choose_right_to_the_millisecond() -> None:
    def moment(second: int) -> str:
        return f"2026-03-01T00:{second // 60:02}:{second % 60:02}Z"

    windows = evaluator(
        *(offer(f"o{n}", valid={"from": moment(n), "until": moment(n + 1)}) for n in range(400))
    )

    for second in (0, 1, 200, 398, 399):
        assert chosen(windows, {}, NOW_S + second) == f"o{second}"
        assert chosen(windows, {}, NOW_S + second + 0.999) == f"o{second}"
    assert chosen(windows, {}, NOW_S - 0.001) == "none"
    assert chosen(windows, {}, NOW_S + 400) == "none"


_TEXTS = st.text(alphabet="ab", max_size=4)
_TEXT_TREES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from((k.STARTS_WITH, k.ENDS_WITH, k.CONTAINS)), st.just(S), _TEXTS).map(list),
        st.tuples(st.just(k.COMPARE), st.just(S), st.integers(0, 1), _TEXTS).map(list),
    ).flatmap(lambda leaf: st.sampled_from([leaf, [k.NOT, leaf], [k.ALL, leaf, [k.NOT, [k.CONTAINS, S, "bb"]]]])),
    min_size=1,
    max_size=8,
)  # fmt: skip


@given(trees=_TEXT_TREES, texts=st.lists(_TEXTS, min_size=1, max_size=6))
def test_prefixes_suffixes_and_substrings_are_found(trees: list[list[Any]], texts: list[str]) -> None:
    assert faults(trees, [visitor(s=text) for text in texts] + [visitor()]) == []


_GROUP = st.lists(st.sampled_from("abcde"), min_size=1, max_size=3)
_SET_TREES = st.lists(
    st.lists(
        st.tuples(st.sampled_from((k.INCLUDES_SOME, k.INCLUDES_ALL)), st.just(T), _GROUP).map(list)
        .flatmap(lambda leaf: st.sampled_from([leaf, [k.NOT, leaf]])),
        min_size=1, max_size=3,
    ).map(lambda parts: [k.ALL, *parts]),
    min_size=1,
    max_size=6,
)  # fmt: skip


@given(trees=_SET_TREES, sets=st.lists(st.frozensets(st.sampled_from("abcdef")), min_size=1, max_size=6))
def test_groups_of_wanted_and_unwanted_members_are_found(
    trees: list[list[Any]], sets: list[frozenset[str]]
) -> None:
    assert faults(trees, [visitor(t=each) for each in sets] + [visitor()]) == []


def test_a_set_of_many_members_is_found_like_one_of_few() -> None:
    trees = [[k.INCLUDES_SOME, T, [f"m{number}"]] for number in range(50)]
    sizes = (0, 1, FEW_MEMBERS - 1, FEW_MEMBERS, FEW_MEMBERS + 1, 200)

    visitors = [visitor(t=frozenset(f"m{number}" for number in range(0, 3 * size, 3))) for size in sizes]

    assert faults(trees, visitors) == []


_TREES = st.one_of(_SET_TREES, _TEXT_TREES)


@given(
    parts=st.lists(_TREES, min_size=1, max_size=3),
    texts=st.lists(_TEXTS, min_size=1, max_size=3),
    sets=st.lists(st.none() | st.frozensets(st.sampled_from("abcdef")), min_size=1, max_size=3),
    flag=st.sampled_from((None, True, False)),
)
def test_the_straight_line_is_the_plain_path(
    parts: list[list[list[Any]]], texts: list[str], sets: list[Any], flag: bool | None
) -> None:
    trees = [tree for part in parts for tree in part] + [[k.COMPARE, B, k.EQUAL, True], [k.UNKNOWN, B]]
    visitors = [visitor(s=text, t=members, b=flag) for text in texts for members in sets]

    assert faults(trees, visitors) == []  # compares both on its way


def test_a_row_is_whole_little_endian_words() -> None:
    assert Rows(0).blob([0]) == bytes(4)
    assert Rows(32).blob([1 << 31]) == b"\x00\x00\x00\x80"
    assert Rows(33).blob([Rows(33).row([0, 32])]) == b"\x01\x00\x00\x00\x01\x00\x00\x00"


def test_the_slots_have_the_layout_of_the_specification() -> None:
    made = slots_of([
        [k.COMPARE, S, k.EQUAL, "IT"],
        [k.ALL, [k.COMPARE, N, k.AT_LEAST, 100], [k.COMPARE, B, k.EQUAL, True]],
        [k.ALL, [k.NOT, [k.INCLUDES_SOME, T, ["x"]]], [k.UNKNOWN, S]],
    ])  # fmt: skip

    assert [
        (each.kind, each.attribute, each.keys, each.more, each.rows.hex(" ", 4), each.sparse) for each in made
    ] == [
        (FLAG, B, [], [], "05000000 05000000 05000000 07000000", None),
        (NUMBER, N, struct.pack("<d", 100.0), b"", "05000000 05000000 02000000", None),
        (VALUE, S, ["IT"], [], "06000000 02000000 01000000", None),
        (MEMBERS, T, [], ["x"], "03000000 07000000 04000000", None),
    ]


def test_the_worked_example_has_the_bytes_of_the_specification() -> None:
    made = slots_of([[k.COMPARE, S, k.EQUAL, "IT"], [k.COMPARE, N, k.AT_LEAST, 100]])

    assert [(each.keys, each.rows.hex(" ", 4)) for each in made] == [
        (struct.pack("<d", 100.0), "01000000 01000000 02000000"),
        (["IT"], "02000000 02000000 01000000"),
    ]


def test_a_thinned_slot_keeps_all_ends_and_says_what_to_check() -> None:
    made = Built([[k.COMPARE, N, k.LESS, at] for at in range(MAX_BREAKS + 1)])
    (slot,) = made.slots

    assert len(slot.keys) == 8 * MAX_BREAKS
    assert slot.more == struct.pack(f"<{MAX_BREAKS + 1}d", *range(MAX_BREAKS + 1))
    assert made.builder.checks == [(255, 0, 0, 256)]  # `n < 255`: from minus infinity to the last end


def test_groups_of_members_are_checked_key_by_key() -> None:
    made = Built([[k.INCLUDES_ALL, T, ["x", "y"]], [k.INCLUDES_SOME, T, ["z"]]])

    assert made.slots[0].keys == ["x", "y", "z"]
    assert made.builder.checks == [(0, 0, 0, 0), (0, 0, 1, 1)]
    assert made.builder.inexact == {0}


def test_what_has_a_tree_to_confirm_it_has_no_checks() -> None:
    builder = IndexBuilder(CATALOGUE)
    for clause in Clausifier(CATALOGUE, ()).clauses([k.INCLUDES_ALL, T, ["x", "y"]]).clauses:
        builder.add(clause, exact=True, has_tree=True)
    builder.slots()

    assert (builder.inexact, builder.checks) == ({0}, [])


def keyed(count: int, last: int = 1) -> list[list[Any]]:
    """Trees on so many keys, the last of which `last` of them name."""
    keys = [*range(count - 1), *[count - 1] * last]
    return [[k.COMPARE, S, k.EQUAL, f"k{at:05}"] for at in keys]


def test_only_a_slot_of_many_keys_is_sparse() -> None:
    (few,), (many,) = slots_of(keyed(SPARSE_FROM)), slots_of(keyed(SPARSE_FROM + 1))

    assert few.sparse is None
    assert many.sparse is not None
    assert many.sparse.lengths == (1,) * (SPARSE_FROM + 1)
    assert many.sparse.bits == (*range(SPARSE_FROM + 1),)


@pytest.mark.parametrize(("last", "sparse"), [(FEW_BITS, SPARSE_FROM + 1), (FEW_BITS + 1, SPARSE_FROM)])
def test_a_key_of_many_clauses_has_a_row_of_its_own(last: int, sparse: int) -> None:
    (slot,) = slots_of(keyed(SPARSE_FROM + 1, last))

    assert slot.sparse is not None
    assert len(slot.sparse.lengths) == sparse
    assert len(slot.rows) == (2 + SPARSE_FROM + 1 - sparse) * Rows(SPARSE_FROM + last).width


@pytest.mark.parametrize("sign", [k.EQUAL, k.UNEQUAL], ids=["equal", "unequal"])
def test_sparse_values_are_found(sign: int) -> None:
    trees: list[list[Any]] = [[k.COMPARE, S, sign, f"k{at}"] for at in range(SPARSE_FROM + 1)]
    trees += [[k.AMONG, S, ["k1", "k2", "other"]], [k.NOT, [k.AMONG, S, ["k1", "k2"]]]]

    assert faults(trees, [visitor(), *(visitor(s=text) for text in ("k1", "k2", "k3", "other", ""))]) == []


@pytest.mark.parametrize("operation", [k.STARTS_WITH, k.ENDS_WITH, k.CONTAINS])
def test_sparse_texts_are_found(operation: int) -> None:
    trees: list[list[Any]] = [[operation, S, f"k{at}k"] for at in range(SPARSE_FROM + 1)]
    trees += [[k.NOT, [operation, S, "k3k"]], [k.ALL, [operation, S, "k1k"], [operation, S, "k2k"]]]

    assert faults(trees, [visitor(), *(visitor(s=text) for text in ("k1k", "xk2kk1k", "k3k", ""))]) == []


def test_sparse_members_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discreet.compiler.index.SPARSE_SET_BYTES", 0)
    trees: list[list[Any]] = [[k.INCLUDES_SOME, T, [f"k{at}"]] for at in range(SPARSE_FROM + 1)]
    trees += [[k.INCLUDES_ALL, T, ["k1", "k2"]], [k.NOT, [k.INCLUDES_SOME, T, ["k3"]]]]
    sets: Sequence[Sequence[str]] = ([], ["k1"], ["k1", "k2"], ["k3", "k4"], ["other"])

    assert faults(trees, [visitor(), *(visitor(t=frozenset(each)) for each in sets)]) == []


def test_a_set_of_many_members_keeps_rows_while_they_are_small() -> None:
    (slot,) = slots_of([[k.INCLUDES_SOME, T, [f"k{at}"]] for at in range(SPARSE_FROM + 1)])

    assert slot.sparse is None


def test_every_kind_of_slot_is_built_and_read() -> None:
    texts = [
        'starts_with(s, "a")',
        'ends_with(s, "a")',
        'contains(s, "a")',
        's == "a"',
        "b",
        "n == 1",
        '"x" in t',
    ]
    window = {"valid": {"from": "2026-02-28"}}
    whole = loaded(
        build(
            models_from_dicts([
                document(*(offer(f"o{at}", when=text) for at, text in enumerate([*texts, "days_since(d) < 1"])),
                         offer("w", **window))
            ]),
            [TEST_KEY], **BUNDLE,
        )
    )  # fmt: skip
    kinds = {type(slot).__name__ for slot in whole.bundle.models[0].index.slots}

    assert len({VALUE, FLAG, NUMBER, DAYS, MEMBERS, PREFIXES, SUFFIXES, SUBSTRINGS, CLOCK}) == 9
    assert kinds == {
        "EqualSlot", "NumberSlot", "DaysSlot", "ClockSlot", "MembersSlot", "PrefixesSlot", "SuffixesSlot",
        "SubstringsSlot",
    }  # fmt: skip


def test_a_model_whose_offers_ask_nothing_has_no_slots() -> None:
    asks_nothing = evaluator_of([document(offer())])

    assert asks_nothing.bundle.models[0].index.slots == ()
    assert chosen(asks_nothing, {}) == "it"
