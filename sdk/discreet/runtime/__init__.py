"""What to show: the small evaluator that loads a signed bundle and decides. It knows neither models nor compilers."""

from .bundle import Bundle
from .decision import Decision, Reason
from .decoding import decode
from .envelope import Verified, verify
from .evaluator import Evaluator
from .explain import Explanation
from .loading import load, load_bytes
from .trust import Key, Keyring

__all__ = [
    "Bundle",
    "Decision",
    "Evaluator",
    "Explanation",
    "Key",
    "Keyring",
    "Reason",
    "Verified",
    "decode",
    "load",
    "load_bytes",
    "verify",
]
