"""Signals that come again: `resolve` remembers them for a day. Measured in lookups of a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from discreet_consent import Policy, Signals, resolve
from discreet_consent.regimes.resolution import judge

from . import signals
from .signals_report import Times, in_turns, times

LOOKUPS: Final = 20.0  # at most, for signals seen before
NOW_S: Final = 1_790_000_000.0
_CALLS: Final = 200
_ATTRIBUTES: Final = {f"attribute_{n}": n for n in range(12)}
TCF: Final = signals.realistic(742)
GPP: Final = "DBABLA~BVVqAAAAAAA.QA"
JAR: Final = Signals([("tcf", "cookie euconsent-v2", TCF), ("gpc", "header sec-gpc", "1")])


def lookups(_: str) -> None:
    """Twelve attributes by `dict.get`: the unit is a twelfth of this."""
    for name in _ATTRIBUTES:
        _ATTRIBUTES.get(name)


def seen_tcf(_: str) -> object:
    return resolve(tcf=TCF, region="IT", now_s=NOW_S)


def seen_gpp(_: str) -> object:
    return resolve(gpp=GPP, gpc="1", region="US-CA", now_s=NOW_S)


def seen_jar(_: str) -> object:
    return resolve(signals=JAR, region="DE", now_s=NOW_S)


def anew(_: str) -> object:
    """The same TC string without what is remembered."""
    return judge(Signals([("tcf", "argument", TCF)]), region="IT", now_s=NOW_S, policy=Policy.default())


SEEN: Final[Mapping[str, Callable[[str], object]]] = {
    "`resolve(tcf=...)`, 742 characters": seen_tcf,
    "`resolve(gpp=..., gpc=...)`": seen_gpp,
    "`resolve(signals=...)`, from a request": seen_jar,
    "the first of these, never seen": anew,
}


def measure_seen(rounds: int) -> dict[str, Times]:
    """By call: microseconds, and the ratio to one lookup of the same round."""
    floor, *ours = in_turns((lookups, *SEEN.values()), "", rounds, _CALLS)
    one = [each / len(_ATTRIBUTES) for each in floor]
    return {name: times(us, us, one) for name, us in zip(SEEN, ours, strict=True)}


def held(measured: Mapping[str, Times]) -> bool:
    """Whether signals seen before cost no more than `LOOKUPS`."""
    return _most(measured) <= LOOKUPS


def _most(measured: Mapping[str, Times]) -> float:
    return max(each.ratio for name, each in measured.items() if SEEN[name] is not anew)


def table(measured: Mapping[str, Times]) -> str:
    """Times, in lookups and microseconds, and whether the budget holds."""
    rows = [f"| {name} | {each.us:.2f} | **{each}** |" for name, each in measured.items()]
    most = _most(measured)
    verdict = "held" if held(measured) else "**broken**"
    return "\n".join(
        [
            "| | us | lookups of a dictionary |",
            "|:---|---:|---:|",
            *rows,
            "",
            f"The most that signals seen before cost: {most:.1f} lookups of {LOOKUPS:.0f}: {verdict}.",
        ]
    )
