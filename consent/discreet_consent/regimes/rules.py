"""The rules of one regime, as one region has them: one row of the table in `regimes.toml`, checked."""

from __future__ import annotations

from ..errors import PolicyError
from ..immutable import Immutable, put
from ..purposes import is_data_use
from ..sensitive import SENSITIVE
from ..signals.us_sections import DRAFT_SECTIONS, US_SECTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

KINDS = ("opt_in", "opt_out")
HEARABLE = ("tcf", "gpp", "us_privacy", "gpc", "consent_mode", "cmp")
SENSITIVE_RULES = ("opt_in", "opt_out", "never")
MAX_AGE_DAYS = 390  # 13 months of 30 days: the TCF asks to remind visitors at least every 13 months
MAY_REST_ON_INTEREST = frozenset({2, 7, 8, 9, 10, 11})  # the other purposes of the TCF are consent only
SENSITIVE_TERM = "sensitive:"  # before the name of a sensitive item, among terms

# GPP sections by name: those that speak for a place.
SECTION_IDS: Mapping[str, int] = {
    "tcfeuv2": 2,
    "tcfcav1": 5,
    "uspv1": 6,
    **{layout.name: number for number, layout in US_SECTIONS.items()},
    **{f"us{region[3:].lower()}": number for number, region in DRAFT_SECTIONS.items()},
}


class Rules(Immutable):
    """The rules under which signals are judged. Immutable; the keys are those of `regimes.toml`.

    Args:
        regime: The name of the regime.
        keys: The keys of the regime, with what the region states anew. A key left out has its strict default.
    Raises:
        PolicyError: a key is unknown, lacks, or has a value out of its bounds.
    """

    __slots__ = (
        "accept_undated",
        "child_age",
        "core_fallback",
        "default",
        "gpc_is_binding",
        "hears",
        "kind",
        "legitimate_interest",
        "max_age_days",
        "minor_age",
        "opt_in_grants",
        "opt_out_ends",
        "parameters_grant",
        "regime",
        "require_disclosed_vendors",
        "section",
        "sections",
        "sensitive",
        "us_privacy_speaks",
    )

    regime: str
    kind: str
    hears: frozenset[str]
    sections: frozenset[int]
    section: int | None
    default: frozenset[str]
    opt_out_ends: frozenset[str]
    opt_in_grants: frozenset[str]
    sensitive: str
    max_age_days: float
    child_age: float
    minor_age: float
    core_fallback: bool
    legitimate_interest: frozenset[int]
    require_disclosed_vendors: bool
    accept_undated: bool
    parameters_grant: bool
    us_privacy_speaks: bool
    gpc_is_binding: bool

    def __init__(self, regime: str, keys: Mapping[str, Any]) -> None:
        unknown = sorted(keys.keys() - _KEYS.keys())
        if unknown:
            raise PolicyError(f"regime `{regime}` has no key `{unknown[0]}`; it may have {', '.join(_KEYS)}")
        put(self, "regime", regime)
        for name, (read, default) in _KEYS.items():
            if name in keys:
                try:
                    value = read(keys[name])
                except (TypeError, ValueError) as error:
                    raise PolicyError(f"regime `{regime}`: `{name}`: {error}") from error
            elif default is _REQUIRED:
                raise PolicyError(f"regime `{regime}` lacks the key `{name}`")
            else:
                value = default
            put(self, name, value)

    def as_dict(self) -> dict[str, object]:
        """Every key, in its order, made of what JSON has."""
        return {name: _plain(getattr(self, name)) for name in ("regime", *_KEYS)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rules) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.regime, self.kind, self.default, self.section))

    def __repr__(self) -> str:
        return f"Rules({self.regime!r}, {self.kind})"


def terms(value: Any) -> frozenset[str]:
    """A list of data uses, and of `sensitive:` with an item.

    Raises:
        ValueError: one of them is neither.
    """
    found = _strings(value)
    for each in found:
        if each.startswith(SENSITIVE_TERM):
            if each.removeprefix(SENSITIVE_TERM) not in SENSITIVE:
                raise ValueError(f"`{each}` is no sensitive item")
        elif not is_data_use(each):
            raise ValueError(f"`{each}` is no data use")
    return found


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _strings(value: Any) -> frozenset[str]:
    if not isinstance(value, list | tuple | set | frozenset) or not all(
        isinstance(each, str) for each in value
    ):
        raise TypeError("it must be a list of words")
    return frozenset(value)


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"it must be one of {', '.join(words)}")
        return str(value)

    return read


def _some_of(words: tuple[str, ...]) -> Callable[[Any], frozenset[str]]:
    def read(value: Any) -> frozenset[str]:
        found = _strings(value)
        if not found.issubset(words):
            raise ValueError(f"it must be some of {', '.join(words)}")
        return found

    return read


def _heard(value: Any) -> frozenset[str]:
    return _some_of(HEARABLE)(value) | {"gpc"}  # no site can stop hearing it


def _number(least: float, most: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"it must be {least:g} to {most:g}")
        return value

    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("it must be true or false")
    return value


def _section(value: Any) -> int:
    if not isinstance(value, str) or value not in SECTION_IDS:
        raise ValueError("it must be the name of a section of the GPP")
    return SECTION_IDS[value]


def _sections(value: Any) -> frozenset[int]:
    return frozenset(map(_section, _strings(value)))


def _interest(value: Any) -> frozenset[int]:
    if isinstance(value, str | bytes):
        raise TypeError("it must be a list of numbers")
    found = frozenset(value)
    if not found <= MAY_REST_ON_INTEREST:
        raise ValueError("only the purposes 2 and 7 to 11 may rest on a legitimate interest")
    return found


_REQUIRED = object()
_KEYS: Mapping[str, tuple[Callable[[Any], Any], Any]] = {
    "kind": (_one_of(KINDS), _REQUIRED),
    "hears": (_heard, _REQUIRED),
    "sections": (_sections, frozenset()),
    "section": (_section, None),
    "default": (terms, _REQUIRED),
    "opt_out_ends": (terms, _REQUIRED),
    "opt_in_grants": (terms, frozenset()),
    "sensitive": (_one_of(SENSITIVE_RULES), "opt_in"),
    "max_age_days": (_number(1, MAX_AGE_DAYS), 180),
    "child_age": (_number(0, 21), 16),
    "minor_age": (_number(0, 21), 18),
    "core_fallback": (_flag, False),
    "legitimate_interest": (_interest, frozenset()),
    "require_disclosed_vendors": (_flag, False),
    "accept_undated": (_flag, False),
    "parameters_grant": (_flag, False),
    "us_privacy_speaks": (_flag, False),
    "gpc_is_binding": (_flag, False),
}
