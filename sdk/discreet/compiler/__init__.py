"""From a sound model to a signed bundle. Needs the extra `author`."""

from .build import build
from .compile import compile_models
from .pack import pack
from .program import Program
from .sign import SigningKey, sign

__all__ = ["Program", "SigningKey", "build", "compile_models", "pack", "sign"]
