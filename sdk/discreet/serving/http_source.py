"""Bundles from an HTTP origin: asked for with conditions, read within limits, followed only where it is safe.

- A 304 costs no bundle; an answer without an entity tag is remembered by its date, where that is exact enough.
- The answer is read as it comes and never longer than a bundle can be; one that is encoded is refused unread.
- A redirect is followed within one scheme; what the operator gave us to show is shown to the first origin only.
- However it answers, there is an end: see `in_time`.
- No message shows what comes before the `@`, after the `?`, or in a header, and no logger of the client's says a word.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from discreet.errors import MissingExtra
from discreet.runtime.wire import MAX_BUNDLE_BYTES

from .errors import SourceError
from .hushed import hushed
from .in_time import Connections, InTime

if TYPE_CHECKING:
    import ssl

    import httpx

MAX_REDIRECTS: Final = 5
_TOTAL: Final = 6  # how many timeouts a fetch may take, redirects and all, however steadily bytes drip
_MAX_TAG: Final = 1_024  # characters of an entity tag that is sent back
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SCHEMES: Final = frozenset({"http", "https"})
_EXACT_S: Final = 1.0  # a date is a validator only if the answer was made later than that: RFC 9110, 8.8.2.2
_Fetched: TypeAlias = tuple[bytes | None, dict[str, str]]  # and what the next request is to say of it
# What went wrong, by the names of httpx's errors, the narrower first. Their own words may show the whole address.
_WORDS: Final = (
    ("ConnectTimeout", "no connection in time"),
    ("TimeoutException", "no answer in time"),
    ("ConnectError", "no connection"),
    ("ProtocolError", "the answer is not HTTP, or broke off"),
    ("TransportError", "the connection broke"),
)


class HttpSource:
    """A bundle at an HTTP or HTTPS address. Needs the extra `server`.

    Args:
        url: The address. It may hold a name and a password; nobody sees them, nor its query.
        headers: What is sent along, to this origin only.
        timeout_s: For the connection and for each wait; the whole may take six times as long, and no longer.
        client: An `httpx.Client` of the caller's, who sees to forks and closes it; then no redirect leaves the origin.
            It is used in a thread of ours.
    Raises:
        MissingExtra: httpx is not installed.
        SourceError: `url` is no address of a bundle.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 10,
        client: httpx.Client | None = None,
    ) -> None:
        try:
            import httpx
        except ImportError as error:
            raise MissingExtra("bundles from an HTTP origin", "server") from error
        try:
            self._url = httpx.URL(url)
        except httpx.InvalidURL:
            raise SourceError("the bundle's address is no URL") from None  # its words show the address
        if self._url.scheme not in _SCHEMES or not self._url.host:
            raise SourceError("the bundle's address is not one of http or https")
        self._headers = dict(headers or {})
        self._timeout_s = timeout_s
        self._own_client = client
        self._context: ssl.SSLContext | None = None
        self._validator: dict[str, str] = {}
        self._in_time: InTime[_Fetched] = InTime()

    def __repr__(self) -> str:
        return f"HttpSource({self.name!r})"

    @property
    def name(self) -> str:
        """The address, without a name, a password and a query."""
        port = "" if self._url.port is None else f":{self._url.port}"
        host = f"[{self._url.host}]" if ":" in self._url.host else self._url.host
        return f"{self._url.scheme}://{host}{port}{self._url.path}"

    def fetch(self) -> bytes | None:
        """The bundle; None where the origin says that it is the one it sent last.

        Raises:
            SourceError: the origin cannot be reached, answers with anything else, too much, or too slowly.
        """
        import httpx

        if self._in_time.is_busy:
            raise SourceError(f"{self.name}: the request before was given up, and has not ended")
        try:
            data, self._validator = self._in_time.do(self._get, _TOTAL * self._timeout_s)
        except TimeoutError:
            raise SourceError(f"{self.name}: no whole answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(f"{self.name}: {_words(error)}") from None
        return data

    def _get(self, connections: Connections) -> _Fetched:
        import httpx

        with hushed():
            if self._own_client is not None:
                return self._ask(self._own_client, connections)
            # A new one each time: no connection is shared with a forked process, and names are looked up again.
            with httpx.Client(verify=self._trusted(), follow_redirects=False) as client:
                return self._ask(client, connections)

    def _trusted(self) -> ssl.SSLContext:
        if self._context is None:
            import httpx

            self._context = httpx.create_ssl_context()  # reads a large file, so once
        return self._context

    def _ask(self, client: httpx.Client, connections: Connections) -> _Fetched:
        url = self._url
        for _ in range(1 + MAX_REDIRECTS):
            with client.stream(
                "GET",
                _bare(url),
                headers=self._told(url),
                timeout=self._timeout_s,
                follow_redirects=False,
                extensions={"trace": connections},
            ) as answer:
                connections.note(answer.extensions.get("network_stream"))  # one that was open before
                if answer.status_code not in _REDIRECTS:
                    return self._read(answer, connections)
                url = self._next(url, answer.headers.get("location"))
        raise SourceError(f"{self.name} redirects more than {MAX_REDIRECTS} times")

    def _told(self, url: httpx.URL) -> dict[str, str]:
        """The headers for `url`: what the operator gave us is for the first origin alone."""
        told = {"accept-encoding": "identity", **self._validator}
        is_own = _origin(url) == _origin(self._url)
        if is_own:
            told |= self._headers
        return told | _credentials(self._url if is_own and not url.userinfo else url)

    def _next(self, url: httpx.URL, location: str | None) -> httpx.URL:
        if location is None:
            raise SourceError(f"{self.name} redirects to nowhere")
        to = url.join(location)
        if to.scheme != self._url.scheme or not to.host:
            raise SourceError(f"{self.name} redirects to another scheme")
        if self._own_client is not None and _origin(to) != _origin(self._url):
            raise SourceError(f"{self.name} redirects to another origin")
        return to

    def _read(self, answer: httpx.Response, connections: Connections) -> _Fetched:
        if answer.status_code == 304 and self._validator:
            return None, self._validator
        if answer.status_code != 200:
            retry_after_s = retry_after(answer.headers.get("retry-after"))
            raise SourceError(f"{self.name} answers {answer.status_code}", retry_after_s=retry_after_s)
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise SourceError(f"{self.name} sends the bundle encoded, which nobody asked for")
        return self._body(answer, connections), _validator(answer.headers)

    def _body(self, answer: httpx.Response, connections: Connections) -> bytes:
        length = answer.headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > MAX_BUNDLE_BYTES:
            raise self._too_large()
        data = bytearray()
        for chunk in answer.iter_raw():
            data += chunk
            if len(data) > MAX_BUNDLE_BYTES:
                raise self._too_large()
            if connections.is_cut:  # a client of the caller's may have connections of another kind
                break
        return bytes(data)

    def _too_large(self) -> SourceError:
        return SourceError(f"{self.name} sends more than {MAX_BUNDLE_BYTES} bytes")


def retry_after(value: str | None) -> float | None:
    """The seconds of a `Retry-After` header, which states seconds or a date; None where it states neither."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdecimal():
        return float(value.strip()[:9])
    instant_s = _date(value)
    return None if instant_s is None else max(0.0, instant_s - time.time())


def _validator(headers: httpx.Headers) -> dict[str, str]:
    tag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    if 0 < len(tag) <= _MAX_TAG and tag.isascii() and tag.isprintable():
        return {"if-none-match": tag}
    changed_s, made_s = _date(modified), _date(headers.get("date", ""))
    if changed_s is not None and made_s is not None and made_s - changed_s >= _EXACT_S:
        return {"if-modified-since": modified}
    return {}


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _credentials(url: httpx.URL) -> dict[str, str]:
    if not url.userinfo:
        return {}
    stated = f"{url.username}:{url.password}".encode()
    return {"authorization": f"Basic {base64.b64encode(stated).decode()}"}


def _bare(url: httpx.URL) -> httpx.URL:
    """`url` as it may be shown around: whoever handles a request may note its address."""
    return url.copy_with(userinfo=b"", fragment=None)


def _words(error: Exception) -> str:
    import ssl

    under: BaseException | None = error
    while under is not None:
        if isinstance(under, ssl.SSLError):
            return f"no secure connection ({under.reason or 'no reason given'})"
        under = under.__cause__ or under.__context__
    kinds = {each.__name__ for each in type(error).__mro__}
    return next((words for kind, words in _WORDS if kind in kinds), "the fetch failed")
