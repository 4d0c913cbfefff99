"""Report every mistake of a model with file, line and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import json_option, models_argument
from .output import line, print_json
from .progress import long_work
from .refusals import count, problem_as_dict

if TYPE_CHECKING:
    from ..model import Model

_EPILOG = """\b
Example:
  discreet check shop.yaml
  discreet check web.yaml mail.yaml --json
"""


@click.command("check", epilog=_EPILOG)
@models_argument
@json_option
def command(models: Sequence[Path], as_json: bool) -> None:
    """Report every mistake of a model with file, line and column.

    Several models are checked together, as they would share one bundle. A sound model is also compiled, so that
    whatever passes here can be built; nothing is written. Exit code 1: there are problems. A note is no problem: it
    tells of what is legal, and perhaps not meant.
    """
    from ..model import remarks

    sound = compiled(models)
    noted = remarks(sound)
    if as_json:
        listed = [problem_as_dict(each) for each in noted]
        print_json({"sound": True, "remarks": listed, "models": [summary(model) for model in sound]})
        return
    for model in sound:
        _print_summary(model)
    for each in noted:
        line(f"note: {each}", "yellow")
    line(f"{count(len(sound), 'model')}, no problems", "green")


def compiled(paths: Sequence[Path]) -> tuple[Model, ...]:
    """The models at `paths`, read and found to compile.

    Raises:
        ModelError: they do not.
    """
    from ..compiler import compile_models
    from ..model import read_models

    with long_work() as progress:
        models = read_models(paths, progress=progress)
        compile_models(models, progress)
    return models


def summary(model: Model) -> dict[str, Any]:
    """What a model consists of, by name."""
    purposes = {purpose for attribute in model.attributes for purpose in attribute.purposes}
    return {
        "model": model.id,
        "channel": model.channel,
        "stages": [stage.id for stage in model.stages],
        "placements": [placement.id for placement in model.placements],
        "offers": [offer.id for offer in model.offers],
        "conditions": [condition.id for condition in model.conditions],
        "segments": [condition.id for condition in model.conditions if condition.segment],
        "attributes": [attribute.name for attribute in model.attributes],
        "purposes": sorted(purposes),
        "waives_withdrawal": [offer.id for offer in model.offers if offer.waives_withdrawal],
    }


def _print_summary(model: Model) -> None:
    parts = summary(model)
    line(f"{model.id} ({model.channel})", "bold")
    line(f"  stages      {' > '.join(parts['stages'])}")
    line(f"  placements  {', '.join(parts['placements'])}")
    competing = sum(1 for offer in model.offers if offer.placements)
    line(f"  offers      {len(model.offers)}, of which {competing} compete")
    line(f"  conditions  {len(model.conditions)}, of which {count(len(parts['segments']), 'segment')}")
    line(f"  attributes  {len(model.attributes)}")
    line(f"  purposes    {', '.join(parts['purposes'])}")
    if parts["waives_withdrawal"]:
        line(f"  waivers     {', '.join(parts['waives_withdrawal'])}", "yellow")
