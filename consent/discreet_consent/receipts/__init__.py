"""Proof of consent: the record and receipt of ISO/IEC TS 27560, Kantara's receipt, and the audit of `permit`.

Import it by name: a bare `import discreet_consent` does not load it.
"""

from .audit import AuditRow, Outcome, Rule, audit
from .events import STATUSES, TYPES, Event, EventState, EventType, Evidence, event_of, evidence
from .kantara import kantara
from .processing import Party, PiiInformation, Processing, Terms, processing_of
from .reading import read_record
from .record import Record, receipt

__all__ = [
    "STATUSES",
    "TYPES",
    "AuditRow",
    "Event",
    "EventState",
    "EventType",
    "Evidence",
    "Outcome",
    "Party",
    "PiiInformation",
    "Processing",
    "Record",
    "Rule",
    "Terms",
    "audit",
    "event_of",
    "evidence",
    "kantara",
    "processing_of",
    "read_record",
    "receipt",
]
