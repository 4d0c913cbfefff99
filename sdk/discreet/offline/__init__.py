"""After and beside serving: deciding for whole files of visitors, and replaying what a server recorded.

Parquet, CSV and JSON lines in, decisions out: `decide_file` and its like need the extra `offline`; where it is missing,
asking for one of them is a `MissingExtra`. `replay` needs nothing beside the runtime.
"""

from importlib.util import find_spec

from discreet.errors import MissingExtra
from discreet_consent.lazily import lazily, listed

from .errors import RefusedColumn, UnreadableVisitors
from .replaying import Difference, Missing, Replayed, replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .columns import array_of
    from .consents import RowConsents
    from .deciding import Summary, decide_file

_find = lazily(
    __name__,
    {".columns": ("array_of",), ".consents": ("RowConsents",), ".deciding": ("Summary", "decide_file")},
)
__dir__ = listed(__name__)


def __getattr__(name: str) -> object:
    if name in __all__ and (find_spec("pyarrow") is None or find_spec("numpy") is None):
        raise MissingExtra("deciding for files", "offline")
    return _find(name)


__all__ = [
    "Difference",
    "Missing",
    "RefusedColumn",
    "Replayed",
    "RowConsents",
    "Summary",
    "UnreadableVisitors",
    "array_of",
    "decide_file",
    "replay",
]
