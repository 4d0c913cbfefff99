"""Make signing keys and secrets, and say whose signatures count."""

from __future__ import annotations

import errno
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import KeyringError
from .files import check_output, write_atomically, write_new
from .options import EXISTING_FILE, NEW_FILE, instant, json_option
from .output import iso, line, print_json
from .refusals import count
from .signers import PUBLIC_SUFFIX, read_keyring, refuse_twice

if TYPE_CHECKING:
    from .. import Key

_EPILOG = """\b
Example:
  discreet keys new shop
  discreet keys trust shop.pub.json -o trusted-keys.json
  discreet keys secret -o secrets.txt
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
_SEALING_EPILOG = """\b
Example:
  discreet keys secret -o secrets.txt
  discreet keys secret -o new.txt && cat secrets.txt >> new.txt && mv new.txt secrets.txt
"""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@click.group("keys", epilog=_EPILOG, no_args_is_help=False)
def command() -> None:
    """Make signing keys and secrets, and say whose signatures count."""


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
    secret, public = directory / f"{name}.key", directory / f"{name}{PUBLIC_SUFFIX}"
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
    line(
        f"made {public}  (for everyone: `discreet keys trust {shlex.quote(str(public))} -o trusted-keys.json`)"
    )
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
    help="How many of the keys must have signed a bundle. [default: the highest of the keyrings given, else 1]",
)
@click.option(
    "--not-before", "not_before_s", type=instant, metavar="ISO", help="Trust them only from then on."
)
@click.option("--not-after", "not_after_s", type=instant, metavar="ISO", help="Trust them only until then.")
@json_option
def trust(
    public: Sequence[Path],
    output: Path,
    threshold: int | None,
    not_before_s: float | None,
    not_after_s: float | None,
    as_json: bool,
) -> None:
    """Write the keyring by which bundles are verified, from public keys or other keyrings.

    A keyring that is there is replaced, not added to: name all whom you trust, and the keyring itself among them to
    add to it. A public key file that is read is never overwritten. A stated validity holds for every
    key named here; a key that comes with a validity of its own keeps it otherwise.
    """
    from .. import Keyring

    rings = [(path, read_keyring(path)) for path in public]
    check_output(output, (path for path in public if not _may_grow(path, output)))
    refuse_twice([(path, key) for path, ring in rings for key in ring.keys])
    keys = [_valid(key, not_before_s, not_after_s) for _, ring in rings for key in ring.keys.values()]
    was = max(ring.threshold for _, ring in rings)
    required = was if threshold is None else threshold
    if required > len(keys):
        raise KeyringError(f"a threshold of {required} cannot be met by {count(len(keys), 'key')}")
    write_atomically(output, Keyring(keys, threshold=required).to_bytes())
    if as_json:
        facts = {"keyring": str(output), "threshold": required, "was": was}
        print_json({**facts, "keys": [_key_as_dict(key) for key in keys]})
        return
    lowered = f" (was {was})" if required < was else ""
    line(f"made {output}: {count(required, 'signature')}{lowered} of {count(len(keys), 'key')} required")
    for key in keys:
        line(f"  {key.id}  {_validity(key)}".rstrip())


@command.command("secret", epilog=_SEALING_EPILOG)
@click.option("-o", "--output", required=True, type=NEW_FILE, help="The file to write; never overwritten.")
@json_option
def secret(output: Path, as_json: bool) -> None:
    """Make a secret for sealing the profile cookie and the decision log.

    The file has one line, and only its owner may read it. Of several lines the first seals and all open: put a new one
    in front, and take an old one out when nothing that it sealed matters any more.
    """
    from ..visitors.sealing import Sealer, write_secret

    if output.exists():
        raise FileExistsError(errno.EEXIST, "it is there already, and is never overwritten", str(output))
    write_secret(output, Sealer.new_secret())
    if as_json:
        print_json({"secret": str(output)})
        return
    line(f"made {output}  (secret: keep it out of version control)")


def _may_grow(path: Path, output: Path) -> bool:
    """Whether `output` may be written though it is the keyring `path`: adding to a ring, not losing a public key."""
    return not any(each.name.endswith(PUBLIC_SUFFIX) for each in (path, output, output.resolve()))


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
