"""A process that starts: what the import of the decision core adds to a bare interpreter, and a verified signature."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from . import subjects
from .subjects import NOW_S, SIZES
from .targets import Figure

VERIFIED: Final = """
import sys, discreet
with open(sys.argv[1], "rb") as file:
    data = file.read()
discreet.verify(data, discreet.Keyring.read(sys.argv[2]), now_s=float(sys.argv[3]))
"""
CODES: Final = {
    "nothing": "pass",
    "core": "import discreet",
    "verify": VERIFIED,
    "typing": "import typing, dataclasses",
}


def measure_start(starts: int) -> dict[str, list[float]]:
    """Milliseconds of fresh processes by what they do, by the clock on the wall; the processes take turns.

    They are closed off from the environment (`-I`), which may forbid them to keep compiled modules. `verify` reads a
    bundle of 10 offers and its keys from files and checks the signature.
    """
    times: dict[str, list[float]] = {name: [] for name in CODES}
    with tempfile.TemporaryDirectory() as folder:
        runs = commands(Path(folder))
        for _ in range(starts + 1):
            for name, command in runs.items():
                begin = time.perf_counter()
                subprocess.run(command, check=True)
                times[name].append((time.perf_counter() - begin) * 1e3)
    return {name: each[1:] for name, each in times.items()}  # the first compiles


def commands(folder: Path) -> dict[str, list[str]]:
    """By name, the command of a process; the files that it reads are written to `folder`."""
    made = subjects.subject(SIZES[0])
    bundle, keys = folder / "offers.bundle", folder / "keys.json"
    bundle.write_bytes(made.bundle)
    made.keyring.write(keys)
    files = [str(bundle), str(keys), str(NOW_S)]
    return {name: [sys.executable, "-I", "-c", code, *files] for name, code in CODES.items()}


def added_ms(times: Mapping[str, list[float]], name: str) -> float:
    """What `name` adds to a bare interpreter: the median of the differences of processes that stood side by side."""
    return statistics.median(one - bare for one, bare in zip(times[name], times["nothing"], strict=True))


def figures(times: Mapping[str, list[float]]) -> dict[str, Figure]:
    """Both imports, over a bare interpreter."""
    return {f"import {name}": Figure(added_ms(times, name)) for name in ("core", "verify")}


def lines(times: Mapping[str, list[float]]) -> str:
    """The same in a sentence, with what the standard library takes beside it."""
    bare = statistics.median(times["nothing"])
    return (
        f"A process that imports nothing takes {bare:.1f} ms. `import discreet` adds {added_ms(times, 'core'):.1f} ms;"
        f" with keys read and a signature verified\nit is {added_ms(times, 'verify'):.1f} ms; to import `typing` and"
        f" `dataclasses` adds {added_ms(times, 'typing'):.1f} ms."
    )
