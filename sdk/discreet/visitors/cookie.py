"""The profile cookie: one sealed profile, read from and written to headers."""

from __future__ import annotations

from .profile import ID_BYTES, MAX_COOKIE_LENGTH, Profile, pack_profile, unpack_profile
from .sealing import sealed_length

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .incoming import Incoming
    from .sealing import Sealer
    from .settings import VisitorSettings

USE = "profile-cookie"
MAX_COPIES = 4  # cookies of the name that are tried
MAX_FORGOTTEN = 64  # where the visitor wishes to be forgotten: as many as fit into 8 KB of cookies
_SHORTEST = sealed_length(ID_BYTES)  # characters of any seal of a profile, and more
_BLANKS = b" \t"


class ProfileCookie:
    """Reads and writes the profile cookie that `settings` name."""

    __slots__ = ("_name", "_sealer", "_settings")

    def __init__(self, settings: VisitorSettings, sealer: Sealer) -> None:
        self._settings, self._sealer = settings, sealer
        self._name = settings.cookie_name.encode()

    def read(self, incoming: Incoming) -> Profile | None:
        """The profile that came; None when none did, or none that we sealed. Of several that open, none counts."""
        came = sent_values(incoming, self._name)
        if not came or len(came) > MAX_COPIES:
            return None
        opened = self._those_that_open(came, incoming.now_s)
        return opened[0] if len(opened) == 1 else None

    def read_all(self, incoming: Incoming) -> list[Profile]:
        """Every profile that came: for a visitor who wishes to be forgotten, each of them counts."""
        came = [text for text in sent_values(incoming, self._name) if len(text) >= _SHORTEST]
        return self._those_that_open(came[:MAX_FORGOTTEN], incoming.now_s)

    def _those_that_open(self, came: list[bytes], now_s: float) -> list[Profile]:
        return [profile for text in came if (profile := self._opened(text, now_s)) is not None]

    def _opened(self, text: bytes, now_s: float) -> Profile | None:
        if len(text) > MAX_COOKIE_LENGTH:
            return None
        data = self._sealer.open(text, max_age_s=self._settings.cookie_max_age_s, now_s=now_s)
        return None if data is None else unpack_profile(data)

    def header(self, profile: Profile, now_s: float, *, with_values: bool) -> bytes:
        """The Set-Cookie value that keeps `profile`."""
        sealed = self._sealer.seal(pack_profile(profile, with_values=with_values), now_s=now_s)
        return _set_cookie(self._settings, sealed, self._settings.cookie_max_age_s)


def expiring_cookie(settings: VisitorSettings) -> bytes:
    """The Set-Cookie value that makes the browser forget the cookie."""
    return _set_cookie(settings, "", 0)


def _set_cookie(settings: VisitorSettings, value: str, max_age_s: int) -> bytes:
    """A Set-Cookie value with every attribute that keeps a cookie from scripts and from other sites."""
    secure = "; Secure" if settings.cookie_secure else ""
    kept = f"Max-Age={max_age_s}; Path=/{secure}; HttpOnly; SameSite=Lax"
    return f"{settings.cookie_name}={value}; {kept}".encode()


def sent_values(incoming: Incoming, name: bytes) -> list[bytes]:
    """The different values of the cookies called `name`."""
    found: dict[bytes, None] = {}
    for key, header in incoming.headers:
        if key == b"cookie" and name in header:
            for piece in header.split(b";"):
                called, _, value = piece.partition(b"=")
                if called.strip(_BLANKS) == name:
                    found[value.strip(_BLANKS)] = None
    return list(found)
