"""Ours, by its public names alone: a signed bundle, `permit` under a consent to everything, `decide`."""

from __future__ import annotations

from typing import Final

from ..workload import PLACEMENT, PURPOSES, Visitor, Workload
from .engine import Engine, Loaded

NOW_S: Final = 1_790_000_000
SEED: Final = bytes(range(32))  # whose signatures nobody trusts but this benchmark
PUBLIC: Final = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")  # of SEED


def config(workload: Workload) -> bytes:
    """The signed bundle."""
    from discreet.compiler import SigningKey, build
    from discreet.model import models_from_dicts

    return build(
        models_from_dicts([workload.document]),
        [SigningKey.from_seed(SEED)],
        name="offers",
        version=1,
        created_s=NOW_S - 86_400,
        expires_s=NOW_S + 86_400,
    )


def load(config: bytes) -> Loaded:
    """The evaluator, after the signature held."""
    import discreet
    from discreet_consent import Consent

    evaluator = discreet.load_bytes(config, discreet.Keyring([discreet.Key(PUBLIC)]), now_s=NOW_S)
    permit, decide = evaluator.permit, evaluator.decide
    everything = Consent.granting(*PURPOSES)

    def ask(visitor: Visitor) -> str:
        return decide(PLACEMENT, permit(visitor, everything, now_s=NOW_S), now_s=NOW_S).offer

    return Loaded(ask)


OURS: Final = Engine(
    distribution="discreet",
    form="`permit` and `decide`: consent, types and reason in every answer",
    imports=(
        "discreet",
        "discreet_consent",
        "hashlib",
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
    ),
    config=config,
    load=load,
    largest=100_000,
)
