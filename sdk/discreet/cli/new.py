"""Make a starter model that compiles, with scenarios that pass."""

from __future__ import annotations

import errno
import json
import shlex
from importlib.resources import files
from pathlib import Path

import click

from .files import write_new
from .options import json_option
from .output import line, print_json

STARTER = ("shop.yaml", "shop.scenarios.yaml", "README.md")

_EPILOG = """\b
Example:
  discreet new my-shop
  cd my-shop && discreet check shop.yaml && discreet test shop.yaml
"""


@click.command("new", epilog=_EPILOG)
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@json_option
def command(directory: Path, as_json: bool) -> None:
    """Make a starter model that compiles, with scenarios that pass.

    It shows what personalizers really use: region, device and touchpoint; behaviour; CSAT and CES after a purchase;
    NPS and retention for the relationship; answers given at onboarding. Files in DIR are never overwritten.
    """
    made = make_starter(directory)
    if as_json:
        print_json({"directory": str(directory), "files": [path.name for path in made]})
        return
    for path in made:
        line(f"made {path}")
    line()
    line(f"Next: read {directory / 'README.md'}, or at once:")
    model = shlex.quote(str(directory / "shop.yaml"))
    line(f"  discreet check {model}")
    line(f"  discreet test {model}")


def make_starter(directory: Path) -> tuple[Path, ...]:
    """Write the starter model into `directory`, which is made if it is not there.

    Raises:
        FileExistsError: one of the files is there already; then nothing is written.
        OSError: a file cannot be written.
    """
    from ..model import model_schema, scenario_schema

    schemas = {"model.schema.json": model_schema(), "scenarios.schema.json": scenario_schema()}
    documents = {name: files("discreet.cli").joinpath("starter", name).read_bytes() for name in STARTER}
    documents |= {name: (json.dumps(each, indent=2) + "\n").encode() for name, each in schemas.items()}
    for name in documents:
        if (directory / name).exists():
            raise FileExistsError(
                errno.EEXIST, "it is there already, and is not overwritten", str(directory / name)
            )
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in documents.items():
        write_new(directory / name, data)
    return tuple(directory / name for name in documents)
