"""From an empty folder to a decision, by the commands alone."""

from __future__ import annotations

from pathlib import Path

from support.command_line import document, invoke, run


def test_the_commands_lead_from_an_empty_folder_to_a_decision(tmp_path: Path) -> None:
    folder = tmp_path / "my-shop"
    model, ring, bundle = folder / "shop.yaml", folder / "ring.json", folder / "shop.bundle"

    for arguments in (
        ("new", folder),
        ("check", model),
        ("test", model),
        ("keys", "new", "alice", "--out", folder),
        ("keys", "new", "bob", "--out", folder),
        ("keys", "trust", folder / "alice.pub.json", folder / "bob.pub.json", "--threshold", "2", "-o", ring),
        ("build", model, "--key", folder / "alice.key", "--key", folder / "bob.key", "-o", bundle),
        ("verify", bundle, "--trust", ring),
        ("show", bundle, "--trust", ring),
    ):
        result = invoke(*arguments)
        assert result.exit_code == 0, result.output

    asked = (
        "decide",
        bundle,
        "--trust",
        ring,
        "--placement",
        "home.hero",
        "--attributes",
        '{"region": "IT-25"}',
    )
    without = document(invoke(*asked, "--json"))
    granted = document(invoke(*asked, "--grant", "personalize.content", "--json"))
    assert without["decisions"][0]["offer"] == "welcome"
    assert granted["decisions"][0]["offer"] == "visit_a_store"


def test_the_readme_of_the_starter_runs_as_it_stands(tmp_path: Path) -> None:
    run("new", "shop", cwd=tmp_path, check=True)
    blocks = (tmp_path / "shop" / "README.md").read_text().split("```sh\n")[1:]
    commands = "\n".join(block.split("```")[0] for block in blocks).replace("\\\n", " ").splitlines()

    ran = 0
    for line in commands:
        words = shell_words(line)
        if words:
            assert words[0] == "discreet"
            finished = run(*words[1:], cwd=tmp_path / "shop")
            assert finished.returncode == 0, (line, finished.stderr)
            ran += 1
    assert ran >= 9


def shell_words(line: str) -> list[str]:
    import shlex

    return shlex.split(line, comments=True)
