"""What keeps `import discreet` cheap and quiet: the runtime and consent load nothing heavy, say nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.source import REPOSITORY, Module, called, imports, modules

LIGHT = ("discreet_consent", "discreet.runtime", "discreet.errors")
ON_DEMAND = "discreet.runtime.batch."  # the rooms of a batch, which needs the extra `offline`
HEAVY = frozenset(
    {
        "asyncio", "cryptography", "dataclasses", "difflib", "inspect", "json", "logging", "pydantic", "re",
        "starlette", "typing",
    }
)  # fmt: skip
# What a decision does not need: whoever loads a bundle, explains, or meets a rare value imports it then.
LATE = frozenset(
    {
        "bisect", "datetime", "hashlib", "math", "msgpack", "struct", "unicodedata", "zlib",
        "discreet.runtime.decoding", "discreet.runtime.envelope", "discreet.runtime.explain",
        "discreet.runtime.loading", "discreet.runtime.model_decoding", "discreet.runtime.printing",
        "discreet.runtime.trust", "discreet.runtime.wire",
        "discreet_consent.coarsening", "discreet_consent.explanation", "discreet_consent.regimes",
        "discreet_consent.requests", "discreet_consent.signals", "discreet_consent.straight_line",
    }
)  # fmt: skip
NOT_OURS_TO_ASK = frozenset({"asyncio", "logging", "random", "secrets", "socket", "threading", "urllib"})


def light_modules(root: Path = REPOSITORY) -> Iterator[Module]:
    """The modules that a bare `import discreet` runs."""
    for module in modules(root):
        if module.name.startswith(ON_DEMAND):
            continue
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


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh process has after `code`."""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return {*ran.stdout.split()}


def test_importing_discreet_loads_what_a_decision_needs_and_no_more() -> None:
    added = loaded_by("import discreet") - loaded_by("")

    assert {name for name in added if name in HEAVY | LATE} == set()
    assert added >= {"discreet.runtime.evaluator", "discreet_consent.permit"}


@pytest.mark.parametrize(
    ("code", "late"),
    [
        ("discreet.Keyring", "discreet.runtime.trust"),
        ("from discreet.runtime import load_bytes", "discreet.runtime.loading"),
        ("discreet.Explanation", "discreet.runtime.explain"),
        ("import discreet_consent\ndiscreet_consent.Coarsening", "discreet_consent.coarsening"),
        ("from discreet import *", "discreet.runtime.decoding"),
    ],
)
def test_what_is_late_comes_when_it_is_asked_for(code: str, late: str) -> None:
    assert late in LATE
    assert late in loaded_by(f"import discreet\n{code}")


@pytest.mark.parametrize(
    "package", ["discreet", "discreet.runtime", "discreet_consent", "discreet_consent.signals"]
)
def test_a_package_lists_what_it_has_not_loaded_yet(package: str) -> None:
    code = (
        f"import {package} as package\n"
        "assert {*package.__all__} <= {*dir(package)}, dir(package)\n"
        "assert dir(package) == sorted(dir(package))\n"
        "assert not [name for name in package.__all__ if getattr(package, name, None) is None]\n"
        "assert not hasattr(package, 'nonsense')\n"
    )

    assert package in loaded_by(code)


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
