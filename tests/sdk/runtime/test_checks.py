"""Checks are read strictly, and confirm a clause exactly where its index let too much through."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from discreet.errors import MalformedBundle
from discreet.runtime import kleene as k
from discreet.runtime.checks import Checks
from discreet.runtime.index import CLOCK, DAYS, FLAG, MEMBERS, NUMBER, SUBSTRINGS, VALUE
from discreet.runtime.rows import read_checks, read_slots
from support.compiled import CATALOGUE, B, D, Document, N, S, T, chosen, loaded, offer, tampered, words
from support.naming import named
from support.refusals import MODEL, ONE

BITS = 3
DAY_MS = 86_400_000


def doubles(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


NOBODY = words(0)
# The slots by number; a number's ends are e(0) to e(4): minus infinity, 1, 2, 3, infinity. No clause asks anything of
# an unknown value.
A_NUMBER, SOME_DAYS, THE_CLOCK, A_SET, A_TEXT, A_VALUE, A_FLAG = range(7)
SLOTS = read_slots(
    [
        [NUMBER, N, doubles(1), doubles(1, 2, 3), NOBODY * 3, None],
        [DAYS, D, doubles(1), doubles(1, 2, 3), NOBODY * 3, None],
        [CLOCK, None, doubles(1), doubles(1, 2, 3), NOBODY * 3, None],
        [MEMBERS, T, ["x", "y", "z"], [], NOBODY * 4, [words(1), words(0)]],
        [SUBSTRINGS, S, ["a", "b"], [], NOBODY * 4, None],
        [VALUE, S, ["a", "b"], [], NOBODY * 4, None],
        [FLAG, B, [], [], NOBODY * 4, None],
    ],
    CATALOGUE,
    BITS,
)
Check = tuple[int, int, int, int]


def columns(*checks: Sequence[int]) -> list[bytes]:
    return [words(*column) for column in zip(*checks, strict=True)] or [b""] * 4


def checks(*given: Check) -> Checks:
    return read_checks(columns(*given), SLOTS, BITS)


def holds(*given: Check, now_ms: float = 0.0, **known: Any) -> bool:
    """Whether clause 0 is confirmed by these checks."""
    return checks(*given).hold(0, [known.get(each.name) for each in CATALOGUE], now_ms, {})


def test_no_checks_are_four_empty_columns() -> None:
    assert not checks().bits()


def test_the_clauses_that_have_checks_are_known() -> None:
    assert checks((0, A_SET, 0, 0), (2, A_NUMBER, 0, 1), (2, A_NUMBER, 2, 3)).bits() == [0, 2]


def test_the_checks_of_a_clause_come_slot_by_slot() -> None:
    read = checks(
        (0, A_NUMBER, 0, 1), (1, A_NUMBER, 0, 1), (1, A_NUMBER, 2, 4), (1, A_SET, 0, 2), (2, A_SET, 0, 0)
    )

    assert [(number, [*lows], [*highs]) for number, lows, highs in read.of(1)] == [
        (A_NUMBER, [0, 2], [1, 4]),
        (A_SET, [0], [2]),
    ]
    assert [*checks().of(0)] == []


@pytest.mark.parametrize(
    ("value", "inside"),
    [(None, False), (-math.inf, True), (0.999, True), (1, False), (1.999, False), (2, True), (2.999, True),
     (3, False), (1e300, False)],
)  # fmt: skip
def test_a_number_lies_in_one_of_its_half_open_intervals(value: float | None, inside: bool) -> None:
    assert holds((0, A_NUMBER, 0, 1), (0, A_NUMBER, 2, 3), n=value) is inside


@pytest.mark.parametrize(("value", "inside"), [(2.999, False), (3, True), (1.7976931348623157e308, True)])
def test_the_last_end_is_infinity(value: float, inside: bool) -> None:
    assert holds((0, A_NUMBER, 3, 4), n=value) is inside


def test_intervals_may_touch() -> None:
    assert holds((0, A_NUMBER, 0, 1), (0, A_NUMBER, 1, 2), n=1)


@pytest.mark.parametrize(
    ("days", "inside"), [(None, False), (0.5, False), (1, True), (1.5, True), (2, False)]
)
def test_days_lie_in_their_interval(days: float | None, inside: bool) -> None:
    now_ms = 10.0 * DAY_MS
    instant = None if days is None else now_ms - days * DAY_MS

    assert holds((0, SOME_DAYS, 1, 2), now_ms=now_ms, d=instant) is inside


@pytest.mark.parametrize(("now_ms", "inside"), [(0.0, False), (1.0, True), (1.999, True), (2.0, False)])
def test_the_clock_lies_in_its_interval(now_ms: float, inside: bool) -> None:
    assert holds((0, THE_CLOCK, 1, 2), now_ms=now_ms) is inside


@pytest.mark.parametrize(
    ("members", "inside"),
    [(None, False), ("", False), ("x", False), ("xy", True), ("z", False), ("xz", True), ("yz", False),
     ("xyz", True), ("xw", False)],
)  # fmt: skip
def test_a_set_has_one_key_of_every_group(members: str | None, inside: bool) -> None:
    known = None if members is None else frozenset(members)

    assert holds((0, A_SET, 0, 0), (0, A_SET, 1, 1), (0, A_SET, 1, 2), t=known) is inside


@pytest.mark.parametrize(("text", "inside"), [(None, False), ("a", False), ("bab", True), ("b", False)])
def test_a_text_has_one_key_of_every_group(text: str | None, inside: bool) -> None:
    assert holds((0, A_TEXT, 0, 0), (0, A_TEXT, 7, 1), s=text) is inside


@pytest.mark.parametrize(
    ("n", "t", "inside"), [(0, "x", True), (0, "y", False), (1, "x", False), (1, "y", False)]
)
def test_all_slots_of_a_clause_must_confirm_it(n: float, t: str, inside: bool) -> None:
    assert holds((0, A_NUMBER, 0, 1), (0, A_SET, 0, 0), n=n, t=frozenset(t)) is inside


def test_the_checks_of_other_clauses_do_not_matter() -> None:
    assert holds((1, A_NUMBER, 0, 1), n=5)


REFUSED: dict[str, tuple[str, Any]] = {
    "nil": ("columns", None),
    "a map": ("columns", {}),
    "three columns": ("columns", [b""] * 3),
    "five columns": ("columns", [b""] * 5),
    "a column of another length": ("lengths", [words(0), words(0), words(0), words(1, 2)]),
    "a column left empty": ("lengths", [words(0), words(0), words(0), b""]),
    "a column of three bytes": ("words", [b"\0\0\0", words(0), words(0), words(1)]),
    "a column that is no blob": ("words", [[0], words(0), words(0), words(1)]),
    "a bit beyond the clauses": ("range", columns((BITS, A_NUMBER, 0, 1))),
    "a slot that is none": ("range", columns((0, len(SLOTS), 0, 1))),
    "an end beyond the last": ("range", columns((0, A_NUMBER, 0, 5))),
    "a key that is none": ("range", columns((0, A_SET, 0, 3))),
    "a text's key that is none": ("range", columns((0, A_TEXT, 0, 2))),
    "a slot of a value": ("range", columns((0, A_VALUE, 0, 0))),
    "a slot of a flag": ("range", columns((0, A_FLAG, 0, 0))),
    "an empty interval": ("empty", columns((0, A_NUMBER, 1, 1))),
    "an interval turned around": ("empty", columns((0, A_NUMBER, 2, 1))),
    "an empty interval beside a group": ("empty", columns((0, A_NUMBER, 1, 1), (0, A_SET, 0, 0))),
    "overlapping intervals": ("overlap", columns((0, A_NUMBER, 0, 2), (0, A_NUMBER, 1, 3))),
    "an interval inside another": ("overlap", columns((0, A_NUMBER, 0, 4), (0, A_NUMBER, 1, 2))),
    "an interval that another begins with": ("overlap", columns((0, A_NUMBER, 0, 1), (0, A_NUMBER, 0, 2))),
    "a check twice": ("ascend", columns((0, A_NUMBER, 0, 1), (0, A_NUMBER, 0, 1))),
    "a member twice": ("ascend", columns((0, A_SET, 0, 1), (0, A_SET, 0, 1))),
    "bits that descend": ("ascend", columns((1, A_NUMBER, 0, 1), (0, A_NUMBER, 0, 1))),
    "slots that descend": ("ascend", columns((0, A_SET, 0, 0), (0, A_NUMBER, 0, 1))),
    "lows that descend": ("ascend", columns((0, A_NUMBER, 2, 3), (0, A_NUMBER, 0, 1))),
    "groups that descend": ("ascend", columns((0, A_SET, 1, 0), (0, A_SET, 0, 1))),
}


@pytest.mark.parametrize(("says", "given"), REFUSED.values(), ids=REFUSED)
def test_what_are_no_checks_is_refused(says: str, given: Any) -> None:
    with pytest.raises(ValueError, match=says):
        read_checks(given, SLOTS, BITS)


@pytest.mark.parametrize("holding", [0b001, 0b011], ids=named)
def test_what_holds_of_an_unknown_value_has_nothing_to_check(holding: int) -> None:
    slots = read_slots([[NUMBER, N, b"", doubles(1), words(holding, holding), None]], CATALOGUE, BITS)

    with pytest.raises(ValueError, match="does not ask"):
        read_checks(columns((0, 0, 0, 1)), slots, BITS)
    assert read_checks(columns((2, 0, 0, 1)), slots, BITS).bits() == [2]


def confirmed(payload: Document) -> None:
    """Offer one's clause is to be confirmed by an interval of its number that the index does not keep apart."""
    index = payload["models"][0]["index"]
    ((kind, number, breaks, _, rows, _),) = index["slots"]
    index["slots"] = [[kind, number, breaks, breaks, rows, None]]
    index["confirm"], index["checks"] = words(1), [words(0), words(0), words(1), words(2)]


def without_checks(payload: Document) -> None:
    confirmed(payload)
    payload["models"][0]["index"]["checks"] = [b""] * 4


def without_confirmation(payload: Document) -> None:
    confirmed(payload)
    payload["models"][0]["index"]["confirm"] = words(0)


def with_a_tree_too(payload: Document) -> None:
    confirmed(payload)
    payload["models"][0]["offers"]["trees"] = [[ONE, [k.COMPARE, N, k.MORE, 1]]]


def test_a_clause_to_confirm_is_confirmed_by_its_checks() -> None:
    sound = loaded(tampered(confirmed, offer("one", when="n > 1")))

    assert [chosen(sound, {"n": n}) for n in (1, 1.5)] == ["none", "one"]


@pytest.mark.parametrize("edit", [without_checks, without_confirmation, with_a_tree_too])
def test_exactly_the_clauses_to_confirm_have_checks_or_a_tree(edit: Callable[[Document], None]) -> None:
    with pytest.raises(MalformedBundle, match="the clauses to confirm are not those"):
        loaded(tampered(edit, offer("one", when="n > 1")))


def test_a_stage_is_confirmed_by_its_tree_and_by_no_check() -> None:
    def edit(payload: Document) -> None:
        index = payload["models"][0]["index"]
        number = next(place for place, slot in enumerate(index["slots"]) if slot[:2] == [NUMBER, D])
        index["confirm"], index["checks"] = words(1), [words(0), words(number), words(0), words(1)]

    with pytest.raises(MalformedBundle, match="the clauses to confirm are not those"):
        loaded(tampered(edit, offer("one", when="n > 1"), **MODEL))
