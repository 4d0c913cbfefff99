"""`discreet consent show` and `discreet consent regimes`: options, exit codes, and what must never be printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discreet.cli.policy_words import in_words, keys_of
from discreet_consent import Policy
from support.command_line import document, invoke, run
from support.gpp_strings import encode_gpp, us_section
from support.tc_strings import NOW_S, encode_tc

NOW = ("--now", "2026-06-11")  # NOW_S
CANARY = "canary-7f3a"
PROFILED = "personalize.content.profiled"
TC = encode_tc([1, 2], [1, 6, 11], special_features=[1])
SITE = """
[regimes.uk_opt_in]
core_fallback = true
[regions]
DE = { regime = "gdpr_opt_in", child_age = 18, accept_undated = true }
[groups.onetrust]
C0003 = []
CHEALTH = ["sensitive:health"]
[cookies]
my_tc = "tcf"
"""
USCA = encode_gpp({8: us_section("usca", {"SaleOptOut": 1, "SharingOptOut": 2}, gpc=False)})


def show(*arguments: str, stdin: str | None = None) -> Any:
    return invoke("consent", "show", *arguments, *NOW, stdin=stdin)


def test_the_clock_of_these_tests_is_that_of_the_strings() -> None:
    assert NOW_S == 1_781_136_000  # 2026-06-11T00:00:00Z


class TestText:
    def test_the_outcome_comes_first_and_the_expiry_last(self) -> None:
        lines = show("--tcf", TC, "--region", "IT").stdout.splitlines()

        assert lines[0] == (
            "Consent judged on 2026-06-11 (UTC) for the region IT, under the regime gdpr_opt_in"
            " (table of 2026-11-22)."
        )
        assert lines[2:6] == [
            "Allowed: functional.storage, personalize.content.limited, personalize.content.profiled.",
            "Not allowed: analytics, functional.service, marketing, personalize.content.profiling.",
            "Sensitive data allowed: precise location.",
            "No other sensitive data is allowed.",
        ]
        assert lines[-2:] == [
            "This holds until 2026-11-28T00:00:00Z; then the signals must be judged again.",
            (
                '"Essential" is what the site cannot do without. This is what the rules make of the signals, not legal'
                " advice."
            ),
        ]

    def test_purposes_are_grouped_by_what_decided_them(self) -> None:
        text = show("--tcf", TC, "--region", "IT").stdout

        assert text.count("- Allowed by the TC string, and refused by nothing: ") == 1
        assert text.count("- Not allowed, because it is refused by the TC string: ") == 1
        assert (
            "(TCF purpose 6: use profiles to select personalised content); sensitive data: precise location."
            in text
        )

    def test_absent_signals_take_one_line(self) -> None:
        text = show("--region", "US-CA").stdout

        assert text.count("Absent, which says nothing: ") == 1
        assert "share personal data), the GPP string, the US Privacy string." in text

    def test_a_known_child_is_said_to_be_one(self) -> None:
        result = show("--region", "GB", "--age", "12")

        assert result.exit_code == 0
        assert "The visitor is known to be a child" in result.stdout
        assert "because the visitor is known to be a child (the visitor's age)" in result.stdout

    def test_what_no_signal_says_is_said_to_be_the_regime_s(self) -> None:
        text = show("--region", "US-CA", "--gpp", USCA).stdout

        assert "- GPP section usca (section 8): read.\n    SaleOptOut: the visitor opted out." in text
        assert "Allowed, because the regime allows it until the visitor objects, and no signal does:" in text

    def test_a_signal_that_the_regime_does_not_hear_is_named(self) -> None:
        text = show("--region", "US-CA", "--gpp", USCA, "--tcf", CANARY).stdout

        assert "- The TC string: not heard: the rules of this region do not look at it." in text


class TestJson:
    def test_is_the_explanation_with_what_was_asked(self) -> None:
        answer = document(show("--tcf", TC, "--region", "it", "--purpose", PROFILED, "--json"))

        assert list(answer) == [
            "regime", "region", "policy_version", "judged", "purposes", "sensitive", "contextual_only", "expires",
            "signals", "rulings", "reasons", "asked",
        ]  # fmt: skip
        assert answer["sensitive"] == ["precise_geolocation"]
        assert answer["judged"] == "2026-06-11T00:00:00Z"
        assert answer["asked"] == [
            {"term": PROFILED, "granted": True, "rule": "granted", "by": ["tcf (argument)"]}
        ]

    def test_names_what_every_signal_came_to(self) -> None:
        answer = document(show("--tcf", TC, "--us-privacy", "1YNN", "--region", "IT", "--json"))
        became = {each["source"]: each["status"] for each in answer["signals"]}

        assert became == {
            "tcf": "read", "us_privacy": "not_heard", "cmp": "absent", "consent_mode": "absent", "gpc": "absent",
            "gpp": "absent",
        }  # fmt: skip


class TestWays:
    """The same signal by every way in."""

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--tcf", TC],
            ["--cookie", f"euconsent-v2={TC}"],
            ["--cookie", f"theme=dark; euconsent-v2={TC}"],
            ["--header", f"Cookie: theme=dark; euconsent-v2={TC}"],
            ["--header", f"cookie:euconsent-v2={TC}"],
        ],
        ids=["option", "cookie", "cookies", "header", "header in lower case"],
    )
    def test_a_tc_string(self, arguments: list[str]) -> None:
        answer = document(show(*arguments, "--region", "IT", "--json"))

        assert answer["purposes"] == ["functional.storage", "personalize.content.limited", PROFILED]

    def test_the_query_of_an_address_grants_nothing(self) -> None:
        answer = document(show("--query", f"gdpr=1&gdpr_consent={TC}", "--region", "IT", "--json"))

        assert answer["purposes"] == []
        assert "which anybody can write" in " ".join(answer["signals"][0]["reasons"])

    def test_headers_from_stdin_and_from_a_file(self, tmp_path: Path) -> None:
        raw = f"\ufeffGET / HTTP/2\n:authority: shop.example\n\nCookie: euconsent-v2={TC}\nSec-GPC: 1\n"
        file = tmp_path / "request.txt"
        file.write_text(raw, encoding="utf-8")

        piped = show("--header", "-", "--region", "IT", stdin=raw)
        assert piped.stdout == show("--header", f"@{file}", "--region", "IT").stdout
        assert "- The Global Privacy Control (header sec-gpc; a browser setting, " in piped.stdout

    @pytest.mark.parametrize("arguments", [["--gpc"], ["--header", "Sec-GPC: 1"], ["--header", "sec-gpc:1"]])
    def test_the_global_privacy_control(self, arguments: list[str]) -> None:
        answer = document(show(*arguments, "--region", "US-TX", "--purpose", "third_party_sharing", "--json"))

        assert answer["asked"][0]["rule"] == "refused"

    def test_the_consent_mode(self) -> None:
        state = json.dumps(
            {"default": {"analytics_storage": "denied"}, "update": {"analytics_storage": "granted"}}
        )
        answer = document(show("--consent-mode", state, "--region", "IT", "--json"))

        assert answer["purposes"] == ["analytics"]

    def test_a_policy_of_the_site(self, tmp_path: Path) -> None:
        policy = tmp_path / "site.toml"
        policy.write_text(
            'version = "ours"\n[cookies]\nour-consent = "tcf"\n[regimes.gdpr_opt_in]\nmax_age_days = 11\n'
        )
        arguments = ("--cookie", f"our-consent={TC}", "--region", "IT", "--policy", str(policy))
        answer = document(show(*arguments, "--json"))

        assert answer["policy_version"] == "ours"
        assert answer["expires"] == "2026-06-12T00:00:00Z"
        assert (
            document(show(*arguments, "--max-age-days", "20", "--json"))["expires"] == "2026-06-21T00:00:00Z"
        )


class TestAnswer:
    def test_nothing_allowed_is_an_answer_too(self) -> None:
        result = show("--region", "IT")

        assert result.exit_code == 0
        assert "Allowed: nothing but what is essential.\nNot allowed: everything else.\n" in result.stdout

    @pytest.mark.parametrize(
        ("purpose", "status"),
        [(PROFILED, 0), ("personalize.content", 1), ("sensitive:health", 1), ("essential.service", 0)],
    )
    def test_a_purpose_that_is_not_allowed_is_a_no(self, purpose: str, status: int) -> None:
        result = show("--tcf", TC, "--region", "IT", "--purpose", purpose)

        assert result.exit_code == status
        assert "What was asked:\n- " in result.stdout

    def test_what_cannot_be_read_is_a_no(self) -> None:
        result = show("--tcf", CANARY, "--region", "IT")

        assert result.exit_code == 1
        assert (
            "Could not be read or relied on: the TC string. That counts as a refusal of everything."
            in result.stdout
        )
        assert CANARY not in result.output

    def test_unless_the_regime_does_not_hear_it(self) -> None:
        assert show("--tcf", CANARY, "--region", "US-CA").exit_code == 0

    def test_a_string_for_another_state_can_be_relied_on_nowhere_else(self) -> None:
        result = show("--gpp", USCA, "--region", "US-VA")

        assert result.exit_code == 1
        assert "cannot be read or relied on (not_for_here)" in result.stdout

    def test_without_a_region_a_note_says_which_rules_apply(self) -> None:
        result = show("--tcf", TC)

        assert result.stderr == "discreet: note: no region was stated; the strictest rules apply\n"
        assert "under every regime at once" in result.stdout

    def test_cookies_without_a_signal_are_remarked_on(self) -> None:
        result = show("--cookie", "theme=dark", "--region", "IT")

        assert result.stderr.startswith(
            "discreet: note: no cookie, header or parameter is one that the policy reads"
        )


class TestRegions:
    @pytest.mark.parametrize(
        ("region", "meant"),
        [("Germany", ""), ("EU", ""), ("UK", "GB"), ("usa", "US"), ("EL", "GR"), ("UK-LND", "GB-LND")],
    )
    def test_one_without_a_row_is_remarked_on(self, region: str, meant: str) -> None:
        hint = f"; did you mean `{meant}`?" if meant else ""
        says = (
            f"discreet: note: the table has no row for `{region}`, so the strictest rules apply; "
            f"a region is an ISO 3166 code such as `DE` or `US-CA`{hint}\n"
        )

        assert show("--region", region).stderr == says
        assert invoke("consent", "regimes", "--region", region).stderr == says

    def test_blanks_around_it_do_not_count(self) -> None:
        result = show("--region", "de ")

        assert result.stderr == ""
        assert "for the region DE, under the regime gdpr_opt_in" in result.stdout
        assert invoke("consent", "regimes", "--region", " de").stdout.startswith("DE: gdpr_opt_in\n")

    def test_a_row_of_the_site_s_own_counts(self, tmp_path: Path) -> None:
        policy = tmp_path / "site.toml"
        policy.write_text('[regions]\nBR = { regime = "gdpr_opt_in" }\n')

        assert show("--region", "BR", "--policy", str(policy)).stderr == ""


class TestHeaders:
    """A signal in a file of headers is read, or the file is refused: it is never lost in silence."""

    @pytest.mark.parametrize(
        ("lines", "number"),
        [
            (["cookie:", f"euconsent-v2={CANARY}", "sec-gpc:", "1"], 1),
            ([":authority:", "shop.example", "cookie:", f"a={CANARY}"], 1),
            (["Host: shop.example", "cookie", f"a={CANARY}"], 2),
            (["Host: shop.example", f"a={CANARY}:b"], 2),
            (["", "Sec-GPC:"], 2),
        ],
    )
    def test_name_and_value_on_two_lines_are_refused(
        self, lines: list[str], number: int, tmp_path: Path
    ) -> None:
        file = tmp_path / "request.txt"
        file.write_text("\n".join(lines))
        result = show("--header", f"@{file}", "--region", "IT")

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"discreet: line {number} of `{file}` is ")
        assert CANARY not in result.output

    def test_stdin_without_any_is_remarked_on(self) -> None:
        result = show("--header", "-", "--region", "IT", stdin="")

        assert (result.exit_code, result.stderr) == (0, "discreet: note: stdin holds no header\n")


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--cookie", CANARY], "`--cookie` is `NAME=VALUE`"),
            (["--header", CANARY], "a header is not `Name: value`"),
            (["--age", CANARY], "`--age` is a number of years"),
            (["--age", "nan"], "`--age` is a number of years"),
            (["--region", "IT", f"--cookie=a={CANARY}", CANARY], "got unexpected extra argument"),
            (["--purpose", "personalise.content"], "is no data use; did you mean `personalize.content`?"),
            (["--purpose", "essential.recommendations"], "`essential.recommendations` is no data use (see"),
            (["--purpose", "essential.servce"], "is no data use; did you mean `essential.service`?"),
            (["--purpose", "sensitive:heatlh"], "is no sensitive item; did you mean `health`?"),
            (["--max-age-days", "400", "--region", "IT"], "max_age_days"),
        ],
    )
    def test_is_refused_without_quoting_what_was_sent(self, arguments: list[str], says: str) -> None:
        result = show(*arguments)

        assert result.exit_code == 2
        assert result.stdout == ""
        assert says in result.stderr
        assert result.stderr.count("\n") == 1
        assert CANARY not in result.output

    def test_a_policy_that_is_none_names_its_file(self, tmp_path: Path) -> None:
        policy = tmp_path / "site.toml"
        policy.write_text("[regimes.gdpr_opt_in]\nmax_age = 11\n")
        result = show("--region", "IT", "--policy", str(policy))

        assert result.exit_code == 2
        assert result.stderr.startswith(f"discreet: `{policy}`: regime `gdpr_opt_in` has no key `max_age`")

    def test_an_error_in_json_is_json(self) -> None:
        error = document(show("--cookie", CANARY, "--json"))["error"]

        assert error["code"] == "usage"
        assert CANARY not in error["message"]


@given(text=st.text(max_size=60), region=st.sampled_from(["IT", "US-CA", "GB", "\x1b[31m", ""]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_sent_is_explained_and_not_printed(text: str, region: str) -> None:
    sent = f"{CANARY}{text}"
    result = show(
        "--tcf", sent, "--gpp", sent, "--us-privacy", sent, "--consent-mode", sent, "--cookie", f"CookieConsent={sent}",
        "--region", region, "--json",
    )  # fmt: skip

    assert result.exit_code == 1
    assert document(result)["purposes"] == []
    assert CANARY not in result.output


def test_a_shell_s_arguments_and_a_narrow_terminal_lose_nothing() -> None:
    result = run("consent", "show", "--tcf", TC, "--region", "IT", *NOW, env={"COLUMNS": "40"}, check=True)

    assert (
        "Not allowed: analytics, functional.service, marketing, personalize.content.profiling."
        in result.stdout
    )
    assert result.stderr == ""


class TestRegimes:
    def test_shows_the_whole_table(self) -> None:
        text = invoke("consent", "regimes").stdout

        assert "\ngdpr_opt_in\n  opt-in: nothing but what stands under `allowed without a signal`" in text
        assert (
            "  region   US-MD, with its own GPP section usmd; sensitive items: never; no advertising from profiles "
            "below 18; the law binds sites to the Global Privacy Control\n" in text
        )
        assert "\nAny other region is unknown: only what all of these regimes allow is allowed.\n" in text
        assert "\n  headers  sec-gpc: gpc\n" in text
        assert "\n  onetrust  C0001: nothing; C0002: analytics; C0003: functional, personalize; " in text
        assert "changed here" not in text

    def test_of_a_site_s_policy_it_says_what_is_changed(self, tmp_path: Path) -> None:
        policy = tmp_path / "site.toml"
        policy.write_text(SITE)
        region = invoke("consent", "regimes", "--policy", policy, "--region", "DE").stdout
        table = invoke("consent", "regimes", "--policy", policy).stdout
        rules = "a child is younger than 18; a choice without a date counts"
        others = "cookies my_tc carries tcf; onetrust C0003 stands for nothing; onetrust CHEALTH stands for"

        assert f"\n  changed here: {rules}\n" in region
        assert f"\nchanged here: {others} sensitive:health\n" in region
        assert "\n  changed here: a TC string's core speaks for the site\n" in table
        assert f"\nchanged here: region DE: {rules}; {others}" in table
        answer = document(invoke("consent", "regimes", "--policy", policy, "--json"))["changed"]
        assert answer["regimes"] == {"uk_opt_in": {"core_fallback": True}}
        assert answer["regions"] == {"DE": {"child_age": 18, "accept_undated": True}}

    def test_every_key_of_a_regime_has_words(self) -> None:
        keys = keys_of(Policy.default().presets[0])

        assert not any(in_words({key: keys[key]}).startswith(key) for key in keys if "_" in key)

    def test_an_empty_region_is_none(self) -> None:
        assert invoke("consent", "regimes", "--region", " ").stdout.startswith(
            "no region: unknown\n  because of  no region is stated: only what all of "
        )

    @pytest.mark.parametrize(
        ("region", "regime", "why"),
        [
            ("us-ca", "us_opt_out", "row `US-CA`"),
            ("US-NY", "us_strict", "row `US`, since `US-NY` has no row of its own"),
            (
                "ZZ",
                "unknown",
                "`ZZ` has no row: only what all of gdpr_opt_in, uk_opt_in, us_opt_out, us_strict allow",
            ),
        ],
    )
    def test_says_why_a_region_has_its_rules(self, region: str, regime: str, why: str) -> None:
        result = invoke("consent", "regimes", "--region", region)
        answer = document(invoke("consent", "regimes", "--region", region, "--json"))

        assert result.stdout.startswith(f"{region.upper()}: {regime}\n  because of  {why}")
        assert answer["regime"] == regime

    def test_in_json_a_row_says_what_it_states_anew(self) -> None:
        answer = document(invoke("consent", "regimes", "--json"))

        assert answer["regions"]["US-MD"] == {
            "regime": "us_opt_out",
            "anew": {"section": "usmd", "sensitive": "never", "minor_age": 18, "gpc_is_binding": True},
        }
        assert answer["carriers"]["cookies"]["euconsent-v2"] == "tcf"
        assert answer["groups"]["onetrust"]["C0002"] == ["analytics"]
