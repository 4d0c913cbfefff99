"""The house rules that a machine can check: sizes, words, docstrings, exceptions, silenced checks, extras."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from support.source import PACKAGES, REPOSITORY, Module, called, literal, modules

MODULES = {module.name: module for module in modules()}
LONGEST_MODULE = 400  # lines
LONGEST_FUNCTION = 60  # lines without its docstring; 10 are usual, 40 are a lot
# What names nothing, as the last word of a name: whatever needs one of them is two things.
EMPTY_WORDS = frozenset({"manager", "helper", "helpers", "provider", "service", "util", "utils"})
EMPTY_NAMES = frozenset({"data", "info", "process"})  # fine as a word among others: `is_data_use`
# The outermost edges: where an unforeseen error, or that of somebody else's code, stops.
OUTERMOST = frozenset(
    {
        "discreet.cli.app",  # a message and an exit code
        "discreet_edge.endpoint",  # an answer with status 500
        "discreet.adapters.lambda_edge.handling",  # a page without decisions
        "discreet.events.outlets",  # a sink, which may be anybody's: counted
        "discreet.serving.unforeseen",  # a source, which may be anybody's: the bundle in service stays
        "discreet.visitors.asking",  # a source of profiles, which may be anybody's: nothing is known
    }
)
SILENCER = re.compile(r"#\s*(?:type:\s*ignore|pyright:\s*ignore|noqa)")
SILENCER_WITH_CODE_AND_REASON = re.compile(
    r"#\s*(?:(?:type|pyright):\s*ignore\[[\w, -]+\]|noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)\s+(?:#|-)\s*\S+"
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def project() -> Mapping[str, Any]:
    """The parsed pyproject.toml."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def definitions(module: Module) -> Iterator[Definition]:
    """Every function and class of `module`, nested ones too."""
    return (node for node in ast.walk(module.tree) if isinstance(node, Definition))


def lines_of(node: Definition) -> int:
    """How many lines a definition takes, without its docstring."""
    docstring = node.body[0] if ast.get_docstring(node) else None
    spoken = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring is not None else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - spoken


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether a handler swallows everything: bare, `Exception` or `BaseException`, alone or among others.

    One that cleans up and ends with a bare `raise` swallows nothing.
    """
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(getattr(each, "id", None) in ("Exception", "BaseException") for each in caught)


def last_word(name: str) -> str:
    """The last word of a name in either spelling: `model` of `readModel`, `read_model` and `ReadModel`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return words[-1].lower() if words else ""


def public_names(module: Module) -> list[str]:
    """The names in the module's `__all__`; empty when it has none."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets):
            listed = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else []
            return [name for name in map(literal, listed) if name is not None]
    return []


def defined(module: Module, name: str) -> Definition | None:
    """The definition that `name` stands for, followed through re-exports; None for a value or an alias."""
    for node in ast.walk(module.tree):
        if isinstance(node, Definition) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            package = module.package.split(".")
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = MODULES.get(".".join(filter(None, [base, node.module])))
            return defined(source, name) if source is not None and source is not module else None
    return None


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name, module in MODULES.items() if not ast.get_docstring(module.tree)] == []


def test_every_public_function_and_class_states_its_contract() -> None:
    silent = [
        f"{name}.{public}"
        for name, module in MODULES.items()
        for public in public_names(module)
        if (found := defined(module, public)) is not None and not ast.get_docstring(found)
    ]

    assert silent == []


def test_every_public_name_exists() -> None:
    missing = [
        f"{name}.{public}"
        for name, module in MODULES.items()
        for public in public_names(module)
        if not re.search(rf"\b{re.escape(public)}\b", module.text.partition("__all__")[0])
        and defined(module, public) is None
    ]

    assert missing == []


def test_no_module_is_too_long() -> None:
    lengths = {name: module.text.count("\n") for name, module in MODULES.items()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{module.name}.{node.name}": lines_of(node)
        for module in MODULES.values()
        for node in definitions(module)
        if not isinstance(node, ast.ClassDef)
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_packages_only_reexport() -> None:
    busy = [
        f"{module.name}: {node.name}"
        for module in MODULES.values()
        if module.path.name == "__init__.py"
        for node in definitions(module)
        if node.name != "__getattr__"
    ]

    assert busy == []


def test_no_name_is_empty_of_meaning() -> None:
    named = {name: name.rpartition(".")[2] for name in MODULES}
    named |= {f"{m.name}.{node.name}": node.name for m in MODULES.values() for node in definitions(m)}

    empty = {
        place
        for place, name in named.items()
        if last_word(name) in EMPTY_WORDS or name.strip("_").lower() in EMPTY_NAMES
    }
    assert empty == set()


def test_broad_excepts_stand_at_the_outermost_edge_only() -> None:
    broad = [
        f"{module.name}:{node.lineno}"
        for module in MODULES.values()
        if module.name not in OUTERMOST
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]

    assert broad == []


def test_a_silenced_check_names_its_code_and_its_reason() -> None:
    bare = [
        f"{module.name}:{token.start[0]}"
        for module in MODULES.values()
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT
        and SILENCER.search(token.string)
        and not SILENCER_WITH_CODE_AND_REASON.search(token.string)
    ]

    assert bare == []


def test_every_extra_that_an_error_names_exists() -> None:
    named = {
        extra
        for module in MODULES.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) == "MissingExtra" and len(node.args) == 2
        if (extra := literal(node.args[1])) is not None
    }

    assert named <= set(project()["project"]["optional-dependencies"])


def test_the_wheel_holds_exactly_the_packages_of_the_plan() -> None:
    assert set(project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(PACKAGES)
    assert all((REPOSITORY / package / "py.typed").is_file() for package in PACKAGES)


def test_a_bare_install_brings_three_libraries() -> None:
    required = {re.split(r"[^\w-]", each)[0] for each in project()["project"]["dependencies"]}

    assert required == {"msgpack", "cryptography", "cachetools"}


def test_every_command_of_the_entry_points_is_one_module() -> None:
    commands: Mapping[str, str] = project()["project"]["entry-points"]["discreet.commands"]

    lost = [name for name, target in commands.items() if target.partition(":")[0] not in MODULES]
    assert lost == []


def test_test_files_have_unique_names() -> None:
    names = [path.name for path in (REPOSITORY / "tests").rglob("test_*.py")]

    assert sorted(names) == sorted(set(names))
