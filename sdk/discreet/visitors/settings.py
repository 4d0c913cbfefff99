"""How a site meets its visitors: which headers are believed, what a caller may state, where something is kept."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from discreet_consent import Policy, Provenance
from discreet_consent.purposes import ESSENTIAL, covers, is_data_use

from ..errors import likely_uses, nearest
from .errors import SettingsError
from .facts import cdn_called, fact_called
from .zones import zone_called

DAY_S = 86_400
MAX_COOKIE_AGE_S = 400 * DAY_S  # browsers keep none longer (RFC 6265bis)
COOKIE_NAME = "__Host-discreet"
_PLAIN_COOKIE_NAME = "discreet"  # browsers take the other with `Secure` only
_REGION = re.compile(r"[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?")  # whether there is one is the policy's table's word
_TOKEN = frozenset(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~")
_ACCEPTABLE = frozenset(each.value for each in Provenance if each is not Provenance.THIRD_PARTY)
_Type = type[Any] | tuple[type[Any], ...]
_TYPES: Mapping[str, tuple[_Type, str]] = {
    "cdn": (str, "text"),
    "region": (str, "text"),
    "attributes": (dict, "a table of attribute names and facts"),
    "timezone": (str, "text"),
    "accept": ((list, tuple, set, frozenset), "a list of provenances"),
    "accept_region": (bool, "true or false"),
    "accept_stated": (bool, "true or false"),
    "policy": ((str, dict, Policy), "the path of a policy file, or its tables"),
    "cookie_name": (str, "text"),
    "cookie_max_age_s": (int, "a whole number of seconds"),
    "cookie_secure": (bool, "true or false"),
    "storage_purpose": (str, "text"),
    "profiles_timeout_s": ((int, float), "a number of seconds"),
}


@dataclass(frozen=True, slots=True)
class VisitorSettings:
    """How a site meets its visitors. The defaults believe no header that a visitor could forge.

    Args:
        cdn: Whose headers on place, time zone and device are believed: `cloudflare`, `cloudfront` or `fastly`.
            None: nobody's, for a visitor can write them.
        region: The region (`IT`, `US-CA`) of visitors of whom no CDN says anything. None: it is not known, and the
            strictest rules judge.
        attributes: Contextual attributes to the facts of the request that fill them: see `FACTS`.
        timezone: For `local.*` where the CDN says none; None: UTC.
        accept: The provenances that a caller's own attributes may have.
        accept_region: Whether a caller may state the region: a trusted backend's word.
        accept_stated: Whether a caller may state the purposes granted: consent that is kept elsewhere.
        policy: The site's consent policy; None: the package's.
        cookie_name: The profile cookie's. `__Host-...` binds it to this host: of such a name, browsers take none from
            a neighbouring host, which could give a visitor the cookie of somebody else. Without `cookie_secure` the
            default is `discreet`.
        cookie_max_age_s: Seconds after which what the cookie holds is forgotten.
        cookie_secure: False only where a browser reaches the site without TLS and not as localhost.
        storage_purpose: What must be granted before anything is stored with a visitor, or read from there.
        profiles_timeout_s: Seconds that a visitor waits for the profile source.
    Raises:
        SettingsError: a setting cannot be used.
    """

    cdn: str | None = None
    region: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    timezone: str | None = None
    accept: frozenset[str] = _ACCEPTABLE
    accept_region: bool = False
    accept_stated: bool = False
    policy: Policy | None = None
    cookie_name: str = COOKIE_NAME
    cookie_max_age_s: int = 180 * DAY_S
    cookie_secure: bool = True
    storage_purpose: str = "functional.storage"
    profiles_timeout_s: float = 0.25

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))
        object.__setattr__(self, "accept", frozenset(self.accept))
        if not self.cookie_secure and self.cookie_name == COOKIE_NAME:
            object.__setattr__(self, "cookie_name", _PLAIN_COOKIE_NAME)
        cdn_called(self.cdn)
        for name, fact in self.attributes.items():
            fact_called(fact, name)
        self._check_region()
        if self.timezone is not None and zone_called(self.timezone) is None:
            raise SettingsError("timezone", f"there is no time zone `{self.timezone}` here")
        for each in sorted(self.accept - _ACCEPTABLE):
            hint = nearest(each, _ACCEPTABLE)
            raise SettingsError("accept", f"`{each}` is no provenance that a caller may state{hint}")
        self._check_cookie()

    @classmethod
    def from_mapping(cls, table: Mapping[str, Any]) -> VisitorSettings:
        """The settings of a table, as TOML has it. `policy` is the path of a policy file, or the tables of one.

        Raises:
            SettingsError: a key is unknown, or its value is not what it takes.
            PolicyError: the policy cannot be used.
        """
        names = {each.name for each in fields(cls)}
        for key, value in table.items():
            if key not in names:
                raise SettingsError(key, f"there is no such setting{nearest(key, names)}")
            kind, what = _TYPES[key]
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                raise SettingsError(key, f"it is not {what}")
        given = dict(table)
        given["attributes"] = _facts(given.get("attributes", {}))
        if "accept" in given:
            given["accept"] = _texts("accept", given["accept"])
        if "policy" in given:
            given["policy"] = _policy(given["policy"])
        return cls(**given)

    def _check_region(self) -> None:
        if self.region is not None and _REGION.fullmatch(self.region) is None:
            raise SettingsError("region", "it is no ISO 3166 code such as `IT` or `US-CA`")

    def _check_cookie(self) -> None:
        if not self.cookie_name or not _TOKEN.issuperset(self.cookie_name):
            raise SettingsError("cookie_name", "a cookie's name is letters, digits and few other characters")
        if self.cookie_name.startswith(("__Host-", "__Secure-")) and not self.cookie_secure:
            raise SettingsError("cookie_secure", "browsers refuse a cookie of such a name without it")
        if not 0 < self.cookie_max_age_s <= MAX_COOKIE_AGE_S:
            raise SettingsError("cookie_max_age_s", f"it is not from 1 to {MAX_COOKIE_AGE_S} (400 days)")
        if not self.profiles_timeout_s > 0:
            raise SettingsError("profiles_timeout_s", "it is not above 0")
        purpose = self.storage_purpose
        if not is_data_use(purpose):
            raise SettingsError(
                "storage_purpose", f"it is no data use{nearest(purpose, likely_uses(purpose))}"
            )
        if covers(ESSENTIAL, purpose):
            raise SettingsError("storage_purpose", "what is essential needs no consent, and storage does")


def _facts(table: Mapping[Any, Any]) -> dict[str, str]:
    for name, fact in table.items():
        if not isinstance(fact, str):
            raise SettingsError(f"attributes.{name}", "it is not the name of a fact")
    return dict(table)


def _texts(key: str, given: Any) -> frozenset[str]:
    if not all(isinstance(each, str) for each in given):
        raise SettingsError(key, "it is not a list of texts")
    return frozenset(given)


def _policy(given: str | Mapping[str, Any] | Policy) -> Policy:
    if isinstance(given, Policy):
        return given
    return Policy.read(given) if isinstance(given, str) else Policy.default().over(given)
