"""Every error of the sdk, by who must act.

    DiscreetError
    +-- DeclarationError          the author: an attribute is declared wrongly (discreet_consent)
    +-- PolicyError               the operator: a consent policy's settings are not lawful (discreet_consent)
    +-- SignalError               nobody: a consent signal cannot be read, and counts as a refusal (discreet_consent)
    +-- ModelError                the author: the model is refused; `.problems` holds every problem with its place
    +-- BundleError               the operator: the bundle is refused; the last good one stays in service
    |   +-- MalformedBundle       the bytes are not a bundle, or not exactly one
    |   +-- UnsupportedBundle     a bundle for a newer reader
    |   +-- BadSignature          a signature is missing, does not hold, or is from a key that is not trusted
    |   +-- ExpiredBundle         its time is over (or has not come)
    |   +-- OlderThanFloor        a newer bundle forbade going back to this one
    +-- KeyringError              the operator: a key or keyring file cannot be used
    +-- UnknownPlacement          the developer: this bundle has no such placement
    +-- MissingExtra              the installer: which extra, and the command for it

A message may carry an attribute's name, never its value.
"""

from __future__ import annotations

from discreet_consent.errors import DeclarationError, DiscreetError, PolicyError, SignalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from discreet.model.problems import Problem

_SLIP, _ALIKE = 2, 0.9  # characters more or fewer, and how alike two names are
_FEW = 8  # names that one message lists

__all__ = [
    "BadSignature",
    "BundleError",
    "DeclarationError",
    "DiscreetError",
    "ExpiredBundle",
    "KeyringError",
    "MalformedBundle",
    "MissingExtra",
    "ModelError",
    "OlderThanFloor",
    "PolicyError",
    "SignalError",
    "UnknownPlacement",
    "UnsupportedBundle",
    "likely_uses",
    "nearest",
]


def nearest(name: str, known: Collection[str]) -> str:
    """The hint "; did you mean `x`?" for the nearest known name, or nothing."""
    import difflib  # costs an `import re`, and only mistakes need it

    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _all_of(known: Collection[str]) -> str:
    """The hint "; known: `a`, `b`", where they are few; else nothing."""
    return f"; known: {', '.join(f'`{each}`' for each in sorted(known))}" if 0 < len(known) <= _FEW else ""


def likely_uses(name: str) -> Collection[str]:
    """The data uses that may be suggested for `name`. What needs no consent is not, but for a slip of the pen."""
    from difflib import SequenceMatcher

    from discreet_consent.purposes import DATA_USES, ESSENTIAL, covers

    def is_slip(key: str) -> bool:
        return abs(len(key) - len(name)) <= _SLIP and SequenceMatcher(None, name, key).ratio() >= _ALIKE

    asks_for_less = covers(ESSENTIAL, name)
    return [
        key for key in sorted(DATA_USES) if (is_slip(key) if covers(ESSENTIAL, key) else not asks_for_less)
    ]


class ModelError(DiscreetError):
    """A model is refused. `problems` are all that was found, in the order of their places."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class BundleError(DiscreetError):
    """A bundle is refused; nothing of it is loaded."""


class MalformedBundle(BundleError):
    """The bytes are not a bundle, or not exactly one."""


class UnsupportedBundle(BundleError):
    """The bundle needs a feature that this reader does not have."""


class BadSignature(BundleError):
    """A signature is missing, does not hold, or is from a key that is not trusted now."""


class ExpiredBundle(BundleError):
    """The bundle's time is over, or has not come."""


class OlderThanFloor(BundleError):
    """The bundle is older than the floor that a newer one has set."""

    def __init__(self, version: int, floor: int) -> None:
        super().__init__(f"bundle version {version} is below the floor {floor}")
        self.version, self.floor = version, floor


class KeyringError(DiscreetError):
    """A key or a keyring file cannot be used."""


class UnknownPlacement(DiscreetError):
    """The bundle has no placement of this name."""

    def __init__(self, placement: object, known: Collection[str]) -> None:
        named = f" `{placement}`" if isinstance(placement, str) else ""
        hint = nearest(placement, known) if isinstance(placement, str) else ""
        super().__init__(f"unknown placement{named}{hint or _all_of(known)}")
        self.placement = placement


class MissingExtra(DiscreetError):
    """A capability needs an extra that is not installed."""

    def __init__(self, capability: str, extra: str) -> None:
        super().__init__(f'{capability} needs the extra `{extra}`: pip install "discreet[{extra}]"')
        self.extra = extra
