"""Count the machine's instructions of fixed runs: `python -m benchmarks.instructions [--check | --write] [KIND ...]`.

Instructions do not depend on how busy a machine is, so a small change shows. Valgrind's cachegrind counts them, in a
process of its own for every run; two runs that differ by some passes are subtracted, so that the start cancels. What
chance could change is fixed: seeds of hashes and keys, clock, environment, garbage collection.

What is kept, in instructions.json, is a **ratio**: to the loop that reads 12 attributes, counted the same way by the
same interpreter. The same run gives the same count, to the last instruction; other paths and environments move a ratio
by 0.1 %. Two builds of CPython 3.11 differ by 5 % in the counts of decisions and by 1 % in their ratios, but by 10 % in
both of a load: so there is one column for each version, compiler and machine architecture. A missing one is said, not
failed.

`--check` exits with 1 when a run takes more than the kept ratio and a tolerance; `--write` accepts what is counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import discreet
import discreet_consent
from discreet.compiler import SigningKey, build
from discreet.model import models_from_dicts

from . import signals, workload
from .instructions_run import NOW_S

HERE: Final = Path(__file__).parent
KEPT: Final = HERE / "instructions.json"
TOLERANCE: Final = 0.03
VISITORS: Final = 500
SIZES: Final = (10, 100, 1_000)
SEED: Final = bytes(range(32))

Ratios: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """A run: so many more passes are counted, each of so many calls; 0 is one for each visitor."""

    passes: int
    calls: int


FLOOR: Final = "floor"
KINDS: Final[Mapping[str, Kind]] = {
    FLOOR: Kind(4, 0),
    **{f"decide-{n}": Kind(4, 0) for n in SIZES},
    "load-10": Kind(4, 1),
    "load-1000": Kind(1, 1),
    "consent": Kind(10, len(signals.LENGTHS)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, print, and compare or keep. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--check", action="store_true", help="exit with 1 when a run has become slower")
    chosen.add_argument("--write", action="store_true", help="keep what is counted")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}")
    asked = parser.parse_args(arguments)
    unknown = set(asked.kinds) - set(KINDS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        return 0
    counted = count(asked.kinds or list(KINDS))
    kept = read_kept()
    print(table(counted, kept.get(column(), {})))
    if asked.write:
        write_kept({**kept, column(): {**kept.get(column(), {}), **ratios(counted)}})
        return 0
    slower = too_slow(ratios(counted), kept.get(column(), {}))
    for line in verdict(slower, known=column() in kept):
        print(line)
    return 1 if asked.check and slower else 0


def why_not() -> str:
    """Why nothing can be counted here; empty when it can."""
    if shutil.which("valgrind") is None:
        return "there is no valgrind here"
    if platform.python_implementation() != "CPython":
        return "only CPython is counted"
    return ""


def column() -> str:
    """Under which name this interpreter's ratios are kept."""
    return f"CPython {platform.python_version()}, {platform.python_compiler()}, {platform.machine()}"


# --- Counting ----------------------------------------------------------------------------------------------


def count(kinds: Sequence[str], visitors: int = VISITORS) -> dict[str, float]:
    """Instructions of one call of each of `kinds`, and of the floor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _prepare(folder, kinds, visitors)
        return {kind: _per_call(folder, kind, visitors) for kind in dict.fromkeys((FLOOR, *kinds))}


def _prepare(folder: Path, kinds: Sequence[str], visitors: int) -> None:
    key = SigningKey.from_seed(SEED)
    discreet.Keyring([key.public]).write(folder / "keyring")
    for n in {int(kind.partition("-")[2]) for kind in kinds if "-" in kind}:
        models = models_from_dicts([workload.make(n).document])
        born_s, expires_s = NOW_S - 86_400, NOW_S + 86_400
        data = build(models, [key], name="offers", version=1, created_s=born_s, expires_s=expires_s)
        (folder / f"bundle-{n}").write_bytes(data)
    written = {
        "visitors": workload.visitors()[:visitors],
        "names": workload.ATTRIBUTES[: workload.PRESENT],
        "purposes": workload.PURPOSES,
        "signals": [signals.realistic(length) for length in signals.LENGTHS],
    }
    for name, content in written.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _per_call(folder: Path, kind: str, visitors: int) -> float:
    of = KINDS[kind]
    more = _instructions(folder, kind, of.passes + 1) - _instructions(folder, kind, 1)
    return more / (of.passes * (of.calls or visitors))


def _instructions(folder: Path, kind: str, passes: int) -> int:
    """Instructions of a whole process. Its working folder is `folder`: no path's length bears on the count."""
    command = [
        "valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
        sys.executable, "-s", "-B", str(HERE / "instructions_run.py"), ".", kind, f"{passes:04}",
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    found = re.search(r"I +refs: +([0-9,]+)", ran.stderr)
    if ran.returncode or found is None:
        raise RuntimeError(f"counting `{kind}` failed:\n{ran.stderr[-2_000:]}")
    return int(found[1].replace(",", ""))


def _environment() -> dict[str, str]:
    """The least that the process needs, the same on every machine but for where things lie."""
    sources = dict.fromkeys(
        str(Path(each.__file__ or "").parents[1]) for each in (discreet, discreet_consent)
    )
    return {
        "PATH": os.defpath,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(sources),
        "LC_ALL": "C.UTF-8",
    }


# --- What is kept ------------------------------------------------------------------------------------------


def ratios(counted: Mapping[str, float]) -> dict[str, float]:
    """Each count as a multiple of the floor's."""
    return {kind: round(each / counted[FLOOR], 2) for kind, each in counted.items() if kind != FLOOR}


def too_slow(now: Ratios, kept: Ratios) -> dict[str, float]:
    """By how much each run takes more than is kept, as a share, where that is more than `TOLERANCE`."""
    more = {kind: ratio / kept[kind] - 1 for kind, ratio in now.items() if kind in kept}
    return {kind: share for kind, share in more.items() if share > TOLERANCE}


def verdict(slower: Mapping[str, float], *, known: bool) -> list[str]:
    """What follows, in words."""
    accept = "`python -m benchmarks.instructions --write` accepts what is counted"
    if not known:
        return [f"nothing is kept for {column()}; {accept}"]
    if not slower:
        return [f"no run takes {TOLERANCE:.0%} more than is kept"]
    return [*(f"{kind} takes {share:.1%} more than is kept" for kind, share in slower.items()), accept]


def table(counted: Mapping[str, float], kept: Ratios) -> str:
    """Counts, ratios and what is kept, as markdown."""
    now = ratios(counted)
    head = ["| one call of | instructions | x floor | kept | more |", "|:---|---:|---:|---:|---:|"]
    rows = [f"| {FLOOR} | {counted[FLOOR]:,.0f} | 1 | | |"]
    for kind, ratio in now.items():
        before = f"{kept[kind]:.2f} | {ratio / kept[kind] - 1:+.1%}" if kind in kept else "|"
        rows.append(f"| {kind} | {counted[kind]:,.0f} | {ratio:.2f} | {before} |")
    return "\n".join([*head, *rows])


def read_kept() -> dict[str, dict[str, float]]:
    """What is kept, by interpreter and kind of run."""
    if not KEPT.exists():
        return {}
    kept: dict[str, dict[str, float]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return kept


def write_kept(kept: Mapping[str, Ratios]) -> None:
    """Keep these ratios."""
    KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
