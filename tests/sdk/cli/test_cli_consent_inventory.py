"""`discreet consent inventory`: what a record of processing asks, of a bundle and of models, in three forms."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from support.command_line import OPENED, Shop, document, invoke

NOW = ("--now", OPENED)
HOSTILE = "<script>alert(1)</script>|`*[x](http://x)*` & \\"

MODEL = """\
model: shop
channel: web
attributes:
  country: {type: string, provenance: contextual, purposes: [personalize.content.limited], category: user.location}
  postcode: {type: string, provenance: declared, purposes: [personalize.content.profiled], category: user.contact,
             retention: 90d, sensitive: precise_geolocation}
  area: {coarsens: postcode, by: {characters: 2}, purposes: [personalize.content.limited]}
  shoe_size: {type: number, provenance: declared, purposes: [personalize.content.profiled]}
  name: {type: string, provenance: declared, purposes: [essential.service], category: user.name, retention: 365d}
  score: {type: number, provenance: third_party, purposes: [train_ai_system], category: user, retention: 1d}
conditions:
  big_feet: {says: "Big feet, as <b>they</b> say", when: shoe_size >= 46}
stages:
  - {id: discover}
  - {id: near, when: area == "20"}
placements: {home.hero: {fallback: welcome}}
offers:
  - {id: welcome, content: {title: Welcome}}
  - {id: local, placements: [home.hero], stages: [near], when: country == "IT", content: {title: "Hi {name|you}"}}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inventory") / "shop.yaml"
    path.write_text(MODEL, encoding="utf-8")
    return path


def taken(*arguments: str | Path) -> Any:
    return document(invoke("consent", "inventory", *arguments, *NOW, "--json"))


def attributes(inventory: Any) -> dict[str, Any]:
    return {each["name"]: each for each in inventory["attributes"]}


def remarks(inventory: Any) -> dict[str, list[str]]:
    return {each["code"]: each["attributes"] for each in inventory["remarks"]}


class TestFacts:
    def test_each_attribute_is_there_with_its_declaration(self, model: Path) -> None:
        postcode = attributes(taken(model))["postcode"]

        assert {
            key: postcode[key] for key in ("type", "provenance", "category", "sensitive", "retention_s")
        } == {
            "type": "string",
            "provenance": "declared",
            "category": "user.contact",
            "sensitive": "precise_geolocation",
            "retention_s": 90 * 86_400,
        }
        assert postcode["substitutes"] == ["area"]

    def test_what_depends_on_an_attribute_is_named(self, model: Path) -> None:
        found = attributes(taken(model))
        local = {"model": "shop", "id": "local"}

        assert found["country"]["offers"] == [local]
        assert found["area"]["offers"] == [local]  # by its stage
        assert found["area"]["stages"] == [{"model": "shop", "id": "near"}]
        assert found["area"]["coarsens"] == {"attribute": "postcode", "by": {"characters": 2}}
        assert found["name"]["tokens"] == [local]
        assert found["name"]["placements"] == ["home.hero"]
        assert found["shoe_size"]["conditions"] == [{"model": "shop", "id": "big_feet"}]

    def test_each_regime_has_its_legal_basis(self, model: Path) -> None:
        found = attributes(taken(model))
        says = {
            name: {regime: basis["says"] for regime, basis in each["legal_basis"].items()}
            for name, each in found.items()
        }

        assert list(says["country"]) == ["gdpr_opt_in", "uk_opt_in", "us_opt_out", "us_strict"]
        assert says["country"]["gdpr_opt_in"] == "consent (TCF purpose 11)"
        assert says["country"]["us_strict"] == "no objection"
        assert says["postcode"]["gdpr_opt_in"] == "consent (TCF purpose 6, TCF special feature 1)"
        assert says["name"]["gdpr_opt_in"] == "essential, no consent asked"
        assert says["score"]["us_opt_out"] == "never permitted"

    def test_regions_take_the_place_of_the_regimes(self, model: Path) -> None:
        inventory = taken(model, "--region", "us-ca", "--region", "IT")

        assert inventory["regimes"] == {"us_opt_out (US-CA)": "opt_out", "gdpr_opt_in (IT)": "opt_in"}

    def test_a_policy_of_the_site_counts(self, model: Path, tmp_path: Path) -> None:
        policy = tmp_path / "site.toml"
        policy.write_text(
            'version = "ours"\n[regimes.gdpr_opt_in]\ndefault = ["personalize.content.limited"]\n'
        )
        inventory = taken(model, "--policy", policy)

        assert inventory["policy_version"] == "ours"
        assert attributes(inventory)["country"]["legal_basis"]["gdpr_opt_in"]["basis"] == "opt_out"

    def test_what_nothing_needs_is_said(self, model: Path) -> None:
        assert remarks(taken(model)) == {
            "unused": ["score", "shoe_size"],
            "exact-unused": ["postcode"],
            "never-permitted": ["score"],
            "no-category": ["shoe_size"],
            "no-retention": ["shoe_size"],
        }

    def test_every_purpose_is_listed_with_what_serves_it(self, model: Path) -> None:
        by_purpose = {each.pop("purpose"): each for each in taken(model)["purposes"]}

        assert by_purpose["personalize.content.profiled"] == {
            "tcf_purpose": 6,
            "attributes": ["postcode", "shoe_size"],
            "categories": ["user.contact"],
            "longest_retention_s": 90 * 86_400,
            "without_retention": ["shoe_size"],
        }

    def test_a_retention_that_one_attribute_declares_is_not_said_of_another(self, tmp_path: Path) -> None:
        """Neither of an attribute, nor of the coarser value of one that declares none."""
        path = tmp_path / "shop.yaml"
        kept = MODEL.replace("retention: 90d, ", "").replace(
            "provenance: contextual, purposes: [personalize.content.limited], category: user.location",
            "provenance: declared, purposes: [personalize.content.limited], retention: 30d",
        )
        path.write_text(kept, encoding="utf-8")
        (limited,) = (
            each for each in taken(path)["purposes"] if each["purpose"] == "personalize.content.limited"
        )

        assert limited["without_retention"] == ["area"]
        assert "| 30 days; not declared for area |" in invoke("consent", "inventory", path, *NOW).stdout


class TestSources:
    def test_a_bundle_and_its_model_have_the_same_inventory(self, shop: Shop) -> None:
        bundle, models = taken(shop.bundle, "--trust", shop.ring), taken(shop.model)

        assert bundle.pop("bundle")["version"] == 7
        assert models.pop("bundle") is None
        assert bundle == models

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["{bundle}"], "is a bundle, which is verified first: name its keyring with --trust"),
            (["{model}", "--trust", "{ring}"], "a model has no signature to verify"),
            (["{bundle}", "{model}", "--trust", "{ring}"], "of one bundle, or of models"),
            (["{model}", "--region", "ZZ"], "no row for the region `ZZ`"),
            (["{model}", "--region", "UK"], "did you mean `GB`?"),
            (["{model}", "-o", "inv.pdf"], "`inv.pdf` ends with none of .html, .htm, .json, .md"),
            (["{model}", "-o", "inv"], "name its form with --format"),
            (["{model}", "--format", "html", "--json"], "name another format together with -o FILE"),
        ],
    )
    def test_is_refused(self, arguments: list[str], says: str, shop: Shop) -> None:
        named = {"bundle": shop.bundle, "model": shop.model, "ring": shop.ring}
        result = invoke("consent", "inventory", *(each.format(**named) for each in arguments), *NOW)

        assert result.exit_code == 2
        assert says in (document(result)["error"]["message"] if "--json" in arguments else result.stderr)

    def test_a_forged_bundle_has_none(self, shop: Shop, tmp_path: Path) -> None:
        octets = bytearray(shop.bundle.read_bytes())
        octets[len(octets) // 2] ^= 1
        forged = tmp_path / "forged.bundle"
        forged.write_bytes(octets)

        assert invoke("consent", "inventory", forged, "--trust", shop.ring, *NOW).exit_code == 1

    def test_one_whose_time_is_over_has_one_as_of_then(self, shop: Shop) -> None:
        arguments = ("consent", "inventory", shop.bundle, "--trust", shop.ring)
        late = invoke(*arguments, "--now", "2036-01-01")

        assert late.exit_code == 1
        assert late.stderr.endswith(
            "for the inventory as of then, state an instant at which it held with --now\n"
        )
        assert invoke(*arguments, *NOW).exit_code == 0

    def test_a_model_with_mistakes_has_none(self, broken_model: Path) -> None:
        result = invoke("consent", "inventory", broken_model, *NOW)

        assert result.exit_code == 1
        assert "3 problems in 1 file" in result.stderr


class TestMarkdown:
    def test_is_the_form_without_another(self, model: Path) -> None:
        text = invoke("consent", "inventory", model, *NOW).stdout

        assert text.startswith("# Inventory of shop.yaml\n\n- taken: 2026-04-10T12:00:00Z\n- models: shop\n")
        assert (
            "- **score, shoe_size**: no decision and no content depends on it; data minimisation asks" in text
        )
        cells = {
            line.split(" | ")[0].removeprefix("| "): line.removesuffix(" |").split(" | ")[1:]
            for line in text.partition("## Attributes")[2].partition("## Legal bases")[0].splitlines()
        }
        assert cells["postcode"] == [
            "string", "told by the visitor", "user.contact", "personalize.content.profiled", "precise location",
            "90 days", "no offer; coarser values area",
        ]  # fmt: skip
        assert cells["area"][-2:] == [
            "90 days; postcode by 2 characters", "offers local; stages near; placements home.hero"
        ]  # fmt: skip
        assert cells["shoe_size"][-1] == "no offer; only conditions that nothing uses: big_feet"

    def test_regimes_are_explained_with_their_regions(self, model: Path) -> None:
        text = invoke("consent", "inventory", model, *NOW).stdout

        assert "\n- uk_opt_in: nothing is allowed until the visitor agrees" in text
        assert " (GB)\n" in text
        assert " (AT, BE, " not in invoke("consent", "inventory", model, "--region", "DE", *NOW).stdout
        assert text.endswith("recipients, transfers and security measures, which no bundle holds.\n")

    def test_every_row_of_a_table_has_as_many_cells_as_its_head(self, model: Path) -> None:
        text = invoke("consent", "inventory", model, *NOW).stdout
        rows = [line.count("|") - line.count("\\|") for line in text.splitlines() if line.startswith("|")]

        assert rows == [9] * (2 + 6) + [6] * (2 + 6) + [5] * (2 + 4)


class _Page(HTMLParser):
    """What is in a page: its tags with attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


class TestHtml:
    def test_is_a_whole_page_that_loads_and_runs_nothing(self, model: Path) -> None:
        text = invoke("consent", "inventory", model, "--format", "html", *NOW).stdout
        page = _Page(text)

        assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert page.open == []
        assert {tag for tag, _ in page.tags} & {
            "script",
            "link",
            "img",
            "iframe",
            "object",
            "form",
            "a",
        } == set()
        assert not any(
            name.startswith("on") or name in ("src", "href") for _, attrs in page.tags for name in attrs
        )
        assert "url(" not in text
        assert "@media print" in text

    def test_a_line_breaks_within_a_key_only_after_a_dot(self, model: Path) -> None:
        text = invoke("consent", "inventory", model, "--format", "html", *NOW).stdout

        assert "personalize.<wbr>content.<wbr>limited" in text
        assert "overflow-wrap: anywhere" not in text

    def test_every_table_can_be_read_aloud(self, model: Path) -> None:
        tags = _Page(invoke("consent", "inventory", model, "--format", "html", *NOW).stdout).tags
        named = [tag for tag, _ in tags]

        assert named.count("table") == named.count("caption") == 3
        assert all(attrs["scope"] in ("col", "row") for tag, attrs in tags if tag == "th")
        assert [tag for tag in named if tag in ("h1", "h2")] == ["h1", "h2", "h2", "h2", "h2"]

    def test_what_others_wrote_is_text(self, shop: Shop, tmp_path: Path) -> None:
        bundle = tmp_path / "named.bundle"
        made = invoke(
            "build", shop.model, "--key", shop.secret, "--name", HOSTILE, "-o", bundle, "--created", "2026-04-01"
        )  # fmt: skip
        assert made.exit_code == 0, made.output
        arguments = ("consent", "inventory", bundle, "--trust", shop.ring, *NOW)
        page = _Page(invoke(*arguments, "--format", "html").stdout)
        markdown = invoke(*arguments).stdout

        assert "script" not in {tag for tag, _ in page.tags}
        assert HOSTILE in page.said
        assert r"- name: \<script\>alert(1)\</script\>\|\`\*\[x\](http://x)\*\` \& \\" in markdown
        assert document(invoke(*arguments, "--json"))["bundle"]["name"] == HOSTILE


class TestFile:
    @pytest.mark.parametrize(
        ("name", "more", "begins"),
        [
            ("record.md", [], "# Inventory of"),
            ("record.html", [], "<!DOCTYPE html>"),
            ("record.json", [], "{"),
            ("record.txt", ["--format", "html"], "<!DOCTYPE html>"),
        ],
    )
    def test_takes_its_form_from_its_ending(
        self, name: str, more: list[str], begins: str, model: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / name
        result = invoke("consent", "inventory", model, "-o", file, *more, *NOW)

        assert result.exit_code == 0
        assert result.stdout == f"made {file}: 6 attributes\n  no decision depends on score, shoe_size\n"
        assert file.read_text("utf-8").startswith(begins)

    def test_in_json_says_what_was_made(self, model: Path, tmp_path: Path) -> None:
        file = tmp_path / "record.json"
        answer = taken(model, "-o", file)

        assert answer == {
            "inventory": str(file), "format": "json", "attributes": 6, "unused": ["score", "shoe_size"]
        }  # fmt: skip
        assert json.loads(file.read_text("utf-8")) == taken(model)

    def test_never_replaces_what_the_command_reads(self, model: Path) -> None:
        before = model.read_bytes()
        result = invoke("consent", "inventory", model, "-o", model, *NOW)

        assert result.exit_code == 2
        assert "is also read by this command" in result.stderr
        assert model.read_bytes() == before
