"""Node scripts with packages from npm: installed once into the user's cache, in the versions of a package.json."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from .official import INSTALL, INSTALL_LIMIT_S, Missing
from .official import _programs as programs  # pyright: ignore[reportPrivateUsage] - which node, is decided there


class NodeScript:
    """A script that answers each line of JSON with one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, question: Mapping[str, Any]) -> Any:
        """The answer to `question`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            pytest.fail(f"the script ended: {self._process.stderr.read()[-2000:]}")
        return json.loads(line)


@contextmanager
def script(path: Path, options: Mapping[str, Any], folder: Path) -> Generator[NodeScript]:
    """Run the script at `path`, whose package.json lies beside it, with `options` as its argument.

    Args:
        folder: An empty one, where it can run.
    """
    node, modules = _installed(path.with_name("package.json"))
    shutil.copy(path.with_name("package.json"), folder)
    copy = shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(modules)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [node, copy, json.dumps(options)], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield NodeScript(process)
        finally:
            process.kill()


def _installed(package: Path) -> tuple[str, Path]:
    """Node, and the folder with the packages; the test is skipped where there is neither node nor npm's registry."""
    try:
        node, npm = programs()
    except Missing as error:
        _missing(str(error))
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "discreet-tests"
    folder = home / hashlib.sha256(package.read_bytes()).hexdigest()[:16]
    if not (folder / "node_modules").is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as name:
            shutil.copy(package, name)
            _run([*npm, *INSTALL], Path(name))
            with suppress(OSError):  # another worker was first
                Path(name).rename(folder)
                Path(name).mkdir()
    return node, folder / "node_modules"


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, check=False, cwd=folder, capture_output=True, text=True, timeout=INSTALL_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        _missing(f"npm did not install the packages within {INSTALL_LIMIT_S} s")
    if done.returncode != 0:
        code = re.search(r"npm (?:error|ERR!) code (\w+)", done.stderr)
        _missing(f"npm cannot install the packages: {code[1] if code else 'it gives no code'}")


def _missing(reason: str) -> NoReturn:
    if os.environ.get("DISCREET_REQUIRE_SYSTEM"):
        pytest.fail(reason)
    pytest.skip(reason)
