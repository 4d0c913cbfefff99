"""What is measured: one pass over all visitors per subject, and the bundles behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import discreet
from discreet.compiler import SigningKey, build
from discreet.model import models_from_dicts
from discreet_consent import Consent, Permitted

from . import workload
from .workload import PLACEMENT, PURPOSES, Visitor, Workload, cal

__all__ = [
    "EVERYTHING", "EXPIRES_S", "LARGEST", "NOTHING", "NOW_S", "SIZES", "SOMETHING", "Subject", "build_signed", "cal",
    "decide_only", "permit_and_decide", "permit_only", "permitted", "subject", "wrong_answers",
]  # fmt: skip

SIZES: Final = (10, 100, 1_000, 10_000)
LARGEST: Final = 100_000  # takes a minute to build
NOW_S: Final = 1_790_000_000
CREATED_S: Final = NOW_S - 86_400
EXPIRES_S: Final = NOW_S + 86_400
EVERYTHING: Final = Consent.granting(*PURPOSES)
SOMETHING: Final = Consent.granting(PURPOSES[0])
NOTHING: Final = Consent.refusing()

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
    bundle, keyring = build_signed(made.document)
    return Subject(made, bundle, keyring, discreet.load_bytes(bundle, keyring, now_s=NOW_S))


def build_signed(document: Mapping[str, Any]) -> tuple[bytes, discreet.Keyring]:
    """Build and sign a model document; the ring trusts the signer."""
    key = SigningKey.generate()
    bundle = build(
        models_from_dicts([document]),
        [key],
        name="offers",
        version=1,
        created_s=CREATED_S,
        expires_s=EXPIRES_S,
    )
    return bundle, discreet.Keyring([key.public])


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
