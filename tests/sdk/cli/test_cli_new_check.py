"""`discreet new` and `discreet check`: the beginning, and every mistake at its place."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

from support.command_line import document, invoke

MADE = ["shop.yaml", "shop.scenarios.yaml", "README.md", "model.schema.json", "scenarios.schema.json"]


class TestNew:
    def test_makes_a_model_that_is_sound(self, tmp_path: Path) -> None:
        made = invoke("new", tmp_path / "fresh", "--json")

        assert document(made)["files"] == MADE
        assert invoke("check", tmp_path / "fresh" / "shop.yaml").exit_code == 0

    def test_overwrites_nothing_and_writes_nothing_then(self, tmp_path: Path) -> None:
        (tmp_path / "README.md").write_text("mine")
        result = invoke("new", tmp_path)

        assert result.exit_code == 2
        assert "README.md`: it is there already" in result.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
        assert (tmp_path / "README.md").read_text() == "mine"

    def test_the_schema_beside_the_model_accepts_it(self, tmp_path: Path) -> None:
        invoke("new", tmp_path)
        model = tmp_path / "shop.yaml"
        schema = json.loads((tmp_path / "model.schema.json").read_text())

        assert model.read_text().startswith("# yaml-language-server: $schema=model.schema.json\n")
        assert "$schema" in schema
        written = json.dumps(yaml.safe_load(model.read_text()), default=str)  # dates are text in YAML 1.2
        jsonschema.validate(
            json.loads(written.replace("+00:00", "Z").replace(" 00:00:00Z", "T00:00:00Z")), schema
        )

    def test_the_starter_shows_what_personalizers_use(self, tmp_path: Path) -> None:
        invoke("new", tmp_path)
        model = document(invoke("check", tmp_path / "shop.yaml", "--json"))["models"][0]

        used = {
            "region",
            "device",
            "touchpoint",
            "visits_30d",
            "csat",
            "ces",
            "nps",
            "retention_likelihood",
            "interests",
        }
        assert used <= set(model["attributes"])
        assert len(model["stages"]) == 5
        assert model["segments"] == ["loyal", "at_first_glance"]

    def test_the_next_commands_can_be_pasted_into_a_shell(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        check, test = invoke("new", "my shop").stdout.splitlines()[-2:]

        assert check == "  discreet check 'my shop/shop.yaml'"
        for each in (check, test):
            assert invoke(*shlex.split(each)[1:]).exit_code == 0


class TestCheck:
    def test_sums_a_sound_model_up(self, shop_model: Path) -> None:
        result = invoke("check", shop_model, "--now", "2026-07-01")

        assert result.exit_code == 0
        assert "  stages      discover > consider > buy > settle > stay\n" in result.stdout
        assert "  placements  home.hero, home.tip, basket.aside\n" in result.stdout
        assert "  purposes    essential.service, functional.storage, personalize.content" in result.stdout
        assert result.stdout.endswith("1 model, no problems (1 accepted)\n")
        assert result.stderr == ""

    def test_reports_all_mistakes_at_once_with_their_places(self, broken_model: Path) -> None:
        result = invoke("check", broken_model)
        problems = result.stderr.splitlines()

        assert result.exit_code == 1
        assert result.stdout == ""
        assert [line.removeprefix(f"{broken_model}:").split(":")[0] for line in problems[:-1]] == [
            "4",
            "9",
            "11",
        ]
        assert problems[-1] == "3 problems in 1 file"
        assert "did you mean `visits`?" in problems[2]

    def test_reports_them_to_machines_too(self, broken_model: Path) -> None:
        result = invoke("check", broken_model, "--json")
        answer = document(result)

        assert result.exit_code == 1
        problems = answer["error"]["problems"]
        assert answer["error"]["code"] == "model-error"
        assert [problem["line"] for problem in problems] == [4, 9, 11]
        assert all(problem["file"] == str(broken_model) for problem in problems)
        assert problems[2]["code"] == "unknown-name"

    def test_a_refused_model_is_the_same_document_for_every_command(
        self, broken_model: Path, tmp_path: Path
    ) -> None:
        invoke("keys", "new", "shop", "--out", tmp_path)
        built = ("build", broken_model, "--key", tmp_path / "shop.key", "-o", tmp_path / "x", "--json")

        assert invoke("check", broken_model, "--json").stdout == invoke(*built).stdout

    def test_checks_models_as_they_would_share_a_bundle(self, shop_model: Path, tmp_path: Path) -> None:
        twin = tmp_path / "twin.yaml"
        twin.write_text(shop_model.read_text().replace("model: shop", "model: twin"))
        result = invoke("check", shop_model, twin)

        assert invoke("check", twin).exit_code == 0
        assert result.exit_code == 1
        assert "home.hero" in result.stderr

    @pytest.mark.parametrize("name", ["missing.yaml", "."])
    def test_a_file_that_cannot_be_read_is_exit_code_2(self, name: str, tmp_path: Path) -> None:
        assert invoke("check", tmp_path / name).exit_code == 2


@pytest.fixture(scope="module")
def shop_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter")
    assert invoke("new", folder).exit_code == 0
    return folder / "shop.yaml"
