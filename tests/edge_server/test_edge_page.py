"""docs/edge-server.md tells the truth: what it runs runs, and answers what it says."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from discreet_edge import EdgeSettings, create_app
from support.readme import FENCE
from support.source import REPOSITORY
from support.system import free_port, needs, running

PAGE = (REPOSITORY / "docs" / "edge-server.md").read_text(encoding="utf-8")
BLOCKS = FENCE.findall(PAGE)
PORT = "8080"
ANYTHING = "..."


def matches(got: Any, want: Any) -> bool:
    """Whether `got` is what the page says; `"..."` stands for anything, and a number with a point for any instant."""
    if want == ANYTHING:
        return True
    if isinstance(want, float):
        return isinstance(got, int | float) and type(got) is not bool
    if isinstance(want, dict):
        return (
            isinstance(got, dict)
            and got.keys() == want.keys()
            and all(matches(got[each], want[each]) for each in want)
        )
    if isinstance(want, list):
        return len(got) == len(want) and all(map(matches, got, want))
    return bool(got == want)


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    """Runs a block of the page in a folder of its own."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def run(block: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-ec", block],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (block, done.stderr)
        return done.stdout

    return run


def test_every_command_of_the_page_runs_and_answers_what_it_says(shell: Any, tmp_path: Path) -> None:
    needs("curl")
    (_, setup), (_, serve), *rest = BLOCKS
    shell(setup)
    port = free_port()
    command = shlex.split(serve.replace(PORT, str(port)))
    command[0] = str(Path(sys.executable).parent / command[0])
    asked = 0
    with running(command, port=port, log=tmp_path / "serve.log", cwd=tmp_path):
        said = ""
        for language, code in rest:
            if language == "sh":
                said = shell(code.replace(PORT, str(port)))
                asked += 1
            elif language == "json":
                assert matches(json.loads(said), json.loads(code)), (said, code)
    assert asked == PAGE.count("```sh\ncurl ")
    assert (tmp_path / "copy.bundle").read_bytes() == (tmp_path / "shop.bundle").read_bytes()


def test_the_python_of_the_page_makes_an_app() -> None:
    from support.edge import edge_bundles

    (code,) = [code for language, code in BLOCKS if language == "python"]
    names: dict[str, Any] = {}
    exec(compile(code, "docs/edge-server.md", "exec"), names)  # noqa: S102 - the project's own page

    assert type(names["shop_app"](edge_bundles())) is type(
        create_app(edge_bundles(), visitors=names["Visitors"]())
    )


def test_every_setting_is_on_the_page() -> None:
    for each in fields(EdgeSettings):
        assert f"\n| `{each.name}` |" in PAGE
