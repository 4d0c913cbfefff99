"""Which files `discreet fmt` takes, what it reads them with, and what stays of a file that is replaced."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from support.command_line import invoke
from support.source import REPOSITORY

OFFERS = "offers: [{id: both, placements: [web.a, mail.a], content: {}}, {id: none, content: {}}]\n"
UNTIDY = "model: m\nchannel:   web\nstages: [{id: s}]\nplacements: {p: {fallback: o}}\noffers: [{id: o, content: {}}]\n"


def model(name: str) -> str:
    placements = f"placements: {{{name}.a: {{fallback: none}}}}"
    return f"model: {name}\nchannel: {name}\ninclude: [shared.yaml]\nstages:   [{{id: s}}]\n{placements}\n"


def write(folder: Path, **files: str) -> list[Path]:
    paths = [folder / f"{name}.yaml" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text)
    return paths


def test_a_model_is_read_with_those_beside_it_that_share_a_file_with_it(tmp_path: Path) -> None:
    write(tmp_path, shared=OFFERS, mail=model("mail"), old=UNTIDY, broken="a: [", other="just text")
    (web,) = write(tmp_path, web=model("web"))
    os.mkfifo(tmp_path / "pipe.yaml")

    assert invoke("fmt", web).stdout == f"laid out {web}\n1 file changed\n"


def test_a_placement_of_a_model_elsewhere_is_taken_as_said(tmp_path: Path) -> None:
    web, _ = write(tmp_path, web=model("web"), shared=OFFERS)

    assert invoke("fmt", web).exit_code == 0
    web.write_text(model("web").replace("fallback: none", "fallback: nobody"))
    assert "[unknown-offer]" in invoke("fmt", web).stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ci.yaml", "on:\n  pull_request:\njobs:   {}\n"),
        ("text.yaml", "just   text\n"),
        ("nothing.yaml", "---\n...\n"),
        ("x.schema.json", '{"$schema":   "x", "title": "y"}'),
        ("list.yaml", "- {hosts:   all}\n"),
    ],
)
def test_a_file_that_is_not_of_the_format_is_refused(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    (untidy,) = write(tmp_path, m=UNTIDY)
    refused = invoke("fmt", untidy, path)

    assert (refused.exit_code, path.read_text(), untidy.read_text()) == (1, text, UNTIDY)
    assert refused.stderr.splitlines()[0].endswith(
        "this is no model, no file that models include, and no list of scenarios [not-of-the-format]"
    )


def test_keys_of_included_files_and_scenarios_are_the_formats(tmp_path: Path) -> None:
    shared, scenarios = write(
        tmp_path,
        shared="ofers: []\nattributes: {n: {typ:   number}}\n",
        scenarios="- {name: a, placemnt:   p}\n",
    )

    assert invoke("fmt", shared).stderr.count("[unknown-key]") == 2
    assert invoke("fmt", scenarios).stderr.count("did you mean `placement`? [unknown-key]") == 1


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)

    refused = invoke("fmt", pipe)
    assert (refused.exit_code, refused.stderr) == (2, f"discreet: `{pipe}` is not a regular file\n")


def test_a_read_only_file_is_refused_and_no_other_is_changed(tmp_path: Path) -> None:
    one, two = write(tmp_path, one=UNTIDY, two=UNTIDY.replace("model: m", "model: n"))
    two.chmod(0o444)
    refused = invoke("fmt", one, two)

    assert (refused.exit_code, refused.stderr) == (2, f"discreet: `{two}` is read-only\n")
    assert one.read_text() == UNTIDY
    assert invoke("fmt", "--check", two).exit_code == 1


def test_nobody_else_may_ever_read_the_new_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = write(tmp_path, m=UNTIDY)
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, 12_345, 12_346)
    was = path.stat()
    seen: list[int] = []
    replace = os.replace

    def seeing(source: Path, target: Path) -> None:
        seen.append(stat.S_IMODE(source.stat().st_mode))
        replace(source, target)

    monkeypatch.setattr(os, "replace", seeing)

    assert invoke("fmt", path).exit_code == 0
    now = path.stat()
    assert (seen, now.st_ino == was.st_ino) == ([0o600], False)
    assert (now.st_mode, now.st_uid, now.st_gid) == (was.st_mode, was.st_uid, was.st_gid)


def test_the_hook_of_the_page_takes_models_and_nothing_else() -> None:
    page = (REPOSITORY / "docs" / "editors.md").read_text()
    (pattern,) = re.findall(r"^ +files: (.+)$", page, re.MULTILINE)
    names = ["models/shop.yaml", "models/shop.scenarios.yaml", ".github/workflows/ci.yaml", "compose.yaml"]

    assert [bool(re.search(pattern, name)) for name in names] == [True, True, False, False]
