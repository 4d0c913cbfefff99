"""The slow reference: spec/decision.md, followed literally.

It works on the plain form of a model (what YAML or JSON says, as dicts) and shares no code with `discreet.model`,
`discreet.compiler` or `discreet.runtime`: it has its own permission step, reads expressions with `ast` each time,
and asks every offer in turn. It assumes a sound model, and is slow on purpose. Kleene's unknown is None.
"""

from .decisions import Outcome, reference_decide, reference_eligible, reference_top
from .permission import Beside, declarations_of, may_be_known, permit

__all__ = [
    "Beside",
    "Outcome",
    "declarations_of",
    "may_be_known",
    "permit",
    "reference_decide",
    "reference_eligible",
    "reference_top",
]
