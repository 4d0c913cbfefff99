"""Witnesses before real bundles: what `discreet decide` would show them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import discreet
from discreet.checks.proofs import Visitor
from discreet.cli.attributes import read_attributes
from discreet_consent import Permitted


def permitted(evaluator: discreet.Evaluator, visitor: Visitor) -> Permitted:
    """What may be known of a witness, from the JSON that `--attributes` takes."""
    attributes = read_attributes(json.dumps(dict(visitor.attributes)))
    return evaluator.permit(attributes, visitor.consent(), now_s=visitor.now_ms / 1000)


def decided(evaluator: discreet.Evaluator, visitor: Visitor) -> Mapping[str, discreet.Decision]:
    """What a witness is shown, at every placement."""
    return evaluator.decide_all(permitted(evaluator, visitor), now_s=visitor.now_ms / 1000)
