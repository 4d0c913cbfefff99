"""Sharing between files: what an included file may hold, where it may lie, and where its problems stand."""

from __future__ import annotations

import builtins
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from discreet.errors import MissingExtra, ModelError
from discreet.model import Named, read_models
from support.authoring import as_json

FAMILY = Path(__file__).parent / "sound" / "family"

MODEL = """\
model: {name}
channel: {name}
include: [{include}]
stages: [{{id: discover}}]
placements: {{{name}.top: {{fallback: hello}}}}
offers: [{{id: hello, content: {{}}}}]
"""
NUMBER = "{type: number, provenance: contextual, purposes: [personalize.content.limited]}"


def write(folder: Path, **files: str) -> Path:
    """Write a model `web.yaml` that includes the rest, and the rest."""
    include = files.pop("include", ", ".join(f"{name}.yaml" for name in files))
    (folder / "web.yaml").write_text(MODEL.format(name="web", include=include))
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / "web.yaml"


def found(*paths: Path, root: Path | None = None) -> list[str]:
    with pytest.raises(ModelError) as caught:
        read_models(paths, root=root)
    return [
        f"{Path(each.place.file).name}:{each.place.line}:{each.place.column} {each.code}"
        for each in caught.value.problems
    ]


def test_models_share_attributes_conditions_segments_and_offers() -> None:
    web, mail = read_models([FAMILY / "web.yaml", FAMILY / "mail.yaml"])

    assert web.attributes == mail.attributes
    assert [each.id for each in web.conditions] == ["returning", "italians"]
    assert web.conditions == mail.conditions


def test_a_shared_offer_shows_where_its_placements_and_stages_are() -> None:
    web, mail = read_models([FAMILY / "web.yaml", FAMILY / "mail.yaml"])

    assert [(each.id, each.placements) for each in web.offers] == [
        ("welcome", ()),
        ("shoes", ("home.hero",)),
        ("for_members", ("home.hero",)),
    ]
    assert [(each.id, each.placements) for each in mail.offers] == [("shoes", ("mail.top",)), ("hello", ())]


def test_a_shared_offer_that_names_another_models_placement_is_read_with_that_model() -> None:
    assert found(FAMILY / "web.yaml") == [
        "shared.yaml:9:29 unknown-placement",
        "shared.yaml:14:29 unknown-placement",
    ]


def test_that_models_which_share_offers_are_checked_together_is_said() -> None:
    with pytest.raises(ModelError) as caught:
        read_models([FAMILY / "web.yaml"])

    assert [each.message for each in caught.value.problems] == [
        "offer `shoes`: unknown placement `mail.top`; if another model has it, check them together",
        "offer `for_members`: unknown placement `mail.top`; if another model has it, check them together",
    ]


def test_a_shared_file_is_no_model_and_that_is_all_that_is_said() -> None:
    with pytest.raises(ModelError) as caught:
        read_models([FAMILY / "shared.yaml", FAMILY / "web.yaml", FAMILY / "mail.yaml"])

    (problem,) = caught.value.problems
    assert (Path(problem.place.file).name, problem.code) == ("shared.yaml", "shared-file")
    assert problem.message == (
        "this looks like a shared file (no `model:`); check the model that includes it"
    )


def test_a_model_without_its_name_is_not_taken_for_a_shared_file(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text().replace("model: web", "modle: web").replace("[]", "[./none]"))

    assert "web.yaml:1:1 unknown-key" in found(path)
    assert "web.yaml:1:1 missing-key" in found(path)


def test_a_model_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path)
    again = tmp_path / "." / "deeper" / ".." / "web.yaml"
    (tmp_path / "deeper").mkdir()

    assert found(path, again) == ["web.yaml:1:1 named-twice"]
    with pytest.raises(ModelError, match=r"`[^`]*web\.yaml` is named twice"):
        read_models([path, path])


def test_in_which_keys_two_models_differ_is_said(tmp_path: Path) -> None:
    one = f"attributes: {{a: {NUMBER[:-1]}, retention: 1d, lower: false}}}}\n"
    other = f"attributes: {{a: {NUMBER[:-1]}, retention: 2d, category: user.device}}}}\n"
    for name, text in (("web", one), ("mail", other)):
        written = MODEL.format(name=name, include="").replace("hello", f"hello_{name}")
        (tmp_path / f"{name}.yaml").write_text(text + written)

    with pytest.raises(ModelError) as caught:
        read_models([tmp_path / "web.yaml", tmp_path / "mail.yaml"])

    (problem,) = caught.value.problems
    assert problem.code == "declared-differently"
    assert problem.message.endswith("web.yaml:1:14: they differ in `category`, `retention`")


def test_a_file_reached_by_two_ways_counts_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        one="include: [base.yaml]",
        two="include: [base.yaml]",
        base=f"attributes: {{a: {NUMBER}}}",
        include="one.yaml, two.yaml, base.yaml, ./base.yaml",
    )

    assert [each.name for each in read_models([path])[0].attributes] == ["a"]


def test_what_two_files_declare_alike_counts_once(tmp_path: Path) -> None:
    path = write(tmp_path, one=f"attributes: {{a: {NUMBER}}}", two=f"attributes: {{a: {NUMBER}}}")

    assert len(read_models([path])[0].attributes) == 1


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (
            f"attributes: {{a: {NUMBER}}}",
            f"attributes: {{a: {NUMBER.replace('number', 'string')}}}",
            "two.yaml:1:14",
        ),
        (
            "conditions: {c: {says: So it is, when: c1}, c1: {says: So, when: c2}, c2: {says: So, when: not c3}}",
            "conditions: {c: {says: So is it, when: c1}}",
            "two.yaml:1:14",
        ),
        ("offers: [{id: o, content: {a: 1}}]", "offers: [{id: o, content: {a: true}}]", "two.yaml:1:15"),
        ("offers: [{id: o, content: {a: 1}}]", "offers: [{id: o, content: {a: 1.0}}]", "two.yaml:1:15"),
    ],
)
def test_what_two_files_declare_differently_is_named_with_both_places(
    tmp_path: Path, one: str, two: str, expected: str
) -> None:
    with pytest.raises(ModelError) as caught:
        read_models([write(tmp_path, one=one, two=two)])

    (problem,) = [each for each in caught.value.problems if each.code == "declared-twice"]
    assert str(problem.place).endswith(expected)
    assert "is declared twice; first at" in problem.message
    assert "one.yaml:1:1" in problem.message


def test_an_own_declaration_cannot_change_an_included_one(tmp_path: Path) -> None:
    path = write(tmp_path, one="offers: [{id: hello, content: {a: 1}}]")

    assert found(path) == ["web.yaml:6:15 declared-twice"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model: x", ["one.yaml:1:1 unknown-key"]),
        ("stages: []", ["one.yaml:1:1 unknown-key"]),
        ("placements: {}", ["one.yaml:1:1 unknown-key"]),
        ("scenarios: []", ["one.yaml:1:1 unknown-key"]),
        ("[]", ["one.yaml:1:1 wrong-type"]),
        ("", ["one.yaml:1:1 empty-file"]),
        ("a: b: c", ["one.yaml:1:5 yaml-syntax"]),
        ("include: [two.yaml]", ["one.yaml:1:11 missing-file"]),
        ("include: two.yaml", ["one.yaml:1:10 wrong-type"]),
        ("include: [1]", ["one.yaml:1:11 wrong-type"]),
        ("include: [one.yaml]", ["one.yaml:1:11 include-cycle"]),
        ("include: [web.yaml]", ["one.yaml:1:11 include-cycle"]),
        ("include: ['']", ["one.yaml:1:11 unreadable-file"]),
        ('include: ["a\\0b"]', ["one.yaml:1:11 unreadable-file"]),
    ],
)
def test_a_mistake_in_an_included_file_stands_there(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert found(write(tmp_path, one=text)) == expected


def test_a_circle_is_shown_whole(tmp_path: Path) -> None:
    path = write(tmp_path, one="include: [two.yaml]", two="include: [one.yaml]", include="one.yaml")

    with pytest.raises(ModelError) as caught:
        read_models([path])

    (problem,) = caught.value.problems
    assert problem.message == (
        "files include each other in a circle: web.yaml -> one.yaml -> two.yaml -> one.yaml"
    )


def test_an_endless_row_of_files_is_refused(tmp_path: Path) -> None:
    files = {f"f{n}": f"include: [f{n + 1}.yaml]" for n in range(20)}

    assert found(write(tmp_path, **files, include="f0.yaml")) == ["f15.yaml:1:11 too-deep"]


def outside(tmp_path: Path) -> tuple[Path, Path]:
    inner = tmp_path / "markets"
    inner.mkdir()
    (tmp_path / "shared.yaml").write_text(f"attributes: {{a: {NUMBER}}}")
    return inner, write(inner, include="../shared.yaml")


def test_an_include_stays_below_the_folder_of_its_model(tmp_path: Path) -> None:
    _, path = outside(tmp_path)

    assert found(path) == ["web.yaml:3:11 include-outside"]
    assert found(write(tmp_path, include=(tmp_path / "shared.yaml").as_posix())) == [
        "web.yaml:3:11 include-outside"
    ]


def test_a_wider_root_can_be_named(tmp_path: Path) -> None:
    inner, path = outside(tmp_path)

    assert len(read_models([path], root=tmp_path)[0].attributes) == 1
    assert found(path, root=inner) == ["web.yaml:3:11 include-outside"]


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs a privilege there")
def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    inner, _ = outside(tmp_path)
    os.symlink(tmp_path / "shared.yaml", inner / "link.yaml")

    assert found(write(inner, include="link.yaml")) == ["web.yaml:3:11 include-outside"]


def test_a_model_that_is_not_there_is_a_problem_of_its_own(tmp_path: Path) -> None:
    assert found(tmp_path / "web.yaml") == ["web.yaml:1:1 missing-file"]
    assert found(tmp_path) == [f"{tmp_path.name}:1:1 unreadable-file"]


def test_the_problems_of_all_models_are_said_in_one_run(tmp_path: Path) -> None:
    web = write(tmp_path, shared="attributes: {a: number}")
    (tmp_path / "mail.yaml").write_text(
        MODEL.format(name="mail", include="shared.yaml").replace("hello,", "hallo,")
    )

    assert found(web, tmp_path / "mail.yaml") == [
        "mail.yaml:5:35 unknown-offer",
        "mail.yaml:6:15 never-shown",
        "shared.yaml:1:17 wrong-type",
    ]


@pytest.mark.parametrize("keys", ["lower: true", "lower: 1", "retention: 0s", "colour: red"])
def test_a_mistake_in_a_shared_file_is_said_once(tmp_path: Path, keys: str) -> None:
    web = write(tmp_path, shared=f"attributes: {{a: {NUMBER[:-1]}, {keys}}}}}")
    (tmp_path / "mail.yaml").write_text(MODEL.format(name="mail", include="shared.yaml"))

    assert len(found(web, tmp_path / "mail.yaml")) == 1


def test_a_model_may_take_all_its_offers_from_an_included_file(tmp_path: Path) -> None:
    path = write(tmp_path, shared="offers: [{id: hello, content: {a: 1}}]")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))

    assert [each.id for each in read_models([path])[0].offers] == ["hello"]


def test_conditions_may_rest_on_an_included_one(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        shared=f"attributes: {{a: {NUMBER}}}\nconditions: {{known_a: {{says: We know a, when: known(a)}}}}",
    )
    path.write_text(path.read_text().replace("{id: discover}", "{id: discover}, {id: stay, when: known_a}"))

    assert read_models([path])[0].stages[1].when == Named("known_a")


def test_without_pyyaml_the_way_to_get_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path)
    real = builtins.__import__

    def without_yaml(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_yaml)
    with pytest.raises(
        MissingExtra, match=r'reading models needs the extra `author`: pip install "discreet\[author\]"'
    ):
        read_models([path])


def test_what_an_editor_holds_is_read_instead_of_the_disk(tmp_path: Path) -> None:
    own, shared = tmp_path / "m.json", tmp_path / "shared.json"
    model = {
        "model": "m",
        "channel": "web",
        "include": ["shared.json"],
        "stages": [{"id": "s"}],
        "placements": {"p": {"fallback": "o"}},
    }
    own.write_text("not yet a model")
    held = {own: as_json(model).encode(), shared: b'{"offers": [{"id": "o", "content": {"a": 1}}]}'}

    (read,) = read_models([own], instead=held)

    assert read.offers[0].content == {"a": 1}
