"""README.md tells the truth: its commands are there, its example runs, its links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from discreet import Keyring
from discreet.compiler import SigningKey, build
from discreet.model import read_models
from support.readme import blocks, command
from support.source import REPOSITORY
from support.system import free_port, needs, running

README = REPOSITORY / "README.md"


def test_it_fits_on_one_screen() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 80


def test_the_first_command_makes_the_environment_and_runs_the_demo() -> None:
    run = command(README, "Run it")

    assert run.startswith("python3 -m venv .venv && ")
    assert run.endswith(".venv/bin/discreet demo")


def test_the_second_command_tests_in_the_same_environment() -> None:
    test = command(README, "Test it")

    assert ".venv/bin/pip install" in test
    assert ".venv/bin/pytest" in test
    assert "venv .venv" not in test


def test_the_example_prints_what_the_page_says() -> None:
    (example,) = blocks(README, "In your code", "python")
    ran = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    printed = ran.stdout.splitlines()
    assert printed == ["{'title': 'Good to see you'}", "{'title': 'Welcome'}"]
    assert "It prints `{}`, then `{}`.".format(*printed) in README.read_text(encoding="utf-8")


def test_the_page_on_embedding_runs_on_the_examples_bundle(tmp_path: Path) -> None:
    key, models = SigningKey.generate(), read_models([REPOSITORY / "examples/cdnow/web.yaml"])
    bundle = build(models, [key], name="shop", version=1, created_s=0, expires_s=253_402_300_799)
    (tmp_path / "shop.bundle").write_bytes(bundle)
    Keyring([key.public]).write(tmp_path / "trusted-keys.json")
    (page,) = blocks(REPOSITORY / "docs/embedding.md", "One request", "python")
    ran = subprocess.run(
        [sys.executable, "-c", page], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("web_welcome fallback ")


def test_every_relative_link_leads_to_a_file() -> None:
    pages = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
    pages += sorted((REPOSITORY / "docs").rglob("*.md")) + sorted((REPOSITORY / "benchmarks").glob("*.md"))
    pages += sorted((REPOSITORY / "spec").glob("*.md")) + sorted((REPOSITORY / "examples").rglob("*.md"))
    broken = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_the_index_of_decisions_lists_every_page() -> None:
    folder = REPOSITORY / "docs/adr"
    index = (folder / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in sorted(folder.glob("[0-9]*.md")) if f"]({page.name})" not in index] == []


@pytest.mark.slow
def test_the_server_answers_with_curl_as_the_page_says(tmp_path: Path) -> None:
    needs("curl")
    (block,) = blocks(README, "Serve it", "sh")
    _, serve, ask = block.splitlines()
    port, scripts = free_port(), f"{Path(sys.executable).parent}/"
    subprocess.run(
        [f"{scripts}discreet", "demo", "--limit", "100"], cwd=tmp_path, capture_output=True, check=True
    )
    server = shlex.split(serve.removesuffix(" &").replace(".venv/bin/", scripts))
    cut = ask.replace("}}", '}, "consent": {"gpp": ""}}')
    with running([*server, "--port", str(port)], port=port, cwd=tmp_path):
        shown = [
            json.loads(
                subprocess.run(
                    shlex.split(each.replace(":8080", f":{port}")), capture_output=True, check=True
                ).stdout
            )
            for each in (ask, cut)
        ]

    assert [each["decisions"][0]["offer"] for each in shown] == ["web_weekend_listening", "web_welcome"]
    assert '"consent": {"gpp": ""}' in README.read_text(encoding="utf-8")
