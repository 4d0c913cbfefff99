"""A shop made once by the commands themselves: starter model, key, keyring, bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import BUILT, Shop, invoke


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    made = Shop(
        folder,
        folder / "shop.yaml",
        folder / "shop.key",
        folder / "shop.pub.json",
        folder / "trusted-keys.json",
        folder / "shop.bundle",
    )
    for arguments in (
        ("new", folder),
        ("keys", "new", "shop", "--out", folder),
        ("keys", "trust", made.public, "-o", made.ring),
        ("build", made.model, "--key", made.secret, "-o", made.bundle, "--created", BUILT, "--version", "7"),
    ):
        result = invoke(*arguments)
        assert result.exit_code == 0, result.output
    return made


@pytest.fixture
def broken_model(tmp_path: Path) -> Path:
    """A model with three mistakes, on lines 4, 9 and 11."""
    path = tmp_path / "broken.yaml"
    path.write_text(
        "model: broken\n"
        "channel: web\n"
        "attributes:\n"
        "  country: {type: text, provenance: contextual, purposes: [personalize.content.limited]}\n"
        "  visits: {type: number, provenance: first_party, purposes: [personalize.content.profiled]}\n"
        "stages: [{id: discover}]\n"
        "placements: {home.hero: {fallback: welcome}}\n"
        "offers:\n"
        "  - {id: welcome, content: {title: Welcome}, priorty: 3}\n"
        "  - {id: again, placements: [home.hero], content: {title: Again},\n"
        "     when: visit >= 2}\n"
    )
    return path
