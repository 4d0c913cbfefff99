"""What may be known: attribute declarations, consent, and the one function that strips."""

from .attributes import Attribute, AttributeType, Provenance
from .consent import Consent
from .errors import DeclarationError, DiscreetError, PolicyError, SignalError
from .permit import Catalogue, Observed, Permitted, permit
from .purposes import DATA_USES, TCF_DATA_USES, is_data_use
from .regimes import REGIMES, GdprPolicy, regime_of, resolve
from .signals import PublisherTc, TcString

__all__ = [
    "DATA_USES",
    "REGIMES",
    "TCF_DATA_USES",
    "Attribute",
    "AttributeType",
    "Catalogue",
    "Consent",
    "DeclarationError",
    "DiscreetError",
    "GdprPolicy",
    "Observed",
    "Permitted",
    "PolicyError",
    "Provenance",
    "PublisherTc",
    "SignalError",
    "TcString",
    "is_data_use",
    "permit",
    "regime_of",
    "resolve",
]
