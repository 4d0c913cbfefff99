"""What may be known: attribute declarations, consent, and the one function that strips."""

from .attributes import Attribute, AttributeType, Provenance
from .coarsening import Coarsening
from .consent import Consent
from .errors import DeclarationError, DiscreetError, PolicyError, SignalError
from .lazily import lazily
from .permit import Catalogue, Observed, Permitted, permit
from .purposes import DATA_USES, TCF_DATA_USES, is_data_use
from .sensitive import SENSITIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .explanation import Explanation
    from .regimes import Policy, resolve
    from .requests import read_request
    from .signals import PublisherTc, TcString
    from .signals.received import Signals, Status

# An edge that is handed its consents decides without decoding a signal.
__getattr__ = lazily(
    __name__,
    {
        ".explanation": ("Explanation",),
        ".regimes": ("Policy", "resolve"),
        ".requests": ("read_request",),
        ".signals.received": ("Signals", "Status"),
        ".signals.tcf": ("PublisherTc", "TcString"),
    },
)

__all__ = [
    "DATA_USES",
    "SENSITIVE",
    "TCF_DATA_USES",
    "Attribute",
    "AttributeType",
    "Catalogue",
    "Coarsening",
    "Consent",
    "DeclarationError",
    "DiscreetError",
    "Explanation",
    "Observed",
    "Permitted",
    "Policy",
    "PolicyError",
    "Provenance",
    "PublisherTc",
    "SignalError",
    "Signals",
    "Status",
    "TcString",
    "is_data_use",
    "permit",
    "read_request",
    "resolve",
]
