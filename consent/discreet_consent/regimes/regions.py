"""Which regime applies where, and `resolve`: signals in, one consent out."""

from __future__ import annotations

from types import MappingProxyType

from .gdpr_opt_in import DEFAULT_POLICY, NAME, gdpr_opt_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..consent import Consent
    from .gdpr_opt_in import GdprPolicy

# ISO 3166-1 alpha-2 codes, or ISO 3166-2 codes where a part of a country has rules of its own. The United
# Kingdom and Switzerland have laws of their own; until those have regimes here, they get the opt-in of the EU.
REGIMES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        (  # noqa: SIM905 - a word list reads better
            "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK "  # the EU
            "IS LI NO "  # the EEA
            "CH GB"
        ).split(),
        NAME,
    )
)

STRICTEST = NAME  # for a region that is unknown, or whose own regime is not supported


def regime_of(region: str | None) -> str:
    """The regime of `region`: of the part of the country, else of the country, else the strictest one.

    Args:
        region: An ISO 3166-1 alpha-2 code (`IT`) or an ISO 3166-2 code (`IT-LO`), in upper or lower case.
    """
    return _own_regime(region) or STRICTEST


def _own_regime(region: object) -> str | None:
    if not isinstance(region, str):
        return None
    code = region.upper()
    return REGIMES.get(code) or REGIMES.get(code.partition("-")[0])


def resolve(
    *, tcf: str | None = None, region: str | None, now_s: float, gdpr: GdprPolicy = DEFAULT_POLICY
) -> Consent:
    """Judge the visitor's signals under the regime of `region`. Never raises because of a signal.

    Args:
        region: As for `regime_of`; None where it is not known, which gets the strictest regime.
        tcf: The TC string as received, percent-decoded; None when there was none. An empty text is not absent:
            it is what is left of a string that was cut, and counts as a refusal.
        now_s: Unix seconds, UTC.
        gdpr: The settings of `gdpr_opt_in`.
    Source: spec/consent.md, "From signals to consent".
    """
    return gdpr_opt_in(tcf, now_s, gdpr, by_default=_own_regime(region) is None)
