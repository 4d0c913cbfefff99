"""What the operator may choose of the app: limits, rates, who may do more, who may read across origins."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any, Final

from discreet.visitors.errors import SettingsError

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """The app's settings; they check themselves.

    Attributes:
        max_body_bytes: Of a request's body; a larger one is refused unread.
        max_header_bytes: Of the address and all headers of a request together.
        max_headers: How many headers it may have.
        max_cookie_bytes: Of its cookies.
        max_attributes: How many attributes a body may name.
        max_name_length: Characters of each of these names.
        max_placements: How many placements, offers for each, and exposures one request may ask for or tell.
        body_timeout_s: Until the whole body must have come.
        rate_per_s: Requests per second and process, but for health and metrics; None: no bound.
        burst: How many may come at once.
        change_rate_per_s: The same for what changes something: profiles, reloading.
        admin_token_sha256: SHA-256 of the admin token, 64 lower-case hexadecimal digits; None: nobody has one.
        cors_origins: Origins whose pages may read the answers, exactly as browsers send them; `*` for all.
        cors_credentials: Whether they may do so with cookies; not with `*`.
        metrics: Whether /metrics is there. It is for the operator: keep it from the outside.
        public_bundle: Whether the bundle in service is given out, for workers and lambdas.
        gpc: Whether /.well-known/gpc.json says that Global Privacy Control is honoured; None: it is not there.
        gpc_last_update: The date of that statement, `2026-01-31`.
    Raises:
        SettingsError: a setting is not what it must be. The message names it, and holds no value.
    """

    max_body_bytes: int = 65_536
    max_header_bytes: int = 16_384
    max_headers: int = 100
    max_cookie_bytes: int = 8_192
    max_attributes: int = 256
    max_name_length: int = 128
    max_placements: int = 100
    body_timeout_s: float = 10.0
    rate_per_s: float | None = None
    burst: int = 100
    change_rate_per_s: float = 10.0
    admin_token_sha256: str | None = None
    cors_origins: tuple[str, ...] = ()
    cors_credentials: bool = False
    metrics: bool = True
    public_bundle: bool = True
    gpc: bool | None = True
    gpc_last_update: str | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            _check(each.name, getattr(self, each.name))
        if self.cors_credentials and "*" in self.cors_origins:
            raise SettingsError("cors_credentials", "with `*` every page could read what is a visitor's")


def _check(name: str, value: Any) -> None:
    rule = _RULES.get(name)
    if rule is not None and not rule[0](value):
        raise SettingsError(name, f"it is not {rule[1]}")


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and 0 < value < float("inf")


def _is_origin(value: Any) -> bool:
    return value == "*" or (isinstance(value, str) and _ORIGIN.fullmatch(value) is not None)


_COUNT = (_is_count, "a whole number of at least 1")
_POSITIVE = (_is_positive, "a number above 0")
_FLAG = (lambda value: type(value) is bool, "true or false")
_RULES: Final[dict[str, Any]] = {
    **dict.fromkeys(
        ("max_body_bytes", "max_header_bytes", "max_headers", "max_cookie_bytes", "max_attributes", "max_name_length",
         "max_placements", "burst"), _COUNT),
    **dict.fromkeys(("body_timeout_s", "change_rate_per_s"), _POSITIVE),
    "rate_per_s": (lambda value: value is None or _is_positive(value), "a number above 0"),
    "admin_token_sha256": (
        lambda value: value is None or (isinstance(value, str) and _SHA256.fullmatch(value)),
        "the SHA-256 of the token, 64 lower-case hexadecimal digits",
    ),
    "cors_origins": (
        lambda value: isinstance(value, tuple) and all(map(_is_origin, value)),
        "origins as browsers send them, `https://shop.example`, without a path; or `*`",
    ),
    **dict.fromkeys(("cors_credentials", "metrics", "public_bundle"), _FLAG),
    "gpc": (lambda value: value is None or type(value) is bool, "true, false, or left out"),
    "gpc_last_update": (
        lambda value: value is None or (isinstance(value, str) and _DATE.fullmatch(value)),
        "a date, `2026-01-31`",
    ),
}  # fmt: skip
