"""A made-up visitor before a real bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .coverage import Seen

if TYPE_CHECKING:
    from discreet.runtime import Evaluator
    from discreet_consent import Consent

    from .proofs import Visitor


def visit_of(evaluator: Evaluator, placement: str, visitor: Visitor, consent: Consent | None = None) -> Seen:
    """The visit of `visitor` at their own instant, under their own consent or under `consent`."""
    granted = visitor.consent() if consent is None else consent
    return Seen(placement, evaluator.permit(visitor.given(), granted, now_s=visitor.now_s), visitor.now_s)
