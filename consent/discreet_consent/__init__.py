"""What may be known: attribute declarations, consent, and the one function that strips."""

from .attributes import Attribute, AttributeType, Provenance
from .closely import Observed
from .consent import Consent
from .errors import DeclarationError, DiscreetError, PolicyError, SignalError
from .lazily import lazily, listed
from .permit import Catalogue, Permitted, permit
from .purposes import DATA_USES, TCF_DATA_USES, is_data_use
from .sensitive import SENSITIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .coarsening import Coarsening
    from .explanation import Explanation
    from .recorded import restore
    from .regimes import Policy, resolve
    from .requests import read_request
    from .signals import PublisherTc, TcString
    from .signals.received import Signals, Status

# An edge that is handed its consents decides without decoding a signal; few bundles declare a substitute.
__getattr__ = lazily(
    __name__,
    {
        ".coarsening": ("Coarsening",),
        ".explanation": ("Explanation",),
        ".recorded": ("restore",),
        ".regimes": ("Policy", "resolve"),
        ".requests": ("read_request",),
        ".signals.received": ("Signals", "Status"),
        ".signals.tcf": ("PublisherTc", "TcString"),
    },
)
__dir__ = listed(__name__)

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
    "restore",
]
