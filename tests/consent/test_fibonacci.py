"""Ranges in Fibonacci code, digit by digit: where a code ends, and where one is cut or too large."""

from __future__ import annotations

import pytest

from discreet_consent import SignalError
from discreet_consent.signals.fibonacci import HIGHEST, count, entries
from support.gpp_strings import fibonacci, fibonacci_range
from support.tc_strings import number


def code_of(digits: str) -> str:
    with pytest.raises(SignalError) as refusal:
        entries(digits.encode())
    return refusal.value.code


@pytest.mark.parametrize(
    "groups", [[(1, 1)], [(HIGHEST, HIGHEST)], [(1, HIGHEST)], [(2, 3), (5, 5), (7, 4_181)]]
)
def test_a_range_is_read_and_ends_with_its_last_digit(groups: list[tuple[int, int]]) -> None:
    digits = fibonacci_range(groups)

    assert entries(digits.encode()) == (groups, len(digits))
    assert entries(f"010{digits}1101".encode(), 3) == (groups, 3 + len(digits))


@pytest.mark.parametrize(
    "groups", [[(1, 1)], [(HIGHEST, HIGHEST)], [(1, HIGHEST)], [(2, 3), (5, 5)], [(1, 75), (90, 91)]]
)
def test_no_beginning_of_a_range_is_one(groups: list[tuple[int, int]]) -> None:
    digits = fibonacci_range(groups)

    assert {code_of(digits[:end]) for end in range(len(digits))} == {"truncated"}


@pytest.mark.parametrize("left", range(12))
def test_a_count_that_is_cut_is_no_count(left: int) -> None:
    """Not even one of zeros, which would be a list of nothing."""
    with pytest.raises(SignalError) as refusal:
        count(b"1" * 5 + b"0" * left, 5)

    assert refusal.value.code == "truncated"
    assert count(b"1" * 5 + b"0" * 12, 5) == 0


@pytest.mark.parametrize(
    "digits",
    [
        fibonacci(HIGHEST + 1),
        "0" * 22 + "101" + "1",  # the first code with more digits than the highest id
        "0" * 23 + "11",  # 75,025, whose weight is none of an id's: without it, an id of 0
        "1" + "0" * 22 + "11",
        "0" * 100,
        "01" * 100,
    ],
)
def test_a_code_above_the_highest_id_is_refused(digits: str) -> None:
    assert code_of(number(1, 12) + "0" + digits) == "bad_range"
    assert code_of(number(1, 12) + "1" + fibonacci(5) + digits) == "bad_range"


def test_ids_that_add_up_to_more_than_the_highest_are_refused() -> None:
    assert code_of(number(2, 12) + "0" + fibonacci(HIGHEST) + "0" + fibonacci(1)) == "bad_range"
    assert code_of(number(1, 12) + "1" + fibonacci(HIGHEST) + fibonacci(1)) == "bad_range"


def test_a_code_that_may_go_on_is_cut_and_one_that_cannot_is_too_large() -> None:
    """The highest id has 23 digits and the one that ends it."""
    assert code_of(number(1, 12) + "0" + "0" * 23) == "truncated"
    assert code_of(number(1, 12) + "0" + "0" * 24) == "bad_range"
