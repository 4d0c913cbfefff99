"""The source as `ast` sees it: which module imports which, and when. Nothing here imports what it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("consent/discreet_consent", "sdk/discreet", "edge_server/discreet_edge")


@dataclass(frozen=True, slots=True)
class Module:
    """One source file, parsed. `name` is dotted; that of an `__init__.py` is its package's."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """What a leading dot in its imports stands for."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module name.

    Attributes:
        imported: The dotted name; of `from a import b` it is `a.b`, whether or not `b` is a module.
        at_import: It runs while the importer is imported, that is, it stands in no function.
        type_only: It stands under `if TYPE_CHECKING:` and never runs.
    """

    importer: str
    imported: str
    place: str
    at_import: bool
    type_only: bool


def modules(root: Path = REPOSITORY) -> Iterator[Module]:
    """Parse every module of the distribution's packages under `root`, in the order of their paths."""
    for package in PACKAGES:
        folder = root / package
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            yield Module(name, path, text, ast.parse(text, filename=str(path)))


def imports(module: Module) -> Iterator[Import]:
    """Every import statement of `module`, and every `import_module("...")` with a literal name."""
    yield from _walk(module, module.tree, at_import=True, type_only=False)


def _walk(module: Module, node: ast.AST, *, at_import: bool, type_only: bool) -> Iterator[Import]:
    for imported in _imported(module, node):
        place = f"{module.name}:{getattr(node, 'lineno', 0)}"
        yield Import(module.name, imported, place, at_import, type_only)
    inside = at_import and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    guarded = node.body if isinstance(node, ast.If) and _is_type_checking(node.test) else []
    for child in ast.iter_child_nodes(node):
        hidden = type_only or any(child is each for each in guarded)
        yield from _walk(module, child, at_import=inside, type_only=hidden)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def _imported(module: Module, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute(module, "." * node.level + (node.module or ""))
        return [base if alias.name == "*" else f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and called(node) in ("import_module", "__import__") and node.args:
        return [_absolute(module, name) for name in [literal(node.args[0])] if name is not None]
    return []


def _absolute(module: Module, name: str) -> str:
    level = len(name) - len(name.lstrip("."))
    if level == 0:
        return name
    parts = module.package.split(".")
    kept = parts[: len(parts) - (level - 1)]
    return ".".join([*kept, *filter(None, [name.lstrip(".")])])


def called(call: ast.Call) -> str | None:
    """The last name of what is called: `b` of `a.b(...)`."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


def literal(node: ast.expr) -> str | None:
    """The text of a string literal, or None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
