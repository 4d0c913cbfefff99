"""Small signed bundles by version, and a folder from which they come into service."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from discreet import Keyring
from discreet.compiler import SigningKey, build
from discreet.model import models_from_dicts
from discreet.serving import Bundles, BundleStore, FileSource

from .compiled import BUNDLE, NOW_S, document, offer
from .products import TEST_KEY, TEST_RING

STRANGER = SigningKey.from_seed(bytes([9]) * 32)  # nobody trusts it
EXPIRES_S: int = BUNDLE["expires_s"]
DAY_S = 86_400


@lru_cache(maxsize=2_000)
def bundle(
    version: int,
    title: str = "it",
    *,
    floor: int = 0,
    created_s: int = BUNDLE["created_s"],
    expires_s: int = EXPIRES_S,
    key: SigningKey = TEST_KEY,
) -> bytes:
    """The file of one offer for everybody at `p`, called `title`."""
    models = models_from_dicts([document(offer(title, priority=version))])
    return build(
        models, [key], name="small", version=version, floor=floor, created_s=created_s, expires_s=expires_s
    )


def spoiled(data: bytes) -> bytes:
    """`data` with one bit of its signature turned."""
    at = len(data) - 10
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


class Shop:
    """A bundle file in a folder, a store beside it, and a clock that stands where it is put."""

    def __init__(self, folder: Path, ring: Keyring = TEST_RING) -> None:
        self.file = folder / "shop.bundle"
        self.folder = folder / "store"
        self.ring = ring
        self.now_s = float(NOW_S)

    def put(self, data: bytes) -> None:
        """Make `data` what the source has."""
        self.file.write_bytes(data)

    def bundles(self, **settings: Any) -> Bundles:
        """Bundles of this shop, not started: as a process that has just begun."""
        source = settings.pop("source", None) or FileSource(self.file)
        settings = {"store": BundleStore(self.folder, patience_s=0.2), **settings}
        return Bundles(source, self.ring, clock_s=lambda: self.now_s, **settings)

    def started(self, *files: bytes, **settings: Any) -> Bundles:
        """Bundles that have served each of `files`, the last one now."""
        self.put(files[0])
        made = self.bundles(**settings)
        made.start()
        self.offer(made, files[1:])
        return made

    def offer(self, bundles: Bundles, files: Iterable[bytes]) -> None:
        """Let `bundles` look at each of `files` in turn."""
        for each in files:
            self.put(each)
            bundles.refresh()


def version_of(bundles: Bundles) -> int:
    """The version in service."""
    return bundles.current.evaluator.bundle.version
