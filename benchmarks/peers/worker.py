"""One engine in a process of its own: `python -m benchmarks.peers.worker ENGINE`. Started by the coordinator.

A request is a line of JSON on standard input, its answer a line of JSON on standard output, in turns:

- {"do": "prepare", "config": PATH}: load the configuration instead of the one before. -> {}
- {"do": "check", "answers": [...], "within_s": S}: ask for the first visitors, a hundred at least, until the answers or
  the seconds are used up. -> {"wrong": ..., "checked": ..., "seconds": ...}, all of them after the first answer
- {"do": "round", "first": F, "step": S}: time one pass over every S-th visitor from the F-th on, and cal before and
  after. -> {"visitors": ..., "thread": ..., "process": ..., "wall": ..., "cal": ...}, in seconds; cal per visitor

Any answer may be {"failed": REASON} instead. What an engine prints goes to standard error.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from .. import workload
from ..workload import Visitor
from .engine import Ask, Engine, Loaded, reason
from .table import ENGINES

FEWEST_CHECKED: Final = 100


def main(arguments: Sequence[str]) -> None:
    """Serve requests until standard input ends."""
    (name,) = arguments
    answers = _private_output()
    served = _Served(ENGINES[name])
    for line in sys.stdin:
        try:
            answer = served.answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - an engine may raise anything; the coordinator says what
            answer = {"failed": reason(error)}
        print(json.dumps(answer), file=answers, flush=True)


def _private_output() -> TextIO:
    """The standard output, for answers alone: whatever else is printed goes to standard error from now on."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


class _Served:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.visitors = workload.visitors()
        self.loaded: Loaded | None = None
        engine.prepare()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        wanted: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "prepare": self._prepare,
            "check": self._check,
            "round": self._round,
        }
        return wanted[request["do"]](request)

    def _prepare(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if self.loaded is not None:
            self.loaded.close()
            self.loaded = None
            gc.collect()
        self.loaded = self.engine.load(Path(request["config"]).read_bytes())
        return {}

    def _check(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ask = self._ask()
        ask(self.visitors[0])  # whatever is built on first use is built now
        wrong = checked = 0
        begin = time.perf_counter()
        for visitor, answer in zip(self.visitors, request["answers"], strict=False):
            wrong += ask(visitor) != answer
            checked += 1
            if checked >= FEWEST_CHECKED and time.perf_counter() - begin > request["within_s"]:
                break
        return {"wrong": wrong, "checked": checked, "seconds": time.perf_counter() - begin}

    def _round(self, request: Mapping[str, Any]) -> dict[str, Any]:
        visitors = self.visitors[request["first"] :: request["step"]]
        ask = self._ask()
        gc.collect()
        gc.disable()
        try:
            before = _seconds(lambda: workload.cal(self.visitors))["thread"]
            taken = _seconds(lambda: _pass(ask, visitors))
            after = _seconds(lambda: workload.cal(self.visitors))["thread"]
        finally:
            gc.enable()
        return {"visitors": len(visitors), **taken, "cal": (before + after) / 2 / len(self.visitors)}

    def _ask(self) -> Ask:
        if self.loaded is None:
            raise RuntimeError("nothing is prepared")
        return self.loaded.ask


def _pass(ask: Ask, visitors: Sequence[Visitor]) -> None:
    for visitor in visitors:
        ask(visitor)


def _seconds(run: Callable[[], None]) -> dict[str, float]:
    """Seconds by three clocks: CPU of this thread, CPU of all threads, and the wall's."""
    clocks = {"thread": time.thread_time, "process": time.process_time, "wall": time.perf_counter}
    begin = {name: clock() for name, clock in clocks.items()}
    run()
    return {name: clock() - begin[name] for name, clock in clocks.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
