"""`discreet blueprint`: three forms, one answer, and no file lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import document, invoke
from support.source import REPOSITORY

CDNOW = REPOSITORY / "examples" / "cdnow"
WEB = CDNOW / "web.yaml"
NOW = ("--now", "2026-07-01")


@pytest.mark.parametrize(
    ("ending", "begins"), [("html", "<!DOCTYPE html>"), ("svg", "<?xml"), ("md", "# Blueprint")]
)
def test_the_ending_of_the_file_names_the_form(tmp_path: Path, ending: str, begins: str) -> None:
    file = tmp_path / f"shop.{ending}"
    made = invoke("blueprint", WEB, *NOW, "-o", file)

    assert made.exit_code == 0
    assert made.stdout.startswith(f"drawn {file}: 1 model, 16 offers, ")
    assert file.read_text(encoding="utf-8").startswith(begins)


def test_for_machines_it_says_what_was_drawn(tmp_path: Path) -> None:
    file = tmp_path / "shop.picture"
    models = [CDNOW / f"{name}.yaml" for name in ("web", "mail", "call_centre")]
    made = invoke("blueprint", *models, *NOW, "--format", "html", "-o", file, "--json")

    assert document(made) == {
        "blueprint": str(file),
        "format": "html",
        "size_bytes": file.stat().st_size,
        "models": ["cdnow-web", "cdnow-mail", "cdnow-call-centre"],
        "offers": 34,
    }


def test_a_dash_is_stdout_and_the_words_may_be_german() -> None:
    options = ("--format", "md", "--language", "de", "--title", "Der <Sommer>")
    made = invoke("blueprint", WEB, *NOW, *options, "-o", "-")

    assert made.stdout.startswith("# Blaupause: Der \\<Sommer\\>\n")


def test_the_same_model_and_instant_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        invoke("blueprint", WEB, *NOW, "-o", tmp_path / name)

    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize("form", ["html", "svg", "md"])
def test_so_do_two_processes(form: str) -> None:
    command = [sys.executable, "-m", "discreet", "blueprint", str(WEB), *NOW, "--format", form, "-o", "-"]
    one, other = (
        subprocess.run(
            command, capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    )

    assert len(one) > 1_000
    assert one == other
    assert b" object at 0x" not in one


@pytest.mark.parametrize("name", ["README.md", "shop.html", "shop.svg"])
def test_only_a_drawing_is_drawn_over(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("Mine.\n", encoding="utf-8")
    refused = invoke("blueprint", WEB, *NOW, "-o", file)
    assert (refused.exit_code, file.read_text("utf-8")) == (2, "Mine.\n")
    assert "was not drawn by discreet" in refused.stderr
    file.write_bytes(b"")
    for _ in range(2):
        assert invoke("blueprint", WEB, *NOW, "-o", file).exit_code == 0


def test_a_bundle_is_no_model(tmp_path: Path) -> None:
    bundle = tmp_path / "live.bundle"
    bundle.write_bytes(b"\x83\xff\xff")
    for words in (("blueprint", bundle, "-o", tmp_path / "it.html"), ("matrix", bundle), ("test", bundle)):
        refused = invoke(*words)
        assert refused.exit_code == 2
        assert "live.bundle` is a bundle, and no model; `discreet show`" in refused.stderr
    bundle.write_bytes(b"\xff\xff")
    assert invoke("matrix", bundle).exit_code == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("-o", ""), "`--output` names no file"),
        (("-o", "shop.pdf"), "ends with none of"),
        (("-o", "shop.html", "--language", "tlh"), "the page speaks en, de, and not `tlh`"),
        (("-o", "-", "--format", "md", "--json"), "prints the picture"),
        ((), "missing option"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = invoke("blueprint", WEB, *options)

    assert refused.exit_code == 2
    assert says in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_model_with_problems_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "shop.yaml"
    model.write_text("model: shop\n", encoding="utf-8")
    refused = invoke("blueprint", model, "-o", tmp_path / "shop.html")

    assert refused.exit_code == 1
    assert "[missing-key]" in refused.stderr
    assert not (tmp_path / "shop.html").exists()


def test_no_model_and_nothing_that_it_includes_is_drawn_over(tmp_path: Path) -> None:
    for name in ("web.yaml", "shared.yaml"):
        (tmp_path / name).write_bytes((CDNOW / name).read_bytes())
    for name in ("web.yaml", "shared.yaml"):
        refused = invoke("blueprint", tmp_path / "web.yaml", "--format", "md", "-o", tmp_path / name)
        assert refused.exit_code == 2
        assert (tmp_path / name).read_bytes() == (CDNOW / name).read_bytes()


def test_help_ends_with_an_example() -> None:
    assert (
        "discreet blueprint shop.yaml -o shop.html"
        in invoke("blueprint", "--help").stdout.split("Example:")[1]
    )
