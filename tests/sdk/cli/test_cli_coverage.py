"""`discreet test --coverage`, `--fail-under` and `--suggest`: what scenarios see, and scenarios for the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import Shop, document, invoke
from support.source import REPOSITORY

MODEL = """\
model: small
channel: web
attributes:
  visits: {type: number, provenance: first_party, purposes: [personalize.content.profiled]}
conditions:
  often: {says: The visitor comes often., when: visits > 5}
  here: {says: We have counted., when: known(visits)}
stages: [{id: discover}, {id: stay, when: often}]
placements: {hero: {fallback: welcome}}
offers:
  - {id: welcome, content: {}}
  - {id: again, placements: [hero], stages: [stay], content: {}}
  - {id: never, placements: [hero], when: often and visits < 3, content: {}}
"""
SCENARIO = """\
- {name: Again, attributes: {visits: 6}, consent: all, now: 2026-04-01, placement: hero, expect: {offer: again}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    model = tmp_path / "small.yaml"
    model.write_text(MODEL)
    model.with_name("small.scenarios.yaml").write_text(SCENARIO)
    return model


def test_coverage_says_what_was_not_seen_and_what_nobody_can_see(small: Path) -> None:
    result = invoke("test", small, "--coverage")

    assert result.exit_code == 0
    assert result.stdout == (
        "ok    Again\n"
        "\n"
        "1 scenario, 1 ok, 0 failed\n"
        "\n"
        "coverage  44.4 %\n"
        "  offers      1 of 1\n"
        "  fallbacks   0 of 1\n"
        "  stages      1 of 2\n"
        "  conditions  2 of 5\n"
        "  not seen by any scenario:\n"
        "    fallback of `hero`\n"
        "    stage `discover`\n"
        "    condition `often` false or unknown\n"
        "    condition `here` unknown\n"
        "  proven: no visitor can see this:\n"
        "    offer `never`\n"
        "    condition `here` false\n"
    )


def test_machines_get_counts_and_points(small: Path) -> None:
    told = document(invoke("test", small, "--coverage", "--json"))["coverage"]

    assert told["percent"] == pytest.approx(400 / 9)
    assert told["counts"]["conditions"] == {
        "seen": 2,
        "of": 5,
    }
    assert {"aspect": "stage", "models": ["small"], "id": "discover"} in told["missing"]
    assert {"aspect": "offer", "models": ["small"], "id": "never"} in told["impossible"]
    assert told["undecided"] == []


def test_too_little_coverage_is_a_no(small: Path) -> None:
    enough, little = (invoke("test", small, "--fail-under", each) for each in ("44.4", "44.5"))

    assert (enough.exit_code, little.exit_code) == (0, 1)
    assert "see 44.4 % of what can be seen, less than 44.5 %" in little.stderr
    assert invoke("test", small, "--fail-under", "101").exit_code == 2


def test_suggestions_see_the_rest_and_pass_at_once(small: Path) -> None:
    more = small.with_name("more.yaml")
    made = invoke("test", small, "--suggest", more)
    both = ("--scenarios", small.with_name("small.scenarios.yaml"), "--scenarios", more)
    again = invoke("test", small, *both, "--fail-under", "100")

    assert made.exit_code == 0
    assert made.stdout.endswith(f"made {more}: 2 scenarios that nobody has agreed to yet\n")
    assert "not agreed" not in more.read_text()
    assert again.exit_code == 0, again.output
    assert "coverage  100 %" in again.stdout
    assert invoke("test", small, *both, "--suggest", more.with_name("none.yaml")).stdout.endswith(
        "nothing to suggest\n"
    )
    assert not more.with_name("none.yaml").exists()


def test_suggestions_on_stdout_can_be_appended(small: Path) -> None:
    beside = small.with_name("small.scenarios.yaml")
    printed = invoke("test", small, "--suggest")
    beside.write_text(SCENARIO + printed.stdout)

    assert printed.stdout.startswith("# Suggested by `discreet test --suggest`.")
    assert invoke("test", small, "--fail-under", "100").exit_code == 0


def test_suggestions_need_no_scenarios_beside_the_model(small: Path) -> None:
    small.with_name("small.scenarios.yaml").unlink()
    told = document(invoke("test", small, "--suggest", "--json"))

    assert told["coverage"]["percent"] == 0
    assert {each["expect"]["offer"] for each in told["suggested"]} == {"welcome", "again"}


def test_a_failure_is_told_beside_suggestions_on_stdout(small: Path) -> None:
    small.with_name("small.scenarios.yaml").write_text(SCENARIO.replace("offer: again", "offer: welcome"))
    result = invoke("test", small, "--suggest")

    assert result.exit_code == 1
    assert "of 1 scenario 1 failed; run without --suggest to see why" in result.stderr
    assert result.stdout.startswith("# Suggested")


def test_suggestions_never_replace_what_is_not_theirs(small: Path) -> None:
    mine = small.with_name("mine.yaml")
    mine.write_text(SCENARIO)
    more = small.with_name("more.yaml")

    for taken in (mine, small, small.with_name("small.scenarios.yaml")):
        before = taken.read_bytes()
        assert invoke("test", small, "--suggest", taken).exit_code == 2
        assert taken.read_bytes() == before
    assert invoke("test", small, "--suggest", more).exit_code == 0
    assert invoke("test", small, "--suggest", more).exit_code == 0
    assert invoke("test", small, "--suggest", more, "--junit", more).exit_code == 2


def test_the_starter_and_several_channels_can_be_covered(shop: Shop, tmp_path: Path) -> None:
    channels = [REPOSITORY / "examples/cdnow" / f"{name}.yaml" for name in ("web", "mail", "call_centre")]
    for models in ([shop.model], channels):
        more = tmp_path / f"more-{len(models)}.yaml"
        assert invoke("test", *models, "--suggest", more).exit_code == 0
        beside = [path.with_suffix("").with_suffix(".scenarios.yaml") for path in models]
        files = [word for path in (*beside, more) for word in ("--scenarios", path)]
        assert invoke("test", *models, *files, "--fail-under", "100").exit_code == 0
