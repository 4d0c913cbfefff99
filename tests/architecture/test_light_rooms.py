"""What keeps `import discreet` cheap and quiet: the runtime and consent load nothing heavy, say nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.source import REPOSITORY, Module, called, imports, modules

LIGHT = ("discreet_consent", "discreet.runtime", "discreet.errors")
HEAVY = frozenset(
    {
        "asyncio", "cryptography", "dataclasses", "difflib", "inspect", "json", "logging", "pydantic", "re",
        "starlette", "typing",
    }
)  # fmt: skip
NOT_OURS_TO_ASK = frozenset({"asyncio", "logging", "random", "secrets", "socket", "threading", "urllib"})


def light_modules(root: Path = REPOSITORY) -> Iterator[Module]:
    """The modules that a bare `import discreet` runs."""
    for module in modules(root):
        if module.name == "discreet" or module.name.startswith(LIGHT):
            yield module


def heavy_imports(root: Path) -> list[str]:
    """What the light modules import while they are imported themselves, and should not."""
    return [
        f"{each.place} imports {each.imported}"
        for module in light_modules(root)
        for each in imports(module)
        if each.at_import and not each.type_only and each.imported.partition(".")[0] in HEAVY
    ]


def test_the_light_rooms_load_nothing_heavy() -> None:
    assert heavy_imports(REPOSITORY) == []


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("import json", True),
        ("from dataclasses import dataclass", True),
        ("class Late:\n    import re", True),
        ("try:\n    import typing\nexcept ImportError:\n    pass", True),
        ("def late() -> None:\n    import json", False),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import typing", False),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    pass\nelse:\n    import typing", True),
    ],
)
def test_a_planted_heavy_import_is_caught(tmp_path: Path, code: str, caught: bool) -> None:
    folder = tmp_path / "consent/discreet_consent"
    folder.mkdir(parents=True)
    (folder / "planted.py").write_text(code + "\n", encoding="utf-8")

    assert bool(heavy_imports(tmp_path)) is caught


def test_the_light_rooms_never_print() -> None:
    printing = [
        f"{module.name}:{node.lineno}"
        for module in light_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) in ("print", "pprint")
    ]

    assert printing == []


def test_the_light_rooms_have_no_dice_no_network_no_threads_and_no_log() -> None:
    asked = [
        f"{each.place} imports {each.imported}"
        for module in light_modules()
        for each in imports(module)
        if not each.type_only and each.imported.partition(".")[0] in NOT_OURS_TO_ASK
    ]

    assert asked == []


def test_the_light_rooms_are_synchronous() -> None:
    waiting = [
        f"{module.name}:{node.lineno}"
        for module in light_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert waiting == []
