"""Where the shop's bundle comes from: a file that operations put there, or the model beside this module."""

from __future__ import annotations

import time
from pathlib import Path

from discreet.compiler import SigningKey, build
from discreet.model import read_models
from discreet.runtime import Keyring, load_bytes
from discreet.serving import Bundles, FileSource

from .rendering import HERE

_LIFE_S = 30 * 86_400


def built_here(model: Path = HERE / "shop.yaml") -> Bundles:
    """Build the model with a key that is made for this moment and kept nowhere.

    Raises:
        ModelError: the model is not sound.
    """
    now_s = int(time.time())
    key = SigningKey.generate()
    data = build(
        read_models([model]), [key], name="shop", version=now_s, created_s=now_s, expires_s=now_s + _LIFE_S
    )
    return Bundles.of(load_bytes(data, Keyring([key.public]), now_s=now_s), data)


def from_file(bundle: Path, trust: Path) -> Bundles:
    """Serve the file `bundle`, and what takes its place, if a key of the ring `trust` signed it.

    Raises:
        BundleError, SourceError: there is no such bundle.
        KeyringError: there is no such ring.
    """
    bundles = Bundles(FileSource(bundle), Keyring.read(trust))
    bundles.start()
    return bundles
