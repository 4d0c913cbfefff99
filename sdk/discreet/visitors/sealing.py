"""Sealing: signed and encrypted texts that only the holders of a secret can make, read or change.

The seal is Fernet's (AES-128 in CBC mode, HMAC-SHA256), its keys derived from the site's secrets, one per use: what was
sealed for one use cannot be opened as another.
"""

from __future__ import annotations

import base64
import os
import stat

from .errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.fernet import MultiFernet

MIN_SECRET_BYTES = 16
_SECRET_BYTES = 32
_MAX_FILE_BYTES = 65_536
_INFO = b"discreet seal v1: "


class Sealer:
    """Seals data for one use. The first secret seals, every secret opens: so secrets are rotated.

    Args:
        secrets: The site's secrets, newest first: see `new_secret` and `read_secrets`.
        use: What is sealed, such as `profile-cookie`: another use has other keys.
    Raises:
        SettingsError: there is no secret, or one is too short to be one.
    """

    __slots__ = ("_fernet", "use")

    use: str
    _fernet: MultiFernet

    def __init__(self, secrets: Sequence[bytes], *, use: str) -> None:
        if not secrets:
            raise SettingsError("secrets", "there is none; `discreet keys secret` makes one")
        for number, secret in enumerate(secrets, 1):
            if len(secret) < MIN_SECRET_BYTES:
                raise SettingsError("secrets", f"secret {number} is shorter than {MIN_SECRET_BYTES} bytes")
        from cryptography.fernet import Fernet, MultiFernet

        self.use = use
        self._fernet = MultiFernet([Fernet(_key(secret, use)) for secret in secrets])

    def seal(self, data: bytes, *, now_s: float = 0) -> str:
        """Seal `data`, as URL-safe base64.

        Args:
            now_s: Unix seconds from which its age counts. Without it, it opens only where no age is asked for.
        """
        return self._fernet.encrypt_at_time(data, max(0, int(now_s))).decode()

    def open(
        self, text: str | bytes, *, max_age_s: int | None = None, now_s: float | None = None
    ) -> bytes | None:
        """What was sealed; None when it was not sealed by us for this use, was changed, or is too old. Never raises.

        Args:
            max_age_s: Seconds since it was sealed after which it is too old; None: it never is.
            now_s: Unix seconds, UTC, for that age. Without it, no age is young enough.
        """
        from cryptography.fernet import InvalidToken

        try:
            if max_age_s is None:
                return self._fernet.decrypt(text)
            if now_s is None:
                return None
            return self._fernet.decrypt_at_time(text, max_age_s, int(now_s))
        except (InvalidToken, ValueError, TypeError, OverflowError):
            return None

    @staticmethod
    def new_secret() -> bytes:
        """A new secret: 32 random bytes."""
        return os.urandom(_SECRET_BYTES)

    def __repr__(self) -> str:
        return f"Sealer(use={self.use!r})"


def sealed_length(size: int) -> int:
    """Characters of the seal of `size` bytes."""
    octets = 1 + 8 + 16 + 16 * (size // 16 + 1) + 32  # version, time, vector, padded data, code
    return 4 * -(-octets // 3)


def write_secret(path: str | os.PathLike[str], secret: bytes) -> None:
    """Write `secret` to a new file that only its owner may read, as `read_secrets` reads it.

    Raises:
        FileExistsError: there is such a file; a secret is never overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.urlsafe_b64encode(secret) + b"\n")


def read_secrets(path: str | os.PathLike[str]) -> list[bytes]:
    """The secrets in a file: one line of URL-safe base64 each, newest first. Blank lines and `#` lines are skipped.

    Raises:
        SettingsError: others than its owner and group may read it; a line is no secret; there is none.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & stat.S_IROTH:
            raise SettingsError("secrets", f"{os.fspath(path)}: everybody may read it; `chmod 600` it")
        lines = file.read(_MAX_FILE_BYTES).splitlines()
    secrets = [
        _secret(line.strip(), f"{os.fspath(path)}:{number}")
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith(b"#")
    ]
    if not secrets:
        raise SettingsError("secrets", f"{os.fspath(path)}: there is none; `discreet keys secret` makes one")
    return secrets


def _secret(line: bytes, place: str) -> bytes:
    try:
        secret = base64.b64decode(line, altchars=b"-_", validate=True)
    except ValueError:
        secret = b""  # raised below: the decoder's error is nobody's business
    if len(secret) < MIN_SECRET_BYTES:
        raise SettingsError("secrets", f"{place}: not {MIN_SECRET_BYTES} or more bytes as URL-safe base64")
    return secret


def _key(secret: bytes, use: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), length=32, salt=None, info=_INFO + use.encode()).derive(secret)
    return base64.urlsafe_b64encode(derived)
