"""What is measured: one pass over all visitors per subject, and the bundles behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import discreet
from discreet.compiler import SigningKey, build
from discreet.model import models_from_dicts
from discreet_consent import Consent, Permitted

from . import workload
from .workload import PLACEMENT, PURPOSES, Visitor, Workload

SIZES: Final = (10, 100, 1_000, 10_000)
NOW_S: Final = 1_790_000_000
CREATED_S: Final = NOW_S - 86_400
EXPIRES_S: Final = NOW_S + 86_400
EVERYTHING: Final = Consent.granting(*PURPOSES)
SOMETHING: Final = Consent.granting(PURPOSES[0])
NOTHING: Final = Consent.refusing()
TWELVE: Final = workload.ATTRIBUTES[: workload.PRESENT]

Pass = Callable[[Sequence[Visitor]], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """`offers-N`, built once: the signed bytes, who trusts them, and the evaluator."""

    workload: Workload
    bundle: bytes
    keyring: discreet.Keyring
    evaluator: discreet.Evaluator


@cache
def subject(n: int) -> Subject:
    """Build, sign and load `offers-n`."""
    made = workload.make(n)
    key = SigningKey.generate()
    bundle = build(
        models_from_dicts([made.document]),
        [key],
        name="offers",
        version=1,
        created_s=CREATED_S,
        expires_s=EXPIRES_S,
    )
    keyring = discreet.Keyring([key.public])
    return Subject(made, bundle, keyring, discreet.load_bytes(bundle, keyring, now_s=NOW_S))


def cal(visitors: Sequence[Visitor]) -> None:
    """The unit of the ratios: per visitor, one call of a loop that reads 12 attributes by `dict.get`."""
    for visitor in visitors:
        _read_twelve(visitor)


def _read_twelve(visitor: Mapping[str, workload.Value]) -> None:
    for name in TWELVE:
        visitor.get(name)


def permit_and_decide(n: int, consent: Consent = EVERYTHING) -> Pass:
    """Per visitor: strip the attributes, then decide one placement."""
    permit, decide = subject(n).evaluator.permit, subject(n).evaluator.decide

    def run(visitors: Sequence[Visitor]) -> None:
        for visitor in visitors:
            decide(PLACEMENT, permit(visitor, consent, now_s=NOW_S), now_s=NOW_S)

    return run


def permit_only(n: int, consent: Consent = EVERYTHING) -> Pass:
    """Per visitor: strip the attributes."""
    permit = subject(n).evaluator.permit

    def run(visitors: Sequence[Visitor]) -> None:
        for visitor in visitors:
            permit(visitor, consent, now_s=NOW_S)

    return run


def decide_only(n: int) -> Callable[[Sequence[Permitted]], None]:
    """Per visitor whose attributes are stripped already: decide one placement."""
    decide = subject(n).evaluator.decide

    def run(visitors: Sequence[Permitted]) -> None:
        for permitted in visitors:
            decide(PLACEMENT, permitted, now_s=NOW_S)

    return run


def permitted(n: int) -> list[Permitted]:
    """Every visitor's attributes, stripped under a consent to everything."""
    evaluator = subject(n).evaluator
    return [evaluator.permit(each, EVERYTHING, now_s=NOW_S) for each in subject(n).workload.visitors]


def wrong_answers(n: int, visitors: Sequence[Visitor]) -> int:
    """For how many visitors the evaluator chooses another offer than a naive scan of the list."""
    measured = subject(n)
    evaluator = measured.evaluator
    chosen = (
        evaluator.decide(PLACEMENT, evaluator.permit(each, EVERYTHING, now_s=NOW_S), now_s=NOW_S).offer
        for each in visitors
    )
    expected = (workload.winner(measured.workload, each) for each in visitors)
    return sum(one != other for one, other in zip(chosen, expected, strict=True))
