"""Names of test cases that are the same in every process."""

from __future__ import annotations

import re


def named(value: object) -> str:
    """The repr of `value` without an address in memory: workers that share a run must collect the same names."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
