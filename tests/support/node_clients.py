"""Node scripts with packages from npm, in the versions of the package.json beside them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .npm import Missing, installed, programs, skip_or_fail


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
def script(path: Path, options: Mapping[str, Any]) -> Generator[NodeScript]:
    """Run the script at `path`, whose package.json lies beside it, with `options` as its argument."""
    try:
        node, _ = programs()
        installed(path.parent)
    except Missing as error:
        skip_or_fail(error)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [node, path, json.dumps(options)], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield NodeScript(process)
        finally:
            process.kill()
