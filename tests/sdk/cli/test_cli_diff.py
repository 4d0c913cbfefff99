"""`discreet diff`: what it says to people, machines and pull requests, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.command_line import OPENED, Shop, document, invoke


@pytest.fixture
def edited(shop: Shop, tmp_path: Path) -> Path:
    """The starter model, where those who recommend us a little less count, too."""
    text = shop.model.read_text(encoding="utf-8")
    path = tmp_path / "shop.yaml"
    path.write_text(text.replace("nps >= 9", "nps >= 8"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    return path


def test_a_model_and_itself(shop: Shop) -> None:
    result = invoke("diff", shop.model, shop.model)

    assert result.exit_code == 0
    assert result.stdout == "nothing changes, for anybody, under any consent: that is proven\n"


def test_a_bundle_and_its_model(shop: Shop) -> None:
    result = invoke("diff", shop.bundle, shop.model, "--trust", shop.ring, "--now", OPENED, "--json")

    assert result.exit_code == 0
    assert document(result)["same"] is True


def test_another_winner_is_told_with_a_visitor(shop: Shop, edited: Path) -> None:
    result = invoke("diff", shop.model, edited, "--now", OPENED)

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "home.hero"
    assert lines[1].split() == ["was", "becomes", "under", "the", "consent", "for", "example"]
    assert lines[2].split()[:2] == ["early_access", "bring_a_friend"]
    assert lines[-2:] == ["1 other winner", "proven: nobody meets any other change"]


def test_a_witness_is_decided_so_by_real_bundles(shop: Shop, edited: Path, tmp_path: Path) -> None:
    (change,) = document(invoke("diff", shop.model, edited, "--now", OPENED, "--json"))["winners"]
    built = tmp_path / "new.bundle"
    made = invoke(
        "build",
        edited,
        "--key",
        shop.secret,
        "-o",
        built,
        "--created",
        "2026-04-01T00:00:00Z",
        "--version",
        "8",
    )

    assert made.exit_code == 0, made.output
    assert shown(shop.bundle, shop.ring, change) == change["was"]["offer"] == "early_access"
    assert shown(built, shop.ring, change) == change["becomes"]["offer"] == "bring_a_friend"


def shown(bundle: Path, ring: Path, change: Any) -> str:
    witness = change["witness"]
    grants = [word for each in witness["purposes"] for word in ("--grant", each)]
    result = invoke(
        "decide", bundle, "--trust", ring, "--placement", change["placement"], *grants, "--now", witness["now"],
        "--attributes", json.dumps(witness["attributes"]), "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    offer: str = document(result)["decisions"][0]["offer"]
    return offer


def test_markdown_folds_the_visitors_away(shop: Shop, edited: Path) -> None:
    result = invoke("diff", shop.model, edited, "--now", OPENED, "--markdown")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "### What visitors meet: 1 other winner"
    assert lines[2] == "| where | was | becomes | under the consent |"
    assert lines[4].startswith("| home.hero | early\\_access | bring\\_a\\_friend | ")
    assert lines.index("<details><summary>A visitor for each</summary>") < lines.index("</details>")
    assert lines[-1] == "Proven: nobody meets any other change."


def test_a_report_is_no_gate(shop: Shop, edited: Path) -> None:
    assert invoke("diff", shop.model, edited, "--exit-zero").exit_code == 0


def test_one_placement_only(shop: Shop, edited: Path) -> None:
    result = invoke("diff", shop.model, edited, "--placement", "home.tip")

    assert result.exit_code == 0
    assert result.stdout == "nothing changes at home.tip, for anybody, under any consent: that is proven\n"


def test_several_channels(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, limit in ((old, 1), (new, 2)):
        folder.mkdir()
        for channel in ("web", "mail"):
            (folder / f"{channel}.yaml").write_text(channel_model(channel, limit if channel == "mail" else 1))
    two = ("--old", old / "mail.yaml", "--new", new / "mail.yaml")
    result = invoke("diff", old / "web.yaml", new / "web.yaml", *two, "--json")

    assert invoke("diff", old / "web.yaml", new / "web.yaml").exit_code == 0
    assert result.exit_code == 1
    assert [each["placement"] for each in document(result)["winners"]] == ["mail.top"]


def channel_model(channel: str, limit: int) -> str:
    return (
        f"model: {channel}\nchannel: {channel}\n"
        "attributes: {visits: {type: number, provenance: first_party, purposes: [analytics]}}\n"
        f"stages: [{{id: first}}]\nplacements: {{{channel}.top: {{fallback: none}}}}\n"
        "offers:\n  - {id: none, content: {}}\n"
        f"  - {{id: some, placements: [{channel}.top], when: visits >= {limit}, content: {{}}}}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{model}", "{model}", "--trust", "{ring}"], "a model has no signature to verify"),
        (["{bundle}", "{model}"], "is a bundle, which is verified first: name its keyring with --trust"),
        (["{bundle}", "{model}", "--old", "{model}", "--trust", "{ring}"], "a side is one bundle, or models"),
        (["{model}", "{model}", "--placement", "home.hreo"], "the old side has no placement `home.hreo`"),
        (["{model}", "{model}", "--json", "--markdown"], "name one of --markdown and --json"),
        (["{model}", "{model}", "--limit", "0"], "--limit"),
        (["{model}"], "missing argument `NEW`"),
    ],
)
def test_wrong_usage(shop: Shop, arguments: list[str], says: str) -> None:
    files = {"model": shop.model, "bundle": shop.bundle, "ring": shop.ring}
    result = invoke("diff", *(each.format(**files) for each in arguments))

    assert result.exit_code == 2
    assert says in result.output


def test_a_visitor_of_another_instant_is_told_how_to_be_decided_for(shop: Shop, tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    text = shop.model.read_text(encoding="utf-8")
    offer = "  - {id: later, placements: [home.hero], priority: 99, valid: {from: 2036-01-01}, content: {}}\n"
    later.write_text(text.replace("offers:\n", f"offers:\n{offer}", 1), encoding="utf-8")
    result = invoke("diff", shop.model, later, "--now", OPENED)

    assert "2036-01-01T00:00Z" in result.stdout
    assert result.stdout.endswith("build both sides with --created at that instant\n")


def test_an_expired_bundle_is_compared_as_of_then(shop: Shop) -> None:
    result = invoke("diff", shop.bundle, shop.model, "--trust", shop.ring, "--now", "2036-01-01")

    assert result.exit_code == 2
    assert "to compare it all the same, state an instant at which it held with --now" in result.output


def test_a_broken_model_is_no_changed_one(shop: Shop, broken_model: Path) -> None:
    result = invoke("diff", shop.model, broken_model, "--json")

    assert result.exit_code == 2
    assert document(result)["error"]["code"] == "model-error"


def test_the_help_ends_with_an_example() -> None:
    assert invoke("diff", "--help").stdout.rstrip().endswith("--json")
