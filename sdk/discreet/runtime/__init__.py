"""What to show: the small evaluator that loads a signed bundle and decides. It knows neither models nor compilers."""

from discreet_consent.lazily import lazily, listed

from .bundle import Bundle
from .decision import Decision, Reason
from .evaluator import Evaluator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .decoding import decode
    from .envelope import Verified, verify
    from .explain import Explanation
    from .loading import load, load_bytes
    from .trust import Key, Keyring

# A decision needs none of these; whoever loads a bundle asks for what that takes.
__getattr__ = lazily(
    __name__,
    {
        ".decoding": ("decode",),
        ".envelope": ("Verified", "verify"),
        ".explain": ("Explanation",),
        ".loading": ("load", "load_bytes"),
        ".trust": ("Key", "Keyring"),
    },
)
__dir__ = listed(__name__)

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
