"""All engines side by side: one process each, and in every round each is asked in turn.

So whatever slows the machine for a while slows all of them, and cal beside them. A slow engine is asked for fewer
visitors in a round: every k-th, and others in the next round.
"""

from __future__ import annotations

import gzip
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from .. import workload
from ..workload import VISITORS, Workload
from .engine import Engine, reason
from .process import Failed, Worker, run_fresh
from .results import Measured, PeerReport, Skipped, Speed, Spread, Start
from .table import ENGINES

Say: TypeAlias = Callable[[str], None]

CHECKED: Final = {10_000: 300, 100_000: 60}  # visitors; the naive scan is slow there. Elsewhere: all
FEWEST_VISITORS: Final = 10  # in a round
FEWEST_ROUNDS: Final = 3
STARTS: Final = 7  # at most
ROUNDS_SHARE, CHECK_SHARE = 0.6, 0.1  # of the time for one size; the rest is for starts


def measure(sizes: Sequence[int], *, rounds: int, budget_s: float, say: Say) -> PeerReport:
    """Measure every engine that is installed at every size that it bears; say why one is not.

    Args:
        budget_s: Seconds for all of it, about: rounds and starts are left out when they run over, not engines. Drawing
            the offers and writing the configurations comes on top.
        say: Gets a line of progress now and then.
    """
    workers: dict[str, Worker] = {}
    speed: dict[str, dict[int, Speed | Skipped]] = {name: {} for name in ENGINES}
    start: dict[str, dict[int, Start | Skipped]] = {name: {} for name in ENGINES}
    try:
        for n in sizes:
            with tempfile.TemporaryDirectory() as folder:
                one = _Size(n, Path(folder), workers, budget_s / len(sizes), say)
                one.configure()
                one.prepare()
                one.measure_rounds(rounds)
                one.measure_starts()
                for name in ENGINES:
                    speed[name][n] = one.speed(name)
                    start[name][n] = one.start(name)
    finally:
        for worker in workers.values():
            worker.end()
    engines = {name: _measured(engine, speed[name], start[name]) for name, engine in ENGINES.items()}
    return PeerReport(tuple(sizes), rounds, engines)


def _measured(
    engine: Engine, speed: Mapping[int, Speed | Skipped], start: Mapping[int, Start | Skipped]
) -> Measured:
    version = None if engine.missing() else engine.version()
    return Measured(engine.distribution, version, engine.form, engine.clock.value, speed, start)


@dataclass(slots=True)
class _Size:
    """Everything about one size; an engine that failed is skipped from there on, with the reason."""

    n: int
    folder: Path
    workers: dict[str, Worker]
    budget_s: float
    say: Say
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    configs: dict[str, Path] = field(default_factory=dict[str, Path])
    answers: Sequence[str] = ()
    checks: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    rounds: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict[str, list[Mapping[str, Any]]])
    starts: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict[str, list[Mapping[str, Any]]])

    def configure(self) -> None:
        """Draw the offers, scan them naively for the right answers, and write every engine's configuration."""
        self.say(f"{self.n:,} offers: writing them down for every engine")
        made = workload.make(self.n)
        checked = made.visitors[: CHECKED.get(self.n, VISITORS)]
        self.answers = [workload.winner(made, visitor) for visitor in checked]
        for name, engine in ENGINES.items():
            refusal = engine.missing() or self._too_many(engine)
            if refusal is not None:
                self.skipped[name] = refusal
            else:
                self._write(name, engine, made)

    def _too_many(self, engine: Engine) -> str | None:
        if self.n <= engine.largest:
            return None
        return f"beyond {engine.largest:,} offers only the fastest peer is run"

    def _write(self, name: str, engine: Engine, made: Workload) -> None:
        path = self.folder / name
        try:
            path.write_bytes(engine.config(made))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the reason
            self.skipped[name] = reason(error)
        else:
            self.configs[name] = path

    def prepare(self) -> None:
        """Load every engine and check its answers."""
        within_s = max(0.5, self.budget_s * CHECK_SHARE / len(ENGINES))
        for name in self._running():
            self.say(f"{self.n:,} offers: preparing {name}")
            with _Skipping(self, name):
                worker = self.workers.get(name) or Worker(name)
                self.workers[name] = worker
                worker.ask("prepare", config=str(self.configs[name]))
                self.checks[name] = worker.ask("check", answers=self.answers, within_s=within_s)

    def measure_rounds(self, rounds: int) -> None:
        """Ask all engines in turn, round after round."""
        self.say(f"{self.n:,} offers: {rounds} rounds over {len(self._running())} engines")
        steps = {name: self._step(name, rounds) for name in self._running()}
        end = time.monotonic() + self.budget_s * ROUNDS_SHARE
        for place in range(rounds):
            if place >= FEWEST_ROUNDS and time.monotonic() > end:
                break
            for name in self._running():
                with _Skipping(self, name):
                    step = steps[name]
                    timed = self.workers[name].ask("round", first=place % step, step=step)
                    self.rounds.setdefault(name, []).append(timed)

    def _step(self, name: str, rounds: int) -> int:
        """Every which visitor is asked in a round, so that all rounds fit into the time."""
        check = self.checks[name]
        slot_s = self.budget_s * ROUNDS_SHARE / rounds / len(self._running())
        whole_s: float = check["seconds"] / check["checked"] * VISITORS
        return min(VISITORS // FEWEST_VISITORS, max(1, math.ceil(whole_s / slot_s)))

    def measure_starts(self) -> None:
        """Start all engines in turn, each time in a fresh process."""
        self.say(f"{self.n:,} offers: cold starts")
        end = time.monotonic() + self.budget_s * (1 - ROUNDS_SHARE - CHECK_SHARE)
        for place in range(STARTS):
            if place and time.monotonic() > end:
                break
            for name in self._running():
                self.starts.setdefault(name, []).append(run_fresh(name, self.configs[name]))

    def speed(self, name: str) -> Speed | Skipped:
        """What the rounds gave."""
        if name in self.skipped:
            return Skipped(self.skipped[name])
        clock, rounds, check = ENGINES[name].clock.value, self.rounds[name], self.checks[name]
        seconds = [each[clock] / each["visitors"] for each in rounds]
        return Speed(
            us=Spread.of([each * 1e6 for each in seconds]),
            ratio=Spread.of([one / each["cal"] for one, each in zip(seconds, rounds, strict=True)]),
            wall_us=statistics.median(each["wall"] / each["visitors"] for each in rounds) * 1e6,
            visitors=rounds[0]["visitors"],
            wrong=check["wrong"],
            checked=check["checked"],
        )

    def start(self, name: str) -> Start | Skipped:
        """What the starts gave; the first visitor's answer is checked here too."""
        if name in self.skipped:
            return Skipped(self.skipped[name])
        starts = self.starts[name]
        for each in starts:
            if "failed" in each:
                return Skipped(each["failed"])
            if each["offer"] != self.answers[0]:
                return Skipped("its first answer is wrong")
        config = self.configs[name].read_bytes()
        return Start(
            ms=statistics.median(each["ms"] for each in starts),
            cpu_ms=statistics.median(each["cpu_ms"] for each in starts),
            raw_bytes=len(config),
            gzip_bytes=len(gzip.compress(config, mtime=0)),
            starts=len(starts),
        )

    def _running(self) -> list[str]:
        return [name for name in self.configs if name not in self.skipped]


class _Skipping:
    """An engine that fails inside is skipped from there on, and its process ended."""

    def __init__(self, size: _Size, name: str) -> None:
        self._size, self._name = size, name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if not isinstance(error, Failed):
            return False
        self._size.skipped[self._name] = str(error)
        worker = self._size.workers.pop(self._name, None)
        if worker is not None:
            worker.end()
        return True
