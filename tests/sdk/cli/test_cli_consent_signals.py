"""The signals of `discreet decide` and of the scenarios of `discreet test`: the same rules as in `consent show`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.command_line import OPENED, Shop, document, invoke
from support.gpp_strings import encode_gpp, us_section
from support.tc_strings import encode_tc

MADE_S = 1_775_822_400 - 40 * 86_400  # 40 days before OPENED
TC = encode_tc(publisher=range(1, 12), created_s=MADE_S)
USVA = encode_gpp({9: us_section("usva", {"SaleOptOut": 1})})
UPDATED = "{personalization_storage: granted, functionality_storage: granted}"
CANARY = "canary-7f3a"


def consent(shop: Shop, *arguments: str) -> Any:
    return document(invoke("decide", *shop.trusted, *arguments, "--json"))["consent"]


class TestDecide:
    @pytest.mark.parametrize(
        "arguments",
        [["--tcf", TC], ["--cookie", f"euconsent-v2={TC}"], ["--header", f"Cookie: a=b; euconsent-v2={TC}"]],
        ids=["option", "cookie", "header"],
    )
    def test_a_signal_counts_by_whatever_way_it_came(self, arguments: list[str], shop: Shop) -> None:
        assert "personalize.content.profiled" in consent(shop, *arguments, "--region", "IT")["purposes"]

    def test_opt_outs_of_the_us_count(self, shop: Shop) -> None:
        asked = ("--region", "US-VA", "--us-privacy", "1YNN")

        assert consent(shop, *asked)["purposes"] == ["analytics", "functional", "personalize"]
        for signal in (["--gpc"], ["--gpp", USVA], ["--header", "Sec-GPC: 1"]):
            assert "third_party_sharing" not in consent(shop, *asked, *signal)["purposes"]

    def test_of_a_known_child_only_contextual_facts_are_known(self, shop: Shop) -> None:
        found = consent(shop, "--tcf", TC, "--region", "IT", "--age", "12")

        assert found["purposes"] == ["personalize.content.limited"]
        assert found["contextual_only"]

    def test_the_site_s_policy_counts(self, shop: Shop, tmp_path: Path) -> None:
        policy = tmp_path / "site.toml"
        policy.write_text('[regions]\nZZ = { regime = "us_strict" }\n')

        assert consent(shop, "--region", "ZZ")["purposes"] == []
        assert consent(shop, "--region", "ZZ", "--policy", str(policy))["regime"] == "us_strict"

    def test_signals_and_grants_together_are_wrong_usage(self, shop: Shop) -> None:
        result = invoke("decide", *shop.trusted, "--cookie", f"usprivacy={CANARY}", "--grant", "personalize")

        assert result.exit_code == 2
        assert "not from both" in result.stderr
        assert CANARY not in result.output

    def test_no_signal_is_printed(self, shop: Shop) -> None:
        sent = [
            "--tcf",
            CANARY,
            "--gpp",
            CANARY,
            "--us-privacy",
            CANARY,
            "--cookie",
            f"CookieConsent={CANARY}",
        ]

        for more in ([], ["--json"], ["--explain"]):
            assert CANARY not in invoke("decide", *shop.trusted, *sent, "--region", "IT", *more).output


class TestScenarios:
    ATTRIBUTES = "attributes: {visits_30d: 3, interests: [running]}, placement: home.hero"

    def outcome(self, shop: Shop, tmp_path: Path, given: str, *more: str) -> tuple[str, list[str]]:
        file = tmp_path / "one.yaml"
        file.write_text(
            f"- {{name: One, now: {OPENED}, consent: {given}, {self.ATTRIBUTES}, expect: {{offer: running_season}}}}\n"
        )
        (found,) = document(invoke("test", shop.model, "--scenarios", file, *more, "--json"))["scenarios"]
        return found["got"]["offer"], found["why"]

    @pytest.mark.parametrize(
        ("given", "offer"),
        [
            (f"{{cookies: {{euconsent-v2: {TC}}}, region: IT}}", "running_season"),
            (f"{{cookies: {{euconsent-v2: {TC}}}, region: IT, age: 15}}", "welcome"),
            ("{region: US-NY}", "running_season"),
            ("{region: US-NY, gpc: true}", "welcome"),
            ("{region: US-VA, gpc: true}", "running_season"),
            (f"{{region: US-VA, gpp: {USVA}}}", "running_season"),
            (f"{{region: US-CA, gpp: {USVA}}}", "welcome"),  # for another state
            ('{region: US-CA, us_privacy: "1YY"}', "welcome"),  # cut
            (f"{{region: IT, consent_mode: {{update: {UPDATED}}}}}", "running_season"),
            ("{region: IT, consent_mode: {default: {personalization_storage: granted}}}", "welcome"),
        ],
    )
    def test_every_signal_is_judged(self, given: str, offer: str, shop: Shop, tmp_path: Path) -> None:
        assert self.outcome(shop, tmp_path, given)[0] == offer

    def test_a_failure_names_what_the_rules_say(self, shop: Shop, tmp_path: Path) -> None:
        _, why = self.outcome(shop, tmp_path, f"{{cookies: {{euconsent-v2: {CANARY}}}, region: IT}}")

        assert why[-1].startswith("consent: the TC string cannot be read ")
        assert CANARY not in json.dumps(why)

    def test_the_site_s_policy_counts(self, shop: Shop, tmp_path: Path) -> None:
        policy = tmp_path / "site.toml"
        policy.write_text('[cookies]\nour-consent = "tcf"\n')
        given = f"{{cookies: {{our-consent: {TC}}}, region: IT}}"

        assert self.outcome(shop, tmp_path, given)[0] == "welcome"
        assert self.outcome(shop, tmp_path, given, "--policy", str(policy))[0] == "running_season"


def test_a_region_of_a_scenario_without_a_row_is_remarked_on_once(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    rest = f"now: {OPENED}, placement: home.hero, expect: {{offer: welcome}}"
    file.write_text(
        "".join(f"- {{name: {name}, consent: {{region: UK}}, {rest}}}\n" for name in ("One", "Two"))
    )
    result = invoke("test", shop.model, "--scenarios", file)

    assert result.exit_code == 0
    assert result.stderr.count("the table has no row for `UK`, so the strictest rules apply") == 1
    assert "did you mean `GB`?" in result.stderr


def test_so_it_is_in_decide(shop: Shop) -> None:
    assert "no row for `Germany`" in invoke("decide", *shop.trusted, "--region", "Germany").stderr
