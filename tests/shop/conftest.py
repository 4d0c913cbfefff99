"""One shop and one browser for the module that asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.storefront import chromium, shop_running

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The shop as visitors get it, behind a CDN of which it believes where they are."""
    log = tmp_path_factory.mktemp("shop") / "shop.log"
    with shop_running("--cdn", "cloudflare", log=log) as home:
        yield home
