"""From plain documents to the real evaluator, with one openly published test key for the whole suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discreet
from discreet.compiler import SigningKey, build
from discreet.model import models_from_dicts

from .vectors.cases import BUNDLE

TEST_SEED = bytes([1]) * 32  # public on purpose: it signs test vectors, and nothing else may trust it
TEST_KEY = SigningKey.from_seed(TEST_SEED)
TEST_RING = discreet.Keyring([TEST_KEY.public])
WARM = 70  # decisions after which an evaluator has left its plain path for generated source


def bundle_bytes(documents: Sequence[Mapping[str, Any]], bundle: Mapping[str, Any] = BUNDLE) -> bytes:
    """The signed bundle of plain documents."""
    return build(models_from_dicts(documents), [TEST_KEY], **bundle)


def evaluator_of(
    documents: Sequence[Mapping[str, Any]], bundle: Mapping[str, Any] = BUNDLE
) -> discreet.Evaluator:
    """The whole way: read, compile, pack, sign, verify, decode."""
    return discreet.load_bytes(bundle_bytes(documents, bundle), TEST_RING, now_s=bundle["created_s"])


def warmed(evaluator: discreet.Evaluator) -> discreet.Evaluator:
    """The same evaluator after enough decisions to have left its plain path."""
    from discreet_consent import Consent

    nobody = evaluator.permit({}, Consent.refusing())
    for placement in evaluator.placements:
        for _ in range(WARM):
            evaluator.decide(placement, nobody, now_s=evaluator.bundle.created_s)
    return evaluator
