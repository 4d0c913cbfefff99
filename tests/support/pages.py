"""A site whose pages are personalized: its bundle, its visitors, and the smallest servers that ask it for a page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from wsgiref.validate import validator

from jinja2 import DictLoader, Environment

from discreet.adapters.jinja import OfferExtension
from discreet.events import Journal
from discreet.runtime import Evaluator
from discreet.serving import Bundles
from discreet.visitors import Incoming, Profile, Profiles, Sealer, Visit, Visitors, VisitorSettings
from discreet_consent import Consent

from .edge import ALL_TCF, LIMITED_TCF, NO_TCF
from .products import evaluator_of
from .tc_strings import CREATED_S, NOW_S

SECRET = bytes(range(32))  # public on purpose: it seals what tests make, and nothing else
LIMITED, PROFILED, STORAGE = (
    "personalize.content.limited",
    "personalize.content.profiled",
    "functional.storage",
)
DAY_S = 86_400
EXPIRES_S = CREATED_S + 365 * DAY_S
SALE_ENDS_S = NOW_S + 5 * DAY_S  # 2026-06-16T00:00:00Z
HOSTILE = '"><script>alert(1)</script>'


def _attribute(kind: str, provenance: str, *purposes: str) -> dict[str, Any]:
    return {"type": kind, "provenance": provenance, "purposes": list(purposes)}


def _offer(name: str, placement: str | None = None, **fields: Any) -> dict[str, Any]:
    placements = {} if placement is None else {"placements": [placement]}
    return {"id": name, "content": {"title": name}, **placements, **fields}


PERSONAL: Mapping[str, Any] = {
    "model": "personal",
    "channel": "web",
    "attributes": {
        "country": _attribute("string", "contextual", LIMITED),
        "device": _attribute("string", "contextual", LIMITED),
        "language": _attribute("string", "contextual", LIMITED),
        "hour": _attribute("number", "contextual", LIMITED),
        "first_name": _attribute("string", "declared", PROFILED),
        "purchases": _attribute("number", "first_party", PROFILED, STORAGE),
    },
    "stages": [{"id": "first"}],
    "placements": {
        name: {"fallback": "welcome"}
        for name in ("home.hero", "home.place", "home.device", "home.language", "home.hour")
    },
    "offers": [
        _offer("welcome"),
        _offer(
            "thanks", "home.hero", when="purchases >= 1", content={"title": "Thanks, {first_name|friend}"}
        ),
        _offer("for_italy", "home.place", when='country == "IT"'),
        _offer("for_phones", "home.device", when='device == "phone"'),
        _offer("in_french", "home.language", when='language == "fr"'),
        _offer("at_night", "home.hour", when="hour >= 22"),
    ],
}
SHARED: Mapping[str, Any] = {
    "model": "shared",
    "channel": "web-shared",
    "stages": [{"id": "first"}],
    "placements": {"page.footer": {"fallback": "imprint"}, "page.sale": {"fallback": "imprint"}},
    "offers": [
        _offer("imprint"),
        _offer("sale", "page.sale", valid={"until": "2026-06-16T00:00:00Z"}),
    ],
}
BUNDLE: Mapping[str, Any] = {
    "name": "pages", "version": 3, "floor": 1, "created_s": CREATED_S, "expires_s": EXPIRES_S
}  # fmt: skip
SETTINGS = VisitorSettings(
    cdn="cloudflare",
    attributes={
        "country": "geo.country",
        "device": "device.class",
        "language": "language",
        "hour": "local.hour",
    },
)
TEMPLATES = {
    "offers/default.html": '<p title="{{ offer.title }}">{{ offer.title }}</p>',
    "offers/page.footer.html": "<footer>{{ decision.offer }} at {{ placement }}</footer>",
}

Header = tuple[str, str]


@cache
def evaluator(version: int = 3) -> Evaluator:
    """The site's bundle."""
    return evaluator_of((PERSONAL, SHARED), {**BUNDLE, "version": version})


def bundles() -> Bundles:
    """The site's bundle in service."""
    return Bundles.of(evaluator())


def sealer() -> Sealer:
    return Sealer([SECRET], use="profile-cookie")


def visitors(profiles: Profiles | None = None, settings: VisitorSettings = SETTINGS) -> Visitors:
    """Who meets the site's visitors, with a cookie to keep things in."""
    return Visitors(settings, sealer=sealer(), profiles=profiles)


def environment(templates: Mapping[str, str] | None = None, *, enable_async: bool = False) -> Environment:
    """A Jinja2 environment with the extension, these templates and the offers'."""
    return Environment(
        loader=DictLoader({**TEMPLATES, **(templates or {})}),
        autoescape=True,
        extensions=[OfferExtension],
        enable_async=enable_async,
    )


def profile_cookie(values: Mapping[str, object]) -> str:
    """The profile cookie of somebody of whom `values` are stored, as the browser sends it."""
    granted = Consent.granting(STORAGE, "personalize.content")
    meeting = visitors()
    visit = Visit(granted, evaluator().permit({}, granted, now_s=NOW_S), now_s=NOW_S, storage_granted=True)
    cookie = meeting.set_cookie(Profile.new().with_values(values, NOW_S), visit)
    assert cookie is not None
    return cookie.decode().partition(";")[0]


def incoming_of(*headers: Header) -> Incoming:
    return Incoming.from_headers(headers, now_s=NOW_S)


def cookies(*pieces: str) -> Header:
    return "Cookie", "; ".join(pieces)


def agreed(*pieces: str, tcf: str = ALL_TCF) -> Header:
    """The Cookie header of somebody who agreed to everything, with further cookies."""
    return cookies(f"euconsent-v2={tcf}", *pieces)


ITALY: Header = ("CF-IPCountry", "IT")
AGREED, LIMITED_AGREED, REFUSED = agreed(), agreed(tcf=LIMITED_TCF), agreed(tcf=NO_TCF)


@dataclass(frozen=True)
class Answered:
    """A response: its headers by lower-case name, those of one name in one list."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def one(self, name: str) -> str | None:
        """The value of a header that is there at most once."""
        values = self.headers.get(name, [])
        assert len(values) <= 1
        return values[0] if values else None

    @property
    def vary(self) -> set[str]:
        return {each.strip().lower() for line in self.headers.get("vary", []) for each in line.split(",")} - {
            ""
        }

    @property
    def text(self) -> str:
        return self.body.decode()


def asked(app: Any, *headers: Header, path: str = "/", method: str = "GET", root: str = "") -> Answered:
    """What an ASGI application answers."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": root,
        "query_string": b"",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert {each["type"] for each in rest} <= {"http.response.body"}
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return _answered(start["status"], pairs, b"".join(each.get("body", b"") for each in rest))


def asked_wsgi(app: Any, *headers: Header, path: str = "/", method: str = "GET", root: str = "") -> Answered:
    """What a WSGI application answers, through the standard library's validator on both its sides."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": root,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": _Nothing(),
        "wsgi.errors": _Nothing(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers},
    }
    started: list[Any] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[Header], exc_info: object = None
    ) -> Callable[[bytes], None]:
        started[:] = [status, headers]
        return written.append

    body = validator(app)(environ, start_response)
    try:
        written.extend(body)
    finally:
        body.close()  # type: ignore[attr-defined] # the validator's has one
    status, pairs = started
    return _answered(int(status[:3]), pairs, b"".join(written))


def _answered(status: int, pairs: list[Header], body: bytes) -> Answered:
    headers: dict[str, list[str]] = {}
    for name, value in pairs:
        headers.setdefault(name.lower(), []).append(value)
    return Answered(status, headers, body)


class _Nothing:
    """An input without a body, and an error stream that nobody reads."""

    def read(self, *_: int) -> bytes:
        return b""

    def readline(self, *_: int) -> bytes:
        return b""

    def readlines(self, *_: int) -> list[bytes]:
        return []

    def __iter__(self) -> Any:
        return iter(())

    def flush(self) -> None: ...

    def write(self, _: str) -> None: ...

    def writelines(self, _: Any) -> None: ...


def asgi_site(*placements: str, headers: tuple[Header, ...] = (), **more: Any) -> Any:
    """An ASGI application behind the middleware whose pages say what was decided for `placements`."""
    from discreet.adapters.asgi import Personalized

    async def app(scope: Any, receive: Any, send: Any) -> None:
        page = scope["state"]["discreet"]
        body = " ".join(str(page.decision(each).content["title"]) for each in placements).encode()
        pairs = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S, **more}
    return Personalized(app, **given)


def wsgi_site(*placements: str, headers: tuple[Header, ...] = (), **more: Any) -> Any:
    """The same under WSGI: it starts its response before it decides, as many do."""
    from discreet.adapters.wsgi import Personalized

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain"), *headers])
        page = environ["discreet.page"]
        return [" ".join(str(page.decision(each).content["title"]) for each in placements).encode()]

    given: dict[str, Any] = {"bundles": bundles(), "visitors": visitors(), "clock_s": lambda: NOW_S, **more}
    return Personalized(app, **given)


__all__ = [
    "AGREED", "BUNDLE", "DAY_S", "EXPIRES_S", "HOSTILE", "ITALY", "LIMITED_AGREED", "NOW_S", "PERSONAL", "REFUSED",
    "SALE_ENDS_S", "SETTINGS", "SHARED", "TEMPLATES", "Answered", "Header", "Journal", "agreed", "asgi_site", "asked",
    "asked_wsgi", "bundles", "cookies", "environment", "evaluator", "incoming_of", "profile_cookie", "sealer",
    "visitors", "wsgi_site",
]  # fmt: skip
