"""`discreet fmt`: one layout, nothing lost, and a file with problems is left alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from discreet.model import read_models
from discreet.model.formatting import same_models
from support.command_line import document, invoke

SOUND = Path(__file__).parents[1] / "model" / "sound"
REST = "placements: {p: {fallback: o}}\n"
UNTIDY = f"channel: web\nmodel: m # beside\nstages: [ {{id: s}} ]\n{REST}offers: [{{content: {{}}, id: o}}]\n"
TIDY = f"model: m # beside\nchannel: web\nstages: [{{id: s}}]\n{REST}offers: [{{id: o, content: {{}}}}]\n"


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    path = tmp_path / "m.yaml"
    path.write_text(UNTIDY)
    return path


def test_files_are_laid_out_in_place_and_then_stay(untidy: Path) -> None:
    first, second = invoke("fmt", untidy), invoke("fmt", untidy)

    assert (first.exit_code, first.stdout.splitlines()) == (
        0,
        [f"laid out {untidy}", "1 file changed"],
    )
    assert second.stdout.splitlines() == ["0 files changed, 1 is laid out already"]
    assert untidy.read_text() == TIDY


def test_check_names_the_files_and_changes_nothing(untidy: Path) -> None:
    checked = invoke("fmt", "--check", untidy)

    assert checked.exit_code == 1
    assert checked.stdout.splitlines()[0] == f"would change {untidy}"
    assert untidy.read_text() == UNTIDY
    assert invoke("fmt", untidy).exit_code == 0
    assert invoke("fmt", "--check", untidy).exit_code == 0


def test_diff_shows_what_would_change(untidy: Path) -> None:
    shown = invoke("fmt", "--diff", untidy)

    assert shown.exit_code == 0
    assert "-stages: [ {id: s} ]\n+stages: [{id: s}]\n" in shown.stdout
    assert untidy.read_text() == UNTIDY
    assert invoke("fmt", "--diff", "--check", untidy).exit_code == 1


def test_machines_hear_which_files_changed(untidy: Path) -> None:
    assert document(invoke("fmt", "--json", untidy)) == {
        "files": [{"file": str(untidy), "changed": True}],
        "written": True,
    }


def test_stdin_comes_back_on_stdout() -> None:
    assert invoke("fmt", "-", stdin=UNTIDY).stdout == TIDY
    assert invoke("fmt", "-", "--check", stdin=UNTIDY).exit_code == 1
    assert invoke("fmt", "-", "--check", stdin=TIDY).exit_code == 0
    assert invoke("fmt", "-", stdin='{"channel": "a", "attributes": {}}').stdout.startswith('{\n  "channel"')
    assert invoke("fmt", "-", "other.yaml", stdin=TIDY).exit_code == 2


def test_stdin_is_judged_in_words_and_never_in_json() -> None:
    assert invoke("fmt", "-", "--check", stdin=UNTIDY).stdout == "would change\n"
    assert invoke("fmt", "-", "--check", stdin=TIDY).stdout == "laid out already\n"
    refused = invoke("fmt", "-", "--json", stdin=UNTIDY)

    assert (refused.exit_code, document(refused)["error"]["code"]) == (2, "usage")


def test_stdin_needs_nothing_that_stands_beside_it() -> None:
    assert invoke("fmt", "-", stdin=f"include: [none.yaml]\n{UNTIDY}").exit_code == 0
    assert invoke("fmt", "-", stdin="on: {push: {}}").exit_code == 1


def test_a_file_with_problems_is_refused_with_them_and_nothing_is_written(untidy: Path) -> None:
    broken = untidy.with_name("broken.yaml")
    broken.write_text("model: x\noffers: [{id: a, id: b}]\n")
    refused = invoke("fmt", untidy, broken)

    assert refused.exit_code == 1
    assert "[duplicate-key]" in refused.stderr
    assert untidy.read_text() == UNTIDY


def test_a_model_that_is_not_sound_is_refused_with_its_problems(untidy: Path) -> None:
    unsound = UNTIDY.replace("fallback: o", "fallback: p")
    untidy.write_text(unsound)
    refused = invoke("fmt", untidy, "--json")

    assert refused.exit_code == 1
    assert document(refused)["error"]["problems"][0]["code"] == "unknown-offer"
    assert untidy.read_text() == unsound


def test_models_and_what_they_include_stay_the_same_models(tmp_path: Path) -> None:
    shutil.copytree(SOUND / "family", tmp_path / "family")
    family = sorted((tmp_path / "family").glob("*.yaml"))
    for path in family:
        path.write_text(path.read_text().replace("\n  ", "\n      "), encoding="utf-8")
    models = [path for path in family if path.name in ("web.yaml", "mail.yaml")]
    before = read_models(models)

    assert invoke("fmt", *family).exit_code == 0
    assert same_models(before, read_models(models))
    assert invoke("fmt", "--check", *family).exit_code == 0


def test_models_that_do_not_fit_together_are_laid_out_each_for_itself(untidy: Path) -> None:
    twin = untidy.with_name("twin.yaml")
    twin.write_text(UNTIDY.replace("model: m", "model: twin"))

    assert invoke("fmt", untidy, twin).exit_code == 0
    assert untidy.read_text() == TIDY


def test_any_layout_becomes_the_one(tmp_path: Path) -> None:
    shutil.copy(SOUND / "any_layout.yaml", tmp_path)
    path = tmp_path / "any_layout.yaml"
    before = path.read_bytes()

    assert invoke("fmt", path).exit_code == 0
    assert path.read_bytes() != before
    assert same_models(read_models([SOUND / "any_layout.yaml"]), read_models([path]))


def test_a_file_that_cannot_be_laid_out_without_loss_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shared.yaml"
    key = "x" * 2_000  # a key that long has no simpler form in YAML
    written = f"offers:\n  - id: o\n    content:\n      ? {key}\n      : 1\n"
    path.write_text(written)
    refused = invoke("fmt", path)

    assert (refused.exit_code, path.read_text()) == (2, written)
    assert refused.stderr == (
        f"discreet: {path}:4:9: this key is too long for one line; make it shorter (no file is changed)\n"
    )


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    missing = invoke("fmt", tmp_path / "none.yaml")

    assert (missing.exit_code, "no such file" in missing.stderr) == (2, True)
    assert invoke("fmt").exit_code == 2


def test_a_link_and_the_mode_of_a_file_stay(untidy: Path) -> None:
    untidy.chmod(0o640)
    link = untidy.with_name("link.yaml")
    link.symlink_to(untidy)

    assert invoke("fmt", link).exit_code == 0
    assert link.is_symlink()
    assert (untidy.read_text(), untidy.stat().st_mode & 0o777) == (TIDY, 0o640)


def test_the_starter_and_the_examples_are_laid_out_already() -> None:
    root = Path(__file__).parents[3]
    files = [*root.glob("examples/*/*.yaml"), *root.glob("sdk/discreet/**/*.yaml")]
    checked = invoke("fmt", "--check", *files, "--json")

    assert [each["file"] for each in document(checked)["files"] if each["changed"]] == []


def test_the_help_ends_with_an_example() -> None:
    assert "discreet fmt - < shop.yaml" in invoke("fmt", "--help").stdout.splitlines()[-1]
