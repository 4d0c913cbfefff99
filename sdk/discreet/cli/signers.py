"""Key files from the command line: secret ones, public ones and keyrings, which are easily taken for each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import KeyringError
from .files import is_secret

if TYPE_CHECKING:
    from .. import Keyring
    from ..compiler import SigningKey

PUBLIC_SUFFIX = ".pub.json"


def read_keyring(path: Path) -> Keyring:
    """The keyring at `path`; an error names the file.

    Raises:
        KeyringError: it is not a keyring.
        OSError: it cannot be read.
    """
    from .. import Keyring

    try:
        return Keyring.read(path)
    except KeyringError as error:
        if is_secret(path):
            public = path.with_suffix(PUBLIC_SUFFIX)
            raise KeyringError(f"`{path}`: that is the secret key; name `{public}`") from error
        raise KeyringError(f"`{path}`: {error}") from error


def read_signers(paths: Sequence[Path]) -> list[SigningKey]:
    """The secret keys at `paths`, each of them once.

    Raises:
        KeyringError: a file is not a secret key, or a key is named twice.
        OSError: a file cannot be read.
    """
    signers = [(path, _signer(path)) for path in paths]
    refuse_twice([(path, signer.id) for path, signer in signers])
    return [signer for _, signer in signers]


def refuse_twice(keys: Sequence[tuple[Path, str]]) -> None:
    """See that no key is given twice, by one file or by two.

    Args:
        keys: Each key's file and id.
    Raises:
        KeyringError: one is.
    """
    first: dict[str, Path] = {}
    for path, key_id in keys:
        before = first.setdefault(key_id, path)
        if before is path:
            continue
        if before == path or before.samefile(path):
            raise KeyringError(f"`{path}` is named twice")
        raise KeyringError(f"`{path}` and `{before}` hold the same key `{key_id}`")


def _signer(path: Path) -> SigningKey:
    from ..compiler import SigningKey

    try:
        return SigningKey.read(path)
    except KeyringError as error:
        if not _is_keyring(path):
            raise
        if path.name.endswith(PUBLIC_SUFFIX):
            secret = path.with_name(path.name.removesuffix(PUBLIC_SUFFIX) + ".key")
            raise KeyringError(f"`{path}`: that is the public half; name `{secret}`") from error
        raise KeyringError(f"`{path}`: that is a keyring; name a secret key, a `.key` file") from error


def _is_keyring(path: Path) -> bool:
    from .. import Keyring

    try:
        Keyring.read(path)
    except KeyringError:
        return False
    return True
