"""`discreet matrix`: what remains under each consent, as a table, as JSON and as a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import document, invoke
from support.source import REPOSITORY

SHOP = REPOSITORY / "examples/shop/shop.yaml"
CHANNELS = [REPOSITORY / "examples/cdnow" / f"{name}.yaml" for name in ("web", "mail", "call_centre")]
NOW = ("--now", "2026-07-01")


def test_a_table_tells_rows_that_are_alike_as_one() -> None:
    result = invoke("matrix", SHOP, "--placement", "account.card", *NOW)

    assert result.exit_code == 0
    assert result.stdout == (
        "tea-house: 8 combinations of 3 purposes, 2 different outcomes\n"
        "  A  functional.storage\n"
        "  B  personalize.content.profiled\n"
        "  C  personalize.content.profiling  (makes no difference)\n"
        "  + granted   - not granted   . either   [fallback]\n"
        "\n"
        "account.card\n"
        "  A B C  furthest stage              what remains\n"
        "  + + .  discover, consider, buy     [card_tell_us]\n"
        "         stay                        card_first_order, card_second_order\n"
        "         loyal                       card_circle\n"
        "\n"
        "  . - .  discover                    [card_tell_us]\n"
        "  - . .  consider, buy, stay, loyal  (nobody can be here)\n"
    )


def test_machines_get_all_combinations_of_all_channels() -> None:
    answer = document(invoke("matrix", *CHANNELS, "--json", *NOW))

    assert answer["models"] == ["cdnow-web", "cdnow-mail", "cdnow-call-centre"]
    assert len(answer["purposes"]) == 4
    assert len(answer["rows"]) == 16
    assert sum(each["combinations"] for each in answer["merged"]) == 16
    assert answer["proven"] is True
    assert [*answer["placements"]] == ["home.hero", "page.strip", "letter.lead", "call.opening"]


def test_a_stage_and_some_purposes_narrow_it() -> None:
    more = (
        "--stage",
        "loyal",
        "--purposes",
        "personalize.content.profiling,functional.storage",
        "--json",
        *NOW,
    )
    answer = document(invoke("matrix", SHOP, *more))

    assert answer["purposes"] == ["functional.storage", "personalize.content.profiling"]
    assert answer["always_granted"] == ["personalize.content.limited", "personalize.content.profiled"]
    assert {cell["stage"] for row in answer["rows"] for cell in row["cells"]} == {"loyal"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--placement", "home.hera"), "the models have no placement `home.hera`; did you mean `home.hero`?"),
        (("--stage", "loyl"), "the models have no stage `loyl`; did you mean `loyal`?"),
        (
            ("--purposes", "personalise"),
            "the models have no purpose `personalise`; did you mean `personalize`?",
        ),
    ],
)
def test_an_unknown_word_could_not_be_asked(more: tuple[str, ...], said: str) -> None:
    result = invoke("matrix", SHOP, *more)

    assert result.exit_code == 2
    assert said in result.stderr


def test_more_than_twelve_purposes_are_refused_by_name(tmp_path: Path) -> None:
    keys = [f"personalize.content.profiled.topic_{number:02}" for number in range(13)]
    attributes = "".join(
        f"  a{number}: {{type: boolean, provenance: declared, purposes: [{key}]}}\n"
        for number, key in enumerate(keys)
    )
    path = tmp_path / "wide.yaml"
    path.write_text(
        f"model: wide\nchannel: web\nattributes:\n{attributes}"
        "stages: [{id: only}]\nplacements: {p: {fallback: none}}\noffers:\n  - {id: none, content: {}}\n"
        f"  - {{id: it, placements: [p], when: {' or '.join(f'a{number}' for number in range(13))}, content: {{}}}}\n"
    )
    refused = invoke("matrix", path)
    narrowed = invoke("matrix", path, "--purposes", keys[0], "--purposes", keys[1], "--json")

    assert refused.exit_code == 2
    assert "depend on 13 purposes and sensitive items, and a matrix varies at most 12" in refused.stderr
    assert f"`{keys[12]}`" in refused.stderr
    assert len(document(narrowed)["rows"]) == 4


def test_a_model_with_mistakes_is_refused(broken_model: Path) -> None:
    result = invoke("matrix", broken_model, "--json")

    assert result.exit_code == 1
    assert document(result)["error"]["code"] == "model-error"


def test_a_page_never_replaces_a_model(tmp_path: Path) -> None:
    model = tmp_path / "shop.yaml"
    model.write_bytes(SHOP.read_bytes())

    assert invoke("matrix", model, "--html", model).exit_code == 2
    assert model.read_bytes() == SHOP.read_bytes()


def test_a_page_is_written_beside_the_table(tmp_path: Path) -> None:
    page = tmp_path / "matrix.html"
    result = invoke("matrix", SHOP, "--html", page, *NOW)

    assert result.exit_code == 0
    assert "tea-house: " in result.stdout
    assert page.read_text("utf-8").count("<table>") == 6


def test_only_a_page_of_ours_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("Mine.", "utf-8")

    refused = invoke("matrix", SHOP, "--html", page, *NOW)
    assert (refused.exit_code, page.read_text("utf-8")) == (2, "Mine.")
    page.unlink()
    for _ in range(2):
        assert invoke("matrix", SHOP, "--html", page, *NOW).exit_code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--purposes", ","), "names no purpose"),
        (("--purposes", ""), "names no purpose"),
        (("--html", ""), "names no file"),
    ],
)
def test_what_names_nothing_is_refused(options: tuple[str, ...], says: str) -> None:
    refused = invoke("matrix", SHOP, *options)

    assert refused.exit_code == 2
    assert says in refused.stderr
