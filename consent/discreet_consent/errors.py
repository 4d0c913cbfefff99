"""Every error that discreet raises on purpose.

    DiscreetError
    +-- DeclarationError    the author: an attribute is declared wrongly
    +-- PolicyError         the developer: a regime's settings ask for what its rules do not allow
    +-- RecordError         the developer: a consent record, receipt or audit row cannot be written or restored
    +-- SignalError         nobody: a consent signal cannot be read; the resolver treats it as a refusal

The branches of the sdk (`ModelError`, `BundleError`, ...) stand in `discreet.errors` and share this root.
A message may carry an attribute's name, never its value, and never the text of a signal.
"""

from __future__ import annotations


class DiscreetError(Exception):
    """The root of every error that discreet raises on purpose."""


class DeclarationError(DiscreetError):
    """An attribute is declared wrongly: its author must act."""


class PolicyError(DiscreetError):
    """A regime's settings ask for what its rules do not allow: who wrote them must act."""


class RecordError(DiscreetError):
    """A consent record, receipt or audit row cannot be written, or restored, as asked: who asked must act."""


class SignalError(DiscreetError):
    """A consent signal cannot be read.

    `code` is one of a closed set per signal (for TCF: `truncated`, `bad_base64`, ...); the text of the signal
    is never part of the message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[SignalError], tuple[str, str]]:
        return (SignalError, (self.code, str(self)))
