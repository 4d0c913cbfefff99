"""The consent record of ISO/IEC TS 27560:2023: append-only, and its receipt.

Source: spec/receipts.md.
"""

from __future__ import annotations

from ..errors import RecordError
from ..immutable import put
from .events import Event, EventState
from .fields import Written, all_of, text
from .processing import Party, Processing
from .times import instant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA_VERSION = "27560:2023"


class Record(Written):
    """What a visitor was asked, by whom, and all that became of it. Immutable: `with_event` returns another record.

    Args:
        record_id: A UUID, or another text that no other record has.
        pii_principal_id: A pseudonym of the visitor; not an address, not a name.
        events: In the order in which they happened.
    Raises:
        RecordError: nothing is processed, a party is named and not identified, or identified twice, an event is of
            nobody the record knows, or the events go back in time.
    """

    __slots__ = ("events", "parties", "pii_principal_id", "processing", "record_id")

    record_id: str
    pii_principal_id: str
    processing: tuple[Processing, ...]
    parties: tuple[Party, ...]
    events: tuple[Event, ...]

    def __init__(
        self,
        record_id: str,
        pii_principal_id: str,
        processing: Iterable[Processing],
        parties: Iterable[Party],
        events: Iterable[Event] = (),
    ) -> None:
        put(self, "record_id", text(record_id, "record_id"))
        put(self, "pii_principal_id", text(pii_principal_id, "pii_principal_id"))
        put(self, "processing", all_of(Processing, processing, "processing"))
        put(self, "parties", all_of(Party, parties, "party_identification"))
        put(self, "events", all_of(Event, events, "events"))
        if not self.processing:
            raise RecordError("a record without `processing` is a consent to nothing")
        self._check_parties()
        self._check_events()

    def with_event(self, event: Event) -> Record:
        """This record with one event more, at its end.

        Raises:
            RecordError: the event happened before the last one, or is of nobody the record knows.
        """
        return Record(
            self.record_id, self.pii_principal_id, self.processing, self.parties, (*self.events, event)
        )

    def state_at(self, now_s: float) -> EventState:
        """What became of the consent by `now_s`: the last event's state, expired once its validity is over.

        Before the first event, and at a time that is no number, it is unknown.
        """
        past = [event for event in self.events if event.at_s <= now_s]
        return past[-1].state_at(now_s) if past else EventState.UNKNOWN

    def as_dict(self) -> dict[str, object]:
        """The record as JSON values, in the fields of ISO/IEC TS 27560."""
        return {"schema_version": SCHEMA_VERSION, "record_id": self.record_id, **self._sections()}

    def _sections(self) -> dict[str, object]:
        return {
            "pii_principal_id": self.pii_principal_id,
            "processing": [each.as_dict() for each in self.processing],
            "party_identification": [each.as_dict() for each in self.parties],
            "events": [each.as_dict() for each in self.events],
        }

    def _check_parties(self) -> None:
        identified = [party.party_id for party in self.parties]
        for party_id in identified:
            if identified.count(party_id) > 1:
                raise RecordError(f"party `{party_id}` is identified twice")
        for each in self.processing:
            for party_id in each.terms.parties:
                if party_id not in identified:
                    raise RecordError(f"party `{party_id}` is named in `processing` and not identified")

    def _check_events(self) -> None:
        known = {self.pii_principal_id, *(party.party_id for party in self.parties)}
        last_s = 0
        for event in self.events:
            if event.entity_id not in known:
                raise RecordError(
                    "the `entity_id` of an event is neither the visitor's nor an identified party's"
                )
            if event.at_s < last_s:
                earlier, later = instant(event.at_s), instant(last_s)
                raise RecordError(f"an event of {earlier} cannot follow one of {later}: a record only grows")
            last_s = event.at_s

    def __repr__(self) -> str:
        return f"Record({self.record_id!r}, {len(self.events)} events)"


def receipt(record: Record, *, receipt_id: str) -> dict[str, object]:
    """What the visitor gets: all of the record, under an id of its own, as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "receipt_id": text(receipt_id, "receipt_id"),
        **record.as_dict(),
    }
