"""The command line as a process: pipes, missing extras, colours, the clock."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import run

MODULE = [sys.executable, "-m", "discreet"]


def hiding(name: str, folder: Path) -> dict[str, str]:
    """An environment in which `import name` fails as where it is not installed."""
    code = f"import sys\nsys.modules[{name!r}] = None\n"
    (folder / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(folder)}


@pytest.mark.parametrize("name", ["click", "rich", "yaml"])
def test_a_missing_extra_is_a_sentence_with_the_command_that_installs_it(name: str, tmp_path: Path) -> None:
    finished = run("new", tmp_path / "made", env=hiding(name, tmp_path))

    assert finished.returncode == 2
    assert finished.stderr.endswith('needs the extra `author`: pip install "discreet[author]"\n')
    assert finished.stderr.count("\n") == 1
    assert not (tmp_path / "made").exists()


def test_a_missing_extra_is_json_where_json_was_asked_for(tmp_path: Path) -> None:
    finished = run("check", "shop.yaml", "--json", env=hiding("click", tmp_path))

    assert finished.returncode == 2
    assert json.loads(finished.stdout)["error"]["code"] == "missing-extra"


@pytest.mark.parametrize("module", ["discreet.cli.app", "discreet.cli.refusals", "click"])
def test_ctrl_c_while_modules_are_imported_is_no_traceback(module: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Stop:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}:\n"
        "            sys.meta_path.remove(self)\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Stop())\n"
    )
    finished = run("--version", env={"PYTHONPATH": str(tmp_path)})
    stopped = (130, "", "discreet: stopped\n")

    assert (finished.returncode, finished.stdout, finished.stderr) == stopped


@pytest.mark.parametrize(
    "arguments",
    [
        ["decide", "--help"],
        ["consent", "show", "--region", "DE"],
        ["consent", "show", "--region", "DE", "--json"],
        ["consent", "regimes"],
    ],
    ids=" ".join,
)
def test_a_reader_who_leaves_early_is_no_error(arguments: list[str]) -> None:
    process = subprocess.Popen([*MODULE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    noise = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 141
    assert noise == b""


def test_a_full_disk_behind_stdout_is_exit_code_2() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as target:
        finished = subprocess.run(
            [*MODULE, "--version"], stdout=target, stderr=subprocess.PIPE, text=True, check=False
        )

    assert finished.returncode == 2
    assert finished.stderr == "discreet: no space left on device\n"


def test_an_answer_survives_a_terminal_without_unicode(tmp_path: Path) -> None:
    run("new", tmp_path, check=True)
    model = tmp_path / "shop.yaml"
    model.write_text(model.read_text().replace("model: shop", "model: läden"))
    finished = run("check", model, env={"PYTHONIOENCODING": "ascii"})

    assert "UnicodeEncodeError" not in finished.stderr
    assert finished.returncode in (0, 1)


def on_a_terminal(*arguments: str | Path, env: dict[str, str]) -> bytes:
    """What a command writes to a terminal."""
    main, side = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [*MODULE, *map(str, arguments)], stdout=side, stderr=side, env={**clean, "TERM": "xterm", **env}
    )
    os.close(side)
    written = b""
    while True:
        try:
            part = os.read(main, 65_536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        written += part
    os.close(main)
    process.wait()
    return written


def test_colours_are_for_terminals_and_never_against_no_color(tmp_path: Path) -> None:
    run("new", tmp_path, check=True)
    model = tmp_path / "shop.yaml"
    green = b"\x1b[32m"

    assert green in on_a_terminal("check", model, env={})
    assert green not in on_a_terminal("check", model, env={"NO_COLOR": "1"})
    assert "\x1b" not in run("check", model).stdout


def test_source_date_epoch_is_the_clock_of_a_build(tmp_path: Path) -> None:
    run("new", tmp_path, check=True)
    run("keys", "new", "shop", cwd=tmp_path, check=True)
    build = ("build", "shop.yaml", "--key", "shop.key", "--json", "-o")
    clock = {"SOURCE_DATE_EPOCH": "1775001600"}
    first = run(*build, "a.bundle", cwd=tmp_path, env=clock, check=True)
    run(*build, "b.bundle", cwd=tmp_path, env={**clock, "PYTHONHASHSEED": "7"}, check=True)

    wrong = run(*build, "c.bundle", cwd=tmp_path, env={"SOURCE_DATE_EPOCH": "today"})

    assert json.loads(wrong.stdout)["error"]["message"].startswith("SOURCE_DATE_EPOCH is not a number")
    assert json.loads(first.stdout)["created"] == "2026-04-01T00:00:00Z"
    assert (tmp_path / "a.bundle").read_bytes() == (tmp_path / "b.bundle").read_bytes()
