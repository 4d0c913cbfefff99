"""The whole way from models to a bundle file's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from discreet.model.progress import Progress, unheard

from .compile import compile_models
from .pack import pack
from .sign import SigningKey, sign

if TYPE_CHECKING:
    from discreet.model import Model


def build(
    models: Sequence[Model],
    keys: Sequence[SigningKey],
    *,
    name: str,
    version: int,
    floor: int = 0,
    created_s: int,
    expires_s: int,
    progress: Progress = unheard,
) -> bytes:
    """Compile, pack and sign: the bundle's bytes, the same for the same arguments.

    Args:
        progress: Called now and then with what is being done, how much of it is done, and how much there is.
    Raises:
        ModelError: a model cannot be compiled; see `compile_models`.
        ValueError: the numbers contradict each other, or the bundle is too large; see `pack` and `sign`.
        KeyringError: no key, too many, or a key twice.
    """
    program = compile_models(models, progress)
    progress("packing", 0, 1)
    payload = pack(program, name=name, version=version, floor=floor, created_s=created_s, expires_s=expires_s)
    progress("packing", 1, 1)
    return sign(payload, keys)
