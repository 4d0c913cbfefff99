"""Findings about attributes: purposes that no TC string grants, ranges, third parties, what nothing reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from discreet.checks import Finding, check_models
from discreet.model import Model, models_from_dicts, read_models
from support.authoring import LIMITED, changed, document, read

OTHERS = "a consent tool's group, a regime's default or a grant of your own can"
NUMBER = {"type": "number", "provenance": "declared", "purposes": [LIMITED]}


def of(code: str, *models: Model) -> list[Finding]:
    return [each for each in check_models(models, now_ms=0) if each.code == code]


def of_purpose(purpose: str, provenance: str = "contextual") -> Model:
    declaration = {"type": "number", "provenance": provenance, "purposes": [purpose]}
    return read(changed(lambda m: m["attributes"].update(extra=declaration)))


def ranged(when: str, edges: tuple[float | None, float | None] = (0, 10)) -> Model:
    def change(m: dict[str, Any]) -> None:
        m["attributes"]["nps"] = {**NUMBER, "range": list(edges)}
        m["conditions"]["recommends"] = {"says": "They recommend us", "when": when}

    return read(changed(change))


# --- D404: purposes that no TC string grants --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "message"),
    [
        (
            "personalize.content",
            (
                "no TC string grants `personalize.content`, only `personalize.content.limited`, `.profiled` or "
                f"`.profiling`; {OTHERS}"
            ),
        ),
        (
            "functional",
            (
                "no TC string grants `functional`, only `functional.service.improve` or `functional.storage`; "
                f"{OTHERS}"
            ),
        ),
        (
            "marketing.advertising.third_party",
            (
                "no TC string grants `marketing.advertising.third_party`, "
                f"only `marketing.advertising.third_party.targeted`; {OTHERS}"
            ),
        ),
        ("sales", f"no TC string grants `sales`; {OTHERS}"),
        ("personalize.system", f"no TC string grants `personalize.system`; {OTHERS}"),
    ],
)
def test_a_purpose_that_no_signal_grants_is_noted(purpose: str, message: str) -> None:
    (finding,) = of("D404", of_purpose(purpose))

    assert (str(finding.place), finding.subject) == ("<python>:attributes.extra:1:1", "extra")
    assert finding.message == message


@pytest.mark.parametrize(
    "purpose",
    ["essential", "essential.service", "functional.storage", "personalize.content.profiled.homepage"],
)
def test_a_purpose_that_a_signal_grants_is_not(purpose: str) -> None:
    assert of("D404", of_purpose(purpose)) == []


def test_the_purpose_of_an_attribute_that_is_never_permitted_is_not() -> None:
    assert of("D404", of_purpose("sales", "third_party")) == []


def test_the_purpose_of_a_substitute_is_noted() -> None:
    coarser = {"coarsens": "country", "by": {"characters": 1}, "purposes": ["collect"]}

    assert [
        each.message for each in of("D404", read(changed(lambda m: m["attributes"].update(c=coarser))))
    ] == [f"no TC string grants `collect`; {OTHERS}"]


def test_what_models_share_is_told_once_where_it_stands(tmp_path: Path) -> None:
    declaration = "{type: number, provenance: contextual, purposes: [sales, analytics]}"
    (tmp_path / "shared.yaml").write_text(f"attributes:\n  a: {declaration}\n")
    for name in ("web", "mail"):
        (tmp_path / f"{name}.yaml").write_text(
            f"model: {name}\nchannel: {name}\ninclude: [shared.yaml]\nstages: [{{id: discover}}]\n"
            f"placements: {{{name}.top: {{fallback: hello}}}}\noffers: [{{id: hello, content: {{}}}}]\n"
        )

    found = of("D404", *read_models([tmp_path / "web.yaml", tmp_path / "mail.yaml"]))

    assert [(Path(each.place.file).name, each.place.line, each.place.column) for each in found] == [
        ("shared.yaml", 2, 3)
    ] * 2
    assert ["`analytics`" in each.message for each in found] == [True, False]
    assert [each.models for each in found] == [("web", "mail")] * 2


def test_a_model_without_places_is_checked_all_the_same() -> None:
    nowhere = replace(of_purpose("sales"), place=None, declared_at={})

    assert [str(each.place) for each in of("D404", nowhere)] == ["<shop>:1:1"]


# --- D402: ranges -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "edges"),
    [
        ("nps >= 90", (0, 10)),
        ("nps < -1", (0, None)),
        ("nps in [1, 2, 11]", (0, 10)),
        ("nps > 10", (0, 10)),
        ("nps < 0", (0, 10)),
        ("not (nps == 12)", (None, 10)),
        ("purchases >= 1 and 3 <= nps <= 20", (0, 10)),
    ],
)
def test_a_number_beyond_its_range_is_told(when: str, edges: tuple[float | None, float | None]) -> None:
    (finding,) = of("D402", ranged(when, edges))

    assert finding.subject == "recommends"
    assert "`nps`" in finding.message


@pytest.mark.parametrize(
    "when", ["nps >= 9", "nps == 10", "nps in [0, 10]", "nps >= 0", "purchases >= 90", "nps <= 10"]
)
def test_a_number_within_its_range_is_not(when: str) -> None:
    assert of("D402", ranged(when)) == []


# --- D401 and D403: what nothing reads --------------------------------------------------------------------------


def subjects(code: str, change: Mapping[str, object]) -> list[str]:
    return [each.subject for each in of(code, read(changed(lambda m: m["attributes"].update(change))))]


def test_attributes_that_nothing_reads_are_told_but_not_those_of_third_parties() -> None:
    assert subjects("D401", {}) == ["interests", "last_seen"]
    assert subjects("D403", {}) == ["bought"]


def test_an_attribute_that_only_a_substitute_reads_is_read() -> None:
    coarser = {"coarsens": "extra", "by": {"bands": [0, 5]}, "purposes": [LIMITED]}

    assert subjects("D401", {"extra": NUMBER, "extra_band": coarser}) == [
        "extra_band",
        "interests",
        "last_seen",
    ]


@pytest.mark.parametrize("where", ["condition", "token", "unused condition"])
def test_an_attribute_that_anything_reads_is_read(where: str) -> None:
    def change(m: dict[str, Any]) -> None:
        m["attributes"]["extra"] = NUMBER
        if where == "token":
            m["offers"][1]["content"]["tags"] = ["a", {"b": "{extra|none}"}]
        else:
            m["conditions"]["unused"] = {"says": "Something", "when": "extra > 1"}
            if where == "condition":
                m["offers"][1]["when"] = ["unused"]

    assert "extra" not in [each.subject for each in of("D401", read(changed(change)))]


def family(folder: Path) -> tuple[Path, Path]:
    attribute = "{type: number, provenance: contextual, purposes: [personalize.content.limited]}"
    (folder / "shared.yaml").write_text(
        f"attributes: {{n: {attribute}, unread: {attribute}}}\n"
        "conditions:\n  many: {says: Many, when: n > 1, basis: deductive}\n"
        "  unused: {says: Few, when: n < 1, basis: deductive}\n"
    )
    for name, when in (("web", "many"), ("mail", "n > 5")):
        (folder / f"{name}.yaml").write_text(
            f"model: {name}\nchannel: {name}\ninclude: [shared.yaml]\nstages: [{{id: discover}}]\n"
            f"placements: {{{name}.top: {{fallback: hello}}}}\n"
            "offers:\n  - {id: hello, content: {}}\n"
            f"  - {{id: o, when: {when}, placements: [{name}.top], content: {{a: 1}}}}\n"
        )
    return folder / "web.yaml", folder / "mail.yaml"


def test_what_models_share_is_unused_when_none_of_them_uses_it(tmp_path: Path) -> None:
    found = check_models(read_models(family(tmp_path)), now_ms=0)

    assert [(each.code, each.subject, each.models) for each in found] == [
        ("D401", "unread", ("web", "mail")),
        ("D104", "unused", ("web", "mail")),
    ]


def test_what_is_shared_is_not_judged_beside_one_model_alone(tmp_path: Path) -> None:
    _, mail = family(tmp_path)

    assert check_models(read_models([mail]), now_ms=0) == ()


def test_where_an_attribute_stands_makes_no_other_model() -> None:
    assert read(document()).declared_at["country"].file == "<python>:attributes.country"
    assert models_from_dicts([document()]) == models_from_dicts([document()])
