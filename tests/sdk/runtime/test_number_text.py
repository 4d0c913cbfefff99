"""A number prints as ECMAScript prints it, to the digit."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from discreet.runtime.content import number_text

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (10.0, "10"),
        (100.0, "100"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1 / 3, "0.3333333333333333"),
        (123.456, "123.456"),
        (0.000001, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (-1e-7, "-1e-7"),
        (1e15, "1000000000000000"),
        (1e16, "10000000000000000"),
        (2.0**53, "9007199254740992"),
        (123456789012345680000.0, "123456789012345680000"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e21, "1e+21"),
        (1.5e21, "1.5e+21"),
        (-1.2345e30, "-1.2345e+30"),
        (1e100, "1e+100"),
        (5e-324, "5e-324"),
        (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (8.64e15, "8640000000000000"),
    ],
)
def test_the_table_of_ecmascript(number: float, text: str) -> None:
    assert number_text(number) == text


@given(number=finite)
def test_the_text_reads_back_as_the_number(number: float) -> None:
    assert float(number_text(number)) == number


@given(number=finite)
def test_the_text_has_no_digit_too_many(number: float) -> None:
    digits = number_text(number).partition("e")[0].replace("-", "").replace(".", "").strip("0")

    assert len(digits) <= 17


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: nothing to compare with")
def test_node_prints_the_same() -> None:
    numbers = sample()

    node = shutil.which("node")
    assert node is not None
    ran = subprocess.run(
        [node, "-e", "console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0)).map(String)))"],
        input=json.dumps(numbers),
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(ran.stdout) == [number_text(number) for number in numbers]


def sample() -> list[float]:
    """Numbers of every size, from bit patterns and from decimals, around every change of form."""
    drawn: list[float] = []

    @settings(max_examples=400, database=None, phases=[Phase.generate], derandomize=True)
    @given(number=finite, digits=st.integers(1, 10**17), power=st.integers(-30, 25))
    def draw(number: float, digits: int, power: int) -> None:
        drawn.extend((number, float(f"{digits}e{power}"), -float(f"{digits % 1000}e{power}")))

    draw()
    return [
        *drawn,
        *(10.0**power for power in range(-10, 24)),
        *(2.0**power for power in range(-1074, 1024, 37)),
    ]
