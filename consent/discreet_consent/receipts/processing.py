"""What is processed, by whom and on what terms: the parts of a record that the notice told the visitor.

The names are those of ISO/IEC TS 27560:2023. What the attribute declarations say already is read off from them.
"""

from __future__ import annotations

from ..attributes import Provenance
from ..errors import RecordError
from ..immutable import put
from ..purposes import ESSENTIAL, covers
from .fields import Written, all_of, one_of, some_texts, text, text_list, text_or_none, written
from .times import duration, seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..attributes import Attribute

# The names of https://schema.org/PostalAddress that an address may have.
ADDRESS_NAMES = (
    "streetAddress", "extendedAddress", "postOfficeBoxNumber", "postalCode", "addressLocality", "addressRegion",
    "addressCountry",
)  # fmt: skip
# The sensitive items that are special categories of data in the sense of GDPR 9(1).
SPECIAL = frozenset(
    """
    race_ethnicity political_opinions religion union_membership genetic biometric health consumer_health_data
    sex_life sexual_orientation
    """.split()  # noqa: SIM905 - a word list reads better
)


class Party(Written):
    """An organization that a record names. Immutable.

    Args:
        party_id: By which the rest of the record names it.
        address: One text, or the parts of a schema.org PostalAddress by name.
        contact: How to reach whoever answers for it.
        type: `pii_controller`, `pii_processor`, `third_party`, `authority`, ...
    Raises:
        RecordError: a text is empty, or a part of the address is not one of PostalAddress.
    """

    __slots__ = ("address", "contact", "email", "name", "party_id", "phone", "role", "type", "url")

    party_id: str
    name: str
    address: str | tuple[tuple[str, str], ...]
    contact: str
    type: str
    role: str | None
    email: str | None
    url: str | None
    phone: str | None

    def __init__(
        self,
        party_id: str,
        *,
        name: str,
        address: str | Mapping[str, str],
        contact: str,
        type: str = "pii_controller",  # noqa: A002 - the word of the standard
        role: str | None = None,
        email: str | None = None,
        url: str | None = None,
        phone: str | None = None,
    ) -> None:
        put(self, "party_id", text(party_id, "party_id"))
        put(self, "name", text(name, "party_name"))
        put(self, "address", _address(address))
        put(self, "contact", text(contact, "party_contact"))
        put(self, "type", text(type, "party_type"))
        put(self, "role", text_or_none(role, "party_role"))
        put(self, "email", text_or_none(email, "party_email"))
        put(self, "url", text_or_none(url, "party_url"))
        put(self, "phone", text_or_none(phone, "party_phone"))

    def __repr__(self) -> str:
        return f"Party({self.party_id!r})"

    def as_dict(self) -> dict[str, object]:
        """The party as ISO/IEC TS 27560 names its fields."""
        address = self.address if isinstance(self.address, str) else dict(self.address)
        return written(
            (
                ("party_id", self.party_id),
                ("party_name", self.name),
                ("party_address", address),
                ("party_contact", self.contact),
                ("party_type", self.type),
                ("party_role", self.role),
                ("party_email", self.email),
                ("party_url", self.url),
                ("party_phone", self.phone),
            )
        )


def _address(given: str | Mapping[str, str]) -> str | tuple[tuple[str, str], ...]:
    if isinstance(given, str):
        return text(given, "party_address")
    if not hasattr(given, "items") or not given:
        raise RecordError("`party_address` is neither a text nor the parts of one")
    for name in given:
        if name not in ADDRESS_NAMES:
            raise RecordError(f"`party_address` has parts that are none of {', '.join(ADDRESS_NAMES)}")
    return tuple((name, text(given[name], name)) for name in ADDRESS_NAMES if name in given)


class PiiInformation(Written):
    """One fact that is processed: its name and its type, never its value. Immutable.

    Args:
        pii_type: A category of data, such as `user.behavior.browsing_history`.
        pii_attribute_id: The name under which the attribute is declared.
        sensitive_item: What makes it sensitive, such as `health`; None: it is not.
        pii_optional: Whether the visitor may leave it out and still gets the service.
    """

    __slots__ = ("pii_attribute_id", "pii_optional", "pii_type", "sensitive_item")

    pii_type: str
    pii_attribute_id: str | None
    sensitive_item: str | None
    pii_optional: bool

    def __init__(
        self,
        pii_type: str,
        *,
        pii_attribute_id: str | None = None,
        sensitive_item: str | None = None,
        pii_optional: bool = True,
    ) -> None:
        put(self, "pii_type", text(pii_type, "pii_type"))
        put(self, "pii_attribute_id", text_or_none(pii_attribute_id, "pii_attribute_id"))
        put(self, "sensitive_item", text_or_none(sensitive_item, "sensitive_item"))
        put(self, "pii_optional", bool(pii_optional))

    def __repr__(self) -> str:
        return f"PiiInformation({self.pii_type!r}, pii_attribute_id={self.pii_attribute_id!r})"

    def as_dict(self) -> dict[str, object]:
        """The fact as ISO/IEC TS 27560 names its fields; `sensitive_item` is an extension."""
        return written(
            (
                ("pii_type", self.pii_type),
                ("pii_attribute_id", self.pii_attribute_id),
                ("pii_optional", self.pii_optional),
                ("sensitive_pii_category", self.sensitive_item is not None),
                ("special_pii_category", self.sensitive_item in SPECIAL),
                ("sensitive_item", self.sensitive_item),
            )
        )


class Terms(Written):
    """What a notice states once, for all that is processed under it. Immutable.

    Args:
        privacy_notice: Where the notice stands, in the version that was shown.
        language: The language in which it was shown.
        pii_controllers: The `party_id` of each controller.
        storage_locations: Where the facts are stored: `device`, or countries.
        jurisdiction: Whose law applies.
        withdrawal_method: Where, or how, consent is withdrawn.
        recipient_third_parties: The `party_id` of each third party that receives the facts.
        authority_party: The `party_id` of the authority that takes complaints.
    Raises:
        RecordError: a text is empty, or a field that needs one names none.
    """

    __slots__ = (
        "authority_party", "codes_of_conduct", "collection_method", "geographic_restrictions", "impact_assessment",
        "jurisdiction", "language", "lawful_basis", "pii_controllers", "privacy_notice", "privacy_rights",
        "processing_locations", "processing_method", "purpose_type", "recipient_third_parties", "service",
        "storage_locations", "withdrawal_method",
    )  # fmt: skip

    privacy_notice: str
    language: str
    pii_controllers: tuple[str, ...]
    storage_locations: tuple[str, ...]
    jurisdiction: str
    withdrawal_method: str
    lawful_basis: str
    recipient_third_parties: tuple[str, ...]
    purpose_type: str | None
    collection_method: str | None
    processing_method: str | None
    processing_locations: tuple[str, ...]
    geographic_restrictions: str | None
    service: str | None
    privacy_rights: tuple[str, ...]
    codes_of_conduct: tuple[str, ...]
    impact_assessment: str | None
    authority_party: str | None

    def __init__(
        self,
        *,
        privacy_notice: str,
        language: str,
        pii_controllers: str | Iterable[str],
        storage_locations: str | Iterable[str],
        jurisdiction: str,
        withdrawal_method: str,
        lawful_basis: str = "consent",
        recipient_third_parties: str | Iterable[str] = (),
        purpose_type: str | None = None,
        collection_method: str | None = None,
        processing_method: str | None = None,
        processing_locations: str | Iterable[str] = (),
        geographic_restrictions: str | None = None,
        service: str | None = None,
        privacy_rights: str | Iterable[str] = (),
        codes_of_conduct: str | Iterable[str] = (),
        impact_assessment: str | None = None,
        authority_party: str | None = None,
    ) -> None:
        put(self, "privacy_notice", text(privacy_notice, "privacy_notice"))
        put(self, "language", text(language, "language"))
        put(self, "pii_controllers", some_texts(pii_controllers, "pii_controllers"))
        put(self, "storage_locations", some_texts(storage_locations, "storage_locations"))
        put(self, "jurisdiction", text(jurisdiction, "jurisdiction"))
        put(self, "withdrawal_method", text(withdrawal_method, "withdrawal_method"))
        put(self, "lawful_basis", text(lawful_basis, "lawful_basis"))
        put(self, "recipient_third_parties", text_list(recipient_third_parties, "recipient_third_parties"))
        put(self, "purpose_type", text_or_none(purpose_type, "purpose_type"))
        put(self, "collection_method", text_or_none(collection_method, "collection_method"))
        put(self, "processing_method", text_or_none(processing_method, "processing_method"))
        put(self, "processing_locations", text_list(processing_locations, "processing_locations"))
        put(self, "geographic_restrictions", text_or_none(geographic_restrictions, "geographic_restrictions"))
        put(self, "service", text_or_none(service, "service"))
        put(self, "privacy_rights", text_list(privacy_rights, "privacy_rights"))
        put(self, "codes_of_conduct", text_list(codes_of_conduct, "codes_of_conduct"))
        put(self, "impact_assessment", text_or_none(impact_assessment, "impact_assessment"))
        put(self, "authority_party", text_or_none(authority_party, "authority_party"))

    def __repr__(self) -> str:
        return f"Terms(privacy_notice={self.privacy_notice!r}, language={self.language!r})"

    @property
    def parties(self) -> tuple[str, ...]:
        """Every `party_id` that the terms name."""
        authority = () if self.authority_party is None else (self.authority_party,)
        return (*self.pii_controllers, *self.recipient_third_parties, *authority)


class Processing(Written):
    """Purposes, the facts that serve them, and how long those are kept, under the terms of a notice. Immutable.

    Args:
        retention_period: An ISO 8601 duration, such as `P180D`.
    Raises:
        RecordError: no purpose, no fact, or a retention that is no such duration.
    """

    __slots__ = ("pii_information", "purposes", "retention_period", "terms")

    terms: Terms
    purposes: tuple[str, ...]
    pii_information: tuple[PiiInformation, ...]
    retention_period: str

    def __init__(
        self,
        terms: Terms,
        *,
        purposes: str | Iterable[str],
        pii_information: Iterable[PiiInformation],
        retention_period: str,
    ) -> None:
        put(self, "terms", one_of(Terms, terms, "terms"))
        put(self, "purposes", some_texts(purposes, "purposes"))
        put(self, "pii_information", all_of(PiiInformation, pii_information, "pii_information"))
        put(self, "retention_period", text(retention_period, "retention_period"))
        seconds_of(self.retention_period, "retention_period")
        if not self.pii_information:
            raise RecordError("`pii_information` names none")

    def __repr__(self) -> str:
        return f"Processing({list(self.purposes)}, retention_period={self.retention_period!r})"

    def as_dict(self) -> dict[str, object]:
        """The processing in the fields of ISO/IEC TS 27560, and in its order."""
        terms = self.terms
        return written(
            (
                ("privacy_notice", terms.privacy_notice),
                ("language", terms.language),
                ("purposes", self.purposes),
                ("purpose_type", terms.purpose_type),
                ("lawful_basis", terms.lawful_basis),
                ("pii_information", [each.as_dict() for each in self.pii_information]),
                ("pii_controllers", terms.pii_controllers),
                ("collection_method", terms.collection_method),
                ("processing_method", terms.processing_method),
                ("storage_locations", terms.storage_locations),
                ("retention_period", self.retention_period),
                ("processing_locations", terms.processing_locations or None),
                ("geographic_restrictions", terms.geographic_restrictions),
                ("service", terms.service),
                ("jurisdiction", terms.jurisdiction),
                ("recipient_third_parties", terms.recipient_third_parties),
                ("withdrawal_method", terms.withdrawal_method),
                ("privacy_rights", terms.privacy_rights or None),
                ("codes_of_conduct", terms.codes_of_conduct or None),
                ("impact_assessment", terms.impact_assessment),
                ("authority_party", terms.authority_party),
            )
        )


def processing_of(
    attributes: Iterable[Attribute], terms: Terms, *, retention_period: str | None = None
) -> tuple[Processing, ...]:
    """What declarations say is processed on consent: one `Processing` for each set of purposes and retention.

    Left out is what no consent is asked for: attributes whose purposes are all essential, essential purposes of the
    others, and third-party attributes, which are never permitted.

    Args:
        attributes: A catalogue, or some of its declarations.
        retention_period: An ISO 8601 duration, for the attributes that declare no retention.
    Raises:
        RecordError: attributes without a category; some without retention where no `retention_period` is given.
    """
    asked = [
        each for each in attributes if each.provenance is not Provenance.THIRD_PARTY and _on_consent(each)
    ]
    _refuse("category", [each.name for each in asked if not each.category])
    if retention_period is None:
        _refuse("retention", [each.name for each in asked if each.retention_s is None])
    groups: dict[tuple[tuple[str, ...], str], list[PiiInformation]] = {}
    for each in asked:
        kept = duration(each.retention_s) if each.retention_s is not None else retention_period or ""
        groups.setdefault((_on_consent(each), kept), []).append(
            PiiInformation(
                each.category or "", pii_attribute_id=each.name, sensitive_item=each.sensitive or None
            )
        )
    return tuple(
        Processing(terms, purposes=purposes, pii_information=facts, retention_period=kept)
        for (purposes, kept), facts in groups.items()
    )


def _on_consent(attribute: Attribute) -> tuple[str, ...]:
    return tuple(purpose for purpose in attribute.purposes if not covers(ESSENTIAL, purpose))


def _refuse(what: str, names: list[str]) -> None:
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        raise RecordError(f"a record states a {what} for each fact, and the declaration has none of {listed}")
