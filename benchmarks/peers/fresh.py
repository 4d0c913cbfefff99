"""One start in a fresh process: `python -m benchmarks.peers.fresh ENGINE CONFIG [memory]`. Prints one line of JSON.

Everything is imported first; the first visitor exists. Then the bytes of the configuration are loaded and the visitor's
question is asked. With `memory` it counts what the process holds in memory afterwards and did not before; a small
configuration, in the file beside, was loaded before, and stays.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from .. import workload
from .engine import Engine, reason
from .table import ENGINES

STATM: Final = Path("/proc/self/statm")
BALLAST: Final = (
    2_000  # objects of each size: they fill what imports left free, so that a load cannot hide in it
)
ASKED: Final = 100  # visitors, before memory is counted: what is made on demand is made by then


def main(arguments: Sequence[str]) -> None:
    """Measure one start, or the memory that it takes."""
    name, config, *mode = arguments
    engine = ENGINES[name]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an engine prints is no answer
    try:
        engine.prepare()
        answer = memory(engine, Path(config)) if mode else start(engine, Path(config).read_bytes())
    except Exception as error:  # noqa: BLE001 - an engine may raise anything; the caller says what
        answer = {"failed": reason(error)}
    print(json.dumps(answer), file=answers, flush=True)
    os._exit(0)  # no waiting for an engine's threads


def start(engine: Engine, config: bytes) -> Mapping[str, object]:
    """Milliseconds from the bytes to the first answer, by the wall's clock and in CPU time."""
    visitor = workload.visitors()[0]
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    offer = engine.load(config).ask(visitor)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"ms": wall * 1e3, "cpu_ms": cpu * 1e3, "offer": offer}


def memory(engine: Engine, config: Path) -> Mapping[str, object]:
    """The bytes of memory that a loaded engine adds to the process, after its first 100 answers.

    Raises:
        RuntimeError: the system does not say what a process holds.
    """
    visitors = workload.visitors()[:ASKED]
    once = engine.load(config.with_suffix(".small").read_bytes())
    for visitor in visitors:
        once.ask(visitor)
    ballast = [bytes(size) for size in range(16, 500, 16) for _ in range(BALLAST)]
    before = _own_bytes()
    loaded = engine.load(config.read_bytes())
    for visitor in visitors:
        loaded.ask(visitor)
    return {"bytes": _own_bytes() - before, "kept": [len(ballast), type(once).__name__]}


def _own_bytes() -> int:
    """The resident memory that is the process's own: without the pages of files, such as code that ran."""
    if not STATM.exists():
        raise RuntimeError("memory is read from /proc, which is Linux's")
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # a C library without it keeps what it freed
        ctypes.CDLL(None).malloc_trim(0)
    _, resident, shared, *_ = map(int, STATM.read_text(encoding="ascii").split())
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1:])
