"""docs/bundles-in-service.md tells the truth."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from discreet import Keyring
from discreet.compiler import SigningKey, build
from discreet.errors import BundleError
from discreet.model import read_models
from discreet.serving import Status
from support.readme import blocks
from support.source import REPOSITORY

PAGE = REPOSITORY / "docs/bundles-in-service.md"


def test_the_programs_on_the_page_run(tmp_path: Path) -> None:
    key, models = SigningKey.generate(), read_models([REPOSITORY / "examples/cdnow/web.yaml"])
    bundle = build(models, [key], name="shop", version=3, created_s=0, expires_s=253_402_300_799)
    (tmp_path / "shop.bundle").write_bytes(bundle)
    Keyring([key.public]).write(tmp_path / "trusted-keys.json")
    (program,) = blocks(PAGE, "In your program", "python")
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("3 (")
    assert ran.stdout.endswith(") True\n")
    assert (tmp_path / "kept/last-good.bundle").read_bytes() == bundle


def test_the_page_names_every_kind_of_refusal_and_every_field_of_the_status() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = [each.__name__ for each in BundleError.__subclasses__()] + [each.name for each in fields(Status)]

    assert [name for name in named if f"`{name}`" not in page] == []
