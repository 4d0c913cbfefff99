"""Where the shop's bundle comes from: a file that operations put there, or the model beside this module."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from discreet.compiler import SigningKey, build
from discreet.model import read_models
from discreet.runtime import Keyring, load_bytes
from discreet.serving import Bundles, FileSource

from .refusals import NotStarted, needing
from .rendering import HERE

_LIFE_S: Final = 30 * 86_400
# The placements that the pages ask for: each has its template.
_PLACEMENTS: Final = frozenset(each.stem for each in (HERE / "templates" / "offers").glob("*.html"))


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
        KeyringError: the ring is none.
        NotStarted: there is no such ring; or the bundle is another shop's, without the placements of these pages.
    """
    with needing(f"--trust {trust}", f"`discreet keys trust NAME.pub.json -o {trust}` makes a keyring"):
        keyring = Keyring.read(trust)
    bundles = Bundles(FileSource(bundle), keyring)
    missing = sorted(_PLACEMENTS - frozenset(bundles.start().evaluator.placements))
    if missing:
        raise NotStarted(
            f"--bundle {bundle}: another shop's, for it has no {', '.join(missing)}; "
            "`discreet build examples/shop/shop.yaml` makes this one's"
        )
    return bundles
