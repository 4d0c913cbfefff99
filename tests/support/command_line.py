"""The command line as a user has it: arguments in, exit code and streams out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from discreet.cli.app import app

BUILT = "2026-04-01T00:00:00Z"
OPENED = "2026-04-10T12:00:00Z"


@dataclass(frozen=True)
class Shop:
    """The starter model with a key, a keyring and a bundle, version 7."""

    folder: Path
    model: Path
    secret: Path
    public: Path
    ring: Path
    bundle: Path
    opened: str = OPENED

    @property
    def trusted(self) -> tuple[str, ...]:
        """The bundle with whom it trusts, at an instant when it is in force."""
        return (str(self.bundle), "--trust", str(self.ring), "--now", OPENED)


def invoke(*arguments: str | Path, stdin: str | None = None, env: Mapping[str, str] | None = None) -> Result:
    """Run a command in this process. Errors nobody foresaw fail the test instead of becoming an exit code."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin, env=env)
    assert "a bug in discreet" not in result.output, result.output
    return result


def document(result: Result) -> Any:
    """The one JSON document on stdout; anything else there fails."""
    return json.loads(result.stdout)


def run(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, check: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `python -m discreet` as a process of its own."""
    command = [sys.executable, "-m", "discreet", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=check, cwd=cwd, env={**os.environ, **(env or {})}
    )
