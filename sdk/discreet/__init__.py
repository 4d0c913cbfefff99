"""Personalization that knows only what it has been told it may know.

The runtime alone: load a signed bundle, permit, decide. Authoring lives in `discreet.model` and `discreet.compiler`.
"""

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
from .runtime import (
    Bundle,
    Decision,
    Evaluator,
    Explanation,
    Key,
    Keyring,
    Reason,
    Verified,
    decode,
    load,
    load_bytes,
    verify,
)

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
