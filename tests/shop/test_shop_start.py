"""Starting the shop: what it says of itself, and why it does not start, in one line with a way out."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from discreet import Keyring
from discreet.compiler import SigningKey, build
from discreet.model import ModelBuilder
from support.storefront import REPOSITORY, shop_running
from support.system import free_port

NOBODY_KNOWS = "the strictest rules judge"


def started(*options: str | Path, without: str = "") -> subprocess.CompletedProcess[str]:
    """The shop with `options`, and without the module `without`, when it has ended."""
    code = (
        f"import runpy, sys; sys.modules.update({dict.fromkeys(without.split())}); "
        "runpy.run_module('examples.shop', run_name='__main__', alter_sys=True)"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, options)],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        timeout=60,
    )


def refusal(*options: str | Path, without: str = "") -> str:
    """The one line that says why the shop does not start."""
    done = started(*options, without=without)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    return done.stderr.removeprefix("error: ").rstrip("\n")


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "jinja2"])
def test_without_an_extra_it_says_how_to_install_it(missing: str) -> None:
    said = refusal(without=missing)

    assert said == 'the shop needs the extra `server,pages`: pip install "discreet[server,pages]"'


@pytest.mark.parametrize(
    ("options", "way_out"),
    [
        (["--secret", "nope"], r"--secret nope: no such file.*; `discreet keys secret -o nope` makes one"),
        (
            ["--bundle", "x", "--trust", "nope"],
            r"--trust nope: no such file.*; `discreet keys trust NAME.pub.json -o nope` makes a keyring",
        ),
        (
            ["--log", "/nonexistent/x"],
            r"--log /nonexistent/x: no such file.*; make the folder `/nonexistent`.*",
        ),
        (["--bundle", "x"], r"--bundle and --trust belong together; .*"),
        (["--trust", "x"], r"--bundle and --trust belong together; .*"),
        (["--region", "nope"], r".*region.*`IT` or `US-CA`.*"),
        (["--host", "192.0.2.1"], r"192\.0\.2\.1:8000: .*; choose another --host or --port"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_what_cannot_be_used_is_named_with_a_way_out(options: list[str], way_out: str) -> None:
    assert re.fullmatch(way_out, refusal(*options))


def test_another_shop_s_bundle_is_refused_by_the_placements_that_it_lacks(tmp_path: Path) -> None:
    other = ModelBuilder("books", channel="web").stage("visit").placement("home.hero", fallback="welcome")
    other.offer("welcome", content={"title": "Welcome"})
    key, now_s = SigningKey.generate(), int(time.time())
    data = build([other.build()], [key], name="books", version=1, created_s=now_s, expires_s=now_s + 3_600)
    (tmp_path / "books.bundle").write_bytes(data)
    Keyring([key.public]).write(tmp_path / "ring.json")

    said = refusal("--bundle", tmp_path / "books.bundle", "--trust", tmp_path / "ring.json")

    assert (
        "another shop's, for it has no account.card, basket.aside, home.row, page.strip, product.bes" in said
    )
    assert "home.hero" not in said


def test_a_port_that_is_taken_is_no_reason_for_a_traceback(tmp_path: Path) -> None:
    with shop_running(log=tmp_path / "first.log") as home:
        port = home.rpartition(":")[2]

        assert refusal("--port", port).endswith("in use; choose another --host or --port")


@pytest.mark.parametrize(
    ("options", "warns"), [((), True), (("--region", "IT"), False), (("--cdn", "fastly"), False)]
)
def test_it_says_where_it_is_and_whose_rules_judge(
    tmp_path: Path, options: tuple[str, ...], warns: bool
) -> None:
    port = free_port()
    with shop_running(*options, log=tmp_path / "shop.log", port=port):
        said = (tmp_path / "shop.log").read_text(encoding="utf-8")

    assert said.startswith(f"Fern & Kettle at http://127.0.0.1:{port} (Ctrl-C stops it)\n")
    assert (NOBODY_KNOWS in said) == warns
