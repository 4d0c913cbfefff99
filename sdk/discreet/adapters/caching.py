"""What caches may do with a page: the headers of a response, judged by the decisions that are in it.

- A page with a decision that can depend on somebody is for one browser, whoever asked: whatever would let a shared
  cache keep it goes. Whether it *can* depend is the certificate's word; this visitor's values have no say.
- A page of which nothing depends on anybody keeps the headers of its application, but no cache may keep it for longer
  than its decisions hold by the clock. Nothing becomes cacheable here that was not.
- A page into which a cache in front puts fragments is that cache's alone to keep: what leaves it is one visitor's.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from ..errors import DiscreetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

Pair: TypeAlias = tuple[bytes, bytes]  # a header; names in lower case, as ASGI has them

_CACHE_CONTROL, _VARY, _ETAG, _EXPIRES = b"cache-control", b"vary", b"etag", b"expires"
_LAST_MODIFIED: Final = b"last-modified"
_PRAGMA: Final = b"pragma"  # `public` in it still counts with some
_SET_COOKIE: Final = b"set-cookie"
_CONTENT_LENGTH: Final = b"content-length"
_SURROGATE_CONTROL: Final = b"surrogate-control"
_ACCEL: Final = b"x-accel-expires"  # nginx: a number of seconds, or `@` and an instant
# What only a cache of the site's own heeds; every `...-cache-control` is such a one, too.
_FOR_SURROGATES: Final = frozenset({_SURROGATE_CONTROL, b"edge-control", _ACCEL})
_VALIDATORS: Final = frozenset({_ETAG, _LAST_MODIFIED})
_LIFETIMES: Final = frozenset({b"max-age", b"s-maxage", b"downstream-ttl", b"cache-maxage"})
_AFTERWARDS: Final = frozenset({b"stale-while-revalidate", b"stale-if-error"})
_APART: Final = frozenset({b"private", b"no-store"})
_NEVER_UNASKED: Final = _APART | {b"no-cache"}
# So long before a decision changes by the clock, a cache that was told nothing is told to ask: what caches assume by
# themselves are some minutes. Of a page with a Last-Modified it is a part of its age, which may be years.
_ASSUMED_S: Final = 86_400
_DIRECTIVE = re.compile(rb'([^\s,;="]+)\s*(?:=\s*("[^"]*"|[^\s,;"]*))?')
_SECONDS = re.compile(rb'"?(\d{1,15})([smhd]?)(?:\+\d+)?"?')  # `+`: Surrogate-Control's own grace
_UNIT_S: Final = {b"": 1, b"s": 1, b"m": 60, b"h": 3600, b"d": 86_400}


@dataclass(frozen=True, slots=True)
class Caching:
    """How the pages of a site may be cached.

    Args:
        revalidate: Let the browser keep a personal page to which the application gives an ETag, and ask each time
            whether it still holds (`private, no-cache`). Else no browser keeps one (`private, no-store`).
        shared_max_age_s: The longest that caches may keep a shared page with decisions, whatever its application
            says: so long old offers may show after a new bundle. None: as the application says.
    Raises:
        DiscreetError: the age is below 0.
    """

    revalidate: bool = False
    shared_max_age_s: int | None = None

    def __post_init__(self) -> None:
        if (self.shared_max_age_s or 0) < 0:
            raise DiscreetError("`shared_max_age_s` is below 0")


def personal(headers: Iterable[Pair], *, vary: Iterable[str], etag_of: str | None = None) -> list[Pair]:
    """The headers of a page for one visitor: no shared cache may keep it, and none that it had may let one.

    Args:
        vary: Names of the request's headers on which its decisions can depend.
        etag_of: The key of its decisions, where the browser may keep it and revalidate; that needs an ETag of the
            application's too, which speaks for the rest of the page.
    """
    headers = list(headers)
    own = next((value for name, value in headers if name == _ETAG), None)
    kept = _unkept(headers)
    word = b"no-store"
    if own and etag_of is not None:
        word = b"no-cache"
        digest = hashlib.sha256(own + b"\0" + etag_of.encode()).hexdigest()
        kept.append((_ETAG, b'W/"%s"' % digest[:40].encode()))
    kept.append(_for_one_browser(headers, word))
    return varying(kept, vary)


def _unkept(headers: Iterable[Pair]) -> list[Pair]:
    """`headers` without any that lets a cache keep the response, or a browser ask whether its copy still holds."""
    return [
        pair
        for pair in headers
        if not _is_for_caches(pair[0]) and pair[0] not in _VALIDATORS and pair[0] != _PRAGMA
    ]


def _for_one_browser(headers: Iterable[Pair], word: bytes) -> Pair:
    words = [b"private", word]
    if b"no-transform" in _directives(headers):
        words.append(b"no-transform")
    return _CACHE_CONTROL, b", ".join(words)


def bounded(headers: Iterable[Pair], age_s: float, *, now_s: float) -> list[Pair]:
    """The headers of a shared page, with every lifetime over `age_s` cut down to it. What is shorter stays."""
    headers = list(headers)
    if math.isinf(age_s):
        return headers
    seconds = max(0, math.floor(age_s))
    result = [(name, _cut(name, value, seconds, now_s)) for name, value in headers]
    is_dated = any(name == _LAST_MODIFIED for name, _ in headers)
    if (is_dated or seconds < _ASSUMED_S) and _says_no_lifetime(headers):
        result.append((_CACHE_CONTROL, b"max-age=0, must-revalidate"))
    return result


def shared(age_s: float) -> list[Pair]:
    """The headers of what any cache may keep for `age_s`."""
    return [(_CACHE_CONTROL, b"public, max-age=%d" % max(0, math.floor(age_s)))]


def is_apart(headers: Iterable[Pair]) -> bool:
    """Whether the application itself lets no shared cache keep this response."""
    return _is_told(headers, _APART)


def is_kept_nowhere(headers: Iterable[Pair]) -> bool:
    """Whether the application itself lets nobody keep this response, not even the browser."""
    return _is_told(headers, frozenset({b"no-store"}))


def _is_told(headers: Iterable[Pair], words: frozenset[bytes]) -> bool:
    headers = list(headers)
    told = any(word in words and not value for word, value in _directives(headers).items())
    return told and not any(_is_for_surrogates(name) for name, _ in headers)


def varying(headers: Iterable[Pair], names: Iterable[str]) -> list[Pair]:
    """`headers` with one Vary, of what it named already and of `names`."""
    headers = list(headers)
    lines = [value.decode("latin-1") for name, value in headers if name == _VARY]
    said = [each.strip() for line in lines for each in line.split(",") if each.strip()]
    known = {each.lower() for each in said}
    added = [each for each in sorted(set(names), key=str.lower) if each.lower() not in known]
    if "*" in known or not added:
        return headers
    joined = ", ".join([*said, *added]).encode("latin-1")
    return [*(pair for pair in headers if pair[0] != _VARY), (_VARY, joined)]


def with_esi(headers: Iterable[Pair], *, is_shared: bool, now_s: float) -> list[Pair]:
    """The headers of a page into which the cache in front puts fragments.

    That cache gets the lifetime, in `Surrogate-Control`. The page as it is put together is one visitor's: no browser
    and no cache further out may keep it, nor ask by an ETag of the application's whether it still holds.

    Args:
        is_shared: Whether the page around the fragments is everybody's. Else the cache in front keeps nothing either.
    """
    headers = list(headers)
    age_s = _surrogate_age_s(headers, now_s) if is_shared else None
    lifetime = b"no-store" if age_s is None else b"max-age=%d" % age_s
    surrogate = _SURROGATE_CONTROL, lifetime + b', content="ESI/1.0"'
    return [*_unkept(headers), _for_one_browser(headers, b"no-store"), surrogate]


def _surrogate_age_s(headers: list[Pair], now_s: float) -> int | None:
    """For how long a cache of the site's own may keep the response; None when it may not at all.

    What is said to such caches alone goes before what is said to all. What is said to several: the shortest. A page
    of which nothing is said is not kept, and one that sets a cookie is one visitor's.
    """
    if any(name == _SET_COOKIE for name, _ in headers):
        return None
    said = [_own_age_s(name, value, now_s) for name, value in headers if _is_for_surrogates(name)]
    own = [age_s for age_s in said if age_s is not None]
    if own:
        return min(own) or None
    told = [value for name, value in headers if name == _CACHE_CONTROL]
    if _NEVER_UNASKED & _directives(headers).keys():
        return None
    for words in ({b"s-maxage"}, {b"max-age"}):
        ages = [age_s for value in told for age_s in _ages_s(value, words)]
        if ages:
            return min(ages) or None
    expiries = [value for name, value in headers if name == _EXPIRES]
    return min((_seconds_until(each, now_s) for each in expiries), default=0) or None


def _own_age_s(name: bytes, value: bytes, now_s: float) -> int | None:
    """The lifetime that one header gives a cache of the site's own; 0: none. None: it says nothing of that."""
    if name == _ACCEL:
        is_instant = value.startswith(b"@") and value[1:].isdigit()
        return max(0, int(value[1:16]) - math.ceil(now_s)) if is_instant else _seconds(value)
    if _NEVER_UNASKED & {each[1].lower() for each in _DIRECTIVE.finditer(value)}:
        return 0
    return min(_ages_s(value, _LIFETIMES), default=None)


def _ages_s(value: bytes, words: Set[bytes]) -> list[int]:
    """The lifetimes that `words` are given in a header's value."""
    return [_seconds(each[2]) for each in _DIRECTIVE.finditer(value) if each[1].lower() in words]


def _seconds_until(expires: bytes, now_s: float) -> int:
    try:
        return max(0, math.floor(parsedate_to_datetime(expires.decode("latin-1")).timestamp() - now_s))
    except (ValueError, OverflowError):
        return 0  # caches take it for a time in the past


def still_holds(headers: Iterable[Pair], asked: bytes | None) -> bool:
    """Whether the browser's `If-None-Match` names the ETag among `headers`: then a 304 says all."""
    etag = next((value for name, value in headers if name == _ETAG), None)
    if etag is None or asked is None:
        return False
    return etag.removeprefix(b"W/") in {each.strip().removeprefix(b"W/") for each in asked.split(b",")}


def is_all(headers: Iterable[Pair], length: int) -> bool:
    """Whether a body of so many octets is all of it, as its Content-Length says."""
    said = [value.strip() for name, value in headers if name == _CONTENT_LENGTH]
    return said == [b"%d" % length]


def _is_for_surrogates(name: bytes) -> bool:
    return name in _FOR_SURROGATES or (name.endswith(_CACHE_CONTROL) and name != _CACHE_CONTROL)


def _is_for_caches(name: bytes) -> bool:
    return name in (_CACHE_CONTROL, _EXPIRES) or _is_for_surrogates(name)


def _directives(headers: Iterable[Pair]) -> Mapping[bytes, bytes]:
    """The words of Cache-Control, in lower case, with what they were given."""
    lines = b",".join(value for name, value in headers if name == _CACHE_CONTROL)
    return {each[1].lower(): each[2] or b"" for each in _DIRECTIVE.finditer(lines)}


def _says_no_lifetime(headers: Iterable[Pair]) -> bool:
    headers = list(headers)
    if any(name == _EXPIRES or _is_for_surrogates(name) for name, _ in headers):
        return False
    return not (_LIFETIMES | _NEVER_UNASKED) & _directives(headers).keys()


def _cut(name: bytes, value: bytes, seconds: int, now_s: float) -> bytes:
    if name == _EXPIRES:
        return _earlier(value, now_s + seconds)
    if name == _ACCEL:
        return _at_most(value, seconds)
    if not _is_for_caches(name):
        return value
    ages = _ages_s(value, _LIFETIMES)
    left = max(0, seconds - max(ages)) if ages else 0  # what a page may live on after its lifetime

    def cut(found: re.Match[bytes]) -> bytes:
        word = found[1].lower()
        if word in _LIFETIMES:
            return found[1] + b"=" + _at_most(found[2], seconds)
        return found[1] + b"=" + _at_most(found[2], left) if word in _AFTERWARDS else found[0]

    return _DIRECTIVE.sub(cut, value)


def _seconds(value: bytes | None) -> int:
    """A lifetime as caches read it, or 0."""
    found = _SECONDS.fullmatch(value or b"")
    return int(found[1]) * _UNIT_S[found[2]] if found else 0


def _at_most(value: bytes | None, seconds: int) -> bytes:
    """A lifetime, no longer than `seconds`; one that nobody can read is none."""
    found = _SECONDS.fullmatch(value or b"")
    if value is None or found is None:
        return b"0"
    return (
        value
        if _seconds(value) <= seconds and b"+" not in value
        else b"%d%s"
        % (
            min(_seconds(value), seconds),
            found[2] and b"s",
        )
    )


def _earlier(value: bytes, at_s: float) -> bytes:
    try:
        expires_s = parsedate_to_datetime(value.decode("latin-1")).timestamp()
    except (ValueError, OverflowError):
        return value  # caches take it for a time in the past
    return value if expires_s <= at_s else formatdate(at_s, usegmt=True).encode()
