"""What may be known at all: attribute declarations, and the catalogue that holds them in order."""

from __future__ import annotations

from enum import Enum

from .errors import DeclarationError
from .immutable import Immutable, put, texts
from .purposes import is_granted, is_well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class AttributeType(Enum):
    """The types of an attribute's value.

    `NUMBER` is an IEEE 754 double, `DATETIME` epoch milliseconds as such a number, `STRINGS` a set of
    strings. Strings are in Unicode normalization form C and compared by code point.
    """

    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"
    STRINGS = "strings"
    DATETIME = "datetime"


class Provenance(Enum):
    """Where a fact comes from. `THIRD_PARTY` is never permitted, whatever was consented."""

    CONTEXTUAL = "contextual"
    FIRST_PARTY = "first_party"
    DECLARED = "declared"
    THIRD_PARTY = "third_party"


class Attribute(Immutable):
    """The declaration of one typed fact about the visitor or the request. Immutable.

    Args:
        purposes: At least one data-use key; *all* must be granted before the value may be known.
        category: A fideslang data category such as `user.behavior.purchase_history`; for records, not for
            deciding.
        retention_s: Seconds after its observation at which a value becomes stale; None: it never does.
        sensitive: Whether a special category of data. Carried and shown; no regime asks more for it yet, see
            spec/consent.md, "Not covered yet".
        lower: For strings: compare in lower case (values and literals are folded alike).
    Raises:
        DeclarationError: no name, no purpose or one that is no dotted key, a retention below one second,
            `lower` on another type.
    """

    __slots__ = ("category", "lower", "name", "provenance", "purposes", "retention_s", "sensitive", "type")

    name: str
    type: AttributeType
    provenance: Provenance
    purposes: tuple[str, ...]
    category: str | None
    retention_s: int | None
    sensitive: bool
    lower: bool

    def __init__(
        self,
        name: str,
        type: AttributeType,  # noqa: A002 - the word of the model
        provenance: Provenance,
        purposes: Iterable[str],
        *,
        category: str | None = None,
        retention_s: int | None = None,
        sensitive: bool = False,
        lower: bool = False,
    ) -> None:
        ordered = tuple(sorted(set(texts(purposes))))
        if not name:
            raise DeclarationError("an attribute needs a name")
        if not ordered:
            raise DeclarationError(f"attribute `{name}` names no purpose")
        for purpose in ordered:
            if not is_well_formed(purpose):
                raise DeclarationError(f"attribute `{name}`: purpose `{purpose}` is not a dotted key")
        if retention_s is not None and retention_s < 1:
            raise DeclarationError(f"attribute `{name}`: retention is shorter than one second")
        if lower and type not in (AttributeType.STRING, AttributeType.STRINGS):
            raise DeclarationError(f"attribute `{name}`: `lower` is for strings")
        put(self, "name", name)
        put(self, "type", type)
        put(self, "provenance", provenance)
        put(self, "purposes", ordered)
        put(self, "category", category)
        put(self, "retention_s", retention_s)
        put(self, "sensitive", sensitive)
        put(self, "lower", lower)

    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, slot) for slot in Attribute.__slots__)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attribute) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Attribute({self.name!r}, {self.type.value}, {self.provenance.value}, {list(self.purposes)})"

    def may_be_known(self, grants: Iterable[str]) -> bool:
        """Whether a visitor who granted exactly `grants` lets us know this attribute."""
        grants = tuple(grants)
        return self.provenance is not Provenance.THIRD_PARTY and all(
            is_granted(purpose, grants) for purpose in self.purposes
        )
