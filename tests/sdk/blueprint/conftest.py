"""One browser for the module that asks for it, and pages drawn once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from discreet.blueprint import Drawing, as_html, draw
from discreet.model import read_models
from support.large_models import large_models
from support.source import REPOSITORY
from support.storefront import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Shown: TypeAlias = Callable[[Drawing], str]
NOW_MS = 1_782_864_000_000.0  # 2026-07-01
DEMO = tuple(REPOSITORY / "examples" / "cdnow" / f"{name}.yaml" for name in ("web", "mail", "call_centre"))


@pytest.fixture(scope="session")
def demo() -> Drawing:
    return draw(read_models(DEMO), now_ms=NOW_MS)


@pytest.fixture(scope="session")
def large() -> Drawing:
    return draw(large_models(), now_ms=NOW_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    """Writes a drawing's page, and returns its address in the file system."""

    def write(drawing: Drawing) -> str:
        path = tmp_path / "blueprint.html"
        path.write_text(as_html(drawing), encoding="utf-8")
        return path.as_uri()

    return write
