"""Make signing keys, and say whose signatures count."""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .bundles import read_keyring
from .files import write_atomically, write_new
from .options import EXISTING_FILE, NEW_FILE, instant, json_option
from .output import iso, line, print_json
from .refusals import count

if TYPE_CHECKING:
    from .. import Key

_EPILOG = """\b
Example:
  discreet keys new shop
  discreet keys trust shop.pub.json -o trusted-keys.json
"""
_NEW_EPILOG = """\b
Example:
  discreet keys new shop
  discreet keys new release-2026 --out secrets
"""
_TRUST_EPILOG = """\b
Example:
  discreet keys trust shop.pub.json -o trusted-keys.json
  discreet keys trust alice.pub.json bob.pub.json --threshold 2 -o trusted-keys.json
"""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@click.group("keys", epilog=_EPILOG, no_args_is_help=False)
def command() -> None:
    """Make signing keys, and say whose signatures count."""


@command.command("new", epilog=_NEW_EPILOG)
@click.argument("name")
@click.option(
    "--out",
    "directory",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the two files; made if it is not there.",
)
@json_option
def new(name: str, directory: Path, as_json: bool) -> None:
    """Make a signing key: NAME.key is secret, NAME.pub.json is for everyone.

    The secret file is unencrypted PEM that only its owner may read. A key is never overwritten.
    """
    from .. import Keyring
    from ..compiler import SigningKey

    if _NAME.fullmatch(name) is None:
        raise click.UsageError("NAME may hold letters, digits, `.`, `_` and `-`", click.get_current_context())
    secret, public = directory / f"{name}.key", directory / f"{name}.pub.json"
    for path in (secret, public):
        if path.exists():
            raise FileExistsError(errno.EEXIST, "it is there already, and is never overwritten", str(path))
    directory.mkdir(parents=True, exist_ok=True)
    key = SigningKey.generate()
    key.write(secret)
    write_new(public, Keyring([key.public]).to_bytes())
    if as_json:
        print_json({"id": key.id, "secret": str(secret), "public": str(public)})
        return
    line(f"made {secret}  (secret: keep it out of version control)")
    line(f"made {public}  (for everyone: `discreet keys trust {public} -o trusted-keys.json`)")
    line(f"key {key.id}")


@command.command("trust", epilog=_TRUST_EPILOG)
@click.argument("public", nargs=-1, required=True, type=EXISTING_FILE, metavar="PUB...")
@click.option(
    "-o",
    "--output",
    default="trusted-keys.json",
    show_default=True,
    type=NEW_FILE,
    help="The keyring to write.",
)
@click.option(
    "--threshold",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many of the keys must have signed a bundle.",
)
@click.option(
    "--not-before", "not_before_s", type=instant, metavar="ISO", help="Trust them only from then on."
)
@click.option("--not-after", "not_after_s", type=instant, metavar="ISO", help="Trust them only until then.")
@json_option
def trust(
    public: Sequence[Path],
    output: Path,
    threshold: int,
    not_before_s: float | None,
    not_after_s: float | None,
    as_json: bool,
) -> None:
    """Write the keyring by which bundles are verified, from public keys or other keyrings.

    A keyring that is there is replaced, not added to: name all whom you trust. A stated validity holds for every
    key named here; a key that comes with a validity of its own keeps it otherwise.
    """
    from .. import Keyring

    keys = [
        _valid(key, not_before_s, not_after_s) for path in public for key in read_keyring(path).keys.values()
    ]
    ring = Keyring(keys, threshold=threshold)
    write_atomically(output, ring.to_bytes())
    if as_json:
        print_json(
            {"keyring": str(output), "threshold": threshold, "keys": [_key_as_dict(key) for key in keys]}
        )
        return
    line(f"made {output}: {count(threshold, 'signature')} of {count(len(keys), 'key')} required")
    for key in keys:
        line(f"  {key.id}  {_validity(key)}".rstrip())


def _valid(key: Key, not_before_s: float | None, not_after_s: float | None) -> Key:
    from .. import Key

    return Key(
        key.public,
        not_before_s=key.not_before_s if not_before_s is None else not_before_s,
        not_after_s=key.not_after_s if not_after_s is None else not_after_s,
    )


def _key_as_dict(key: Key) -> dict[str, str | None]:
    return {
        "id": key.id,
        "not_before": None if key.not_before_s is None else iso(key.not_before_s),
        "not_after": None if key.not_after_s is None else iso(key.not_after_s),
    }


def _validity(key: Key) -> str:
    begins = "" if key.not_before_s is None else f"from {iso(key.not_before_s)} "
    ends = "" if key.not_after_s is None else f"until {iso(key.not_after_s)}"
    return begins + ends
