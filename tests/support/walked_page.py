"""A page of the documentation, walked through as a reader would: its commands run, its edits made, its output compared.

Blocks of the page, in its order:

    sh        commands, one a line
    console   `$ command`, and the output that the page shows of it; a line `...` stands for any lines, and `...` at
              the end of a line for its rest
    diff      `--- file`, then lines that stay, that go (`-`) and that come (`+`)
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMANDS: Mapping[str, str] = {
    "discreet": f"{sys.executable} -m discreet",
    "pip": f"{sys.executable} -m pip",
}


@dataclass(frozen=True)
class Step:
    """One thing that the reader does: an edit, or a command with the output that is shown, if any."""

    line: int
    command: str = ""
    shown: str | None = None
    edit: str = ""


def steps(page: Path) -> list[Step]:
    """What the page asks its reader to do, in order."""
    text = page.read_text(encoding="utf-8")
    found: list[Step] = []
    for fence in _FENCE.finditer(text):
        language, body = fence[1], fence[2]
        line = text.count("\n", 0, fence.start()) + 2
        if language == "diff":
            found.append(Step(line, edit=body))
        elif language == "sh":
            found += [Step(line, command=each) for each in body.splitlines() if each.strip()]
        elif language == "console":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                found.append(Step(line, command=command, shown=shown))
    return found


def apply(edit: str, folder: Path) -> Path:
    """Make an edit of the page in the file that it names.

    Raises:
        ValueError: what is to be replaced does not stand in the file exactly once.
    """
    head, *lines = edit.splitlines()
    path = folder / head.removeprefix("--- ")
    old = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "-"))
    new = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "+"))
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{head}: these lines stand there {text.count(old)} times:\n{old}")
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the page by a shell in `folder`, with this interpreter's `discreet` and `pip`, and offline."""
    program, _, rest = command.partition(" ")
    env = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}
    return subprocess.run(  # noqa: S602 - the page is written for a shell, and is ours
        f"{_COMMANDS.get(program, program)} {rest}",
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )


def is_shown(shown: str, printed: str) -> bool:
    """Whether `printed` is what the page shows, of which a line `...` stands for any lines."""
    wanted = re.sub(r"(?m)^\\\.\\\.\\\.$\n", "(?:.*\\n)*?", re.escape(shown).replace("\\\n", "\n"))
    return re.fullmatch(re.sub(r"(?m)\\\.\\\.\\\.$", ".*", wanted), printed) is not None
