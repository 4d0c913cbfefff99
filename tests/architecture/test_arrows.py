"""Who may know whom: the arrows of the house, held by reading every import.

From the ground up: consent; on it runtime and model side by side, which do not know each other; on them
compiler, checks, inventory, and what an edge is made of: visitors, serving, events; on these offline, the adapters and
the edge server; then blueprint and the demo; then the command line, to which the edge server adds one command.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.source import PACKAGES, REPOSITORY, Import, imports, modules

CONSENT = frozenset({"discreet_consent"})
GROUND = CONSENT | {"discreet.errors"}
RUNTIME = GROUND | {"discreet.runtime", "discreet.runtime.batch", "discreet"}
AUTHOR = RUNTIME | {"discreet.model", "discreet.compiler"}
EDGE = RUNTIME | {"discreet.visitors", "discreet.serving", "discreet.events"}

# Room: the rooms that it may import. A module belongs to the room with the longest name that fits.
ARROWS: Mapping[str, frozenset[str]] = {
    "discreet_consent": frozenset(),
    "discreet.errors": CONSENT,
    "discreet.runtime": GROUND | {"discreet.runtime.batch"},  # when a batch comes
    "discreet.runtime.batch": GROUND | {"discreet.runtime"},
    "discreet": GROUND | {"discreet.runtime"},  # its own `__init__.py`: the runtime's names
    "discreet.__main__": frozenset({"discreet.cli"}),
    "discreet.model": GROUND,
    "discreet.compiler": RUNTIME | {"discreet.model"},
    "discreet.checks": AUTHOR,  # what is proven is what was compiled: ADR 0015
    "discreet.inventory": RUNTIME,
    "discreet.files": GROUND,
    "discreet.visitors": RUNTIME,
    "discreet.serving": RUNTIME | {"discreet.files"},
    "discreet.events": RUNTIME | {"discreet.visitors", "discreet.serving"},
    "discreet.offline": RUNTIME
    | {"discreet.files", "discreet.visitors", "discreet.events"},  # the last two: replay
    "discreet.adapters": EDGE,
    "discreet_edge": EDGE | {"discreet.adapters", "discreet.files"},
    "discreet_edge.command": EDGE | {"discreet.cli", "discreet_edge"},
    "discreet.blueprint": AUTHOR | {"discreet.checks"},
    "discreet.demo": AUTHOR,
    "discreet.cli": AUTHOR
    | {"discreet.checks", "discreet.offline", "discreet.adapters", "discreet.blueprint", "discreet.demo"}
    | {"discreet.inventory", "discreet.files", "discreet.visitors"},
}
# An annotation may name a type of a higher room here; nothing is imported at run time.
NAMED_IN_TYPES = {("discreet.errors", "discreet.model")}

# Room: the libraries from outside that it may import, anywhere. Rooms that are not listed may import none.
LIBRARIES = {
    "discreet_consent": {"cachetools"},
    "discreet.runtime": {"cachetools", "cryptography", "msgpack"},
    "discreet.runtime.batch": {"numpy", "pyarrow"},
    "discreet.offline": {"numpy", "pyarrow"},
    "discreet.model": {"yaml"},
    "discreet.compiler": {"cryptography", "msgpack"},
    "discreet.blueprint": {"jinja2", "markupsafe"},
    "discreet.demo": {"rich"},
    "discreet.cli": {"click", "rich"},
    "discreet.visitors": {"cachetools", "cryptography", "msgpack", "redis"},
    "discreet.serving": {"httpx"},
    "discreet.events": {"httpx", "msgpack"},
    "discreet.adapters": {"jinja2", "markupsafe", "openfeature"},
    "discreet_edge": {
        "granian",
        "httptools",
        "httpx",
        "opentelemetry",
        "orjson",
        "prometheus_client",
        "starlette",
        "uvicorn",
    },
    "discreet_edge.command": {"click"},
}


def room_of(name: str) -> str | None:
    """The room in which `name` lies; None when it is none of ours."""
    known = [room for room in ARROWS if name == room or name.startswith(room + ".")]
    return max(known, key=len, default=None)


def wrong_arrows(root: Path) -> list[str]:
    """Every import under `root` that goes against the arrows, as `importer:line imports what`."""
    found = (each for module in modules(root) for each in imports(module))
    return sorted({f"{each.place} imports {each.imported}" for each in found if _is_wrong(each)})


def _is_wrong(each: Import) -> bool:
    importer, imported = room_of(each.importer), room_of(each.imported)
    if importer is None or imported is None or importer == imported:
        return False
    if each.type_only and (importer, imported) in NAMED_IN_TYPES:
        return False
    return imported not in ARROWS[importer]


def unexpected_libraries(root: Path) -> Iterator[str]:
    """Every import of a library that its room may not use."""
    for module in modules(root):
        allowed = LIBRARIES.get(room_of(module.name) or "", set())
        for each in imports(module):
            top = each.imported.partition(".")[0]
            if room_of(each.imported) is None and top not in sys.stdlib_module_names | allowed:
                yield f"{each.place} imports {top}"


def test_every_room_is_in_the_plan() -> None:
    rooms = {
        ".".join(module.name.split(".")[:2]) for module in modules() if module.name.startswith("discreet.")
    }

    assert rooms <= set(ARROWS)


def test_no_import_goes_against_the_arrows() -> None:
    assert wrong_arrows(REPOSITORY) == []


def test_no_room_imports_a_library_that_is_not_its_own() -> None:
    assert sorted(unexpected_libraries(REPOSITORY)) == []


PLANTED = {
    "runtime knows the model": ("sdk/discreet/runtime", "from discreet.model import Model"),
    "runtime knows the model, relatively": ("sdk/discreet/runtime", "from ..model import types"),
    "runtime knows the compiler, in a function": (
        "sdk/discreet/runtime",
        "def late() -> None:\n    import discreet.compiler",
    ),
    "runtime knows the cli, by name": (
        "sdk/discreet/runtime",
        "import importlib\nimportlib.import_module('discreet.cli')",
    ),
    "model knows the runtime": ("sdk/discreet/model", "import discreet.runtime as runtime"),
    "model names a type of the runtime": (
        "sdk/discreet/model",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from discreet.runtime import Evaluator",
    ),
    "consent knows the sdk": ("consent/discreet_consent", "from discreet.errors import ModelError"),
    "compiler knows the demo": ("sdk/discreet/compiler", "from discreet import demo"),
    "the edge server knows the compiler": ("edge_server/discreet_edge", "from discreet import compiler"),
}


def plant(root: Path, folder: str, code: str) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "planted.py").write_text(code + "\n", encoding="utf-8")


@pytest.mark.parametrize(("folder", "code"), PLANTED.values(), ids=PLANTED)
def test_a_planted_import_is_caught(tmp_path: Path, folder: str, code: str) -> None:
    plant(tmp_path, folder, code)

    assert len(wrong_arrows(tmp_path)) == 1


def test_a_planted_import_is_caught_among_all_others(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, tmp_path / package)
    plant(tmp_path, "sdk/discreet/runtime", "from discreet.model import Model")

    found = set(wrong_arrows(tmp_path)) - set(wrong_arrows(REPOSITORY))

    assert found == {"discreet.runtime.planted:1 imports discreet.model.Model"}


def test_a_planted_library_is_caught(tmp_path: Path) -> None:
    plant(tmp_path, "sdk/discreet/runtime", "import yaml")

    assert list(unexpected_libraries(tmp_path)) == ["discreet.runtime.planted:1 imports yaml"]
