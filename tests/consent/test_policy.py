"""A site's policy: laid over the package's, refused by name where it is mistaken, and asked by region."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from discreet_consent import Policy, PolicyError
from discreet_consent.regimes.rules import HEARABLE, MAX_AGE_DAYS, Rules
from discreet_consent.signals.us_sections import DRAFT_SECTIONS, US_SECTIONS
from support.naming import named

DEFAULT = Policy.default()
REQUIRED: Mapping[str, Any] = {"kind": "opt_in", "hears": ["tcf"], "default": [], "opt_out_ends": ["collect"]}
SMALL: Mapping[str, Any] = {"format": 1, "regimes": {"own": REQUIRED}, "regions": {"CA": {"regime": "own"}}}


def rules_for(region: object, policy: Policy = DEFAULT) -> Rules:
    found = policy.rules_for(region)
    assert found is not None
    return found


def stated(**keys: Any) -> Rules:
    """A regime with the keys that it needs, and `keys`."""
    return Rules("own", {**REQUIRED, **keys})


# --- Regions


@pytest.mark.parametrize(
    ("region", "regime", "section"),
    [
        ("IT", "gdpr_opt_in", None),
        ("it", "gdpr_opt_in", None),
        ("IT-LO", "gdpr_opt_in", None),
        ("it-lo", "gdpr_opt_in", None),
        ("GB-ENG", "uk_opt_in", None),
        ("US", "us_strict", None),
        ("US-CA", "us_opt_out", 8),
        ("us-ca", "us_opt_out", 8),
        ("US-NY", "us_strict", None),  # a state without a law of its own
        ("US-", "us_strict", None),
        ("US-CA-LA", "us_opt_out", 8),  # no such code: of what is left of it, the most specific
    ],
)
def test_the_most_specific_row_of_a_region_counts(region: str, regime: str, section: int | None) -> None:
    rules = rules_for(region)

    assert (rules.regime, rules.section) == (regime, section)


@pytest.mark.parametrize(
    "region",
    [
        None, "", "-", "XX", "CA", "ITA", "IT_LO", " IT", "USCA", "-CA", "EU", 3, b"IT", ["IT"], True,
        "\u0131t", "\ufb02",  # whose upper cases are IT and FL
    ],
    ids=ascii,
)  # fmt: skip
def test_a_region_without_a_row_is_unknown(region: object) -> None:
    assert DEFAULT.rules_for(region) is None


def test_a_part_of_a_country_may_have_a_row_where_the_country_has_none() -> None:
    policy = DEFAULT.over({"regions": {"CA-QC": {"regime": "gdpr_opt_in"}}})

    assert rules_for("ca-qc", policy).regime == "gdpr_opt_in"
    assert policy.rules_for("CA") is policy.rules_for("CA-ON") is None


def test_a_row_states_keys_of_its_regime_anew_for_that_region_alone() -> None:
    policy = DEFAULT.over({"regions": {"FR": {"child_age": 15}, "US-CA": {"minor_age": 18}}})

    assert rules_for("FR", policy).child_age == 15
    assert rules_for("IT", policy).child_age == rules_for("FR").child_age == 16
    assert rules_for("US-CA", policy) == Rules("us_opt_out", {**keys_of("US-CA"), "minor_age": 18})


def keys_of(region: str) -> dict[str, Any]:
    """The keys under which the package's own table judges a region."""
    path = Path(__file__).parents[2] / "consent" / "discreet_consent" / "regimes" / "regimes.toml"
    table = tomllib.loads(path.read_text("utf-8"))
    row = table["regions"][region]
    return {
        key: value for key, value in {**table["regimes"][row["regime"]], **row}.items() if key != "regime"
    }


def test_the_regions_with_a_row_can_be_listed_and_not_changed() -> None:
    regions = DEFAULT.regions

    assert len(regions) == 27 + 4 + 1 + 1 + 20
    assert all(code == code.upper() for code in regions)
    with pytest.raises(TypeError):
        regions["XX"] = regions["IT"]  # type: ignore[index] # it is a mapping that nobody writes to


def test_every_state_with_a_section_of_its_own_has_a_row_that_names_it() -> None:
    named = {region: rules.section for region, rules in DEFAULT.regions.items() if rules.section is not None}
    known = {layout.region: number for number, layout in US_SECTIONS.items() if layout.region != "US"}

    assert named == known | {region: number for number, region in DRAFT_SECTIONS.items()}


# --- Laying one over another


def test_tables_are_merged_and_everything_else_is_replaced() -> None:
    policy = DEFAULT.over(
        {
            "version": "2027-01-01",
            "regimes": {"gdpr_opt_in": {"hears": ["tcf"]}},
            "groups": {"onetrust": {"C0002": [], "SITE": ["collect"]}},
            "cookies": {"euconsent-v2": "", "own": "tcf"},
        }
    )

    assert policy.version == "2027-01-01"
    assert rules_for("IT", policy).hears == {"tcf", "gpc"}
    assert rules_for("IT", policy).opt_out_ends == rules_for("IT").opt_out_ends
    assert policy.groups["onetrust"] == {
        **DEFAULT.groups["onetrust"], "C0002": frozenset(), "SITE": {"collect"},
    }  # fmt: skip
    assert policy.groups["didomi"] == DEFAULT.groups["didomi"]
    assert policy.cookies.keys() ^ DEFAULT.cookies.keys() == {"euconsent-v2", "own"}


def test_laying_over_changes_neither_what_lies_below_nor_what_was_laid() -> None:
    above: dict[str, Any] = {
        "regimes": {"gdpr_opt_in": {"child_age": 14}},
        "regions": {"XX": {"regime": "us_strict"}},
    }
    before = {code: rules.as_dict() for code, rules in DEFAULT.regions.items()}
    policy = DEFAULT.over(above)
    above["regimes"]["gdpr_opt_in"]["child_age"] = 21

    assert {code: rules.as_dict() for code, rules in DEFAULT.regions.items()} == before
    assert rules_for("IT", policy).child_age == 14
    assert DEFAULT.rules_for("XX") is None


def test_nobody_changes_a_policy_from_outside() -> None:
    above: dict[str, Any] = {"regions": {"XX": {"regime": "own"}}, "regimes": {"own": dict(REQUIRED)}}
    policy = DEFAULT.over(above)
    above["regions"]["XX"]["child_age"] = 0
    above["regimes"]["own"]["default"] = ["analytics"]
    grown = policy.over({"version": "2"})

    assert rules_for("XX", grown).child_age == 16
    assert rules_for("XX", grown).default == frozenset()


def test_what_is_laid_over_last_counts() -> None:
    twice = DEFAULT.over({"regions": {"IT": {"child_age": 14}}}).over({"regions": {"IT": {"minor_age": 17}}})

    assert (rules_for("IT", twice).child_age, rules_for("IT", twice).minor_age) == (14, 17)


def test_opting_in_states_keys_for_the_regimes_of_consent_alone() -> None:
    policy = DEFAULT.opting_in(max_age_days=7)

    assert {rules.regime: rules.max_age_days for rules in policy.presets} == {
        "gdpr_opt_in": 7, "uk_opt_in": 7, "us_opt_out": 365, "us_strict": 365,
    }  # fmt: skip
    assert rules_for("IT", policy).max_age_days == 7
    assert rules_for("US-CA", policy).max_age_days == 365


def test_a_policy_is_read_from_a_file_and_laid_over_the_packages(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("[regimes.gdpr_opt_in]\nmax_age_days = 30\n", "utf-8")

    assert rules_for("IT", Policy.read(path)).max_age_days == 30
    assert (
        Policy.read(path).regions == DEFAULT.over({"regimes": {"gdpr_opt_in": {"max_age_days": 30}}}).regions
    )


@pytest.mark.parametrize(
    ("content", "message"), [(b"regimes = [", "not a TOML file"), (b'version = "\xff"', "not a TOML file")]
)
def test_a_file_that_is_no_toml_is_refused_by_its_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes(content)

    with pytest.raises(PolicyError, match=rf"site\.toml: {message}"):
        Policy.read(path)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"site\.toml: cannot be read: No such file"):
        Policy.read(tmp_path / "site.toml")


# --- Mistakes


@pytest.mark.parametrize(
    ("above", "message"),
    [
        ({"regime": {}}, "a policy has no table `regime`; it may have regimes, regions, "),
        ({"format": 2}, "the policy's `format` is not 1"),
        ({"format": "1"}, "the policy's `format` is not 1"),
        ({"format": True}, "the policy's `format` is not 1"),
        ({"regimes": []}, "`regimes` is not a table"),
        ({"regions": []}, "`regions` is not a table"),
        ({"regions": {"IT": "gdpr_opt_in"}}, "`IT` is not a table"),
        ({"regimes": {"gdpr_opt_in": 3}}, "`gdpr_opt_in` is not a table"),
        ({"cookies": ["euconsent-v2"]}, "`cookies` is not a table"),
        ({"groups": {"onetrust": ["C0001"]}}, "`onetrust` is not a table"),
        ({"regions": {"XX": {}}}, "region `XX` names no regime"),
        ({"regions": {"XX": {"regime": "gdpr"}}}, "region `XX` names no regime"),
        ({"regions": {"xx": {"regime": "us_strict"}}}, "region `xx` is not written in upper case"),
        (
            {"regions": {"IT": {"child_ages": 3}}},
            "regime `gdpr_opt_in` has no key `child_ages`; it may have kind, ",
        ),
        ({"regions": {"IT": {"child_age": 22}}}, "regime `gdpr_opt_in`: `child_age`: it must be 0 to 21"),
        ({"regimes": {"own": {"kind": "opt_in"}}}, "regime `own` lacks the key `hears`"),
        ({"groups": {"one_trust": {}}}, "`groups.one_trust`: no such consent tool; there are "),
        (
            {"groups": {"onetrust": {"C0001": ["stats"]}}},
            "`groups.onetrust`: `C0001`: `stats` is no data use",
        ),
        (
            {"groups": {"onetrust": {"C0001": "analytics"}}},
            "`groups.onetrust`: `C0001`: it must be a list of words",
        ),
        ({"groups": {"onetrust": {"C0001": ["sensitive:moods"]}}}, "`sensitive:moods` is no sensitive item"),
        ({"cookies": {"a": "tfc"}}, "`cookies`: `a`: `tfc` is no source; there are tcf, gpp, "),
        ({"headers": {"x-tc": "tc"}}, "`headers`: `x-tc`: `tc` is no source"),
        ({"parameters": {"gdpr": "gdpr"}}, "`parameters`: `gdpr`: `gdpr` is no source"),
    ],
    ids=named,
)
def test_a_mistake_in_a_policy_is_named(above: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError) as mistake:
        DEFAULT.over(above)

    assert message in str(mistake.value)
    assert "\n" not in str(mistake.value)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "`format` is not 1"),
        ({"format": 1}, "a policy needs at least one regime"),
        ({"format": 1, "regimes": {}}, "a policy needs at least one regime"),
        ({**SMALL, "sites": {}}, "no table `sites`"),
    ],
    ids=named,
)
def test_a_policy_of_its_own_must_be_whole(document: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy(document)


def test_the_smallest_policy_has_one_regime_and_hears_nothing_by_name() -> None:
    policy = Policy(SMALL)

    assert [rules.regime for rules in policy.presets] == ["own"]
    assert policy.version == ""
    assert not policy.groups
    assert not {**policy.cookies, **policy.headers, **policy.parameters}
    assert repr(policy) == "Policy(version='', regimes=['own'])"


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        DEFAULT.version = "mine"
    for table in (
        DEFAULT.groups,
        DEFAULT.groups["onetrust"],
        DEFAULT.cookies,
        DEFAULT.headers,
        DEFAULT.parameters,
    ):
        with pytest.raises(TypeError):
            table["x"] = ""  # type: ignore[index] # a mapping that nobody writes to


# --- The keys of a regime


def test_a_key_that_is_left_out_has_its_strict_default() -> None:
    assert stated().as_dict() == {
        "regime": "own",
        "kind": "opt_in",
        "hears": ["gpc", "tcf"],  # the GPC is heard everywhere
        "sections": [],
        "section": None,
        "default": [],
        "opt_out_ends": ["collect"],
        "opt_in_grants": [],
        "sensitive": "opt_in",
        "max_age_days": 180,
        "child_age": 16,
        "minor_age": 18,
        "core_fallback": False,
        "legitimate_interest": [],
        "require_disclosed_vendors": False,
        "accept_undated": False,
        "parameters_grant": False,
        "us_privacy_speaks": False,
        "gpc_is_binding": False,
    }


@pytest.mark.parametrize("key", REQUIRED)
def test_what_is_granted_heard_and_ended_must_be_stated(key: str) -> None:
    with pytest.raises(PolicyError, match=f"regime `own` lacks the key `{key}`"):
        Rules("own", {name: value for name, value in REQUIRED.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", "opt"), ("kind", None), ("kind", ["opt_in"]),
        ("sensitive", "always"), ("sensitive", True),
        ("hears", ["tcf", "onetrust"]), ("hears", "tcf"), ("hears", [3]), ("hears", None),
        ("default", "analytics"), ("default", ["analytic"]), ("default", ["sensitive:"]), ("default", [None]),
        ("default", ["sensitive:analytics"]), ("default", ["essential.recommendations"]), ("default", {"analytics": 1}),
        ("opt_out_ends", ["analytics."]), ("opt_in_grants", ["Analytics"]),
        ("section", "tcf"), ("section", 8), ("section", "usxx"), ("sections", "usca"), ("sections", ["us"]),
        ("sections", [7]),
        ("max_age_days", 0), ("max_age_days", 0.99), ("max_age_days", MAX_AGE_DAYS + 1), ("max_age_days", "30"),
        ("max_age_days", True), ("max_age_days", float("nan")), ("max_age_days", float("inf")), ("max_age_days", None),
        ("child_age", -1), ("child_age", 21.5), ("child_age", "16"), ("child_age", True), ("minor_age", 22),
        ("core_fallback", 1), ("core_fallback", "false"), ("core_fallback", None),
        ("require_disclosed_vendors", 0), ("accept_undated", "yes"), ("us_privacy_speaks", 1), ("gpc_is_binding", []),
        ("legitimate_interest", [1]), ("legitimate_interest", [2, 6]), ("legitimate_interest", [12]),
        ("legitimate_interest", "2"), ("legitimate_interest", ["2"]), ("legitimate_interest", [[2]]),
        ("legitimate_interest", 2),
    ],
)  # fmt: skip
def test_a_value_out_of_its_bounds_is_refused_by_its_key(key: str, value: object) -> None:
    with pytest.raises(PolicyError, match=f"regime `own`: `{key}`: "):
        stated(**{key: value})


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("max_age_days", 1, 1), ("max_age_days", 390, 390), ("max_age_days", 1.5, 1.5),
        ("child_age", 0, 0), ("child_age", 21, 21), ("minor_age", 0, 0), ("minor_age", 21, 21),
        ("hears", list(HEARABLE), frozenset(HEARABLE)), ("hears", (), frozenset({"gpc"})),
        ("default", ["sensitive:health", "personalize.content.profiled.homepage"],
         frozenset({"sensitive:health", "personalize.content.profiled.homepage"})),
        ("legitimate_interest", [2, 7, 8, 9, 10, 11], frozenset({2, 7, 8, 9, 10, 11})),
        ("section", "usca", 8), ("section", "usmd", 24), ("section", "usri", 27),
        ("sections", ["tcfeuv2", "tcfcav1", "uspv1", "usnat"], frozenset({2, 5, 6, 7})),
        ("sensitive", "never", "never"), ("kind", "opt_out", "opt_out"),
    ],
)  # fmt: skip
def test_a_value_within_its_bounds_is_read(key: str, value: object, read: object) -> None:
    assert getattr(stated(**{key: value}), key) == read


def test_rules_are_equal_by_every_key() -> None:
    assert stated() == stated(max_age_days=180)
    assert hash(stated()) == hash(stated(max_age_days=180))
    assert stated() != stated(max_age_days=181)
    assert stated() != Rules("other", REQUIRED)
    assert stated() != "own"
    assert repr(stated()) == "Rules('own', opt_in)"


def test_rules_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        stated().max_age_days = 390
