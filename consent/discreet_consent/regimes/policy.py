"""A site's policy: the regimes, where each applies, and what the site's consent tool calls its choices.

It is data: the package's `regimes.toml`, and a site's own file of the same form, laid over it.
Source: spec/consent.md, "Regimes".
"""

from __future__ import annotations

from types import MappingProxyType

from ..errors import PolicyError
from ..immutable import Immutable, put
from ..signals.received import SOURCES
from .rules import Rules, terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from typing import Any

    from cachetools import Cache

    from ..consent import Consent

FORMAT = 1
CHANGED = ", changed by the site's own policy"  # behind the version of a table that something was laid over
TOOLS = ("onetrust", "cookiebot", "cookieyes", "didomi", "commanders_act", "consent_mode")
MAX_REMEMBERED = 4_096  # resolved consents per policy
_TABLES = ("regimes", "regions", "groups", "cookies", "headers", "parameters")


class Policy(Immutable):
    """Regimes, regions, groups and carriers. Immutable.

    Args:
        document: The tables of `regimes.toml`, whole: see `Policy.default` and `over`.
    Raises:
        PolicyError: a table or key is unknown, missing, or not well-formed.
    """

    __slots__ = (
        "_document",
        "_lock",
        "_rules",
        "cookies",
        "groups",
        "headers",
        "memory",
        "parameters",
        "presets",
        "version",
    )

    version: str
    presets: tuple[Rules, ...]
    groups: Mapping[str, Mapping[str, frozenset[str]]]
    cookies: Mapping[str, str]
    headers: Mapping[str, str]
    parameters: Mapping[str, str]
    memory: Cache[object, Consent]
    _document: Mapping[str, Any]
    _rules: Mapping[str, Rules]
    _lock: Any

    def __init__(self, document: Mapping[str, Any]) -> None:
        unknown = sorted(document.keys() - {"format", "version", *_TABLES})
        if unknown:
            raise PolicyError(f"a policy has no table `{unknown[0]}`; it may have {', '.join(_TABLES)}")
        if type(document.get("format")) is not int or document["format"] != FORMAT:
            raise PolicyError(f"the policy's `format` is not {FORMAT}")
        regimes, regions = _table(document, "regimes"), _table(document, "regions")
        put(self, "_document", document)
        put(self, "version", str(document.get("version", "")))
        put(self, "presets", tuple(Rules(name, _table(regimes, name)) for name in regimes))
        put(self, "_rules", {code: _rules_of(code, regimes, _table(regions, code)) for code in regions})
        put(
            self,
            "groups",
            MappingProxyType({cmp: _groups(document, cmp) for cmp in _table(document, "groups")}),
        )
        for name in ("cookies", "headers", "parameters"):
            put(self, name, MappingProxyType(_carriers(document, name)))
        if not regimes:
            raise PolicyError("a policy needs at least one regime")
        from _thread import allocate_lock

        from cachetools import FIFOCache

        put(self, "memory", FIFOCache(MAX_REMEMBERED))
        put(self, "_lock", allocate_lock())

    @classmethod
    def default(cls) -> Policy:
        """The package's own table. Read once."""
        return default_policy()

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Policy:
        """The package's table with the site's file at `path` (TOML) laid over it.

        Raises:
            PolicyError: the file cannot be read, is not TOML, or states what a policy does not have.
        """
        from pathlib import Path

        return cls.default().over(_toml(Path(path)))

    def over(self, document: Mapping[str, Any]) -> Policy:
        """This policy with `document` laid over it: tables are merged key by key, everything else replaced."""
        laid = _laid_over(self._document, _copied(document))
        if "version" not in document and not self.version.endswith(CHANGED):
            laid["version"] = self.version + CHANGED
        return Policy(laid)

    def opting_in(self, **keys: Any) -> Policy:
        """This policy with `keys` (`max_age_days`, `core_fallback`, ...) stated anew for every opt-in regime."""
        chosen = [rules.regime for rules in self.presets if rules.kind == "opt_in"]
        return self.over({"regimes": dict.fromkeys(chosen, keys)})

    @property
    def regions(self) -> Mapping[str, Rules]:
        """The regions that have a row, in upper case, and their rules."""
        return MappingProxyType(dict(self._rules))

    def rules_for(self, region: object) -> Rules | None:
        """The rules of `region`: of the code, else of what is left of it before its last hyphen; None: unknown.

        Args:
            region: An ISO 3166-1 alpha-2 code (`IT`) or an ISO 3166-2 code (`IT-LO`), in upper or lower case.
        """
        if (
            not isinstance(region, str) or not region.isascii()
        ):  # other letters have upper cases that are ASCII
            return None
        code = region.upper()
        while code:
            if code in self._rules:
                return self._rules[code]
            code = code.rpartition("-")[0]
        return None

    def remember(self, key: object, consent: Consent) -> None:
        """Keep `consent` under `key`, for `memory`; of `MAX_REMEMBERED` the oldest is forgotten."""
        with self._lock:  # two writers could both forget the same one; readers need no lock
            self.memory[key] = consent

    def __repr__(self) -> str:
        return f"Policy(version={self.version!r}, regimes={[rules.regime for rules in self.presets]})"


_default: Policy | None = None


def default_policy() -> Policy:
    global _default  # noqa: PLW0603 - read from the package once, and never changed
    if _default is None:
        from importlib.resources import files

        _default = Policy(_toml(files("discreet_consent") / "regimes" / "regimes.toml"))
    return _default


def _toml(path: Any) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: not a TOML file: {error}") from error


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise PolicyError(f"`{name}` is not a table of the policy")
    return found


def _rules_of(code: Any, regimes: Mapping[str, Any], row: Mapping[str, Any]) -> Rules:
    if not isinstance(code, str) or code != code.upper():  # a document need not come from TOML
        raise PolicyError(f"region `{code}` is not written in upper case")
    name = row.get("regime")
    if not isinstance(name, str) or name not in regimes:
        raise PolicyError(f"region `{code}` names no regime of the policy")
    anew = {key: value for key, value in row.items() if key != "regime"}
    return Rules(str(name), {**_table(regimes, str(name)), **anew})


def _groups(document: Mapping[str, Any], cmp: str) -> Mapping[str, frozenset[str]]:
    if cmp not in TOOLS:
        raise PolicyError(f"`groups.{cmp}`: no such consent tool; there are {', '.join(TOOLS)}")
    found: dict[str, frozenset[str]] = {}
    for group, value in _table(_table(document, "groups"), cmp).items():
        try:
            found[group] = terms(value)
        except (TypeError, ValueError) as error:
            raise PolicyError(f"`groups.{cmp}`: `{group}`: {error}") from error
    return MappingProxyType(found)


def _carriers(document: Mapping[str, Any], name: str) -> dict[str, str]:
    found: dict[Any, Any] = dict(_table(document, name))
    for carrier, source in found.items():
        if not isinstance(carrier, str) or not isinstance(source, str) or (source and source not in SOURCES):
            raise PolicyError(
                f"`{name}`: `{carrier}`: `{source}` is no source; there are {', '.join(SOURCES)}"
            )
    return {
        carrier: source for carrier, source in found.items() if source != ""
    }  # `""`: not read on this site


def _copied(value: Any) -> Any:
    """`value` with tables and lists of its own, so that nobody changes a policy from outside."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list | tuple) else value


def _laid_over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = (
            _laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
        )
    return merged
