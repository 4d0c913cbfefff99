"""A visitor's signals from the command line: what a browser sent, option by option or as whole headers.

No message quotes any of it: a signal is personal, and an error ends up in a log.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import DiscreetError
from .output import note
from .regions import remark_on_region

if TYPE_CHECKING:
    from discreet_consent import Consent, Policy, Signals

MAX_CHARACTERS = 1024 * 1024  # of a file of headers
_REQUEST_LINE = re.compile(r"[A-Z]+ \S+ HTTP/[0-9.]+")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # of a header
_OLDEST = 150

_OPTIONS = (
    click.option("--tcf", metavar="STRING", help="The TC string of the IAB's TCF."),
    click.option("--gpp", metavar="STRING", help="The IAB's GPP string."),
    click.option("--us-privacy", metavar="STRING", help="The US Privacy string, such as `1YNN`."),
    click.option("--gpc", is_flag=True, help="The browser asks not to sell or share: `Sec-GPC: 1`."),
    click.option(
        "--consent-mode",
        metavar="JSON",
        help='The state of Google\'s consent mode: {"default": {...}, "update": {...}}.',
    ),
    click.option(
        "--cookie",
        "cookies",
        multiple=True,
        metavar="NAME=VALUE",
        help="A cookie, or several as a browser sends them: `a=b; c=d`; repeatable.",
    ),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="HEADER",
        help="A request header, `Name: value`; @file has one on each line, and - is stdin; repeatable.",
    ),
    click.option("--query", metavar="STRING", help="The request's query string, such as `gcd=...&gpp=...`."),
    click.option("--age", "age", metavar="YEARS", help="The visitor's age, where it is known."),
    click.option("--region", metavar="REGION", help="Where the visitor is, such as `IT` or `US-CA`."),
)


class UnreadableHeaders(DiscreetError):
    """The headers are not what `--header` takes. The message quotes none of them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a visitor's browser sent, and what is known of where and how old the visitor is."""

    tcf: str | None = field(default=None, repr=False)
    gpp: str | None = field(default=None, repr=False)
    us_privacy: str | None = field(default=None, repr=False)
    gpc: bool = False
    consent_mode: str | Mapping[str, Any] | None = field(default=None, repr=False)
    cookies: str | Mapping[str, str] | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: str | None = field(default=None, repr=False)
    age: float | None = field(default=None, repr=False)
    region: str | None = None

    @property
    def is_stated(self) -> bool:
        """Whether anything at all is known."""
        return self != Sent()

    def consent(self, policy: Policy | None, now_s: float) -> Consent:
        """What it comes to: without a region under the strictest rules, without a policy by the package's own."""
        from discreet_consent import resolve

        return resolve(
            tcf=self.tcf,
            gpp=self.gpp,
            us_privacy=self.us_privacy,
            gpc=self.gpc or None,
            consent_mode=self.consent_mode,
            signals=self.signals(policy),
            region=self.region or "",
            now_s=now_s,
            age_years=self.age,
            policy=policy,
        )

    def signals(self, policy: Policy | None) -> Signals:
        """What cookies, headers and query carry, by the policy's names."""
        from discreet_consent import read_request

        return read_request(self.headers, cookies=self.cookies, query=self.query, policy=policy)


def signal_options(decorated: Callable[..., None]) -> Callable[..., None]:
    """Every option that says what a browser sent; the command gets them as `sent`."""

    @functools.wraps(decorated)
    def with_sent(
        *,
        tcf: str | None,
        gpp: str | None,
        us_privacy: str | None,
        gpc: bool,
        consent_mode: str | None,
        cookies: Sequence[str],
        headers: Sequence[str],
        query: str | None,
        age: str | None,
        region: str | None,
        **others: Any,
    ) -> None:
        sent = Sent(
            tcf=tcf,
            gpp=gpp,
            us_privacy=us_privacy,
            gpc=gpc,
            consent_mode=consent_mode,
            cookies=_cookies(cookies),
            headers=tuple(pair for given in headers for pair in _headers(given)),
            query=query,
            age=_age(age),
            region=None if region is None else region.strip(),
        )
        decorated(sent=sent, **others)

    for option in reversed(_OPTIONS):
        with_sent = option(with_sent)
    return with_sent


def remark_on(sent: Sent, policy: Policy | None) -> None:
    """Say what is easily overlooked: no region, or one without a row, and that no cookie or header was a signal."""
    if sent.region:
        remark_on_region(sent.region, policy)
    else:
        note("no region was stated; the strictest rules apply")
    if (sent.cookies or sent.headers or sent.query) and not sent.signals(policy):
        note("no cookie, header or parameter is one that the policy reads (see `discreet consent regimes`)")


def _cookies(given: Sequence[str]) -> str | None:
    if any("=" not in each for each in given):
        raise click.UsageError("`--cookie` is `NAME=VALUE`, or several as in a Cookie header: `a=b; c=d`")
    return "; ".join(given) or None


def _headers(given: str) -> Iterator[tuple[str, str]]:
    if given != "-" and not given.startswith("@"):
        yield _header(given, "a header")
        return
    where = "stdin" if given == "-" else f"`{given[1:]}`"
    found = 0
    for number, line in enumerate(_read(given).splitlines(), 1):
        if _is_header(line):
            found += 1
            yield _whole(_header(line, f"line {number} of {where}"), number, where)
    if not found:
        note(f"{where} holds no header")


def _is_header(line: str) -> bool:
    """Whether it is not blank, nor the line of the request in one of its forms: `GET / HTTP/2`, `:path: /`."""
    stripped = line.strip()
    is_request = _REQUEST_LINE.fullmatch(stripped) or (line.startswith(":") and not line.endswith(":"))
    return bool(stripped) and not is_request


def _header(line: str, what: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not _NAME.fullmatch(name.rstrip()):
        raise UnreadableHeaders(f"{what} is not `Name: value` on one line")
    return name.strip(), value.strip()


def _whole(header: tuple[str, str], number: int, where: str) -> tuple[str, str]:
    """`header`, unless its value is on the next line, as some tools copy it: then a signal would be lost."""
    if not header[1]:
        raise UnreadableHeaders(
            f"line {number} of {where} is a header without a value; name and value stand on one line"
        )
    return header


def _read(given: str) -> str:
    try:
        if given == "-":
            text = sys.stdin.read(MAX_CHARACTERS + 1)
        else:
            with Path(given[1:]).open(encoding="utf-8") as file:
                text = file.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise UnreadableHeaders("the headers are not UTF-8 text") from error
    if len(text) > MAX_CHARACTERS:
        raise UnreadableHeaders(f"the headers are longer than {MAX_CHARACTERS} characters")
    return text.removeprefix("\N{BYTE ORDER MARK}")


def _age(given: str | None) -> float | None:
    if given is None:
        return None
    try:
        years = float(given)
    except ValueError:
        years = -1
    if not 0 <= years <= _OLDEST:
        raise click.UsageError(f"`--age` is a number of years, from 0 to {_OLDEST}")
    return years
