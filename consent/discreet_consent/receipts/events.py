"""What happened to a consent, and when: given, refused, withdrawn. An event carries the hash of a signal at most."""

from __future__ import annotations

from enum import Enum
from math import floor

from ..errors import RecordError
from ..immutable import put
from ..purposes import ESSENTIAL, covers, is_well_formed
from .fields import Written, all_of, one_of, text, text_list, text_or_none, written
from .times import duration, instant, seconds_of, whole_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..consent import Consent

DPV = "https://w3id.org/dpv#"
MIN_KEY_BYTES = 16
_CHOICES = frozenset({"granted", "refused", "not_in_force", "unreadable", "disagreement"})  # somebody spoke
_HEXADECIMAL = frozenset("0123456789abcdef")


class EventState(Enum):
    """What an event made of the consent. Each state is one of W3C's Data Privacy Vocabulary: see `STATUSES`."""

    UNKNOWN = "consent_unknown"
    REQUESTED = "consent_requested"
    DEFERRED = "consent_request_deferred"
    REFUSED = "consent_refused"
    GIVEN = "consent_given"
    RENEWED = "renewed_consent_given"
    EXPIRED = "consent_expired"
    WITHDRAWN = "consent_withdrawn"
    REVOKED = "consent_revoked"
    INVALIDATED = "consent_invalidated"

    @property
    def allows(self) -> bool:
        """Whether processing may rest on a consent in this state."""
        return self in (EventState.GIVEN, EventState.RENEWED)


class EventType(Enum):
    """How the visitor showed it. Whoever asked knows; nothing here assumes the stronger.

    `EXPLICIT` is an act about this consent alone, `EXPRESSED` any act that says it, `IMPLIED` one that merely
    suggests it, which is no consent under the GDPR.
    """

    EXPLICIT = "explicit"
    EXPRESSED = "expressed"
    IMPLIED = "implied"


STATUSES: Mapping[EventState, str] = {
    EventState.UNKNOWN: DPV + "ConsentUnknown",
    EventState.REQUESTED: DPV + "ConsentRequested",
    EventState.DEFERRED: DPV + "ConsentRequestDeferred",
    EventState.REFUSED: DPV + "ConsentRefused",
    EventState.GIVEN: DPV + "ConsentGiven",
    EventState.RENEWED: DPV + "RenewedConsentGiven",
    EventState.EXPIRED: DPV + "ConsentExpired",
    EventState.WITHDRAWN: DPV + "ConsentWithdrawn",
    EventState.REVOKED: DPV + "ConsentRevoked",
    EventState.INVALIDATED: DPV + "ConsentInvalidated",
}
TYPES: Mapping[EventType, str] = {
    EventType.EXPLICIT: DPV + "ExplicitlyExpressedConsent",
    EventType.EXPRESSED: DPV + "ExpressedConsent",
    EventType.IMPLIED: DPV + "ImpliedConsent",
}


class Evidence(Written):
    """The hash of a signal, by which whoever holds the signal can show that it was this one. Immutable.

    `evidence` makes one from a signal. Two are equal when source, digest and kind of digest are.

    Args:
        source: Where the signal came from, as a word: `tcf`, `gpp`, `gpc`, ...
        digest: 64 hexadecimal digits in lower case.
        keyed: Whether a secret key went into the digest.
    Raises:
        RecordError: the source is no such word, or the digest is none, such as a signal itself.
    """

    __slots__ = ("digest", "keyed", "source")

    source: str
    digest: str
    keyed: bool

    def __init__(self, source: str, digest: str, *, keyed: bool = False) -> None:
        if not text(source, "source")[:1].isalpha() or not is_well_formed(source):
            raise RecordError("the source of a signal is a word in lower case, such as `tcf`")
        if len(text(digest, "digest")) != 64 or not _HEXADECIMAL.issuperset(digest):
            raise RecordError("the digest of a signal is 64 hexadecimal digits; `evidence` makes one")
        put(self, "source", source)
        put(self, "digest", digest)
        put(self, "keyed", bool(keyed))

    def __repr__(self) -> str:
        return f"Evidence({self.source!r}, ...)"

    def as_dict(self) -> dict[str, object]:
        """The source, and the digest under the name of its kind."""
        return {"source": self.source, "signal_hmac_sha256" if self.keyed else "signal_sha256": self.digest}


def evidence(source: str, signal: str | bytes, *, key: bytes | None = None) -> Evidence:
    """Hash a signal, as it was received, so that the record need not hold it.

    Without a key it is SHA-256. Many signals can be guessed: a US Privacy string is one of a few dozen, and whoever
    hashes them all reads the record. With a secret key it is HMAC-SHA256, which only the holder of the key can check:
    use one, and keep it apart from the records.

    Raises:
        RecordError: the source is no word, or the key has fewer than 16 bytes.
    """
    octets = signal if isinstance(signal, bytes) else signal.encode("utf-8", "surrogatepass")
    if key is None:
        from hashlib import sha256

        return Evidence(source, sha256(octets).hexdigest())
    if len(key) < MIN_KEY_BYTES:
        raise RecordError(f"a key of fewer than {MIN_KEY_BYTES} bytes can be guessed, too")
    import hmac

    return Evidence(source, hmac.digest(key, octets, "sha256").hex(), keyed=True)


class Event(Written):
    """One change of a consent. Immutable.

    Args:
        at_s: Unix seconds, UTC; rounded down to the whole second.
        entity_id: Who acted: the visitor's pseudonym, or the `party_id` of an identified party.
        validity: For how long, as an ISO 8601 duration; needed where the state allows processing. A month counts as
            30 days, a year as 365. Without one nothing lasts, `PT0S`.
        purposes: The data uses that were granted, as an extension. Where none is named, it is all that the record
            asks for, sensitive items included.
        sensitive: The sensitive items that were granted beside them, as an extension.
        contextual_only: Whether only contextual facts may be known, as of a known child, as an extension.
        regime: The rules under which the signals were judged, as an extension.
        evidence: The hashes of the signals, as an extension.
    Raises:
        RecordError: a time that is none, a validity that is none or missing, an empty text.
    """

    __slots__ = (
        "at_s", "contextual_only", "entity_id", "evidence", "purposes", "regime", "sensitive", "state", "type",
        "validity",
    )  # fmt: skip

    at_s: int
    state: EventState
    type: EventType
    entity_id: str
    validity: str
    purposes: tuple[str, ...]
    sensitive: tuple[str, ...]
    contextual_only: bool
    regime: str | None
    evidence: tuple[Evidence, ...]

    def __init__(
        self,
        *,
        at_s: float,
        state: EventState,
        type: EventType,  # noqa: A002 - the word of the standard
        entity_id: str,
        validity: str | None = None,
        purposes: str | Iterable[str] = (),
        sensitive: str | Iterable[str] = (),
        contextual_only: bool = False,
        regime: str | None = None,
        evidence: Iterable[Evidence] = (),
    ) -> None:
        if validity is None and one_of(EventState, state, "event_state").allows:
            raise RecordError("`validity` is missing: for how long does the consent hold, such as `P180D`")
        put(self, "at_s", whole_seconds(at_s, "event_time"))
        put(self, "state", one_of(EventState, state, "event_state"))
        put(self, "type", one_of(EventType, type, "event_type"))
        put(self, "entity_id", text(entity_id, "entity_id"))
        put(self, "validity", "PT0S" if validity is None else text(validity, "validity_duration"))
        put(self, "purposes", tuple(sorted(text_list(purposes, "purposes"))))
        put(self, "sensitive", tuple(sorted(text_list(sensitive, "sensitive"))))
        put(self, "contextual_only", bool(contextual_only))
        put(self, "regime", text_or_none(regime, "regime"))
        put(self, "evidence", all_of(Evidence, evidence, "evidence"))
        seconds_of(self.validity, "validity_duration")

    def __repr__(self) -> str:
        return f"Event({self.state.value}, {self.type.value}, at_s={self.at_s}, validity={self.validity!r})"

    def state_at(self, now_s: float) -> EventState:
        """What this event, were it the last, makes of the consent at `now_s`: expired once its validity is over."""
        ended = not now_s < self.at_s + seconds_of(self.validity, "validity_duration")
        return EventState.EXPIRED if self.state.allows and ended else self.state

    def as_dict(self) -> dict[str, object]:
        """The event in the fields of ISO/IEC TS 27560, and the extensions after them."""
        return written(
            (
                ("event_time", instant(self.at_s)),
                ("validity_duration", self.validity),
                ("entity_id", self.entity_id),
                ("event_type", self.type.value),
                ("event_state", self.state.value),
                ("purposes", self.purposes or None),
                ("sensitive", self.sensitive or None),
                ("contextual_only", self.contextual_only or None),
                ("regime", self.regime),
                ("evidence", [each.as_dict() for each in self.evidence] or None),
            )
        )


# What a consent is called after an event: refused again is withdrawn, given again is renewed.
_AFTER: Mapping[tuple[bool, EventState], EventState] = {
    (True, EventState.REFUSED): EventState.WITHDRAWN,
    (True, EventState.GIVEN): EventState.RENEWED,
}


def event_of(
    consent: Consent,
    *,
    at_s: float,
    entity_id: str,
    type: EventType,  # noqa: A002 - the word of the standard
    after: EventState = EventState.UNKNOWN,
    validity: str | None = None,
    evidence: Iterable[Evidence] = (),
) -> Event:
    """The event that a resolved consent is, at `at_s`: given when anything beyond the essential is granted.

    Only for what a visitor chose: what a regime permits where nobody chose is no consent, and no event.

    Args:
        at_s: Unix seconds at which the visitor chose.
        type: How the visitor showed it; a `Consent` cannot tell.
        after: The state of the record before, as `Record.state_at` has it: after consent was given, a refusal is a
            withdrawal and a grant a renewal.
        validity: An ISO 8601 duration, for a consent that does not expire by itself; where it does, the shorter of
            the two.
    Raises:
        RecordError: nobody chose: no signal grants or refuses anything. Or it grants something, never expires, and no
            `validity` is given.
    """
    moment_s = whole_seconds(at_s, "event_time")
    purposes, sensitive, contextual_only = _chosen(consent, at_s)
    granted = _beyond_essential(purposes)
    if granted:
        state = EventState.GIVEN
    else:
        lapsed = _beyond_essential(consent.purposes) and not _beyond_essential(consent.purposes_at(at_s))
        state = EventState.EXPIRED if lapsed else EventState.REFUSED
    return Event(
        at_s=moment_s,
        state=_AFTER.get((after.allows, state), state),
        type=type,
        entity_id=entity_id,
        validity=_validity(consent.expires_s, moment_s, validity) if granted else None,
        purposes=granted,
        sensitive=sensitive if granted else (),
        contextual_only=contextual_only,
        regime=consent.regime,
        evidence=evidence,
    )


def _chosen(consent: Consent, at_s: float) -> tuple[frozenset[str], frozenset[str], bool]:
    """Of what is granted at `at_s`, that which signals grant, and not only the regime's default."""
    purposes, sensitive, contextual_only = consent.grants_at(at_s)
    explained = consent.explain()
    if explained.policy_version is None:  # stated: whoever stated it knows what the visitor chose
        return purposes, sensitive, contextual_only
    if not any(each.rule in _CHOICES for each in explained.rulings):
        raise RecordError(
            f"nobody chose: all that this consent grants is what `{consent.regime}` allows without a signal, which is "
            "no consent; write no event for it"
        )
    return (
        frozenset(each for each in purposes if explained.ruling(each).rule == "granted"),
        frozenset(item for item in sensitive if explained.ruling(f"sensitive:{item}").rule == "granted"),
        contextual_only,
    )


def _beyond_essential(purposes: Iterable[str]) -> tuple[str, ...]:
    return tuple(purpose for purpose in purposes if not covers(ESSENTIAL, purpose))


def _validity(expires_s: float | None, moment_s: int, stated: str | None) -> str | None:
    """The shorter of what is stated and what is left until the expiry; None when there is neither."""
    if expires_s is None or expires_s == float("inf"):
        return stated
    left_s = floor(expires_s) - moment_s
    if stated is not None and seconds_of(stated, "validity_duration") <= left_s:
        return stated
    return duration(left_s)
