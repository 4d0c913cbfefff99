"""Whatever a file holds, reading it ends in models or in problems, each in the author's terms."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.errors import ModelError
from discreet.model import Problem, models_from_dicts, read_models, read_scenarios
from support.authoring import document

EXAMPLE = (Path(__file__).parent / "sound" / "spring_shop.yaml").read_text()
MARKS = [
    "",
    " ",
    "\n",
    "\t",
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "&a ",
    "*a",
    "!!x ",
    "#",
    "|",
    ">",
    "NO",
    "1",
    "\0",
]

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(
        ["shoes", "home.hero", "stay", "unknown(country)", "returning", "365d", "{country|x}", object()]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def paths(node: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a document."""
    inner: list[tuple[Any, object]] = []
    if isinstance(node, dict):
        inner = list(node.items())
    elif isinstance(node, list):
        inner = list(enumerate(node))
    return [path, *(each for key, value in inner for each in paths(value, (*path, key)))]


PATHS = paths(document())[1:]


def in_order(problems: tuple[Problem, ...]) -> bool:
    one_line = all(each.message and each.message.isprintable() for each in problems)
    return bool(problems) and one_line and list(problems) == sorted(set(problems))


@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=4))
def test_a_model_with_anything_put_anywhere_gets_an_answer(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    changing: Any = document()
    for (*way, last), value in changes:
        node = changing
        try:
            for step in way:
                node = node[step]
            node[last] = copy.copy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the way
    problems: tuple[Problem, ...] = ()
    try:
        (model,) = models_from_dicts([changing])
    except ModelError as error:
        problems = error.problems
    else:
        assert model.id
        return
    assert in_order(problems)


@given(VALUES)
def test_any_data_gets_an_answer(value: Any) -> None:
    with pytest.raises(ModelError) as caught:
        models_from_dicts([value])

    assert in_order(caught.value.problems)


@given(start=st.integers(0, len(EXAMPLE)), length=st.integers(0, 30), mark=st.sampled_from(MARKS))
def test_the_example_with_anything_cut_out_or_put_in_gets_an_answer(
    start: int, length: int, mark: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    path.write_text(EXAMPLE[:start] + mark + EXAMPLE[start + length :])
    problems: tuple[Problem, ...] = ()
    try:
        read_models([path])
    except ModelError as error:
        problems = error.problems
    else:
        return
    assert in_order(problems)
    assert all(each.place.file == path.as_posix() for each in problems)
    lines = path.read_text().split("\n")
    assert all(1 <= each.place.line <= len(lines) for each in problems)
    assert all(1 <= each.place.column <= len(lines[each.place.line - 1]) + 1 for each in problems)


@given(data=st.binary(max_size=200), suffix=st.sampled_from(["yaml", "json"]))
def test_any_bytes_get_an_answer(data: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / f"any.{suffix}"
    path.write_bytes(data)

    for read in (lambda: read_models([path]), lambda: read_scenarios(path, ())):
        try:
            read()
        except ModelError as error:
            found = error.problems
        else:
            continue
        assert in_order(found)
