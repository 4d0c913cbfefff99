"""The rules that turn signals into grants, one module per regime, and the table of where each applies."""

from .gdpr_opt_in import GdprPolicy
from .regions import REGIMES, STRICTEST, regime_of, resolve

__all__ = ["REGIMES", "STRICTEST", "GdprPolicy", "regime_of", "resolve"]
