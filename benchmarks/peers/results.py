"""What was measured, as values and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from .table import OWN


class Spread(NamedTuple):
    """A median, and the values below which a tenth and nine tenths of the rounds lie."""

    median: float
    p10: float
    p90: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of one value or more."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        tenths = statistics.quantiles(values, n=10, method="inclusive")
        return cls(statistics.median(values), tenths[0], tenths[-1])


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not measured, and why."""

    skipped: str


@dataclass(frozen=True, slots=True)
class Speed:
    """One engine at one size.

    Attributes:
        us: Microseconds per decision.
        ratio: The same as a multiple of cal, timed in the same process before and after each round.
        wall_us: Microseconds per decision by the clock on the wall, median.
        visitors: How many it was asked for in a round.
        wrong: How many of `checked` answers were not the naive scan's.
    """

    us: Spread
    ratio: Spread
    wall_us: float
    visitors: int
    wrong: int
    checked: int


@dataclass(frozen=True, slots=True)
class Start:
    """From the bytes of the configuration to the first answer, in fresh processes, after all imports; medians.

    Attributes:
        ms: By the clock on the wall: an engine may wait for its own threads.
        cpu_ms: CPU time of all threads.
        raw_bytes, gzip_bytes: The configuration's size.
    """

    ms: float
    cpu_ms: float
    raw_bytes: int
    gzip_bytes: int
    starts: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine: `speed` and `start` by number of offers."""

    distribution: str
    version: str | None
    form: str
    clock: str
    speed: Mapping[int, Speed | Skipped]
    start: Mapping[int, Start | Skipped]


@dataclass(frozen=True, slots=True)
class PeerReport:
    """All engines of one run; ours is among them, as `discreet`."""

    sizes: tuple[int, ...]
    rounds: int
    engines: Mapping[str, Measured]

    def best_peer(self, n: int) -> str | None:
        """The fastest engine but ours at `n` offers, by its ratio to cal, of those with no wrong answer."""
        ratios = {name: each for name in self.engines if name != OWN and (each := self.ratio(name, n))}
        return min(ratios, key=ratios.__getitem__, default=None)

    def times_faster(self, name: str, n: int) -> float | None:
        """How many times faster than engine `name` ours is at `n` offers, in cal; None: one was not measured."""
        ours, theirs = self.ratio(OWN, n), self.ratio(name, n)
        return None if ours is None or theirs is None else theirs / ours

    def ratio(self, name: str, n: int) -> float | None:
        """The median of an engine at `n` offers in cal; None when it was not measured, or answered wrong."""
        speed = self.engines[name].speed.get(n)
        return speed.ratio.median if isinstance(speed, Speed) and not speed.wrong else None

    def wrong(self) -> list[tuple[str, int]]:
        """The engines and sizes with a wrong answer."""
        return [
            (name, n)
            for name, each in self.engines.items()
            for n, speed in each.speed.items()
            if isinstance(speed, Speed) and speed.wrong
        ]

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: the sizes that are keys become strings."""
        engines = {
            name: {
                **{key: getattr(each, key) for key in ("distribution", "version", "form", "clock")},
                "speed": {str(n): asdict(speed) for n, speed in each.speed.items()},
                "start": {str(n): asdict(start) for n, start in each.start.items()},
            }
            for name, each in self.engines.items()
        }
        return {"sizes": list(self.sizes), "rounds": self.rounds, "engines": engines}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PeerReport:
        """What `to_dict` made."""
        engines = {
            name: Measured(
                **{key: each[key] for key in ("distribution", "version", "form", "clock")},
                speed={int(n): _speed(speed) for n, speed in each["speed"].items()},
                start={int(n): _start(start) for n, start in each["start"].items()},
            )
            for name, each in data["engines"].items()
        }
        return cls(tuple(data["sizes"]), data["rounds"], engines)


def _speed(data: Mapping[str, Any]) -> Speed | Skipped:
    if "skipped" in data:
        return Skipped(**data)
    values: dict[str, Any] = {**data, "us": Spread(*data["us"]), "ratio": Spread(*data["ratio"])}
    return Speed(**values)


def _start(data: Mapping[str, Any]) -> Start | Skipped:
    return Skipped(**data) if "skipped" in data else Start(**data)
