"""The author's reference says what the code does: codes, limits, messages and the example."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from discreet.errors import ModelError
from discreet.model import FUNCTIONS, parse_expression, read_models
from discreet.model.formatting.order import ATTRIBUTE, CONDITION, FILE, OFFER, PLACEMENT, SCENARIO, STAGE
from support.authoring import ATTRIBUTES, declared

ROOT = Path(__file__).parents[3]
MODEL = (ROOT / "spec" / "model.md").read_text(encoding="utf-8")
EXPRESSIONS = (ROOT / "spec" / "expressions.md").read_text(encoding="utf-8")

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
REPORTING = {"Problem", "add", "_fault", "_refuse", "Fault", "Refusal"}
ROW = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def used_codes() -> Iterator[str]:
    """The codes in the calls that report, and the default of `_fault`."""
    for path in (ROOT / "sdk" / "discreet" / "model").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                for each in node.args if name in REPORTING else ():
                    if isinstance(each, ast.Constant) and CODE.fullmatch(str(each.value)):
                        yield str(each.value)
                    if isinstance(each, ast.JoinedStr) and ast.unparse(each) == "f'unknown-{word}'":
                        yield from ("unknown-stage", "unknown-placement", "unknown-offer")


def test_every_problem_code_is_documented_and_used() -> None:
    documented = [code for code, _ in ROW.findall(MODEL.partition("## 5. Problems")[2])]

    assert documented == sorted(documented)
    assert set(documented) == set(used_codes())


def test_the_example_of_the_reference_is_a_sound_model(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", MODEL, re.DOTALL)
    (tmp_path / "shop.yaml").write_text(example)

    assert [offer.id for offer in read_models([tmp_path / "shop.yaml"])[0].offers] == [
        "welcome",
        "spring_shoes",
    ]


def test_every_function_is_in_the_reference() -> None:
    assert all(f"`{name}(x" in EXPRESSIONS for name in FUNCTIONS)


MESSAGES = ROW.findall(EXPRESSIONS.partition("## 4. Messages")[2])


@pytest.mark.parametrize(("written", "message"), MESSAGES)
def test_a_message_in_the_reference_is_the_one_that_is_given(written: str, message: str) -> None:
    attributes = [*ATTRIBUTES, declared("purchases", "number"), declared("years", "number")]
    with pytest.raises(ModelError) as caught:
        parse_expression(written, attributes, frozenset({"loyal"}))

    assert [each.message for each in caught.value.problems] == [message.replace("\\`", "`")]


def test_the_messages_of_the_reference_were_found() -> None:
    assert len(MESSAGES) == 17


EXAMPLES = re.findall(
    r"\| `([^`]+)` \|$", EXPRESSIONS.partition("## 1.")[2].partition("**Names**")[0], re.MULTILINE
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_in_the_reference_is_sound(example: str) -> None:
    attributes = [
        *ATTRIBUTES,
        declared("is_member", "boolean"),
        declared("region", "string"),
        declared("last_visit", "datetime"),
    ]

    assert parse_expression(example, attributes)


def test_the_examples_of_the_reference_were_found() -> None:
    assert len(EXAMPLES) == 9


def test_the_tables_of_keys_are_in_the_order_of_the_layout() -> None:
    rows = re.findall(r"^\| ([a-z ]*)\| \**([a-z]+)\** \|", MODEL.partition("## 2. YAML")[0], re.MULTILINE)
    tables: dict[str, list[str]] = {}
    for table, key in rows:
        tables.setdefault(table.strip() or [*tables][-1], []).append(key)
    shapes = {
        "the file": FILE,
        "condition": CONDITION,
        "stage": STAGE,
        "placement": PLACEMENT,
        "offer": OFFER,
    }
    attribute = [key for key in ATTRIBUTE.keys if key not in ("coarsens", "by")]
    scenario = re.findall(r"^\| \**([a-z]+)\** \|", MODEL.partition("## 4. Scenarios")[2], re.MULTILINE)

    assert {name: tuple(tables[name]) for name in shapes} == {
        name: each.keys for name, each in shapes.items()
    }
    assert tables["attribute"] == attribute
    assert tuple(scenario[1:8]) == SCENARIO.keys
