"""What an index says of a clause reads back as conditions, as true, false and unknown as what the author wrote.

Each tree here is the whole condition of one offer; the offers of a model are compiled, packed, signed and loaded, and
then asked for by number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from discreet.compiler import compile_models
from discreet.compiler.index import MAX_BREAKS, SPARSE_FROM
from discreet.model import models_from_dicts
from discreet.runtime import kleene as k
from discreet.runtime.explain import Asked
from discreet.runtime.index import EqualSlot, MembersSlot, NumberSlot
from discreet.runtime.printing import text_of_tree
from discreet.runtime.readback import Readback
from discreet.runtime.trees import Trees
from support import strategies as s
from support.compiled import CATALOGUE, NOW_S, B, D, Document, N, S, T, document, offer
from support.products import evaluator_of

NOW_MS = NOW_S * 1000.0
DAY_MS = 86_400_000
Visitor = list[Any]


class Read:
    """A model of offers with these conditions, compiled and loaded: what the author wrote, and what was read back."""

    def __init__(self, whens: Sequence[Any], **fields: Any) -> None:
        self.made = document(*(offer(f"o{at:05}", when=when, **fields) for at, when in enumerate(whens)))
        (compiled,) = compile_models(models_from_dicts([self.made])).models
        evaluator = evaluator_of([self.made])
        self.model = evaluator.bundle.models[0]
        self.written = [each.tree for each in compiled.offers]
        self.said = [
            number for number in range(1, len(self.written)) if number not in self.model.offers.trees
        ]
        self.asked = Asked(self.model)

    def faults(self, visitors: Sequence[Visitor], now_ms: float = NOW_MS) -> list[object]:
        """The conditions that the index says which are otherwise true, false or unknown of some visitor."""
        return [
            (self.made["offers"][number]["when"], read, values)
            for number in self.said
            if (read := self.asked.tree(number)) is not None
            for values in visitors
            if truth(read, values, now_ms) is not truth(self.written[number], values, now_ms)
        ]


def truth(tree: list[Any] | None, values: Visitor, now_ms: float = NOW_MS) -> bool | None:
    return True if tree is None else k.Visit(values, now_ms, ()).truth(tree)


def visitor(**known: Any) -> Visitor:
    """One value per attribute of the catalogue, None where it is not said."""
    return [known.get(attribute.name) for attribute in CATALOGUE]


def pools() -> dict[str, Sequence[Any]]:
    """Values that the tests of `support.strategies` tell apart, and none."""
    numbers = (-1.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 10.0, 1e300)
    ages = (-2.0, -1.0, 0.0, 0.25, 0.5, 1.0, 10.0, 28.0, 29.0)
    return {
        "b": (None, True, False),
        "d": (None, 0.0, *(NOW_MS - age * DAY_MS for age in ages)),
        "m": (None, *numbers),
        "n": (None, *numbers),
        "s": (None, "", "a", "ab", "b", "aB", "é", "ba", "xab", "abx", "bab"),
        "t": (
            None,
            *map(frozenset, ((), ("a",), ("b",), ("a", "b"), ("ab", ""), ("a", "ab", "b"), ("aB", "ba"))),
        ),
    }


VISITORS = st.fixed_dictionaries({name: st.sampled_from(pool) for name, pool in pools().items()}).map(
    lambda known: visitor(**known)
)
KINDS = {attribute.name: attribute.type.value for attribute in CATALOGUE}


def a_test_of(name: str) -> st.SearchStrategy[str]:
    """A test of one attribute, by any operator, or its negation."""
    plain = st.sampled_from((*s.tests(name, KINDS[name]), f"known({name})"))
    return st.one_of(plain, plain, plain.map(lambda test: f"not ({test})"))


CONJUNCTIONS = st.lists(st.sampled_from(sorted(KINDS)).flatmap(a_test_of), min_size=1, max_size=5)


@given(
    whens=st.lists(CONJUNCTIONS, min_size=1, max_size=5), visitors=st.lists(VISITORS, min_size=8, max_size=30)
)
def test_a_conjunction_reads_back_as_what_the_author_wrote(
    whens: list[list[str]], visitors: list[Visitor]
) -> None:
    assert Read(whens).faults([visitor(), *visitors]) == []


EVERY_TEST = sorted({(name, test) for name, kind in KINDS.items() for test in s.tests(name, kind)})


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_single_test_reads_back_alone_and_negated(name: str) -> None:
    tests = [f"known({name})", *(test for of, test in EVERY_TEST if of == name)]
    read = Read([form.format(test) for test in tests for form in ("{}", "not ({})")])

    assert len(read.said) > len(tests) / 2
    assert read.faults([visitor(**{name: value}) for value in pools()[name]]) == []


@given(whens=st.lists(CONJUNCTIONS, min_size=1, max_size=4))
def test_what_is_read_back_is_a_tree_that_a_loader_would_take(whens: list[list[str]]) -> None:
    read = Read(whens)

    for number in read.said:
        tree = read.asked.tree(number)
        assert tree is not None
        needs = Trees(CATALOGUE).needs(tree)
        assert tuple(sorted(needs.attributes)) == read.model.certificate.offers[f"o{number - 1:05}"]
        assert text_of_tree(tree, CATALOGUE, [])


EDGES = (-1.7976931348623157e308, -5e-324, 0.0, 5e-324, 0.1, 2.0**53, 1.7976931348623157e308)


def near(value: float) -> list[float]:
    around = (math.nextafter(value, -math.inf), value, math.nextafter(value, math.inf))
    return [each for each in around if math.isfinite(each)]


@given(thresholds=st.lists(st.sampled_from(EDGES) | st.floats(allow_nan=False, allow_infinity=False), min_size=1,
                           max_size=6, unique=True))  # fmt: skip
@example(thresholds=[EDGES[0]])
@example(thresholds=[EDGES[-1]])
def test_order_tests_read_back_exactly_at_just_below_and_just_above_their_thresholds(
    thresholds: list[float],
) -> None:
    signs = ("==", "!=", "<", "<=", ">", ">=")
    read = Read([f"n {sign} {each!r}" for each in thresholds for sign in signs])
    visitors = [visitor(n=value) for each in thresholds for value in near(each)]

    assert read.faults([visitor(), *visitors]) == []
    for number in read.said:
        Trees(CATALOGUE).needs(read.asked.tree(number))


def test_thinned_thresholds_read_back_exactly() -> None:
    thresholds = [round(-50 + at * 0.31, 2) for at in range(400)]
    signs = ("<", "<=", ">", ">=", "==", "!=")
    whens = [f"n {signs[at % 6]} {each}" for at, each in enumerate(thresholds)]
    whens += [
        f"n >= {low} and n < {high}" for low, high in zip(thresholds[::7], thresholds[3::7], strict=False)
    ]
    whens += [f"n in [{a}, {b}]" for a, b in zip(thresholds[::11], thresholds[5::11], strict=False)]
    whens += [f"n not in [{a}, {b}]" for a, b in zip(thresholds[::13], thresholds[5::13], strict=False)]
    read = Read(whens)
    sample = thresholds[::9]

    (slot,) = [each for each in read.model.index.slots if isinstance(each, NumberSlot)]
    assert len(slot.breaks) == MAX_BREAKS < len(slot.ends)
    assert read.said == [*range(1, len(whens) + 1)]
    assert read.faults([visitor(), *(visitor(n=value) for each in sample for value in near(each))]) == []


def test_thinned_days_read_back_exactly() -> None:
    whens = [f"days_since(d) {('<', '>=')[at % 2]} {at / 2}" for at in range(300)]
    read = Read(whens)
    instants = [NOW_MS - at * 0.5 * DAY_MS + shift for at in range(0, 310, 13) for shift in (-1, 0, 1)]

    assert read.model.index.checks.bits()
    assert read.said == [*range(1, len(whens) + 1)]
    assert read.faults([visitor(), *(visitor(d=instant) for instant in instants)]) == []


_SETS = st.frozensets(st.sampled_from("abcde"))
_ALL_OF = st.lists(st.sampled_from("abcde"), min_size=1, max_size=4).map(
    lambda members: f"all_of(t, {', '.join(f'{chr(34)}{each}{chr(34)}' for each in members)})"
)
_ANY_OF = _ALL_OF.map(lambda test: test.replace("all_of", "any_of"))
_SET_TESTS = st.lists(
    st.one_of(_ALL_OF, _ANY_OF, _ANY_OF.map(lambda test: f"not {test}")), min_size=1, max_size=4
)


@given(whens=st.lists(_SET_TESTS, min_size=1, max_size=6), sets=st.lists(_SETS, min_size=1, max_size=12))
@example(whens=[['all_of(t, "a", "b")', 'any_of(t, "b", "c")', 'not any_of(t, "d")']], sets=[frozenset("ab")])
def test_groups_of_members_read_back(whens: list[list[str]], sets: list[frozenset[str]]) -> None:
    assert Read(whens).faults([visitor(), *(visitor(t=each) for each in sets)]) == []


def test_groups_of_texts_read_back() -> None:
    read = Read(
        [
            ['contains(s, "a")', 'contains(s, "b")'],
            ['starts_with(s, "a")', 'ends_with(s, "b")', 'not contains(s, "c")'],
            ['not starts_with(s, "a")', 'not starts_with(s, "b")'],
        ]
    )
    texts = ("", "a", "b", "ab", "ba", "acb", "c", "cab")

    assert read.said == [1, 2, 3]
    assert read.faults([visitor(), *(visitor(s=text) for text in texts)]) == []


def test_sparse_values_read_back() -> None:
    count = SPARSE_FROM + 20
    read = Read(
        [
            *(f's == "k{at}"' for at in range(count)),
            's in ["k3", "k5", "k7000"]',
            's not in ["k3", "k5"]',
            's != "k4"',
        ]
    )
    texts = ("k3", "k4", "k5", "k7000", "k1030", "other", "")

    (slot,) = [each for each in read.model.index.slots if isinstance(each, EqualSlot)]
    assert slot.sparse is not None
    assert read.said == [*range(1, count + 4)]
    assert read.faults([visitor(), *(visitor(s=text) for text in texts)]) == []


def test_sparse_members_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discreet.compiler.index.SPARSE_SET_BYTES", 0)
    count = SPARSE_FROM + 20
    read = Read(
        [
            *(f'"k{at}" in t' for at in range(count)),
            'any_of(t, "k3", "k5", "k7000")',
            'all_of(t, "k3", "k5", "k9000")',
            'not any_of(t, "k3", "k5")',
        ]
    )
    sets = ((), ("k3",), ("k3", "k5"), ("k3", "k5", "k9000"), ("k7000",), ("other",), ("k1030", "k2"))

    (slot,) = [each for each in read.model.index.slots if isinstance(each, MembersSlot)]
    assert slot.sparse is not None
    assert read.said == [*range(1, count + 4)]
    assert read.faults([visitor(), *(visitor(t=frozenset(each)) for each in sets)]) == []


def moment(second: int) -> str:
    return f"2026-03-01T00:{second // 60:02}:{second % 60:02}Z"


@pytest.mark.parametrize("count", [5, 300], ids=["apart", "thinned"])
def test_windows_read_back(count: int) -> None:
    windows: list[Document] = [{"from": moment(n), "until": moment(n + 7)} for n in range(count)]
    windows += [{"from": moment(3)}, {"until": moment(4)}, {}]
    made = document(
        *(offer(f"o{at:05}", **({"valid": each} if each else {})) for at, each in enumerate(windows))
    )
    model = evaluator_of([made]).bundle.models[0]
    readback = Readback(model.index)

    for bit, number in enumerate(model.clauses.offers):
        from_ms, until_ms = model.offers[number].window
        read = readback.windows(bit)
        if from_ms is until_ms is None:
            assert read is None
        else:
            low = -math.inf if from_ms is None else from_ms
            assert read == [(low, math.inf if until_ms is None else until_ms)]


def test_a_window_is_no_test_of_an_attribute() -> None:
    read = Read(["n > 1"], valid={"from": "2026-01-01"})

    assert read.asked.tree(1) == [k.COMPARE, N, k.MORE, 1]


def test_an_offer_that_asks_nothing_reads_back_as_no_condition() -> None:
    asks_nothing = evaluator_of([document(offer("plain"), offer("open", valid={"from": "2026-01-01"}))])
    asked = Asked(asks_nothing.bundle.models[0])

    assert [asked.tree(number) for number in range(3)] == [None] * 3


@pytest.mark.parametrize("name", sorted(KINDS))
def test_what_asks_for_the_unknown_reads_back_from_its_clause(name: str) -> None:
    read = Read([f"unknown({name})", f"unknown({name}) and known(m)"], waive="withdrawal")
    (number,) = [slot for slot, attribute in enumerate(CATALOGUE) if attribute.name == name]
    readback, first = Readback(read.model.index), read.model.clauses.first

    trees = {offer: readback.tests(bit) for bit, offer in enumerate(read.model.clauses.offers, first)}

    assert trees[1] == [[k.UNKNOWN, number]]
    if name != "m":
        assert sorted(trees[2]) == sorted([[k.UNKNOWN, number], [k.KNOWN, 2]])


@given(data=st.data())
def test_the_clauses_of_any_condition_read_back_as_tests_that_imply_it(data: st.DataObject) -> None:
    """Also of those that travel as trees: where one clause's tests hold of a visitor, so does what is exact."""
    attributes = data.draw(s.catalogues())
    made = data.draw(s.models(attributes, waivers=True))
    evaluator = evaluator_of([made])
    model = evaluator.bundle.models[0]
    readback, first = Readback(model.index), model.clauses.first
    trees = {each.id: each.tree for each in compile_models(models_from_dicts([made])).models[0].offers}
    known = evaluator.permit(
        data.draw(s.visitors(s.attributes_of([made]))), data.draw(s.consents()), now_s=NOW_S
    )
    visit = model.visit(known.values, NOW_MS)

    for place, number in enumerate(model.clauses.offers):
        tree = readback.tree(first + place)
        tree_of = trees[model.offers.ids[number]]
        sure = model.clauses.unsure[place] == "0"
        if sure and tree_of is not None and (tree is None or visit.truth(tree) is True):
            assert visit.truth(tree_of) is True


READ = {
    "b": [k.COMPARE, B, k.EQUAL, True],
    "not b": [k.COMPARE, B, k.EQUAL, False],
    "known(b)": [k.KNOWN, B],
    "n >= 5": [k.COMPARE, N, k.AT_LEAST, 5],
    "n > 5": [k.COMPARE, N, k.MORE, 5],
    "n <= 5": [k.COMPARE, N, k.AT_MOST, 5],
    "n < 5": [k.COMPARE, N, k.LESS, 5],
    "n == 5": [k.COMPARE, N, k.EQUAL, 5],
    "n != 5": [k.COMPARE, N, k.UNEQUAL, 5],
    "n in [5, 7]": [k.AMONG, N, [5, 7]],
    "n not in [5, 7]": [k.NOT, [k.AMONG, N, [5, 7]]],
    "2 <= n < 5": [k.ALL, [k.COMPARE, N, k.AT_LEAST, 2], [k.COMPARE, N, k.LESS, 5]],
    "days_since(d) > 7": [k.DAYS_COMPARE, D, k.MORE, 7],
    "days_since(d) in [1, 2]": [k.DAYS_AMONG, D, [1, 2]],
    's == "IT"': [k.COMPARE, S, k.EQUAL, "IT"],
    's != "IT"': [k.COMPARE, S, k.UNEQUAL, "IT"],
    's in ["FR", "IT"]': [k.AMONG, S, ["FR", "IT"]],
    's not in ["FR", "IT"]': [k.NOT, [k.AMONG, S, ["FR", "IT"]]],
    'starts_with(s, "I")': [k.STARTS_WITH, S, "I"],
    'ends_with(s, "T")': [k.ENDS_WITH, S, "T"],
    'not contains(s, "x")': [k.NOT, [k.CONTAINS, S, "x"]],
    '"x" in t': [k.INCLUDES_SOME, T, ["x"]],
    'any_of(t, "x", "y")': [k.INCLUDES_SOME, T, ["x", "y"]],
    'all_of(t, "x", "y")': [k.INCLUDES_ALL, T, ["x", "y"]],
    'not any_of(t, "x", "y")': [k.NOT, [k.INCLUDES_SOME, T, ["x", "y"]]],
}


@pytest.mark.parametrize("when", READ)
def test_plain_tests_read_back_as_an_author_would_write_them(when: str) -> None:
    assert Read([when]).asked.tree(1) == READ[when]


def test_what_needs_its_own_words_travels_as_a_tree() -> None:
    whens = ["n > 1 or b", "not (n > 1 and b)", "c", "n == 1 and n == 2", 'not all_of(t, "x", "y")']
    made = document(
        *(offer(f"o{at}", when=when) for at, when in enumerate(whens)),
        offer("waives", when="unknown(n)", waive="withdrawal"),
        conditions={"c": {"says": "It is so", "when": "b"}},
    )
    model = evaluator_of([made]).bundle.models[0]

    assert sorted(model.offers.trees) == [*range(1, len(whens) + 2)]


def test_what_the_index_says_costs_no_tree() -> None:
    model = evaluator_of(
        [document(*(offer(f"o{at}", when=when) for at, when in enumerate(READ)))]
    ).bundle.models[0]

    assert model.offers.trees == {}
