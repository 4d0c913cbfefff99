"""The Kantara Consent Receipt, version 1.1.0 (20 February 2018), of a record: the older format that tools still read.

It is for consent that was given: it has no word for a refusal. Where the specification is not clear about what may be
left out, it is not left out.
"""

from __future__ import annotations

from ..errors import RecordError
from ..purposes import is_granted
from .events import EventType
from .fields import text, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .events import Event
    from .processing import Party, PiiInformation, Processing, Terms
    from .record import Record

VERSION = "KI-CR-v1.1.0"


def kantara(
    record: Record,
    *,
    receipt_id: str,
    collection_method: str | None = None,
    service: str | None = None,
    consent_type: str | None = None,
    public_key: str | None = None,
    on_behalf: Iterable[str] = (),
) -> dict[str, object]:
    """The receipt of the consent that the record's last event gave, as JSON values.

    It lists the processing that the event allows: purposes that were all granted, and of the facts that serve them
    those that are not sensitive or whose sensitive item was granted.

    Args:
        receipt_id: A UUID.
        collection_method: How consent was collected; by default the record's own `collection_method`.
        service: The name of the service; by default the record's own `service`.
        consent_type: How consent was given, in words, where it was not explicit.
        public_key: Of whoever signs the receipt, if anyone does.
        on_behalf: The `party_id` of each controller for which another one acts.
    Raises:
        RecordError: consent was not given or allows none of the processing, or only contextual facts; the record has
            several texts for what a receipt has one of; or a text is missing that the receipt must have.
    """
    event = _giving(record)
    allowed = [(each, facts) for each in record.processing if (facts := _allowed(each, event))]
    if not allowed:
        raise RecordError("the last event allows none of the processing of the record")
    processing = [each for each, _ in allowed]
    items = _unique(fact.sensitive_item for _, facts in allowed for fact in facts if fact.sensitive_item)
    return written(
        (
            ("version", VERSION),
            ("jurisdiction", ", ".join(_unique(each.terms.jurisdiction for each in processing))),
            ("consentTimestamp", event.at_s),
            ("collectionMethod", _stated(collection_method, processing, "collection_method")),
            ("consentReceiptID", text(receipt_id, "receipt_id")),
            ("publicKey", public_key),
            ("language", _stated(None, processing, "language")),
            ("piiPrincipalId", record.pii_principal_id),
            ("piiControllers", _controllers(record, processing, frozenset(on_behalf))),
            ("policyUrl", _stated(None, processing, "privacy_notice")),
            ("services", _services(record, allowed, service, _consent_type(event, consent_type))),
            ("sensitive", bool(items)),
            ("spiCat", items),
        )
    )


def _giving(record: Record) -> Event:
    if not record.events:
        raise RecordError("a Kantara receipt is for consent that was given, and the record has no event")
    last = record.events[-1]
    if not last.state.allows:
        raise RecordError(
            f"a Kantara receipt is for consent that was given: the last event is `{last.state.value}`"
        )
    if last.contextual_only:
        raise RecordError("the last event allows contextual facts only, and a Kantara receipt cannot say so")
    return last


def _allowed(processing: Processing, event: Event) -> tuple[PiiInformation, ...]:
    """The facts of `processing` that the event lets be processed; all of them, when it names no purpose."""
    if not event.purposes:
        return processing.pii_information
    if not all(is_granted(purpose, event.purposes) for purpose in processing.purposes):
        return ()
    return tuple(
        fact
        for fact in processing.pii_information
        if fact.sensitive_item is None or fact.sensitive_item in event.sensitive
    )


def _consent_type(event: Event, stated: str | None) -> str:
    if event.type is EventType.EXPLICIT:
        return "EXPLICIT"
    if stated is None:
        raise RecordError("consent was not explicit: `consent_type` must say how it was given")
    return text(stated, "consent_type")


def _stated(given: str | None, processing: list[Processing], field: str) -> str:
    """The one text for the whole receipt: as it is given, or as all of the processing has it."""
    if given is not None:
        return text(given, field)
    found: set[str | None] = {getattr(each.terms, field) for each in processing}
    if len(found) > 1:
        raise RecordError(f"the record has several texts for `{field}`, and a Kantara receipt has one")
    (only,) = found
    if only is None:
        raise RecordError(f"a Kantara receipt needs `{field}`: state it here or in the record's terms")
    return only


def _controllers(
    record: Record, processing: list[Processing], on_behalf: frozenset[str]
) -> list[dict[str, object]]:
    named = _unique(party_id for each in processing for party_id in each.terms.pii_controllers)
    return [_controller(_party(record, party_id), party_id in on_behalf) for party_id in named]


def _controller(party: Party, on_behalf: bool) -> dict[str, object]:
    for what, value in (("email", party.email), ("phone", party.phone)):
        if value is None:
            raise RecordError(
                f"a Kantara receipt needs the `{what}` of a controller: party `{party.party_id}` has none"
            )
    address = {"streetAddress": party.address} if isinstance(party.address, str) else dict(party.address)
    return written(
        (
            ("piiController", party.name),
            ("onBehalf", on_behalf),
            ("contact", party.contact),
            ("address", address),
            ("email", party.email),
            ("phone", party.phone),
            ("piiControllerUrl", party.url),
        )
    )


def _services(
    record: Record,
    allowed: list[tuple[Processing, tuple[PiiInformation, ...]]],
    service: str | None,
    consent_type: str,
) -> list[dict[str, object]]:
    services: dict[str, list[dict[str, object]]] = {}
    for each, facts in allowed:
        types = _unique(fact.pii_type for fact in facts)
        name = _stated(service, [each], "service")
        services.setdefault(name, []).extend(
            _purpose(record, each.terms, purpose, types, consent_type) for purpose in each.purposes
        )
    return [{"service": name, "purposes": purposes} for name, purposes in services.items()]


def _purpose(
    record: Record, terms: Terms, purpose: str, types: list[str], consent_type: str
) -> dict[str, object]:
    recipients = [_party(record, party_id).name for party_id in terms.recipient_third_parties]
    return written(
        (
            ("purpose", purpose),
            ("purposeCategory", [terms.purpose_type or purpose.partition(".")[0]]),
            ("consentType", consent_type),
            ("piiCategory", list(types)),
            ("primaryPurpose", False),  # what is essential rests on no consent, and is in no record
            ("termination", terms.withdrawal_method),
            ("thirdPartyDisclosure", bool(recipients)),
            ("thirdPartyName", ", ".join(recipients) or None),
        )
    )


def _party(record: Record, party_id: str) -> Party:
    return next(party for party in record.parties if party.party_id == party_id)


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
