"""Signing: Ed25519 keys of those who answer for a bundle."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from discreet.errors import KeyringError
from discreet.runtime import Key
from discreet.runtime.envelope import MAX_SIGNATURES, pae, seal
from discreet.runtime.wire import MAX_BUNDLE_BYTES


class SigningKey:
    """A private Ed25519 key. Its repr shows the id only."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = Key(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def generate(cls) -> SigningKey:
        """A fresh key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of a 32-byte seed, RFC 8032's private key: for keys held elsewhere, and for test vectors."""
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(seed))
        except ValueError as error:
            raise KeyringError("an Ed25519 seed has 32 bytes") from error

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> SigningKey:
        """Read an unencrypted PKCS #8 PEM file, as `write` makes it.

        Raises:
            KeyringError: the file is not such a key.
            OSError: it cannot be read.
        """
        data = Path(path).read_bytes()
        try:
            private = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyringError(f"`{os.fspath(path)}` is not an unencrypted PEM private key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyringError(f"`{os.fspath(path)}` is not an Ed25519 key")
        return cls(private)

    @property
    def id(self) -> str:
        """The id of the public key."""
        return self.public.id

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the key to a new file that only its owner may read.

        Raises:
            FileExistsError: there is such a file; a private key is never overwritten.
        """
        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`; the same each time."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.id})"


def sign(payload: bytes, keys: Sequence[SigningKey]) -> bytes:
    """The bundle file: `payload` in an envelope, signed by every key.

    Raises:
        KeyringError: no key, too many, or a key twice.
        ValueError: the bundle would be larger than a loader reads.
    """
    signers = {key.id: key for key in keys}
    if not 0 < len(signers) <= MAX_SIGNATURES or len(signers) != len(keys):
        raise KeyringError(f"a bundle is signed by 1 to {MAX_SIGNATURES} different keys")
    message = pae(payload)
    bundle = seal(payload, {key_id: key.sign(message) for key_id, key in signers.items()})
    if len(bundle) > MAX_BUNDLE_BYTES:
        raise ValueError(
            f"a bundle of {len(bundle)} bytes is larger than the {MAX_BUNDLE_BYTES} that a loader reads"
        )
    return bundle
