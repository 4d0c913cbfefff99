"""One sound payload, and edits of it that a loader must refuse. Each is signed again by a trusted key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from discreet.errors import BundleError

from .compiled import Document, loaded, offer, tampered

OFFERS = (
    offer("one", when="n > 1 and c", stages=["last"], content={"title": "{s|you}"}),
    offer("two", when="unknown(t)", waive="withdrawal", valid={"from": "2026-01-01"}),
)
MODEL: Document = {
    "conditions": {"c": {"says": "It is so", "when": "b"}},
    "stages": [{"id": "first"}, {"id": "last", "when": "known(d)"}],
}
NONE, ONE, TWO = range(3)  # the offers


def refusal(edit: Callable[[Document], object]) -> BundleError:
    with pytest.raises(BundleError) as caught:
        loaded(tampered(lambda payload: void(edit(payload)), *OFFERS, **MODEL))
    return caught.value


def void(_: object) -> None:
    pass


def put(*path: Any) -> Callable[[Document], None]:
    """Set the field at a path of keys to the last item."""
    *way, last, value = path

    def edit(payload: Document) -> None:
        inside: Any = payload
        for step in way:
            inside = inside[step]
        inside[last] = value

    return edit


def in_model(*path: Any) -> Callable[[Document], None]:
    return put("models", 0, *path)


def in_offers(*path: Any) -> Callable[[Document], None]:
    return in_model("offers", *path)


def in_index(*path: Any) -> Callable[[Document], None]:
    return in_model("index", *path)
