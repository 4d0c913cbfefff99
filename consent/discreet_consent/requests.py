"""From a request to its signals: `read_request`. Which cookie, header or parameter carries what is the policy's.

Cookie headers are parsed here. `http.cookies` drops a whole header, or the rest of it, for one cookie that it does not
like, and so one odd cookie would make a refusal absent. Browsers join cookies with `;` and let no value hold one.
"""

from __future__ import annotations

from itertools import chain, islice

from .regimes.policy import default_policy
from .signals.bounded import MAX_LENGTH
from .signals.received import Signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Protocol, TypeAlias

    from .regimes.policy import Policy
    from .signals.received import Sent

    class HasItems(Protocol):
        """A mapping, or headers of a framework that name some of their keys several times."""

        def items(self) -> Iterable[tuple[str | bytes, object]]: ...

    Pairs: TypeAlias = Iterable[tuple[str | bytes, object]] | HasItems

MAX_CAME = 256  # texts of one request, with what came twice; no browser sends so many
_BLANKS = " \t"
_OCTAL = frozenset("01234567")
# The sources whose own alphabet has no `%`, so that one in them is an encoding. The decoders of consent tools'
# cookies undo it themselves: in these, it tells a separator from a part of a value.
_ENCODED = frozenset(("tcf", "gpp", "us_privacy", "consent_mode", "gcs", "gcd", "onetrust_closed"))


def read_request(
    headers: Pairs,
    *,
    cookies: Pairs | str | bytes | None = None,
    query: Pairs | str | bytes | None = None,
    policy: Policy | None = None,
) -> Signals:
    """Find the signals in a request. Never raises because of what a visitor sent.

    What came and cannot be read is in the result, and unreadable; of a carrier that came several times, every value.
    Cookies, headers and parameters that the policy does not name are not looked at.

    Args:
        headers: Name and value pairs, as text or bytes (ASGI's `scope["headers"]`), or anything with `items()`: a
            mapping, a WSGI environ, Starlette's or Django's `request.headers`. Names in either case. A value may be a
            list.
        cookies: Cookies beside those in `headers`: the text of a Cookie header (WSGI's `HTTP_COOKIE`), or
            name and value pairs or a mapping, as a framework parsed them. A value may be a list. Prefer the header:
            frameworks keep one of several cookies of a name.
        query: The query string, or what a framework made of it, likewise.
        policy: None: the package's.
    Raises:
        TypeError: the caller passed what is no header, cookie or query.
    Source: spec/consent.md, "Reading a request".
    """
    policy = policy or default_policy()
    found = [_in_headers(headers, policy)]
    if cookies is not None:
        jar = _jar(cookies, policy.cookies) if isinstance(cookies, str | bytes) else _pairs(cookies)
        found.append(_in_cookies(jar, policy.cookies))
    if query is not None:
        parameters = _fields(query) if isinstance(query, str | bytes) else _pairs(query)
        found.append(_in_query(parameters, policy.parameters))
    sent = [*islice(chain.from_iterable(found), MAX_CAME + 1)]
    # What lies behind is not looked at, so nothing may be granted: every regime hears the GPC.
    return Signals(sent if len(sent) <= MAX_CAME else [*sent, ("gpc", "request", object())])


def _in_headers(headers: Pairs, policy: Policy) -> Iterator[Sent]:
    wanted = {name.lower(): source for name, source in policy.headers.items()}
    for name, value in _pairs(headers):
        key = name.lower()
        if key.startswith("http_"):  # a WSGI environ
            key = key.removeprefix("http_").replace("_", "-")
        if key == "cookie" and value is not None:
            yield from _in_cookies(_jar(value, policy.cookies), policy.cookies)
        elif key in wanted:
            source = wanted[key]
            for each in _lines(source, _text(value)):
                yield _sent(source, f"header {key}", each)


def _in_cookies(jar: Iterable[tuple[str, object]], wanted: Mapping[str, str]) -> Iterator[Sent]:
    for name, value in jar:
        if name in wanted:
            yield _sent(wanted[name], f"cookie {name}", _unwrapped(_text(value)))


def _in_query(parameters: Iterable[tuple[str, object]], wanted: Mapping[str, str]) -> Iterator[Sent]:
    for name, value in parameters:
        if name in wanted:
            yield _sent(wanted[name], f"parameter {name}", _text(value))


def _pairs(given: Pairs) -> Iterator[tuple[str, object]]:
    if isinstance(given, str | bytes):
        raise TypeError("headers are pairs of names and values, or a mapping")
    several: Any = given
    for method in (
        "multi_items",
        "lists",
        "items",
    ):  # Starlette's, Django's and everybody's: each value counts
        if hasattr(several, method):
            several = getattr(several, method)()
            break
    for name, value in several:
        key: str = name.decode("latin-1") if isinstance(name, bytes) else name
        if isinstance(value, list | tuple):
            for each in value:
                yield key, each
        else:
            yield key, value


def _jar(header: object, wanted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The cookies of a Cookie header. One without `=` has no value, which is not the same as not being there."""
    for piece in _whole(header, "a Cookie header").split(";"):
        name, _, value = piece.partition("=")
        yield name.strip(_BLANKS), value.strip(_BLANKS)
        if "," in piece:
            yield from ((hidden, "") for hidden in _behind_commas(piece) if hidden in wanted)


def _behind_commas(piece: str) -> Iterator[str]:
    """Names that stand behind a comma: of several Cookie headers that a server joined, or only of a cookie's value,
    into which a stranger's link may have put it. So they came, but what they say is not taken for the visitor's."""
    for part in piece.split(",")[1:]:
        name, sign, _ = part.partition("=")
        if sign:
            yield name.strip(_BLANKS)


def _fields(query: object) -> Iterator[tuple[str, str]]:
    """The parameters of a query string, their values still encoded."""
    for piece in _whole(query, "a query string").removeprefix("?").split("&"):
        name, _, value = piece.partition("=")
        yield _decoded(name, 1) if "%" in name else name, value


def _lines(source: str, value: object) -> Iterable[object]:
    """The values of one header. Servers may join several headers of a name, and of several GPC headers one counts."""
    if not isinstance(value, str):
        return (value,)
    return [line.strip(_BLANKS) for line in (value.split(",") if source == "gpc" else (value,))]


def _sent(source: str, carrier: str, text: object) -> Sent:
    if isinstance(text, str) and source in _ENCODED and len(text) <= MAX_LENGTH:
        if source == "consent_mode":
            text = text.replace("+", " ")  # JSON has blanks, and its keys and states no `+`
        if "%" in text:
            text = _decoded(text, 2)
    return source, carrier, text


def _decoded(text: str, times: int) -> str:
    from .signals.cmp_cookies.text import unquoted

    return unquoted(text, times)


def _whole(given: object, what: str) -> str:
    text = _text(given)
    if not isinstance(text, str):
        raise TypeError(f"{what} is text or bytes")
    return text


def _text(value: object) -> object:
    """Octets as UTF-8 or else Latin-1, also those that a server took for Latin-1; whatever is not text as it is."""
    octets = value
    if isinstance(value, str):
        if value.isascii():
            return value
        try:
            octets = value.encode("latin-1")
        except UnicodeEncodeError:
            return value
    if not isinstance(octets, bytes):
        return value
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _unwrapped(value: object) -> object:
    """`value` without the quotes around it, and without the backslashes that Python's servers put in such quotes."""
    if not isinstance(value, str) or len(value) < 2 or not value[0] == value[-1] == '"':
        return value
    first, *rest = value[1:-1].split("\\")
    text, parts = [first], iter(rest)
    for part in parts:
        code = part[:3]
        if not part:  # a backslash, escaped by one
            text.append("\\" + next(parts, ""))
        elif len(code) == 3 and _OCTAL.issuperset(code):
            text.append(chr(int(code, 8)) + part[3:])
        else:
            text.append(part)
    return "".join(text)
