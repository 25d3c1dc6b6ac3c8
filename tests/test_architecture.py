"""The one-way rule: a package imports only from those before it, and nothing makes a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "nixbridge"

#: Package or module -> what of nixbridge it may import besides itself. `*`: everything before it in this table.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "source": (),
    "atomic": (),
    "errors": ("source",),
    "syntax": ("source", "errors"),
    "compiler": ("source", "errors", "syntax"),
    "runtime": ("source", "errors"),
    "formats": ("errors", "runtime"),
    "builtins": ("errors", "runtime", "formats"),
    "nixpkgs": ("errors", "runtime", "formats", "builtins"),
    "builders": ("errors", "runtime", "formats"),
    "evaluator": ("source", "errors", "syntax", "compiler", "runtime", "formats", "builtins", "nixpkgs", "builders"),
    "kubernetes": ("errors", "builders", "formats"),
    "lint": ("*",),
    "graph": ("*",),
    "golden": ("*",),
    "parity": ("*",),
    "to_nix": ("*",),
    "migrate": ("*",),
    "api": ("*",),
    "cli": ("*",),
}
ORDER = list(MAY_IMPORT)

#: Where an import inside a function is right: (importing package, imported package).
LATE = {
    ("evaluator", "syntax"),
    ("evaluator", "compiler"),
    ("evaluator", "evaluator"),
    ("evaluator", "nixpkgs"),
}


def room_of(module: str) -> str:
    """`nixbridge.runtime.thunk` -> `runtime`."""
    return module.split(".")[1] if "." in module else ""


def imports_of(path: Path) -> list[tuple[str, bool]]:
    """The nixbridge modules that a file imports, and whether it does so inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(child) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for child in ast.walk(node)}
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            if module == "nixbridge":
                found.extend((f"nixbridge.{name.name}", id(node) in inside) for name in node.names)
            elif module.startswith("nixbridge."):
                found.append((module, id(node) in inside))
        elif isinstance(node, ast.Import):
            found.extend((name.name, id(node) in inside) for name in node.names if name.name.startswith("nixbridge"))
    return found


FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem in MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_imports_only_from_those_before_it(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    allowed = set(MAY_IMPORT[room])
    if "*" in allowed:
        allowed = set(ORDER[: ORDER.index(room)])
    for module, _ in imports_of(path):
        imported = room_of(module)
        if imported in MAY_IMPORT:
            assert imported == room or imported in allowed, f"{room} must not import {module}"


def test_no_module_imports_itself_through_others() -> None:
    edges = {module_name(path): {m for m, late in imports_of(path) if not late} for path in ROOT.rglob("*.py")}
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module in done:
            return
        for imported in edges.get(module, ()):
            walk(imported, (*way, module))
        done.add(module)

    for module in edges:
        walk(module, ())


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_inner_packages_export_nothing() -> None:
    for path in ROOT.rglob("__init__.py"):
        if path.parent != ROOT:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert len(tree.body) == 1 and ast.get_docstring(tree), f"{path}: a docstring is all that it should have"
