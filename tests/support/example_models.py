"""The models that the project ships: what a claim about every model is tried on first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from discreet import Evaluator
from discreet.cli.scenario_run import throw_away_evaluator
from discreet.model import Model, models_from_dicts, read_models

from .random_models import Document
from .source import REPOSITORY

EXAMPLES: Mapping[str, Sequence[Path]] = {
    "cdnow": [REPOSITORY / "examples/cdnow" / f"{name}.yaml" for name in ("web", "mail", "call_centre")],
    "shop": [REPOSITORY / "examples/shop/shop.yaml"],
    "starter": [REPOSITORY / "sdk/discreet/cli/starter/shop.yaml"],
}


@cache
def example(name: str) -> tuple[Model, ...]:
    """The models of one example, as one bundle has them."""
    return read_models(EXAMPLES[name])


@cache
def example_evaluator(name: str) -> Evaluator:
    """A real bundle of one example, in service for ever."""
    return throw_away_evaluator(example(name))


def sound(*documents: Document) -> tuple[Model, ...]:
    """Models from plain data."""
    return models_from_dicts(documents)
