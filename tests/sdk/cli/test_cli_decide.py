"""`discreet decide`: one visitor, one consent, and no value where none belongs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discreet.cli.attributes import UnreadableAttributes, read_attributes
from discreet_consent import Observed
from support.command_line import OPENED, Shop, document, invoke
from support.tc_strings import encode_tc

CANARY = "canary-7f3a"
RUNNER = json.dumps({"visits_30d": 3, "interests": ["running"], "first_name": "Ada"})


def hero(shop: Shop, *more: str) -> tuple[str, ...]:
    return ("decide", *shop.trusted, "--placement", "home.hero", *more)


class TestConsent:
    def test_without_any_nothing_is_known(self, shop: Shop) -> None:
        answer = document(invoke(*hero(shop, "--attributes", RUNNER, "--json")))

        assert answer["decisions"][0]["offer"] == "welcome"
        assert answer["decisions"][0]["reason"] == "fallback"
        assert answer["consent"]["purposes"] == []
        assert "first_name" in answer["withheld"]
        assert "basket_items" not in answer["withheld"]

    def test_a_stated_grant_lets_its_attributes_through(self, shop: Shop) -> None:
        grants = ("--grant", "personalize.content", "--grant", "functional.storage")
        result = invoke(*hero(shop, "--attributes", RUNNER, *grants))

        assert result.exit_code == 0
        assert result.stdout.startswith(
            'home.hero: running_season\n  matched, stage consider\n  title: "Your season, Ada"\n'
        )
        assert "consent (stated): functional.storage, personalize.content\n" in result.stdout

    def test_grant_all_grants_what_the_bundle_uses(self, shop: Shop) -> None:
        answer = document(invoke(*hero(shop, "--grant-all", "--json")))

        assert answer["withheld"] == []
        assert "personalize.content.profiled" in answer["consent"]["purposes"]

    def test_a_signal_is_judged_and_a_corrupt_one_refuses(self, shop: Shop) -> None:
        answer = document(
            invoke(*hero(shop, "--attributes", RUNNER, "--tcf", CANARY, "--region", "IT", "--json"))
        )

        assert answer["consent"]["regime"] == "gdpr_opt_in"
        assert answer["consent"]["purposes"] == []
        assert CANARY not in json.dumps(answer)

    def test_a_signal_and_a_grant_together_are_wrong_usage(self, shop: Shop) -> None:
        result = invoke(*hero(shop, "--tcf", CANARY, "--grant", "personalize"))

        assert result.exit_code == 2
        assert "not from both" in result.stderr
        assert CANARY not in result.output

    def test_a_grant_that_no_attribute_asks_for_is_noted(self, shop: Shop) -> None:
        result = invoke(*hero(shop, "--grant", "personalise.content.profiled", "--json"))

        assert document(result)["decisions"][0]["offer"] == "welcome"
        assert result.stderr == (
            "discreet: note: no attribute of this bundle asks for `personalise.content.profiled`; "
            "did you mean `personalize.content.profiled`?\n"
        )


class TestPolicy:
    """OPENED is 2026-04-10T12:00Z; the strings below were made 40 days before it."""

    MADE_S = 1_775_822_400 - 40 * 86_400

    def purposes(self, shop: Shop, tcf: str, *settings: str) -> list[str]:
        answer = document(invoke(*hero(shop, "--tcf", tcf, "--region", "IT", *settings, "--json")))
        found: list[str] = answer["consent"]["purposes"]
        return found

    def test_the_core_speaks_only_for_a_site_that_says_so(self, shop: Shop) -> None:
        tcf = encode_tc(range(1, 11), created_s=self.MADE_S)

        assert self.purposes(shop, tcf) == []
        assert self.purposes(shop, tcf, "--core-fallback") != []

    def test_a_string_may_count_for_fewer_days(self, shop: Shop) -> None:
        tcf = encode_tc(publisher=range(1, 11), created_s=self.MADE_S)

        assert self.purposes(shop, tcf, "--max-age-days", "41") == self.purposes(shop, tcf) != []
        assert self.purposes(shop, tcf, "--max-age-days", "39") == []

    def test_a_legitimate_interest_counts_where_it_is_named(self, shop: Shop) -> None:
        tcf = encode_tc(publisher=[], publisher_li=[8, 11], created_s=self.MADE_S)
        named = ("--legitimate-interest", "8", "--legitimate-interest", "11")

        assert self.purposes(shop, tcf) == []
        assert "personalize.content.limited" in self.purposes(shop, tcf, *named)

    def test_disclosed_vendors_may_be_required(self, shop: Shop) -> None:
        tcf = encode_tc(publisher=range(1, 11), created_s=self.MADE_S + 86_400, disclosed=None)

        assert self.purposes(shop, tcf) != []
        assert self.purposes(shop, tcf, "--require-disclosed-vendors") == []

    @pytest.mark.parametrize(
        "settings", [("--max-age-days", "391"), ("--max-age-days", "0"), ("--legitimate-interest", "1")]
    )
    def test_settings_that_are_not_lawful_could_not_run(self, settings: tuple[str, str], shop: Shop) -> None:
        result = invoke(*hero(shop, "--tcf", CANARY, "--region", "IT", *settings, "--json"))

        assert result.exit_code == 2
        assert document(result)["error"]["code"] == "policy-error"

    def test_settings_without_a_signal_are_wrong_usage(self, shop: Shop) -> None:
        result = invoke(*hero(shop, "--core-fallback"))

        assert result.exit_code == 2
        assert "state --tcf and --region" in result.stderr

    def test_a_signal_without_a_region_is_remarked_on(self, shop: Shop) -> None:
        result = invoke("decide", shop.bundle, "--trust", shop.ring, "--now", OPENED, "--tcf", CANARY)

        assert result.exit_code == 0
        assert result.stderr == "discreet: note: no region was stated; the strictest rules apply\n"


class TestAnswer:
    def test_every_placement_is_decided_when_none_is_named(self, shop: Shop) -> None:
        answer = document(invoke("decide", *shop.trusted, "--json"))

        assert [each["placement"] for each in answer["decisions"]] == [
            "home.hero",
            "home.tip",
            "basket.aside",
        ]

    def test_top_gives_the_next_best_too(self, shop: Shop) -> None:
        attributes = json.dumps(
            {"visits_30d": 3, "interests": ["running"], "region": "IT-25", "shops_for": "gifts"}
        )
        answer = document(
            invoke(*hero(shop, "--attributes", attributes, "--grant-all", "--top", "3", "--json"))
        )

        assert [each["offer"] for each in answer["decisions"]] == [
            "running_season",
            "gift_finder",
            "visit_a_store",
        ]

    def test_explain_says_what_would_have_told(self, shop: Shop) -> None:
        result = invoke(*hero(shop, "--attributes", RUNNER, "--explain"))

        assert "why welcome for home.hero\n" in result.stdout
        assert "  back_to_basket: not eligible\n    unknown stage buy\n" in result.stdout
        assert "            region: withheld, needs personalize.content.limited\n" in result.stdout
        assert "  and 5 more offers further away; --json shows all\n" in result.stdout

    def test_explain_gives_machines_every_candidate(self, shop: Shop) -> None:
        answer = document(invoke(*hero(shop, "--explain", "--json")))

        assert len(answer["explanations"][0]["candidates"]) == 10

    def test_the_clock_is_an_argument(self, shop: Shop) -> None:
        asked = ("decide", shop.bundle, "--trust", shop.ring, "--attributes", RUNNER, "--grant-all", "--json")
        answers = [
            document(invoke(*asked, "--now", now)) for now in ("2026-04-10", "2026-04-30T23:59:59.999Z")
        ]

        assert [answer["decisions"][0]["offer"] for answer in answers] == ["running_season"] * 2

    def test_stale_malformed_and_undeclared_attributes_are_named(self, shop: Shop) -> None:
        attributes = {
            "basket_items": {"value": 2, "observed": "2026-04-01T00:00:00Z"},
            "nps": CANARY,
            "shoe": 46,
        }
        result = invoke(
            "decide", *shop.trusted, "--attributes", json.dumps(attributes), "--grant-all", "--json"
        )
        answer = document(result)

        assert (answer["stale"], answer["malformed"], answer["undeclared"]) == (
            ["basket_items"],
            ["nps"],
            ["shoe"],
        )
        assert CANARY not in result.output

    def test_an_unknown_placement_is_exit_code_2(self, shop: Shop) -> None:
        result = invoke("decide", *shop.trusted, "--placement", "home.heroo")

        assert result.exit_code == 2
        assert result.stderr == "discreet: unknown placement `home.heroo`; did you mean `home.hero`?\n"


class TestAttributes:
    def test_come_from_a_file_or_from_stdin(self, shop: Shop, tmp_path: Path) -> None:
        path = tmp_path / "visitor.json"
        path.write_text(RUNNER, encoding="utf-8")
        asked = hero(shop, "--grant-all", "--json", "--attributes")

        by_file = document(invoke(*asked, f"@{path}"))
        by_stdin = document(invoke(*asked, "-", stdin=RUNNER))
        assert by_file == by_stdin == document(invoke(*asked, RUNNER))
        assert by_file["decisions"][0]["offer"] == "running_season"

    def test_a_missing_file_is_exit_code_2(self, shop: Shop, tmp_path: Path) -> None:
        result = invoke(*hero(shop, "--attributes", f"@{tmp_path / 'none.json'}"))

        assert result.exit_code == 2
        assert "none.json`: no such file or directory" in result.stderr

    @pytest.mark.parametrize(
        "text",
        [
            f'["{CANARY}"]',
            f'{{"first_name": "{CANARY}"',
            f'{{"first_name": {CANARY}}}',
            f'{{"first_name": "{CANARY}", "first_name": "{CANARY}"}}',
            f'{{"first_name": {{"value": "{CANARY}"}}}}',
            f'{{"first_name": {{"value": "{CANARY}", "observed": "{CANARY}"}}}}',
            f'{{"first_name": {{"value": "{CANARY}", "value": "{CANARY}", "observed": "2026-04-01"}}}}',
            f'{{"first_name": {{"{CANARY}": 1}}}}',
            f'{{"nps": NaN, "first_name": "{CANARY}"}}',
            f'{{"nps": -Infinity, "first_name": "{CANARY}"}}',
            "{" + '"a":[' * 100_000,
            f'{{"nps": {"7" * 5_000}, "first_name": "{CANARY}"}}',
            f'"{CANARY}"',
            "",
        ],
        ids=range(14),
    )
    def test_what_is_not_strict_json_is_refused_without_a_word_of_it(self, text: str, shop: Shop) -> None:
        for more in ((), ("--json",)):
            result = invoke(*hero(shop, "--attributes", text, "--grant-all", *more))

            assert result.exit_code == 2
            assert CANARY not in result.output
            assert "7777" not in result.output

    def test_pieces_that_a_shell_tore_apart_are_not_repeated(self, shop: Shop) -> None:
        result = invoke(*hero(shop, "--attributes", "{first_name:", CANARY, f"{CANARY}}}"))

        assert result.exit_code == 2
        assert result.stderr == (
            "discreet decide: got unexpected extra arguments (see `discreet decide --help`)\n"
        )

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        text=st.text()
        | st.recursive(st.text(), lambda parts: st.dictionaries(st.text(), parts)).map(json.dumps)
    )
    def test_any_text_is_read_or_refused_and_nothing_else(self, text: str) -> None:
        if text == "-" or text.startswith("@"):
            text = f" {text}"
        try:
            read = read_attributes(text)
        except UnreadableAttributes:
            return
        assert isinstance(read, dict)

    def test_a_byte_order_mark_is_skipped(self, tmp_path: Path) -> None:
        path = tmp_path / "visitor.json"
        path.write_bytes(b'\xef\xbb\xbf{"nps": 9}')

        assert read_attributes(f"@{path}") == {"nps": 9}

    @pytest.mark.parametrize("text", ["[" * 100_000, f'{{"nps": {"7" * 5_000}}}'], ids=["deep", "long"])
    def test_what_is_too_deep_or_too_long_is_called_so(self, text: str) -> None:
        with pytest.raises(UnreadableAttributes, match="a number is too long, or it nests too deep"):
            read_attributes(text)

    def test_a_value_may_say_when_it_was_observed(self) -> None:
        read = read_attributes(
            '{"csat": {"value": [1], "observed": "2026-03-01T10:00:00.500Z"}, "nps": 10.0}'
        )

        assert isinstance(read["csat"], Observed)
        assert (read["csat"].value, read["csat"].at_s) == ([1], 1_772_359_200.5)
        assert read["nps"] == 10.0
