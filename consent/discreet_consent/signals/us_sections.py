"""The GPP's sections of the US: the national one and sixteen states, as one table, and how a section is read.

After its version, a section is 2-bit numbers in a fixed order: notices, choices, an item for each kind of
sensitive data and for each age of known children, the agreement (MSPA). The order differs from state to state.

The national section has two versions. From 2024 to 2026 the IAB's library wrote the fields of version 2 and called
them version 1. Such a section is known by its agreement, which always says yes or no, where a true version 1 has
nothing but padding. So that no cut of one passes for a true version 1, that is refused when it ends with its last
bit and the text: it has padding, or something behind it.

Source: IAB Tech Lab, Global Privacy Platform, "US National" and "US States". Table: spec/us_sections.json.
"""

from __future__ import annotations

from types import MappingProxyType

from ..errors import SignalError
from ..immutable import Immutable, put
from .bits import Bits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal, NoReturn, TypeAlias

    SensitiveModel: TypeAlias = Literal["consent", "opt_out"]
    _Fields: TypeAlias = tuple[tuple[str, int], ...]

_CORE, _GPC = 0, 1
_MSPA = ("MspaCoveredTransaction", "MspaOptOutOptionMode", "MspaServiceProviderMode")


class UsLayout(Immutable):
    """How one section is laid out, and what its items stand for.

    Attributes:
        id: The section's id.
        name: Its name in the GPP's interface, such as `usca`.
        region: The region that it is for, such as `US-CA`; `US` for the national section.
        versions: By version, the fields after the version in their order, each with its number of 2-bit items.
        sensitive_model: Whether the items of `SensitiveDataProcessing` are consents or opt-outs. In both, 1 is
            the refusal and 2 the permission.
        sensitive_items: The categories that each of those items stands for, usually one. A version with fewer
            items has the first of them.
        child_items: What each item of `KnownChildSensitiveDataConsents` stands for; likewise.
        has_gpc: Whether a GPC subsection may follow.
    """

    __slots__ = (
        "_places", "child_items", "has_gpc", "id", "name", "region", "sensitive_items", "sensitive_model", "versions",
    )  # fmt: skip

    id: int
    name: str
    region: str
    versions: Mapping[int, _Fields]
    sensitive_model: SensitiveModel
    sensitive_items: tuple[tuple[str, ...], ...]
    child_items: tuple[str, ...]
    has_gpc: bool
    _places: Mapping[int, Mapping[str, tuple[int, int]]]  # by version and field: bits behind it, its own bits

    def __init__(
        self,
        id: int,  # noqa: A002 - the GPP's word
        name: str,
        *,
        fields: str,
        sensitive: str,
        children: str,
        extra: str = "",
        model: SensitiveModel = "consent",
        gpc: bool = True,
        shorter: tuple[int, int] | None = None,
    ) -> None:
        """Lay out version 1; with `shorter`, version 2, and a version 1 with so many items of the two lists."""
        items = tuple(tuple(each.split("+")) for each in sensitive.split())
        ages = tuple(children.split())
        whole = _fields(fields, len(items), len(ages), extra)
        versions = {1: _fields(fields, *shorter, extra), 2: whole} if shorter else {1: whole}
        put(self, "id", id)
        put(self, "name", name)
        put(self, "region", "US" if name == "usnat" else f"US-{name[2:].upper()}")
        put(self, "versions", MappingProxyType(versions))
        put(self, "sensitive_model", model)
        put(self, "sensitive_items", items)
        put(self, "child_items", ages)
        put(self, "has_gpc", gpc)
        put(self, "_places", {version: _places(each) for version, each in versions.items()})

    def width(self, version: int) -> int:
        """How many bits the fields of `version` take."""
        return 2 * sum(count for _, count in self.versions[version])

    def place(self, version: int, field: str) -> tuple[int, int] | None:
        """How many bits stand behind `field`, and how many it has itself; None when there is no such field."""
        return self._places[version].get(field)

    def __repr__(self) -> str:
        return f"UsLayout({self.id}, {self.name!r})"


def _fields(names: str, sensitive: int, children: int, extra: str) -> _Fields:
    lists = (("SensitiveDataProcessing", sensitive), ("KnownChildSensitiveDataConsents", children))
    return (*((each, 1) for each in names.split()), *lists, *((each, 1) for each in (*extra.split(), *_MSPA)))


def _places(fields: _Fields) -> Mapping[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}
    behind = 0
    for name, count in reversed(fields):
        places[name] = (behind, 2 * count)
        behind += 2 * count
    return MappingProxyType(places)


class UsSection(Immutable):
    """A decoded section of the US. Only `decode` builds one.

    In choices, 0 is "not applicable", 1 a refusal ("opted out", "no consent") and 2 its opposite; in notices, 1 is
    "given" and 2 "not given"; 3 is reserved. Its repr does not show the visitor's choice.

    Attributes:
        layout: The table's row.
        version: The version that the section says it has.
        fields: Its fields after the version in their order, each with its number of items.
        gpc: What its GPC subsection says; None when there is none, which is not False.
    """

    __slots__ = ("_bits", "_laid_out_as", "gpc", "layout", "version")

    layout: UsLayout
    version: int
    gpc: bool | None
    _laid_out_as: int  # the version whose fields it has
    _bits: int

    def __init__(self) -> None:
        raise TypeError("only `decode` builds a UsSection")

    @property
    def id(self) -> int:
        return self.layout.id

    @property
    def name(self) -> str:
        return self.layout.name

    @property
    def fields(self) -> _Fields:
        return self.layout.versions[self._laid_out_as]

    def items(self, field: str) -> tuple[int, ...]:
        """The numbers of `field`, a single one too; none when the section has no such field."""
        place = self.layout.place(self._laid_out_as, field)
        if place is None:
            return ()
        behind, width = place
        return tuple((self._bits >> at) & 3 for at in range(behind + width - 2, behind - 1, -2))

    def value(self, field: str) -> int | None:
        """The number of `field`; None when the section has no such field.

        Raises:
            ValueError: it has several, and the caller must say what each is for.
        """
        items = self.items(field)
        if len(items) > 1:
            raise ValueError(f"`{field}` has {len(items)} items in `{self.name}`: ask for its items")
        return items[0] if items else None

    def as_dict(self) -> dict[str, object]:
        """The section in the form of the vectors, made of what JSON has."""
        decoded: dict[str, object] = {"Version": self.version}
        for field, count in self.fields:
            items = self.items(field)
            decoded[field] = items[0] if count == 1 else list(items)
        return decoded | {"Gpc": self.gpc}

    def __reduce__(self) -> NoReturn:
        raise TypeError("a UsSection is a visitor's signal: it is resolved, not pickled or copied")

    def __repr__(self) -> str:
        return f"UsSection({self.name!r}, version={self.version})"


_new: Callable[[type[UsSection]], UsSection] = object.__new__


def decode(layout: UsLayout, text: str) -> UsSection:
    """Read a section of the US, core and subsections.

    Raises:
        SignalError: `code` is one of `empty_segment`, `bad_base64`, `unsupported_version`, `truncated`,
            `bad_padding`, `unknown_segment`, `duplicate_segment`.
    """
    core, *others = text.split(".")
    if not core or "" in others:
        raise SignalError("empty_segment", "a segment is empty")
    bits = Bits(core)
    section = _new(UsSection)
    put(section, "layout", layout)
    put(section, "version", version := bits.take(6))
    put(section, "_laid_out_as", version := _laid_out_as(layout, version, bits, alone=not others))
    put(section, "_bits", bits.take(layout.width(version)))
    bits.finish()
    put(section, "gpc", _read_gpc(layout, others))
    return section


def _laid_out_as(layout: UsLayout, version: int, bits: Bits, *, alone: bool) -> int:
    """The version whose fields the section has: see the top of this file."""
    if version not in layout.versions:
        raise SignalError("unsupported_version", "the section is of a version that is not supported")
    if version != 1 or 2 not in layout.versions:
        return version
    if alone and bits.left == layout.width(1):
        raise SignalError("truncated", "the section may be one of more fields that was cut")
    behind, _ = layout.place(2, "MspaCoveredTransaction") or (0, 2)
    unread = bits.left - layout.width(2)
    return 2 if unread >= 0 and (bits.value >> (unread + behind)) & 3 else 1


def _read_gpc(layout: UsLayout, segments: list[str]) -> bool | None:
    gpc: bool | None = None
    for segment in segments:
        bits = Bits(segment)
        kind = bits.take(2)
        if kind != _CORE and not (kind == _GPC and layout.has_gpc):
            raise SignalError("unknown_segment", "a segment is of a type that the section does not have")
        if kind == _CORE or gpc is not None:
            raise SignalError("duplicate_segment", "two segments are of the same type")
        gpc = bits.take(1) == 1
        bits.finish()
    return gpc


_RACE_FIRST = "race_ethnicity religion health sexual_orientation"
_VIRGINIA = f"{_RACE_FIRST} citizenship_immigration genetic biometric precise_geolocation"
_UTAH = (
    "race_ethnicity religion sexual_orientation citizenship_immigration"
    " health genetic biometric precise_geolocation"
)
_CHILD = "known_child_sensitive"
_TEENS = f"{_CHILD} age_13_15_sale age_13_15_targeted_advertising"
_OPT_OUT_NOTICES = "SaleOptOutNotice TargetedAdvertisingOptOutNotice"
_OPT_OUTS = "SaleOptOut TargetedAdvertisingOptOut"
_SHARING = f"SharingNotice {_OPT_OUT_NOTICES} {_OPT_OUTS}"
_PROCESSING = f"ProcessingNotice {_OPT_OUT_NOTICES} {_OPT_OUTS}"
_ADDITIONAL = "AdditionalDataProcessingConsent"

_TABLE = (
    UsLayout(
        7, "usnat",
        fields="SharingNotice SaleOptOutNotice SharingOptOutNotice TargetedAdvertisingOptOutNotice"
        " SensitiveDataProcessingOptOutNotice SensitiveDataLimitUseNotice"
        " SaleOptOut SharingOptOut TargetedAdvertisingOptOut",
        sensitive=f"{_VIRGINIA} government_id financial_account union_membership private_communications"
        " consumer_health_data crime_victim national_origin transgender_nonbinary",
        children="age_13_15 under_13 age_16_17", extra="PersonalDataConsents", shorter=(12, 2),
    ),
    UsLayout(
        8, "usca",
        fields="SaleOptOutNotice SharingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut",
        sensitive="government_id financial_account precise_geolocation race_ethnicity+religion+union_membership"
        " private_communications genetic biometric health sexual_orientation",
        children="under_16_sale under_16_sharing", extra="PersonalDataConsents", model="opt_out",
    ),
    UsLayout(9, "usva", fields=_SHARING, sensitive=_VIRGINIA, children=_CHILD, gpc=False),
    UsLayout(
        10, "usco", fields=_SHARING, sensitive=f"{_RACE_FIRST} citizenship_immigration genetic biometric",
        children=_CHILD,
    ),
    UsLayout(
        11, "usut", fields=f"SharingNotice {_OPT_OUT_NOTICES} SensitiveDataProcessingOptOutNotice {_OPT_OUTS}",
        sensitive=_UTAH, children=_CHILD, model="opt_out", gpc=False,
    ),
    UsLayout(12, "usct", fields=_SHARING, sensitive=_VIRGINIA, children=_TEENS),
    UsLayout(
        13, "usfl", fields=_PROCESSING, sensitive=_VIRGINIA,
        children="under_13_sensitive age_13_15_sensitive age_16_17_sensitive", extra=_ADDITIONAL, gpc=False,
    ),
    UsLayout(14, "usmt", fields=_SHARING, sensitive=_VIRGINIA, children=_TEENS, extra=_ADDITIONAL),
    UsLayout(
        15, "usor", fields=_PROCESSING,
        sensitive=f"{_RACE_FIRST} transgender_nonbinary citizenship_immigration national_origin crime_victim"
        " genetic biometric precise_geolocation",
        children=_TEENS, extra=_ADDITIONAL,
    ),
    UsLayout(16, "ustx", fields=_PROCESSING, sensitive=_VIRGINIA, children=_CHILD, extra=_ADDITIONAL),
    UsLayout(
        17, "usde", fields=_PROCESSING, sensitive=f"{_VIRGINIA} transgender_nonbinary",
        children=f"{_TEENS} age_16_17_sale age_16_17_targeted_advertising", extra=_ADDITIONAL,
    ),
    UsLayout(
        18, "usia", fields=f"ProcessingNotice {_OPT_OUT_NOTICES} SensitiveDataOptOutNotice {_OPT_OUTS}",
        sensitive=_VIRGINIA, children=_CHILD, model="opt_out",
    ),
    UsLayout(19, "usne", fields=_PROCESSING, sensitive=_VIRGINIA, children=_CHILD, extra=_ADDITIONAL),
    UsLayout(20, "usnh", fields=_PROCESSING, sensitive=_VIRGINIA, children=_TEENS, extra=_ADDITIONAL),
    UsLayout(
        21, "usnj", fields=_PROCESSING, sensitive=f"{_VIRGINIA} transgender_nonbinary financial_account",
        children=f"{_TEENS} age_16_sale age_16_targeted_advertising", extra=_ADDITIONAL,
    ),
    UsLayout(22, "ustn", fields=_PROCESSING, sensitive=_VIRGINIA, children=_CHILD, extra=_ADDITIONAL),
    UsLayout(23, "usmn", fields=_PROCESSING, sensitive=_VIRGINIA, children=_CHILD, extra=_ADDITIONAL),
)  # fmt: skip

# Every section that is read, by its id.
US_SECTIONS: Mapping[int, UsLayout] = MappingProxyType({layout.id: layout for layout in _TABLE})

# Sections in public comment, by id, and their regions. Text and libraries disagree on their form: they stay opaque.
DRAFT_SECTIONS: Mapping[int, str] = MappingProxyType({24: "US-MD", 25: "US-IN", 26: "US-KY", 27: "US-RI"})
