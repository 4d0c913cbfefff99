"""What the visitor's consent tool or browser sent, decoded. Decoding is not judging: the regimes judge."""

from ..lazily import lazily, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .choices import CmpChoices
    from .consent_mode import Choice, ConsentMode
    from .gpc import GpcStatement
    from .gpp import GppString
    from .tcf import PublisherTc, TcString, decode
    from .tcf_canada import TcfCanada
    from .us_privacy import UsPrivacy
    from .us_sections import DRAFT_SECTIONS, US_SECTIONS, UsLayout, UsSection

__getattr__ = lazily(
    __name__,
    {
        ".choices": ("CmpChoices",),
        ".consent_mode": ("Choice", "ConsentMode"),
        ".gpc": ("GpcStatement",),
        ".gpp": ("GppString",),
        ".tcf": ("PublisherTc", "TcString", "decode"),
        ".tcf_canada": ("TcfCanada",),
        ".us_privacy": ("UsPrivacy",),
        ".us_sections": ("DRAFT_SECTIONS", "US_SECTIONS", "UsLayout", "UsSection"),
    },
)
__dir__ = listed(__name__)

__all__ = [
    "DRAFT_SECTIONS",
    "US_SECTIONS",
    "Choice",
    "CmpChoices",
    "ConsentMode",
    "GpcStatement",
    "GppString",
    "PublisherTc",
    "TcString",
    "TcfCanada",
    "UsLayout",
    "UsPrivacy",
    "UsSection",
    "decode",
]
