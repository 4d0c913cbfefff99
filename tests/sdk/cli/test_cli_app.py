"""The application around the commands: finding them, ending them, saying what went wrong."""

from __future__ import annotations

import ast
import importlib
import tomllib
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path

import click
import pytest

import discreet.cli
from discreet.cli import app as application
from discreet.cli.app import GROUP, one_line_help
from support.command_line import document, invoke

FOUND = sorted(entry_points(group=GROUP), key=lambda found: found.name)
PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_pyproject_names_exactly_the_commands_that_are_found() -> None:
    declared = tomllib.loads(PYPROJECT.read_text())["project"]["entry-points"][GROUP]

    assert declared == {found.name: found.value for found in FOUND}


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.name)
class TestEveryCommand:
    def test_is_a_click_command_of_its_own_name(self, found: EntryPoint) -> None:
        command = found.load()

        assert isinstance(command, click.Command)
        assert command.name == found.name

    def test_says_the_same_in_its_help_and_in_the_list_of_commands(self, found: EntryPoint) -> None:
        command: click.Command = found.load()

        assert (command.help or "").splitlines()[0] == one_line_help(found)

    def test_ends_its_help_with_an_example(self, found: EntryPoint) -> None:
        result = invoke(found.name, "--help")

        assert result.exit_code == 0
        _, _, example = result.stdout.partition("Example:\n")
        assert all(
            line.strip().startswith(("discreet ", "--", "cd ")) for line in example.strip().splitlines()
        )
        assert f"discreet {found.name}" in example

    def test_takes_json(self, found: EntryPoint) -> None:
        command: click.Command = found.load()
        leaves = list(command.commands.values()) if isinstance(command, click.Group) else [command]

        assert all(
            "--json" in param.opts for leaf in leaves for param in leaf.params if param.name == "as_json"
        )
        assert all(any(param.name == "as_json" for param in leaf.params) for leaf in leaves)


def test_the_list_of_commands_imports_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EntryPoint) -> object:
        raise AssertionError(f"{self.name} was loaded")

    monkeypatch.setattr(EntryPoint, "load", refuse)
    result = invoke("--help")

    assert result.exit_code == 0
    assert all(f"  {found.name} " in result.stdout for found in FOUND)
    assert "Make a starter model that compiles" in result.stdout


def test_a_command_that_another_distribution_brings_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "guest_command.py").write_text(
        '"""Greet."""\nimport click\n\n@click.command("greet")\ndef command() -> None:\n    print("hello")\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    guest = EntryPoint("greet", "guest_command:command", GROUP)
    monkeypatch.setattr(application, "_entry_points", lambda: {"greet": guest})

    assert "greet  Greet." in invoke("--help").stdout
    assert invoke("greet").stdout == "hello\n"


def test_version_is_that_of_the_distribution() -> None:
    assert invoke("--version").stdout == f"discreet {version('discreet')}\n"


def test_without_a_command_the_help_shows_and_nothing_was_run() -> None:
    result = invoke()

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Commands:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["buld"], "discreet: unknown command `buld`; did you mean `build`? (see `discreet --help`)"),
        (["keys"], "discreet keys: missing command (see `discreet keys --help`)"),
        (["keys", "nwe"], "discreet keys: no such command `nwe`"),
        (["check"], "discreet check: missing argument `MODEL...` (see `discreet check --help`)"),
        (["check", "no.yaml"], "discreet check: invalid value for `MODEL...`: file `no.yaml` does not exist"),
        (
            ["--json", "demo"],
            "discreet: `--json` comes after the command: `discreet demo --json` (see `discreet --help`)",
        ),
        (["--json"], "discreet: `--json` comes after the command: `discreet COMMAND --json`"),
        (["keys", "new", "a b"], "discreet keys new: NAME may hold letters"),
        (["decide", "--expalin"], "discreet decide: no such option `--expalin`; did you mean `--explain`?"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], says: str) -> None:
    result = invoke(*arguments)
    told = document(result)["error"]["message"] if "--json" in arguments else result.stderr
    told = f"discreet: {told}\n" if "--json" in arguments else told

    assert result.exit_code == 2
    assert told.startswith(says)
    assert told.count("\n") == 1


def test_wrong_usage_is_json_where_json_was_asked_for() -> None:
    result = invoke("check", "--json")

    assert result.exit_code == 2
    assert result.stderr == ""
    assert document(result) == {
        "error": {"code": "usage", "message": "missing argument `MODEL...` (see `discreet check --help`)"}
    }


def test_the_package_exposes_main_only() -> None:
    tree = ast.parse(Path(discreet.cli.__file__).read_text())

    assert discreet.cli.__all__ == ["main"]
    assert not [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]


def test_a_bug_is_named_by_its_place_and_not_by_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from discreet.cli.refusals import explain

    with pytest.raises(ValueError, match="canary") as caught:
        raise ValueError("canary-value")
    refusal = explain(caught.value)

    assert refusal.status == 2
    assert "ValueError at test_cli_app.py:" in refusal.lines[0]
    assert "canary" not in "".join(refusal.lines)


def test_every_module_of_the_command_line_imports_alone() -> None:
    for path in sorted(Path(discreet.cli.__file__).parent.glob("*.py")):
        importlib.import_module(f"discreet.cli.{path.stem}")
