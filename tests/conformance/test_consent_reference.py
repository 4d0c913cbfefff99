"""`resolve` follows the slow reference, which was written from spec/consent.md alone, on requests never seen before."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from support.consent_strategies import crowded, requests
from support.vectors.consenting import by_product, by_reference


@given(asked=requests())
def test_the_product_follows_the_reference(asked: dict[str, Any]) -> None:
    assert by_product(asked) == by_reference(asked)


@given(asked=crowded())
def test_the_product_follows_the_reference_where_one_source_came_several_times(asked: dict[str, Any]) -> None:
    assert by_product(asked) == by_reference(asked)
