"""Check, compile and sign models into one bundle."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from ..runtime.decoding import MAX_SECONDS, MAX_VERSION
from .bundles import identity
from .files import check_output, write_atomically
from .includes import check_not_included
from .options import EXISTING_FILE, NEW_FILE, clock_s, duration, instant, json_option, models_argument
from .output import line, print_json
from .progress import long_work
from .signers import read_signers
from .verify import print_identity

MAX_NAME = 256  # characters
DEFAULT_LIFETIME_S = 30 * 86_400

_EPILOG = """\b
Example:
  discreet build shop.yaml --key shop.key -o shop.bundle
  discreet build web.yaml mail.yaml --key alice.key --key bob.key -o shop.bundle --version 12 --lifetime 7d
"""


@click.command("build", epilog=_EPILOG)
@models_argument
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    type=EXISTING_FILE,
    metavar="K",
    help="Signing key; repeatable.",
)
@click.option("-o", "--output", required=True, type=NEW_FILE, metavar="FILE", help="The bundle to write.")
@click.option("--name", help="What the bundle calls itself. [default: the models' ids]")
@click.option(
    "--version",
    type=click.IntRange(min=0, max=MAX_VERSION),
    help="A later bundle has a higher one. [default: the build's instant in Unix seconds]",
)
@click.option(
    "--floor",
    type=click.IntRange(min=0),
    default=0,
    help="From now on no edge may go back below this version.",
)
@click.option(
    "--created",
    "--now",
    "created_s",
    type=instant,
    metavar="ISO",
    help="The build's instant. [default: SOURCE_DATE_EPOCH, else the clock]",
)
@click.option("--expires", "expires_s", type=instant, metavar="ISO", help="Not to be served from then on.")
@click.option(
    "--lifetime",
    "lifetime_s",
    type=duration,
    metavar="DURATION",
    help="The same as a length of time. [default: 30d]",
)
@json_option
def command(
    models: Sequence[Path],
    keys: Sequence[Path],
    output: Path,
    name: str | None,
    version: int | None,
    floor: int,
    created_s: float | None,
    expires_s: float | None,
    lifetime_s: int | None,
    as_json: bool,
) -> None:
    """Check, compile and sign models into one bundle.

    The same models, keys and instant make the same bytes: state the instant with --created or SOURCE_DATE_EPOCH.
    The file appears whole or not at all, and never in the place of a file that is read for it. Exit code 1: a model has
    problems, and nothing is written.
    """
    from .. import Keyring, load_bytes
    from ..compiler import build
    from ..model import read_models

    born_s = int(_instant_s(created_s))
    times = {"created_s": born_s, "expires_s": _expiry_s(born_s, expires_s, lifetime_s)}
    number = born_s if version is None else version
    if floor > number:
        raise _usage(f"the floor {floor} is above the version {number}")
    check_output(output, (*models, *keys))
    signers = read_signers(keys)
    trusted = Keyring([key.public for key in signers], threshold=len(signers))
    with long_work() as progress:
        sound = read_models(models, progress=progress)
        check_not_included(output, models)
        title = "+".join(model.id for model in sound) if name is None else name
        if not 0 < len(title) <= MAX_NAME:
            raise _usage(f"a bundle's name has 1 to {MAX_NAME} characters; state one with --name")
        data = build(sound, signers, name=title, version=number, floor=floor, **times, progress=progress)
        progress("loading what was made", 0, 1)  # what no edge would load is not written
        made = load_bytes(data, trusted, now_s=born_s, floor=floor).bundle
    write_atomically(output, data)
    facts = identity(made)
    if as_json:
        print_json({"bundle": str(output), "size_bytes": len(data), **facts})
        return
    line(f"made {output}: {len(data):,} bytes", "green")
    print_identity(facts)


def _instant_s(stated_s: float | None) -> float:
    """The build's instant: as stated, else SOURCE_DATE_EPOCH, else the clock.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if stated_s is not None or not epoch:
        return clock_s(stated_s)
    if not (epoch.isascii() and epoch.isdigit() and len(epoch) <= 12):
        raise _usage("SOURCE_DATE_EPOCH is not a number of seconds")
    return int(epoch)


def _expiry_s(born_s: int, expires_s: float | None, lifetime_s: int | None) -> int:
    if expires_s is not None and lifetime_s is not None:
        raise _usage("state --expires or --lifetime, not both")
    if expires_s is None:
        expires_s = born_s + (DEFAULT_LIFETIME_S if lifetime_s is None else lifetime_s)
    if int(expires_s) <= born_s:
        raise _usage("the bundle would expire before it is made")
    if born_s < 0 or expires_s > MAX_SECONDS:
        raise _usage("a bundle lives between the years 1970 and 9999")
    return int(expires_s)


def _usage(message: str) -> click.UsageError:
    return click.UsageError(message, click.get_current_context())
