"""What can be wrong with how visitors are met. No message holds a value that a visitor sent.

SettingsError    the operator: a setting, or a file of secrets, cannot be used
ProfilesError    the operator: the profile source did not answer; the visitor is served without it
"""

from __future__ import annotations

from ..errors import DiscreetError


class SettingsError(DiscreetError):
    """A setting of how visitors are met cannot be used. `key` names it."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(f"`{key}`: {what}")
        self.key = key


class ProfilesError(DiscreetError):
    """A profile source did not answer in time, or not with a profile."""
