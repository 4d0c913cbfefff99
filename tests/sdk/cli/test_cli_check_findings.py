"""`discreet check` tells what is found in a sound model, how bad it is, and who shows it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from support.command_line import Shop, document, invoke
from support.faulty import FOLDER, NOW

SHADOWED = FOLDER / "shadowed.yaml"
NOTED = FOLDER / "no_signal_grants.yaml"
BROKEN = FOLDER / "contradictory_condition.yaml"
ROOT = Path(__file__).parents[3]
CDNOW = ROOT / "examples" / "cdnow"
REPRODUCED = (
    """discreet decide BUNDLE --trust RING --attributes '{"country": "IT"}' """
    "--grant personalize.content.limited --now 2026-05-01T00:00Z"
)
CLEAN = {
    "cdnow": tuple(CDNOW / f"{name}.yaml" for name in ("web", "mail", "call_centre")),
    "one channel of it": (CDNOW / "web.yaml",),
    "shop": (ROOT / "examples" / "shop" / "shop.yaml",),
    "starter": (ROOT / "sdk" / "discreet" / "cli" / "starter" / "shop.yaml",),
}


def test_a_finding_says_what_shows_it_and_what_to_do() -> None:
    result = invoke("check", SHADOWED, "--now", NOW)
    printed = result.stdout.splitlines()
    place = f"{SHADOWED}:18:9"
    at = printed.index(
        f"{place}: warning: offer `italians` never wins `home.hero`: every visitor who may see it gets `everyone` "
        "instead, better ranked [D301]"
    )

    assert result.exit_code == 1
    assert printed[at + 1 :] == [
        "  proof     no visitor is eligible for `italians` and not for `everyone`",
        '  witness   a visitor with `country` "IT", granting personalize.content.limited, at 2026-05-01T00:00Z',
        f"  reproduce {REPRODUCED}",
        f"  see       {SHADOWED}:17:10",
        "  try       raise its priority, or let `everyone` ask for more",
        "",
        "1 model, 1 warning",
    ]


def test_a_visitor_of_another_instant_comes_with_the_bundle_that_decides_for_them(
    shop: Shop, tmp_path: Path
) -> None:
    later, built = tmp_path / "later.yaml", tmp_path / "later.bundle"
    asked = 'when: country == "IT"\n'
    text = SHADOWED.read_text().replace(asked, f"{asked}    valid: {{from: 2036-01-01, until: 2036-02-01}}\n")
    later.write_text(text)
    (finding,) = document(invoke("check", later, "--now", NOW, "--json"))["findings"]
    printed = invoke("check", later, "--now", NOW).stdout
    made = ("--key", shop.secret, "-o", built, "--created")

    assert "valid" in text
    assert finding["build_at"] == finding["witness"]["now"] == "2036-01-01T00:00Z"
    assert "  build     discreet build MODEL... --created 2036-01-01T00:00Z ...\n  reproduce " in printed
    words = [
        {"BUNDLE": str(built), "RING": str(shop.ring)}.get(each, each)
        for each in shlex.split(finding["reproduce"])
    ]
    assert invoke("build", later, *made, NOW).exit_code == 0
    assert invoke(*words[1:]).exit_code != 0
    assert invoke("build", later, *made, finding["build_at"]).exit_code == 0
    assert document(invoke(*words[1:], "--json"))["decisions"][0]["offer"] == "everyone"


def test_the_worst_comes_first(tmp_path: Path) -> None:
    both = tmp_path / "both.yaml"
    attribute = "  last: {type: number, provenance: contextual, purposes: [personalize.content]}\n"
    both.write_text(BROKEN.read_text().replace("attributes:\n", f"attributes:\n{attribute}"))
    found = [line for line in invoke("check", both).stdout.splitlines() if line.startswith(str(both))]

    assert [line.split(": ")[1] for line in found] == ["error", "warning", "note"]
    assert invoke("check", both).stdout.endswith("1 model, 1 error, 1 warning, 1 note\n")


@pytest.mark.parametrize(
    ("model", "fail_on", "status"),
    [
        (NOTED, "warning", 0),
        (NOTED, "note", 1),
        (SHADOWED, "error", 0),
        (SHADOWED, "warning", 1),
        (BROKEN, "error", 1),
    ],
)
def test_the_least_severity_that_fails_can_be_chosen(model: Path, fail_on: str, status: int) -> None:
    result = invoke("check", model, "--now", NOW, "--fail-on", fail_on, "--json")

    assert result.exit_code == status
    assert document(result)["passed"] is (status == 0)


def test_a_note_does_not_fail_and_is_shown() -> None:
    result = invoke("check", NOTED)

    assert result.exit_code == 0
    assert f"{NOTED}:6:3: note: no TC string grants `personalize.content`" in result.stdout
    assert result.stdout.endswith("1 model, 1 note\n")


def test_findings_are_in_the_document_for_machines() -> None:
    result = invoke("check", SHADOWED, "--now", NOW, "--json")
    answer = document(result)
    (finding,) = answer["findings"]

    assert answer["sound"] is True
    assert (finding["file"], finding["line"], finding["column"]) == (str(SHADOWED), 18, 9)
    assert (finding["code"], finding["severity"], finding["subject"]) == ("D301", "warning", "italians")
    assert finding["witness"] == {
        "attributes": {"country": "IT"},
        "purposes": ["personalize.content.limited"],
        "sensitive": [],
        "now": "2026-05-01T00:00Z",
    }
    assert shlex.split(finding["reproduce"])[:5] == ["discreet", "decide", "BUNDLE", "--trust", "RING"]
    assert finding["models"] == ["shadowed"]
    assert answer["accepted"] == []


def test_what_is_accepted_is_silent_but_listed_with_its_reason(tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    accepted = "accepted:\n  - {check: D301, of: italians, because: Until the spring}\n"
    kept.write_text(SHADOWED.read_text() + accepted)
    answer = document(invoke("check", kept, "--json"))

    assert (answer["passed"], answer["findings"]) == (True, [])
    assert [(each["code"], each["because"]) for each in answer["accepted"]] == [("D301", "Until the spring")]
    assert invoke("check", kept).stdout.endswith("1 model, no problems (1 accepted)\n")


def test_problems_only_proves_nothing() -> None:
    answer = document(invoke("check", BROKEN, "--problems-only", "--json"))

    assert (answer["sound"], answer["passed"], answer["findings"]) == (True, True, [])


def test_windows_are_judged_by_the_instant_that_is_stated() -> None:
    model = FOLDER / "past_window.yaml"

    assert invoke("check", model, "--now", "2025-08-31").exit_code == 0
    assert invoke("check", model, "--now", "2025-09-01").exit_code == 1


@pytest.mark.parametrize("now", ["2026-01-01", "2026-05-01", "2026-11-22", "2030-01-01"])
@pytest.mark.parametrize("models", CLEAN.values(), ids=CLEAN)
def test_the_examples_are_clean(models: tuple[Path, ...], now: str) -> None:
    answer = document(invoke("check", *models, "--now", now, "--json"))

    assert answer["findings"] == []


def test_a_model_of_which_there_is_nothing_to_say_has_no_findings(shop: Shop) -> None:
    assert document(invoke("check", shop.model, "--json"))["findings"] == []
    assert "note:" not in invoke("check", shop.model).stdout
