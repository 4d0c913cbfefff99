"""What goes wrong with a bundle in service, beside what makes any bundle refused.

BundleError              the operator: the bundle is refused; the last good one stays in service
+-- OlderThanServed      an older version than one that was served here
+-- ChangedContent       a version that was served here, with another content
SourceError              the operator: where bundles come from cannot be read now
StoreError               the operator: the folder of the last good bundle cannot be read or written
"""

from __future__ import annotations

from discreet.errors import BundleError, DiscreetError


class OlderThanServed(BundleError):
    """The bundle is older than one that was served here, and going back was not allowed."""

    def __init__(self, version: int, served: int) -> None:
        super().__init__(f"bundle version {version} is older than version {served}, which was served here")
        self.version, self.served = version, served


class ChangedContent(BundleError):
    """The bundle has the version of one that was served here, and another content."""

    def __init__(self, version: int) -> None:
        super().__init__(f"bundle version {version} was served here with another content")
        self.version = version


class SourceError(DiscreetError):
    """Where bundles come from cannot be read now.

    `retry_after_s` is how many seconds it asked to be left alone, or None. No message shows a credential.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreError(DiscreetError):
    """The folder of the last good bundle cannot be read or written, or what it holds is not what was put there."""
