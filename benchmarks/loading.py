"""Load, wire and memory: from a bundle's bytes to the first answer, what is downloaded, and what the index takes."""

from __future__ import annotations

import gc
import gzip
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import discreet

from . import subjects
from .peers import growthbook_payload
from .speed import seconds
from .subjects import LARGEST, NOW_S
from .targets import Figure
from .workload import CONDITIONS, PLACEMENT, Workload

ROOT: Final = Path(__file__).parents[1]
DOWNLOADS: Final = (100, 1_000, 10_000)
# Fresh processes may keep compiled modules: what pip installed has them, what is edited here would not.
ENVIRONMENT: Final = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
LEFT_OUT: Final = Figure(None, "left out")


# --- From bytes to the first answer ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loading:
    """Medians at one size, in milliseconds of CPU time; the ratio is taken round by round.

    Attributes:
        answer_ms: Verify, load, permit and decide for one visitor.
        parse_ms: `json.loads` of GrowthBook's payload for the same model.
        ratio: The one to the other.
    """

    size_bytes: int
    verify_ms: float
    answer_ms: float
    parse_ms: float
    payload_bytes: int
    ratio: float


Step = Callable[[object], object]


def verify(n: int) -> Step:
    """Check the signature, and no more."""
    made = subjects.subject(n)
    return lambda _: discreet.verify(made.bundle, made.keyring, now_s=NOW_S)


def first_answer(n: int) -> Step:
    """From the signed bytes to the decision for one visitor, with the keyring ready."""
    made = subjects.subject(n)
    visitor = made.workload.visitors[0]

    def run(_: object) -> object:
        evaluator = discreet.load_bytes(made.bundle, made.keyring, now_s=NOW_S)
        permitted = evaluator.permit(visitor, subjects.EVERYTHING, now_s=NOW_S)
        return evaluator.decide(PLACEMENT, permitted, now_s=NOW_S)

    return run


def parse(n: int) -> Step:
    """`json.loads` of GrowthBook's payload for the same model."""
    payload = growthbook_payload(subjects.subject(n).workload)
    return lambda _: json.loads(payload)


def measure_loading(n: int, rounds: int) -> Loading:
    """In every round: verify alone, all up to the first answer, and GrowthBook's payload parsed; without collection."""
    steps = (verify(n), first_answer(n), parse(n))
    times: list[tuple[float, float, float]] = []
    gc.collect()
    gc.freeze()  # what is there already is not looked through again and again
    gc.disable()
    try:
        for _ in range(rounds + 1):
            gc.collect()  # a loaded evaluator refers to itself
            one, two, three = (seconds(step, None) for step in steps)
            times.append((one, two, three))
    finally:
        gc.enable()
        gc.unfreeze()
    verifying, answering, parsing = zip(*times[1:], strict=True)
    return Loading(
        size_bytes=len(subjects.subject(n).bundle),
        verify_ms=statistics.median(verifying) * 1e3,
        answer_ms=statistics.median(answering) * 1e3,
        parse_ms=statistics.median(parsing) * 1e3,
        payload_bytes=len(growthbook_payload(subjects.subject(n).workload)),
        ratio=statistics.median(one / other for _, one, other in times[1:]),
    )


def loading_figures(loading: Mapping[int, Loading]) -> dict[str, Figure]:
    """The first answer against the parse, and in milliseconds at 10 offers."""
    return {
        "answer 1000": Figure(loading[1_000].ratio),
        "answer 10000": Figure(loading[10_000].ratio),
        "answer ms": Figure(loading[10].answer_ms),
    }


def loading_table(loading: Mapping[int, Loading]) -> str:
    """Sizes and times by number of offers."""
    head = [
        "| offers | bundle, bytes | verify, ms | first answer, ms | payload, bytes | parse, ms | answer / parse |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rows = [
        f"| {n:,} | {each.size_bytes:,} | {each.verify_ms:.2f} | {each.answer_ms:.2f} | {each.payload_bytes:,} |"
        f" {each.parse_ms:.2f} | **{each.ratio:.2f}** |"
        for n, each in loading.items()
    ]
    return "\n".join([*head, *rows])


# --- Download ----------------------------------------------------------------------------------------------


def measure_downloads() -> dict[int, tuple[int, int]]:
    """By number of offers: the bytes of the bundle and of the model's JSON, both gzip, without content."""
    return {n: _download(subjects.subject(n).workload) for n in DOWNLOADS}


def _download(made: Workload) -> tuple[int, int]:
    offers = made.document["offers"]
    empty = {**made.document, "offers": [{**offer, "content": {}} for offer in offers]}
    without = [{key: value for key, value in offer.items() if key != "content"} for offer in offers]
    bundle, _ = subjects.build_signed(empty)
    text = json.dumps(
        {**made.document, "offers": without}, separators=(",", ":"), ensure_ascii=False
    ).encode()
    return len(gzip.compress(bundle, 9, mtime=0)), len(gzip.compress(text, 9, mtime=0))


def download_figures(downloads: Mapping[int, tuple[int, int]]) -> dict[str, Figure]:
    """The bundle to the model's JSON."""
    return {f"download {n}": Figure(ours / model) for n, (ours, model) in downloads.items()}


def download_table(downloads: Mapping[int, tuple[int, int]]) -> str:
    """Both sizes by number of offers."""
    head = [
        "| offers | bundle, gzip, bytes | the model's JSON, gzip, bytes | ratio |",
        "|---:|---:|---:|---:|",
    ]
    rows = [
        f"| {n:,} | {ours:,} | {model:,} | **{ours / model:.2f}** |" for n, (ours, model) in downloads.items()
    ]
    return "\n".join([*head, *rows])


# --- Memory ------------------------------------------------------------------------------------------------


def measure_memory(python: str, repeats: int) -> dict[str, Figure]:
    """What load adds to a fresh process, ours to GrowthBook's: medians of `repeats` processes each."""
    return {f"memory {n}": _memory_ratio(python, n, repeats) for n in (1_000, 10_000)}


def _memory_ratio(python: str, n: int, repeats: int) -> Figure:
    try:
        ours, theirs = (
            statistics.median(_added_bytes(python, engine, n) for _ in range(repeats))
            for engine in ("discreet", "growthbook")
        )
    except RuntimeError as error:
        return Figure(None, str(error))
    return Figure(ours / theirs, f"{ours / 1e6:.1f} MB of {theirs / 1e6:.1f}")


def _added_bytes(python: str, engine: str, n: int) -> int:
    command = [python, "-m", "benchmarks.peers.memory", engine, str(n)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2].removeprefix("RuntimeError: "))
    return int(done.stdout)


def measure_index(sizes: Sequence[int]) -> dict[str, Figure]:
    """Bytes of the index per condition, after 1,000 decisions: what is made on demand is made by then."""
    found: dict[str, Figure] = {}
    for n in (1_000, 10_000, LARGEST):
        if n in sizes:
            made = subjects.subject(n)
            subjects.permit_and_decide(n)(made.workload.visitors)
            found[f"index {n}"] = Figure(deep_bytes(made.evaluator.bundle.models[0].index) / (CONDITIONS * n))
        else:
            found[f"index {n}"] = LEFT_OUT
    return found


def deep_bytes(whole: object) -> int:
    """What an object of the runtime and all that it holds takes in memory, each object once.

    Rows, keys, tables, breakpoints: everything but code, classes and modules.
    """
    seen: set[int] = set()
    waiting, total = [whole], 0
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type) or callable(each):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        waiting.extend(_held(each))
    return total


def _held(each: Any) -> Iterator[Any]:
    if isinstance(each, Mapping):
        yield from each.keys()
        yield from each.values()
    elif isinstance(each, (list, tuple, set, frozenset)):
        yield from each
    elif isinstance(each, memoryview):
        yield each.obj
    elif type(each).__module__.startswith("discreet"):
        names = (name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ()))
        yield from (getattr(each, name) for name in names if hasattr(each, name))
