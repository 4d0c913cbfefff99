"""The process whose instructions are counted: `python instructions_run.py FOLDER KIND PASSES`.

It does its work once to warm up, and then PASSES times more. Whatever chance could change is fixed by its caller.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import discreet
from discreet_consent import Consent, Policy, Signals
from discreet_consent.regimes.resolution import judge

NOW_S = 1_790_000_000


def _read_twelve(visitor: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        visitor.get(name)


def _floor(folder: Path, _: str) -> Callable[[], None]:
    visitors, names = _visitors(folder), [sys.intern(each) for each in _json(folder, "names")]

    def run() -> None:
        for visitor in visitors:
            _read_twelve(visitor, names)

    return run


def _decide(folder: Path, n: str) -> Callable[[], None]:
    evaluator = _load(folder, n)
    permit, decide = evaluator.permit, evaluator.decide
    (placement,) = evaluator.placements
    consent = Consent.granting(*_json(folder, "purposes"))
    visitors = _visitors(folder)

    def run() -> None:
        for visitor in visitors:
            decide(placement, permit(visitor, consent, now_s=NOW_S), now_s=NOW_S)

    return run


def _loading(folder: Path, n: str) -> Callable[[], None]:
    def run() -> None:
        _load(folder, n)

    return run


def _load(folder: Path, n: str) -> discreet.Evaluator:
    keyring = discreet.Keyring.read(folder / "keyring")
    return discreet.load_bytes((folder / f"bundle-{n}").read_bytes(), keyring, now_s=NOW_S)


def _consent(folder: Path, _: str) -> Callable[[], None]:
    """Signals never seen before: nothing is remembered of them."""
    jars = [Signals([("tcf", "argument", text)]) for text in _json(folder, "signals")]
    policy = Policy.default()

    def run() -> None:
        for jar in jars:
            judge(jar, region="IT", now_s=NOW_S, policy=policy)

    return run


def _visitors(folder: Path) -> list[dict[str, Any]]:
    """Their names are one object each, as they are where a program names its attributes."""
    return [
        {sys.intern(name): each for name, each in visitor.items()} for visitor in _json(folder, "visitors")
    ]


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


KINDS: Mapping[str, Callable[[Path, str], Callable[[], None]]] = {
    "floor": _floor,
    "decide": _decide,
    "load": _loading,
    "consent": _consent,
}


def main(folder: str, kind: str, passes: str) -> None:
    """Run `kind`, a name from `KINDS` and perhaps a size: `decide-100`."""
    name, _, n = kind.partition("-")
    run = KINDS[name](Path(folder), n)
    gc.disable()
    run()
    for _ in range(int(passes)):
        run()


if __name__ == "__main__":
    main(*sys.argv[1:])
