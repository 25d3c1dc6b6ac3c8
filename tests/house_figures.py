"""Figures of the source tree, to compare before and after a change: `python -m tests.house_figures [DIR]`.

DIR is a checkout (this one by default). Functions are counted without their docstrings, comments by the line.
"""

from __future__ import annotations

import ast
import io
import re
import statistics
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

OPENING = re.compile(r"(What|Which|Who|Where|Whether|Is|Does|Are|Has|Do|Can|May)\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def function_length(function: Function) -> int:
    """Return the lines of a function's body and signature, decorators and docstring left out."""
    first = function.body[0]
    end = function.end_lineno or function.lineno
    if ast.get_docstring(function) is None:
        return end - function.lineno + 1
    return end - function.lineno + 1 - ((first.end_lineno or first.lineno) - first.lineno + 1)


def annotations(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield every annotation of parameters, results and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, Function) and node.returns is not None:
            yield node.returns


def comment_count(text: str) -> int:
    """Return how many lines carry a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return len({token.start[0] for token in tokens if token.type == tokenize.COMMENT})


def imported_modules(name: str, tree: ast.Module, modules: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    """Yield the modules that a module imports, and whether inside a function; imports for type checkers are left out."""
    late: set[int] = set()
    unseen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Function):
            late.update(id(child) for child in ast.walk(node))
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            unseen.update(id(child) for child in ast.walk(node))
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.ImportFrom):
            wanted = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        else:
            continue
        yield from ((module, id(node) in late) for module in wanted if module in modules and module != name)


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that reach one another."""
    reach = {name: _reachable(name, edges) for name in edges}
    groups = {frozenset({name, *(other for other in reach[name] if name in reach[other])}) for name in edges}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _reachable(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for module in edges[waiting.pop()] - seen:
            seen.add(module)
            waiting.append(module)
    return seen


def figures(root: Path) -> dict[str, object]:
    """Return the figures of the package below `root`, in the order in which they are printed."""
    package = root / "nixbridge"
    paths = sorted(path for path in package.rglob("*.py"))
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    names = {path: ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in paths}
    modules = {name: path for path, name in names.items()}
    imports = {names[path]: set(imported_modules(names[path], tree, modules)) for path, tree in trees.items()}
    # An import of a package's `__init__` is not a dependency: they hold a docstring and nothing else.
    loaded = {name: {module for module, late in found if not late} for name, found in imports.items()}
    every = {name: {module for module, _ in found} for name, found in imports.items()}
    importers: defaultdict[str, set[str]] = defaultdict(set)
    for name, found in every.items():
        for module in found:
            importers[module].add(name)
    lines = {path: text.count("\n") for path, text in texts.items()}
    sizes = [lines[path] for path in paths if path.name != "__init__.py"]
    longest_file = max(paths, key=lambda path: lines[path])
    functions = [
        (function_length(node), node.name)
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, Function)
    ]
    docstrings = [
        doc
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | Function)
        if (doc := ast.get_docstring(node))
    ]
    code = sum(
        1 for text in texts.values() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    )
    editor_tabs = Counter(path.name for path in paths if path.name != "__init__.py")
    longest, longest_name = max(functions)
    return {
        "files": len(paths),
        "lines": sum(lines.values()),
        "median file": statistics.median(sizes),
        "files under 60 lines": sum(size < 60 for size in sizes),
        "longest file": f"{lines[longest_file]} ({longest_file.relative_to(package)})",
        "median function": statistics.median(length for length, _ in functions),
        "longest function": f"{longest} ({longest_name})",
        "functions over 30 lines": sum(length > 30 for length, _ in functions),
        "circles at load": len(circles(loaded)),
        "circles with late imports": len(circles(every)),
        "annotations with Any": sum(
            "Any" in {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
            for tree in trees.values()
            for annotation in annotations(tree)
        ),
        "docstrings that open with a question word": sum(bool(OPENING.match(doc)) for doc in docstrings),
        'lines with "is no "': sum("is no " in line for text in texts.values() for line in text.splitlines()),
        "modules that one module imports": sum(len(importers[name]) == 1 for name in modules),
        "comments per 100 lines": round(100 * sum(comment_count(text) for text in texts.values()) / code, 1),
        "file names used twice": sum(count > 1 for count in editor_tabs.values()),
    }


def main(arguments: list[str]) -> None:
    """Print the figures as a table of two columns."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    for name, value in figures(root).items():
        print(f"{name:44} {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
