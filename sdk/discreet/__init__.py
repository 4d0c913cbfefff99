"""Personalization that knows only what it has been told it may know.

The runtime alone: load a signed bundle, permit, decide. Authoring lives in `discreet.model` and `discreet.compiler`.
"""

from discreet_consent.lazily import lazily, listed

from .errors import (
    BadSignature,
    BundleError,
    DiscreetError,
    ExpiredBundle,
    KeyringError,
    MalformedBundle,
    MissingExtra,
    ModelError,
    OlderThanFloor,
    UnknownPlacement,
    UnsupportedBundle,
)
from .runtime import Bundle, Decision, Evaluator, Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .runtime import Explanation, Key, Keyring, Verified, decode, load, load_bytes, verify

__getattr__ = lazily(
    __name__,
    {".runtime": ("Explanation", "Key", "Keyring", "Verified", "decode", "load", "load_bytes", "verify")},
)
__dir__ = listed(__name__)

__version__ = "0.1.0"

__all__ = [
    "BadSignature",
    "Bundle",
    "BundleError",
    "Decision",
    "DiscreetError",
    "Evaluator",
    "ExpiredBundle",
    "Explanation",
    "Key",
    "Keyring",
    "KeyringError",
    "MalformedBundle",
    "MissingExtra",
    "ModelError",
    "OlderThanFloor",
    "Reason",
    "UnknownPlacement",
    "UnsupportedBundle",
    "Verified",
    "decode",
    "load",
    "load_bytes",
    "verify",
]
