"""Every setting there is: its key, what it takes, what holds when it is left out, and what it is for.

`edge.*` are the fields of `EdgeSettings`, `visitors.*` those of `VisitorSettings` with what is read from files beside
them. docs/operating.md shows this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .values import Kind

_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        default: What holds when nobody states it; None: nothing.
        says: What it is for, in a few words.
        option: The option of `discreet serve` that states it.
        least, most: Bounds of a number, both allowed.
        choices: The words that it takes, alone or in a list; none: any.
        is_secret: Whether it is never shown.
    """

    key: str
    kind: Kind
    default: Any
    says: str
    option: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    is_secret: bool = False

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"DISCREET_{self.key.replace('.', '_').upper()}"


_TEXT, _FILE, _PLACE, _WHOLE = Kind.TEXT, Kind.FILE, Kind.PLACE, Kind.WHOLE
_NUMBER, _FLAG, _LIST, _TABLE = Kind.NUMBER, Kind.FLAG, Kind.LIST, Kind.TABLE

_BUNDLE: Final = (
    Setting("bundle.source", _PLACE, None, "the bundle, or where to get it", "FILE_OR_URL"),
    Setting("bundle.trust", _FILE, None, "the keyring whose signatures count", "--trust"),
    Setting("bundle.state", _FILE, None, "folder for the last good bundle, shared by the workers", "--state"),
    Setting("bundle.every_s", _NUMBER, 2.0, "how often to look for a new one", least=0.1, most=_DAY_S),
    Setting("bundle.timeout_s", _NUMBER, 10.0, "for one answer of the origin", least=0.1, most=3_600),
    Setting("bundle.token", _FILE, None, "file with the bearer token for the origin"),
    Setting(
        "bundle.stale_after_s",
        _NUMBER,
        300.0,
        "without a word from the source, decisions are stale",
        least=0.1,
    ),
    Setting("bundle.rollback", _FLAG, False, "whether an older version may be served, down to the floor"),
)
_SERVER: Final = (
    Setting("server.kind", _TEXT, "uvicorn", "which HTTP server", "--server", choices=("uvicorn", "granian")),
    Setting("server.host", _TEXT, "127.0.0.1", "address to listen on", "--host"),
    Setting("server.port", _WHOLE, 8080, "port to listen on; 0: any that is free", "--port", 0, 65_535),
    Setting("server.workers", _WHOLE, 1, "processes that answer", "--workers", 1, 256),
    Setting("server.access_log", _FLAG, False, "a line on stdout for each request", "--access-log"),
    Setting(
        "server.opentelemetry",
        _FLAG,
        False,
        "counters and spans go to the providers set around it",
    ),
    Setting("server.trusted_proxies", _LIST, (), "addresses or networks whose X-Forwarded-For is believed"),
    Setting(
        "server.max_connections", _WHOLE, 1_000, "of one worker; more are answered 503", least=1, most=100_000
    ),
    Setting(
        "server.max_head_bytes",
        _WHOLE,
        32_768,
        "request line and headers; more are answered 431",
        least=1_024,
    ),
    Setting("server.head_timeout_s", _NUMBER, 5.0, "for a whole head of a request to come", least=0.1),
    Setting("server.send_timeout_s", _NUMBER, 10.0, "for any part of an answer to be taken", least=0.1),
    Setting("server.keep_alive_s", _NUMBER, 75.0, "an idle connection stays open", least=0.1),
    Setting("server.backlog", _WHOLE, 2_048, "connections that wait to be accepted", least=1, most=65_535),
    Setting(
        "server.drain_s", _NUMBER, 0.0, "after SIGTERM, /readyz says 503 and all else is served", least=0
    ),
    Setting("server.shutdown_s", _NUMBER, 10.0, "then, for requests under way to end", least=0),
)
_EDGE: Final = (
    Setting("edge.max_body_bytes", _WHOLE, 65_536, "of a request's body; more are answered 413", least=1),
    Setting(
        "edge.max_header_bytes", _WHOLE, 16_384, "of address and headers; more are answered 431", least=1
    ),
    Setting("edge.max_headers", _WHOLE, 100, "how many headers there may be; more are answered 431", least=1),
    Setting("edge.max_cookie_bytes", _WHOLE, 8_192, "of the cookies; more are answered 431", least=1),
    Setting("edge.max_attributes", _WHOLE, 256, "attributes that a body may name", least=1),
    Setting("edge.max_name_length", _WHOLE, 128, "characters of their names", least=1),
    Setting("edge.max_placements", _WHOLE, 100, "placements that one request may ask for", least=1),
    Setting("edge.body_timeout_s", _NUMBER, 10.0, "for a whole body to come", least=0.1),
    Setting(
        "edge.rate_per_s", _NUMBER, None, "requests per second and worker; left out: no bound", least=0.001
    ),
    Setting("edge.burst", _WHOLE, 100, "requests that may come at once", least=1),
    Setting("edge.change_rate_per_s", _NUMBER, 10.0, "the same for what changes something", least=0.001),
    Setting(
        "edge.admin_token_sha256",
        _TEXT,
        None,
        "SHA-256 of the admin token; left out: nobody has one",
        is_secret=True,
    ),
    Setting("edge.cors_origins", _LIST, (), "origins whose pages may read the answers; `*` for all"),
    Setting("edge.cors_credentials", _FLAG, False, "whether they may send cookies"),
    Setting("edge.metrics", _FLAG, True, "whether /metrics is there"),
    Setting("edge.public_bundle", _FLAG, True, "whether /v1/bundle gives the bundle out"),
    Setting("edge.gpc", _FLAG, True, "what /.well-known/gpc.json says"),
    Setting("edge.gpc_last_update", _TEXT, None, "the date of that statement"),
)
_VISITORS: Final = (
    Setting("visitors.cdn", _TEXT, None, "whose headers about place and device are believed", "--cdn"),
    Setting("visitors.region", _TEXT, None, "region of visitors of whom the CDN says nothing", "--region"),
    Setting("visitors.timezone", _TEXT, None, "for local time where the CDN says nothing; else UTC"),
    Setting("visitors.attributes", _TABLE, {}, "attribute = fact of the request that fills it"),
    Setting(
        "visitors.accept",
        _LIST,
        ("contextual", "declared", "first_party"),
        "provenances that a body may state",
    ),
    Setting("visitors.accept_region", _FLAG, False, "whether a body may state the region"),
    Setting("visitors.accept_stated", _FLAG, False, "whether a body may state granted purposes"),
    Setting("visitors.policy", _FILE, None, "the site's consent policy", "--policy"),
    Setting("visitors.secret", _FILE, None, "secrets of the profile cookie; left out: no cookie", "--secret"),
    Setting(
        "visitors.profiles", _TEXT, None, "`memory`, or a Redis URL where profiles are kept", is_secret=True
    ),
    Setting("visitors.profiles_timeout_s", _NUMBER, 0.25, "how long a visitor waits for that", least=0.001),
    Setting("visitors.cookie_name", _TEXT, "__Host-discreet", "the profile cookie; see visitors.md"),
    Setting("visitors.cookie_max_age_s", _WHOLE, 180 * _DAY_S, "how long a browser keeps it", least=1),
    Setting("visitors.cookie_secure", _FLAG, True, "whether it is sent over HTTPS only"),
    Setting("visitors.storage_purpose", _TEXT, "functional.storage", "the purpose that storing needs"),
)
_JOURNAL: Final = (
    Setting(
        "journal.to", _PLACE, None, "file or URL for decisions and exposures; left out: none", "--journal"
    ),
    Setting(
        "journal.purpose",
        _TEXT,
        "analytics.reporting.content_performance",
        "without it, a record tells no more than a count",
    ),
    Setting("journal.secret", _FILE, None, "secrets that seal the inputs for a replay; left out: no inputs"),
    Setting("journal.capacity", _WHOLE, 10_000, "records that wait to be written; more are dropped", least=1),
    Setting(
        "journal.hold_s",
        _NUMBER,
        60.0,
        "how often to look at records that wait, since they may not tell the time",
        least=0,
    ),
    Setting("journal.max_bytes", _WHOLE, 64 * 1024 * 1024, "of a file, which is then rotated", least=1),
    Setting("journal.keep", _WHOLE, 10, "rotated files that stay", least=0, most=1_000),
    Setting("journal.compress", _FLAG, False, "whether these are compressed"),
    Setting("journal.token", _FILE, None, "file with the bearer token for the URL"),
)

SETTINGS: Final[Mapping[str, Setting]] = {
    each.key: each for each in (*_BUNDLE, *_SERVER, *_EDGE, *_VISITORS, *_JOURNAL)
}
