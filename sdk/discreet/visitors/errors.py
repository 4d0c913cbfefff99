"""What can be wrong with how visitors are met. No message holds a value that a visitor sent.

SettingsError    the operator: a setting, or a file of secrets, cannot be used
ProfilesError    the operator: the profile source did not answer; the visitor is served without it
  NotForgotten   and the application: the visitor wished to be forgotten, and only the cookie goes
"""

from __future__ import annotations

from ..errors import DiscreetError


class SettingsError(DiscreetError):
    """A setting of how visitors are met cannot be used. `key` names it, `what` is wrong with it."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(f"`{key}`: {what}")
        self.key, self.what = key, what


class ProfilesError(DiscreetError):
    """A profile source did not answer in time, or not with a profile."""


class NotForgotten(ProfilesError):
    """The profile source did not forget a visitor who wishes it. `cookie`: the Set-Cookie value that removes theirs."""

    def __init__(self, error: ProfilesError, cookie: bytes | None) -> None:
        super().__init__(str(error))
        self.cookie = cookie
