"""What came with one request, whatever server took it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    Header = tuple[bytes, bytes]

_PREFIX = "HTTP_"


class Incoming:
    """One request's headers, query string, path and instant. Its repr shows none of them.

    Args:
        headers: Name and value pairs, names in lower case, as ASGI has them. What came several times is there
            several times.
        query_string: As it came, without the `?`, still encoded.
        now_s: Unix seconds, UTC, at which the request is judged.
    """

    __slots__ = ("_first", "headers", "now_s", "path", "query_string")

    headers: Sequence[tuple[bytes, bytes]]
    query_string: bytes
    path: str
    now_s: float
    _first: dict[bytes, bytes] | None

    def __init__(
        self,
        headers: Sequence[tuple[bytes, bytes]] = (),
        query_string: bytes = b"",
        path: str = "/",
        *,
        now_s: float,
    ) -> None:
        self.headers = headers
        self.query_string = query_string
        self.path = path
        self.now_s = now_s
        self._first = None

    @classmethod
    def from_scope(cls, scope: Mapping[str, Any], *, now_s: float) -> Incoming:
        """The request of an ASGI scope."""
        headers = scope["headers"]  # of a list, as servers make it; ASGI would allow any iterable
        if not isinstance(headers, list):
            headers = [*headers]
        return cls(headers, scope.get("query_string", b""), scope.get("path", "/"), now_s=now_s)

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any], *, now_s: float) -> Incoming:
        """The request of a WSGI environ (PEP 3333: its texts are octets taken for Latin-1)."""
        headers = [
            (_octets(name[5:].replace("_", "-").lower()), _octets(value))
            for name, value in environ.items()
            if name.startswith(_PREFIX)
        ]
        path = environ.get("PATH_INFO") or "/"
        return cls(headers, _octets(environ.get("QUERY_STRING") or ""), path, now_s=now_s)

    @classmethod
    def from_headers(
        cls,
        pairs: Iterable[tuple[str | bytes, str | bytes]],
        *,
        query_string: str | bytes = b"",
        path: str = "/",
        now_s: float,
    ) -> Incoming:
        """The request of any name and value pairs, as text or octets, names in either case."""
        headers = [(_octets(name).lower(), _octets(value)) for name, value in pairs]
        return cls(headers, _octets(query_string), path, now_s=now_s)

    def header(self, name: bytes) -> bytes | None:
        """The first header called `name` (lower case)."""
        first = self._first
        if first is None:
            self._first = first = dict(reversed(self.headers))  # the first of a name is the last to be put in
        return first.get(name)

    def all(self, name: bytes) -> list[bytes]:
        """Every header called `name`, in the order in which they came."""
        return [value for key, value in self.headers if key == name]

    def __repr__(self) -> str:
        return f"Incoming({len(self.headers)} headers)"


def _octets(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
