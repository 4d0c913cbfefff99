"""`discreet test`: scenarios are decided by a real bundle, and what differs is said with its place."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from discreet.cli.scenario_run import run_scenarios, throw_away_evaluator
from discreet.model import read_models, read_scenarios
from support.command_line import Shop, document, invoke
from support.tc_strings import encode_tc

FAILING = """\
- name: A runner sees the season
  attributes: {visits_30d: 3, interests: [running], first_name: canary-7f3a}
  consent: {purposes: [functional.storage]}
  now: 2026-04-10
  placement: home.hero
  expect: {offer: running_season, stage: consider}
- name: Whoever is near a store never sees it
  attributes: {region: IT-25}
  consent: all
  now: 2026-04-10
  placement: home.hero
  never: visit_a_store
- name: The gift finder comes first
  attributes: {visits_30d: 3, interests: [running], shops_for: gifts}
  consent: all
  now: 2026-04-10
  placement: home.hero
  expect: {offer: gift_finder}
- name: The welcome has a reason
  attributes: {}
  consent: none
  now: 2026-04-10
  placement: home.hero
  expect: {offer: welcome, reason: matched}
- name: A stranger is welcomed
  consent: none
  now: 2026-04-10
  placement: home.hero
  expect: {offer: welcome}
"""


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    path = tmp_path / "failing.scenarios.yaml"
    path.write_text(FAILING)
    return path


def test_the_scenarios_beside_the_starter_all_hold(shop: Shop) -> None:
    result = invoke("test", shop.model)
    answer = document(invoke("test", shop.model, "--json"))

    assert result.exit_code == 0
    assert result.stdout.endswith("\n20 scenarios, 20 ok, 0 failed\n")
    assert answer["passed"] is True
    assert len(answer["scenarios"]) == 20


def test_every_offer_of_the_starter_is_shown_by_a_scenario(shop: Shop) -> None:
    shown = {each["got"]["offer"] for each in document(invoke("test", shop.model, "--json"))["scenarios"]}
    (model,) = read_models([shop.model])

    assert {offer.id for offer in model.offers if offer.placements} <= shown


def test_a_failure_says_where_what_was_expected_what_came_and_why(shop: Shop, failing: Path) -> None:
    result = invoke("test", shop.model, "--scenarios", failing)
    lines = result.stdout.splitlines()

    assert result.exit_code == 1
    assert lines[:4] == [
        "FAIL  A runner sees the season",
        f"      {failing}:1: home.hero",
        "      expected  offer running_season, stage consider",
        "      got       offer welcome, reason fallback, stage discover",
    ]
    needs = "withheld, needs personalize.content.profiled"
    assert lines[4] == f"      because   unknown: stage consider; viewed, visits_30d: {needs}"
    assert lines[5] == f"      because   unknown: runs (The visitor told us they run); interests: {needs}"
    assert "      expected  never visit_a_store" in lines
    assert "      because   `gift_finder` is eligible, but `running_season` ranks before it" in lines
    assert "      expected  offer welcome, reason matched" in lines
    assert "ok    A stranger is welcomed" in lines
    assert lines[-1] == "5 scenarios, 1 ok, 4 failed"


def test_no_value_of_a_scenario_is_printed(shop: Shop, failing: Path, tmp_path: Path) -> None:
    for more in ((), ("--json",), ("--junit", str(tmp_path / "junit.xml"))):
        assert "canary" not in invoke("test", shop.model, "--scenarios", failing, *more).output
    assert "canary" not in (tmp_path / "junit.xml").read_text()


def test_machines_get_expected_and_got(shop: Shop, failing: Path) -> None:
    result = invoke("test", shop.model, "--scenarios", failing, "--json")
    answer = document(result)

    assert result.exit_code == 1
    assert answer["passed"] is False
    assert [each["passed"] for each in answer["scenarios"]] == [False, False, False, False, True]
    assert answer["scenarios"][1]["expected"] == {"never": "visit_a_store"}
    assert answer["scenarios"][1]["got"] == {
        "offer": "visit_a_store",
        "reason": "matched",
        "stage": "discover",
    }


def test_a_build_server_gets_junit_even_of_failures(shop: Shop, failing: Path, tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    result = invoke("test", shop.model, "--scenarios", failing, "--junit", report)
    suite = Xml.parse(report).getroot()[0]  # noqa: S314 - our own file

    assert result.exit_code == 1
    assert (suite.get("tests"), suite.get("failures")) == ("5", "4")
    assert [len(case) for case in suite] == [1, 1, 1, 1, 0]
    assert suite[0].get("line") == "1"


def test_a_model_without_scenarios_could_not_be_tested(shop: Shop, tmp_path: Path) -> None:
    lonely = tmp_path / "lonely.yaml"
    lonely.write_text(shop.model.read_text())
    result = invoke("test", lonely)

    assert result.exit_code == 2
    assert f"write `{tmp_path / 'lonely.scenarios.yaml'}`, name a file with --scenarios" in result.stderr


def test_a_model_without_scenarios_beside_one_with_is_noted(shop: Shop, tmp_path: Path) -> None:
    mail = tmp_path / "mail.yaml"
    mail.write_text(
        "model: mail\nchannel: mail\nstages: [{id: discover}]\nplacements: {mail.top: {fallback: hello}}\n"
        "offers: [{id: hello, content: {title: Hello}}]\n"
    )
    result = invoke("test", shop.model, mail)

    assert result.exit_code == 0
    assert result.stderr == f"discreet: note: `{mail}` has no scenarios beside it\n"


def test_mistakes_in_scenarios_are_reported_like_those_of_a_model(shop: Shop, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FAILING.replace("gift_finder", "gift_findr").replace("shops_for", "shop_for"))
    result = invoke("test", shop.model, "--scenarios", wrong)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"{wrong}:14:")
    assert "did you mean `gift_finder`?" in result.stderr
    assert result.stderr.endswith("2 problems in 1 file\n")


def test_a_refused_model_runs_nothing(shop: Shop, broken_model: Path) -> None:
    result = invoke("test", broken_model, "--scenarios", shop.folder / "shop.scenarios.yaml", "--json")

    assert result.exit_code == 1
    assert document(result)["error"]["code"] == "model-error"


def test_scenarios_run_from_python_too(shop: Shop, failing: Path) -> None:
    models = read_models([shop.model])
    results = run_scenarios(throw_away_evaluator(models), read_scenarios(failing, models))

    assert [result.passed for result in results] == [False, False, False, False, True]
    assert "canary" not in repr(results)


def why(shop: Shop, folder: Path, scenario: str, *settings: str) -> list[str]:
    """The reasons that a failing scenario is given."""
    path = folder / "one.yaml"
    path.write_text(f"- {{name: one, now: 2026-04-10, {scenario}}}\n")
    result = invoke("test", shop.model, "--scenarios", path, *settings)
    assert result.exit_code == 1
    because = "      because   "
    return [line.removeprefix(because) for line in result.stdout.splitlines() if line.startswith(because)]


class TestWhy:
    def test_a_refusing_signal_says_why_it_refuses(self, shop: Shop, tmp_path: Path) -> None:
        said = why(
            shop,
            tmp_path,
            "consent: {tcf: canary, region: IT}, attributes: {interests: [running]}, placement: home.hero, "
            "expect: {offer: running_season}",
        )

        assert said[0].startswith("unknown: stage consider; ")
        assert said[-1].startswith("consent: the TC string cannot be read ")
        assert "canary" not in "".join(said)

    def test_a_signal_without_a_region_is_remarked_on(self, shop: Shop, tmp_path: Path) -> None:
        said = why(
            shop, tmp_path, "consent: {tcf: canary}, placement: home.hero, expect: {offer: running_season}"
        )

        assert "consent: no region was stated; the strictest rules apply" in said

    def test_a_stage_that_is_not_reached_says_what_is_missing(self, shop: Shop, tmp_path: Path) -> None:
        stage = "placement: home.hero, expect: {offer: welcome, stage: settle}"
        refused = why(shop, tmp_path, f"consent: none, {stage}")
        early = why(shop, tmp_path, f"consent: all, attributes: {{purchases: 0}}, {stage}")

        assert refused[0].startswith("stage `settle`: unknown: has_bought (")
        assert "withheld, needs personalize.content.profiled" in refused[0]
        assert early[0].startswith("stage `settle`: false: has_bought (")
        assert early[1].endswith("last_purchase: absent")

    def test_a_stage_that_lies_further_is_named(self, shop: Shop, tmp_path: Path) -> None:
        attributes = "consent: all, attributes: {purchases: 1, last_purchase: 2026-04-09}"
        said = why(
            shop,
            tmp_path,
            f"{attributes}, placement: home.tip, expect: {{offer: tip_sizes, stage: discover}}",
        )

        assert "stage `settle` is reached, and lies further than `discover`" in said

    def test_an_offer_that_must_never_show_says_what_let_it_in(self, shop: Shop, tmp_path: Path) -> None:
        region = "consent: all, attributes: {region: IT-25}, placement: home.hero"
        (said,) = why(shop, tmp_path, f"{region}, never: visit_a_store")

        assert said.startswith("true: near_a_store (")
        assert why(shop, tmp_path, "consent: none, placement: home.hero, never: welcome") == [
            "`welcome` is the fallback, and no offer is eligible"
        ]

    def test_signals_are_judged_by_the_stated_settings(self, shop: Shop, tmp_path: Path) -> None:
        tcf = encode_tc(publisher=range(1, 11), created_s=1_775_822_400 - 40 * 86_400)
        given = f"consent: {{tcf: {tcf}, region: IT}}, attributes: {{visits_30d: 3, interests: [running]}}"
        expect = "placement: home.hero, expect: {offer: welcome}"
        strict = ("--max-age-days", "30")

        assert why(shop, tmp_path, f"{given}, {expect}")
        assert invoke("test", shop.model, "--scenarios", tmp_path / "one.yaml", *strict).exit_code == 0
        refused = invoke("test", shop.model, "--max-age-days", "900")
        assert refused.exit_code == 2
        assert "it must be 1 to 390" in refused.stderr


def test_scenarios_may_stand_in_the_model_itself(shop: Shop, tmp_path: Path) -> None:
    alone = tmp_path / "alone.yaml"
    listed = "".join(f"  {line}\n" for line in FAILING.splitlines()[-5:])
    alone.write_text(f"{shop.model.read_text('utf-8')}\nscenarios:\n{listed}", "utf-8")

    ran = invoke("test", alone)

    assert ran.exit_code == 0, ran.output
    assert "1 scenario, 1 ok, 0 failed" in ran.stdout


def test_what_is_wrong_with_a_model_comes_before_what_it_lacks(
    shop: Shop, broken_model: Path, tmp_path: Path
) -> None:
    lonely = tmp_path / "lonely.yaml"
    lonely.write_text(shop.model.read_text())

    assert "problem" in invoke("test", broken_model).stderr
    assert invoke("test", broken_model).exit_code == 1
    assert "or begin with --suggest" in invoke("test", lonely).stderr


def test_that_nothing_is_tested_is_no_pass(shop: Shop, tmp_path: Path) -> None:
    none = tmp_path / "none.yaml"
    none.write_text("[]", "utf-8")
    refused = invoke("test", shop.model, "--scenarios", none, "--junit", tmp_path / "report.xml")

    assert refused.exit_code == 2
    assert "so that nothing is tested" in refused.stderr
    assert not (tmp_path / "report.xml").exists()
    assert invoke("test", shop.model, "--scenarios", none, "--suggest").exit_code == 0


@pytest.mark.parametrize("least", ["nan", "101", "-1"])
def test_a_share_is_from_0_to_100(shop: Shop, least: str) -> None:
    refused = invoke("test", shop.model, "--fail-under", least)

    assert refused.exit_code == 2
    assert "--fail-under" in refused.stderr


def test_a_model_that_was_taken_for_another_file_is_named(shop: Shop) -> None:
    refused = invoke("test", "--suggest", shop.model)

    assert refused.exit_code == 2
    assert f"`{shop.model}` was taken for the FILE of --suggest" in refused.stderr
    assert "missing argument" in invoke("test").stderr
