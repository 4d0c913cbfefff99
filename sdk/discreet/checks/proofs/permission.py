"""Permission: which attributes may be known together, and under which least consent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discreet_consent import Provenance
from discreet_consent.purposes import ESSENTIAL, covers, is_granted

if TYPE_CHECKING:
    from discreet_consent import Attribute

    from .trees import Mask

_SENSITIVE = "sensitive:"


@dataclass(frozen=True, slots=True)
class Grants:
    """Purposes and sensitive items, sorted; no purpose that another of them covers, none that is essential."""

    purposes: tuple[str, ...]
    sensitive: tuple[str, ...]

    def keys(self) -> frozenset[str]:
        """All of them, a sensitive item as `sensitive:health`."""
        return frozenset((*self.purposes, *(_SENSITIVE + item for item in self.sensitive)))


def grants_of(keys: Iterable[str]) -> Grants:
    """Grants from keys; a sensitive item is written `sensitive:health`."""
    keys = set(keys)
    items = {each for each in keys if each.startswith(_SENSITIVE)}
    return _least(keys - items, {each.removeprefix(_SENSITIVE) for each in items})


def _least(purposes: Collection[str], items: Collection[str]) -> Grants:
    kept = (
        each
        for each in purposes
        if not covers(ESSENTIAL, each) and not any(covers(other, each) for other in purposes if other != each)
    )
    return Grants(tuple(sorted(kept)), tuple(sorted(items)))


class Permission:
    """What one question may grant. Without restriction: whatever the attributes ask that must be known.

    Attributes:
        may: The attributes that may be known at all.
        fixed: Exactly the attributes that are permitted, whatever is known; None: as the known ones need.
        contextual_only: Whether the consent is that of a known child.
    """

    def __init__(
        self,
        attributes: Sequence[Attribute],
        *,
        granted: Grants | None = None,
        refused: Collection[str] = (),
        within: Collection[str] | None = None,
        contextual_only: bool = False,
    ) -> None:
        """`granted` is the consent; or `refused` are keys that it must not cover, `within` keys that cover it.

        `contextual_only`: it is that of a known child.
        """
        self._attributes = attributes
        self.contextual_only = contextual_only
        self._granted = granted
        self._cache: dict[Mask, tuple[Grants, Mask]] = {}
        self.fixed: Mask | None = None if granted is None else self._permitted(granted)
        self.may: Mask = self._may(refused, within) if self.fixed is None else self.fixed

    def under(self, known: Mask) -> tuple[Grants, Mask]:
        """The consent where these attributes are known, and all that it permits."""
        if self._granted is not None and self.fixed is not None:
            return self._granted, self.fixed
        if known not in self._cache:
            grants = needed_for(each for number, each in enumerate(self._attributes) if known >> number & 1)
            self._cache[known] = (grants, self._permitted(grants))
        return self._cache[known]

    def _permitted(self, grants: Grants) -> Mask:
        return sum(
            1 << number
            for number, each in enumerate(self._attributes)
            if each.may_be_known(
                grants.purposes, sensitive=grants.sensitive, contextual_only=self.contextual_only
            )
        )

    def _may(self, refused: Collection[str], within: Collection[str] | None) -> Mask:
        mask = 0
        for number, each in enumerate(self._attributes):
            grants = needed_for((each,))
            if each.may_be_known(
                grants.purposes, sensitive=grants.sensitive, contextual_only=self.contextual_only
            ):
                keys = grants.keys()
                able = within is None or all(_within(key, within) for key in keys)
                if able and not any(covers(key, other) for key in keys for other in refused):
                    mask |= 1 << number
        return mask


def matters_of_children(families: Iterable[Collection[Attribute]]) -> bool:
    """Whether the consent of a known child may permit what no grants permit.

    It takes away all but contextual and essential facts. What it takes could as well be absent, unless another member
    of its family, which it does not take, is known.
    """
    for members in families:
        stay = [each.is_essential or each.provenance is Provenance.CONTEXTUAL for each in members]
        if any(stay) and not all(stay):
            return True
    return False


def _within(key: str, keys: Collection[str]) -> bool:
    return key in keys if key.startswith(_SENSITIVE) else is_granted(key, keys)


def needed_for(attributes: Iterable[Attribute]) -> Grants:
    """The least grants under which all of the attributes may be known."""
    purposes: set[str] = set()
    items: set[str] = set()
    for each in attributes:
        purposes.update(each.purposes)
        if each.sensitive is not None:
            items.add(each.sensitive)
    return _least(purposes, items)
