"""From a file or bytes to an evaluator: verify, then decode. Only `load` reads a file, and the clock if asked to."""

from __future__ import annotations

from .decoding import decode
from .envelope import verify
from .evaluator import Evaluator
from .wire import MAX_BUNDLE_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from .trust import Keyring


def load_bytes(data: bytes, keyring: Keyring, *, now_s: float, floor: int = 0) -> Evaluator:
    """Verify and decode a bundle held in memory; no I/O, no clock.

    Args:
        now_s: Unix seconds, for the validity of keys and bundle.
        floor: The highest floor that this loader has seen, from `evaluator.bundle.floor`; the caller keeps it.
    Raises:
        BundleError: the bundle is refused; see `discreet.errors` for the kinds.
    """
    return Evaluator(decode(verify(data, keyring, now_s=now_s), floor=floor))


def load(
    path: str | os.PathLike[str], keyring: Keyring, *, now_s: float | None = None, floor: int = 0
) -> Evaluator:
    """Verify and decode the bundle file at `path`.

    Args:
        now_s: Unix seconds; the system's clock when left out.
        floor: As for `load_bytes`.
    Raises:
        BundleError: the bundle is refused.
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(MAX_BUNDLE_BYTES + 1)
    if now_s is None:
        import time

        now_s = time.time()
    return load_bytes(data, keyring, now_s=now_s, floor=floor)
