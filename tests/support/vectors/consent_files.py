"""All files of consent cases."""

from __future__ import annotations

from . import consenting_precedence, consenting_regimes, consenting_signals, consenting_us
from .consenting import ConsentFile


def consent_files() -> tuple[ConsentFile, ...]:
    """Make the files anew; the reference works out every expectation, so this takes seconds."""
    return (
        consenting_precedence.file(),
        consenting_regimes.file(),
        consenting_us.file(),
        consenting_signals.file(),
    )
