"""The memory that an engine adds to a process by loading `offers-N`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .. import workload
from .process import run_fresh
from .table import ENGINES

SMALL = 10  # offers


def added_bytes(name: str, n: int) -> int:
    """What engine `name` adds at `n` offers: after load and 100 answers, less that before.

    Another, small configuration was loaded and asked before: so what is imported and made once is not counted.
    Resident memory of a fresh process that is its own, not a file's; garbage is collected and freed memory returned to
    the system both times. Linux only.

    Raises:
        RuntimeError: it is not installed, or failed, or the system does not say.
    """
    missing = ENGINES[name].missing()
    if missing is not None:
        raise RuntimeError(missing)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config")
        path.write_bytes(ENGINES[name].config(workload.make(n)))
        path.with_suffix(".small").write_bytes(ENGINES[name].config(workload.make(SMALL)))
        answer = run_fresh(name, path, "memory")
    if "failed" in answer:
        raise RuntimeError(answer["failed"])
    return int(answer["bytes"])
