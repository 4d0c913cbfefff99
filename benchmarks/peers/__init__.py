"""Other engines under the same workload, in the same run as ours."""

from .added import added_bytes
from .growthbook_payload import growthbook_payload
from .measure import measure
from .results import Measured, PeerReport, Skipped, Speed, Spread, Start
from .table import ENGINES, OWN

__all__ = [
    "ENGINES",
    "OWN",
    "Measured",
    "PeerReport",
    "Skipped",
    "Speed",
    "Spread",
    "Start",
    "added_bytes",
    "growthbook_payload",
    "measure",
]
