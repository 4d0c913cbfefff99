"""What is on the shelves, as `teas.toml` has it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of tea."""

    id: str
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Tea:
    """One tin. `tint` and `motif` name what is drawn on it; `cents` is the price of 100 g."""

    id: str
    name: str
    shelf: str
    origin: str
    notes: list[str]
    says: str
    cents: int
    degrees: int
    minutes: int
    grams: int
    tint: str
    motif: str

    @property
    def price(self) -> str:
        """What the tin costs."""
        return _in_euros(self.cents)


_STOCK: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("teas.toml").read_text(encoding="utf-8")
)
SHELVES: Final[Mapping[str, Shelf]] = MappingProxyType(
    {name: Shelf(name, **facts) for name, facts in _STOCK["shelves"].items()}
)
TEAS: Final[Mapping[str, Tea]] = MappingProxyType(
    {name: Tea(name, **facts) for name, facts in _STOCK["teas"].items()}
)


def on_shelf(shelf: str) -> tuple[Tea, ...]:
    """The teas of a shelf, in their order."""
    return tuple(each for each in TEAS.values() if each.shelf == shelf)


def price_of(teas: Collection[Tea]) -> str:
    """What several tins cost together."""
    return _in_euros(sum(each.cents for each in teas))


def _in_euros(cents: int) -> str:
    return f"€{cents // 100}.{cents % 100:02}"
