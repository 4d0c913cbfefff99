"""What may be known at all: attribute declarations, and the catalogue that holds them in order."""

from __future__ import annotations

from enum import Enum

from .errors import DeclarationError
from .immutable import Immutable, put, texts
from .purposes import ESSENTIAL, covers, is_granted, is_well_formed
from .sensitive import SENSITIVE, nearest_item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .coarsening import Coarsening


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


INHERITED = (
    "type",
    "provenance",
    "category",
    "retention_s",
    "lower",
)  # what a substitute has from its parent


class Attribute(Immutable):
    """The declaration of one typed fact about the visitor or the request. Immutable.

    Args:
        purposes: At least one data-use key; *all* must be granted before the value may be known.
        category: A fideslang data category such as `user.behavior.purchase_history`; for records, not for
            deciding.
        retention_s: Seconds after its observation at which a value becomes stale; None: it never does.
        sensitive: The item of `SENSITIVE` whose own grant it needs beside that of its purposes; None: none.
        lower: For strings: compare in lower case (values and literals are folded alike).
        coarsens: For a substitute: how it comes from the attribute that it stands for. `substitute` declares one.
    Raises:
        DeclarationError: no name, no purpose or one that is no dotted key, a retention below one second,
            `lower` on another type, a sensitive item that is none, a coarsening that is for another type.
    """

    __slots__ = (
        "category", "coarsens", "lower", "name", "provenance", "purposes", "retention_s", "sensitive", "type"
    )  # fmt: skip

    name: str
    type: AttributeType
    provenance: Provenance
    purposes: tuple[str, ...]
    category: str | None
    retention_s: int | None
    sensitive: str | None
    lower: bool
    coarsens: Coarsening | None

    def __init__(
        self,
        name: str,
        type: AttributeType,  # noqa: A002 - the word of the model
        provenance: Provenance,
        purposes: Iterable[str],
        *,
        category: str | None = None,
        retention_s: int | None = None,
        sensitive: str | None = None,
        lower: bool = False,
        coarsens: Coarsening | None = None,
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
        if sensitive is not None and sensitive not in SENSITIVE:
            hint = nearest_item(sensitive)
            raise DeclarationError(f"attribute `{name}`: `{sensitive}` is no sensitive item{hint}")
        if coarsens is not None and coarsens.type != type.value:
            what = f"a {coarsens.type}, not a {type.value}"
            raise DeclarationError(f"attribute `{name}`: `{coarsens.method}` coarsens {what}")
        put(self, "name", name)
        put(self, "type", type)
        put(self, "provenance", provenance)
        put(self, "purposes", ordered)
        put(self, "category", category)
        put(self, "retention_s", retention_s)
        put(self, "sensitive", sensitive)
        put(self, "lower", lower)
        put(self, "coarsens", coarsens)

    def _key(self) -> tuple[object, ...]:
        return tuple(getattr(self, slot) for slot in Attribute.__slots__)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attribute) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Attribute({self.name!r}, {self.type.value}, {self.provenance.value}, {list(self.purposes)})"

    def may_be_known(
        self, purposes: Iterable[str], *, sensitive: Collection[str] = (), contextual_only: bool = False
    ) -> bool:
        """Whether a visitor who granted exactly this lets us know this attribute.

        Where it is sensitive its item must be granted, whatever it is for. All its purposes must be, too; and of a
        known child (`contextual_only`) it must be contextual. What is essential throughout needs neither of these.
        """
        if self.provenance is Provenance.THIRD_PARTY:
            return False
        if self.sensitive is not None and self.sensitive not in sensitive:
            return False
        if self.is_essential:
            return True
        purposes = tuple(purposes)
        return all(is_granted(purpose, purposes) for purpose in self.purposes) and (
            not contextual_only or self.provenance is Provenance.CONTEXTUAL
        )

    @property
    def is_essential(self) -> bool:
        """Whether all its purposes are essential."""
        return all(covers(ESSENTIAL, purpose) for purpose in self.purposes)

    def substitute(
        self,
        name: str,
        purposes: Iterable[str],
        method: str,
        parameter: object = True,
        *,
        sensitive: str | None = None,
    ) -> Attribute:
        """Declare a coarser value of this attribute, with purposes of its own: see `Coarsening`.

        All else it has from this attribute, but for the sensitive item: a coarse location is no precise one.
        """
        from .coarsening import Coarsening

        return Attribute(
            name,
            self.type,
            self.provenance,
            purposes,
            category=self.category,
            retention_s=self.retention_s,
            sensitive=sensitive,
            lower=self.lower,
            coarsens=Coarsening(self.name, method, parameter),
        )

    def check_parent(self, parent: Attribute | None) -> None:
        """Refuse a substitute whose `parent`, as the catalogue has it, is not what it stands for.

        Raises:
            DeclarationError: there is none, it is a substitute itself, or they are declared differently.
        """
        if self.coarsens is None:
            return
        what = f"attribute `{self.name}` coarsens `{self.coarsens.parent}`"
        if parent is None:
            raise DeclarationError(f"{what}, which is not declared")
        if parent.coarsens is not None:
            raise DeclarationError(f"{what}, which is a substitute itself")
        if any(getattr(self, field) != getattr(parent, field) for field in INHERITED):
            raise DeclarationError(
                f"{what} and must have its type, provenance, category, retention and `lower`"
            )
