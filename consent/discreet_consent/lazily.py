"""Names of a package that are imported when they are first asked for, so that importing the package is cheap."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def lazily(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """A module's `__getattr__` that finds each name of `homes` in its module, and keeps it in the package.

    Args:
        homes: A module of the package, such as `.regimes`, to the names that it gives.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def find(name: str) -> Any:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module `{package}` has no attribute `{name}`")
        __import__(package + home)  # `importlib` would be one more module to load
        value = getattr(sys.modules[package + home], name)
        setattr(sys.modules[package], name, value)
        return value

    return find


def listed(package: str) -> Callable[[], list[str]]:
    """A module's `__dir__` that names what it has and all of its `__all__`, imported or not."""

    def names() -> list[str]:
        module = vars(sys.modules[package])
        return sorted({*module, *module["__all__"]})

    return names
