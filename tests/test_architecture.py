"""The one-way rule: a room imports only from those before it, and nothing makes a circle, inside functions either."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from nixbridge.language.builtins.registry import FUNCTIONS
from nixbridge.language.runtime.primop import declared_in

ROOT = Path(__file__).resolve().parent.parent / "nixbridge"

#: Room -> the rooms of nixbridge that it may import besides itself; `*` stands for every room before it in this table.
#: A room is a top-level module or package, and each package of `language`, `mesh` and `tools`.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "version": (),
    "type_checking": (),
    "late_import": (),
    "user_cache": (),
    "regular_file": (),
    "source": (),
    "atomic": (),
    "content_security": (),
    "errors": ("source",),
    "posix_regex": ("errors",),
    # the language: nothing in it knows a mesh, click or the environment
    "language.prelude": (),
    "language.function_info": (),
    "language.name_order": (),
    "language.syntax": ("source", "errors", "language.name_order"),
    "language.compiler": (
        "version",
        "user_cache",
        "type_checking",
        "source",
        "errors",
        "language.function_info",
        "language.syntax",
    ),
    "language.runtime": ("type_checking", "source", "errors", "language.function_info", "language.name_order"),
    "language.machine": ("regular_file", "errors", "language.runtime"),
    "language.store": ("errors", "language.runtime", "language.machine"),
    "language.formats": ("late_import", "errors", "language.runtime", "language.machine"),
    "language.builtins": ("*",),
    "language.nixpkgs": ("*",),
    "language.pkgs": ("*",),
    "language.evaluation": ("*",),
    # the mesh: tables first, then resources, then what is made of them; it gets documents and evaluates nothing
    "mesh.tables": ("late_import", "type_checking", "errors", "language.runtime", "language.formats"),
    "mesh.schema": ("atomic", "errors", "language.formats", "mesh.tables", "mesh.model"),
    "mesh.model": (
        "type_checking",
        "errors",
        "language.runtime",
        "language.formats",
        "mesh.tables",
        "mesh.schema",
        "mesh.installation",
    ),
    "mesh.istio": ("errors", "language.formats", "mesh.tables", "mesh.schema", "mesh.model", "mesh.installation"),
    "mesh.linkerd": ("errors", "language.formats", "mesh.tables", "mesh.schema", "mesh.model", "mesh.installation"),
    "mesh.installation": (
        *("errors", "language.formats", "mesh.tables", "mesh.schema", "mesh.model", "mesh.istio", "mesh.linkerd"),
    ),
    "mesh.gateway_api": ("mesh.model",),
    "mesh.output": (
        *(
            "atomic",
            "mesh.gateway_api",
            "errors",
            "language.formats",
            "mesh.tables",
            "mesh.schema",
            "mesh.model",
            "mesh.installation",
            "mesh.istio",
            "mesh.linkerd",
        ),
    ),
    "mesh.graph": ("content_security", "errors", "mesh.model", "mesh.schema"),
    "mesh.to_nix": (
        *("errors", "source", "language.runtime", "language.formats", "mesh.tables", "mesh.schema", "mesh.model"),
        *("mesh.installation", "mesh.istio", "mesh.linkerd", "mesh.output"),
    ),
    "mesh.service_mesh": ("language.prelude", "language.runtime", "mesh.tables"),
    "project": ("regular_file", "source", "errors", "language.syntax", "language.runtime", "language.machine"),
    "flakes": (
        *(
            "atomic",
            "version",
            "user_cache",
            "regular_file",
            "source",
            "errors",
            "language.syntax",
            "language.compiler",
            "language.runtime",
            "language.machine",
        ),
        *("language.store", "language.builtins", "language.evaluation"),
    ),
    # tools and commands use both
    "tools.build": ("*",),
    "tools": ("*",),
    "tools.golden": ("*", "tools"),
    "tools.parity": ("*",),
    "tools.lint": ("*",),
    "tools.migrate": ("*",),
    "api": ("*",),
    "toolkit": ("*",),
    "lsp": ("*",),
    "repl": ("*",),
    "playground": ("*",),
    "cli": ("*",),
}
ORDER = list(MAY_IMPORT)

#: The doors: every import inside a function that leaves its room, (importer, imported). A start does not pay for what is beyond one.
DOORS = {
    ("api", "tools.limited_call"),
    ("cli.check", "tools.golden.html_report"),
    ("cli.check", "tools.golden.machine_reports"),
    ("cli.check", "tools.golden.watch"),
    ("cli.check", "tools.parity.parity_run"),
    ("cli.lint", "tools.lint.sarif"),
    ("cli.render", "mesh.schema.crd_validation"),
    ("mesh.schema.crds", "language.formats.yaml"),
    ("tools.lint.rules.control_plane", "language.formats.yaml"),
    ("tools.positioned_data", "language.formats.yaml_positions"),
    ("cli.flake", "flakes.fetch"),
    ("cli.lsp", "lsp.server"),
    ("cli.output", "atomic"),
    ("cli.output", "errors.excerpt"),
    ("cli.repl", "repl.console"),
    ("cli.shell_completion", "language.builtins.builtin_docs"),
    ("cli.shell_completion", "language.nixpkgs.lib_docs"),
    ("cli.shell_completion", "mesh.tables.builder_docs"),
    ("cli.shell_completion", "mesh.tables.builder_list"),
    ("cli.shell_completion", "tools.inputs"),
    ("cli.shell_completion", "tools.lint.rule_table"),
    ("cli.shell_completion", "tools.evaluation_options"),
    ("cli.repl", "repl.session"),
    ("cli.output", "errors.report"),
    ("mesh.output.manifest_files", "atomic"),
    ("language.evaluation.evaluator", "language.builtins.corepkgs"),
    ("language.evaluation.evaluator", "language.compiler.alike_files"),
    ("language.evaluation.evaluator", "language.compiler.compile"),
    ("language.evaluation.evaluator", "language.compiler.frame"),
    ("language.evaluation.evaluator", "language.nixpkgs.built_in"),
    ("language.evaluation.evaluator", "language.nixpkgs.library"),
    ("language.evaluation.globals", "language.nixpkgs.native_bodies"),
    ("language.evaluation.evaluator", "language.machine.search_path"),
    ("language.evaluation.evaluator", "language.store.memory_store"),
    ("language.evaluation.evaluator", "language.pkgs.package_set"),
    ("language.nixpkgs.library", "language.builtins.json_text"),
    ("language.evaluation.globals", "language.compiler.binding"),
    ("cli.evaluate", "tools.entry_points"),
    ("cli.evaluate", "tools.parts"),
    ("toolkit", "mesh.graph.picture_formats"),
    ("toolkit", "mesh.graph.traffic"),
    ("toolkit", "mesh.to_nix.not_in_nix"),
    ("toolkit", "mesh.to_nix.read_documents"),
    ("toolkit", "tools.build.outputs"),
    ("toolkit", "tools.build.write_result"),
    ("toolkit", "tools.golden.check_run"),
    ("toolkit", "tools.golden.check_session"),
    ("toolkit", "tools.lint.run"),
    ("toolkit", "tools.migrate.install"),
    ("toolkit", "tools.migrate.migration"),
    ("toolkit", "tools.migrate.migration_settings"),
    ("tools.golden.pytest_plugin", "tools.inputs"),
    ("tools.golden.pytest_plugin", "tools.project_files"),
    ("tools.inputs", "flakes.input_cache"),
    ("tools.inputs", "flakes.installable"),
    ("tools.inputs", "flakes.opened_flakes"),
    ("tools.inputs", "project.project_settings"),
    ("tools.golden.pytest_plugin", "tools.evaluation_options"),
    ("tools.inputs", "tools.build.outputs"),
    ("tools.inputs", "language.formats.json"),
    ("tools.inputs", "language.formats.yaml"),
}

#: Room -> how many annotations may be `Any` in it, and what is so dynamic there; a room that is not listed has none. Elsewhere an
#: annotation says what a value is: Value or Lazy for a Nix value, object for data that is examined before it is used, JsonObject, a union.
ANY: dict[str, tuple[int, str]] = {
    "late_import": (1, "a module that is named by a text"),
    "language.function_info": (1, "the globals of a Python function"),
    "language.syntax": (21, "values of the parser's stack, which the rules of the grammar know; lark"),
    "language.compiler": (3, "what marshal can write; the emitters by the class of their node"),
    "language.runtime": (
        4,
        "what a thunk's code takes; arguments that are passed on; scopes of which the last may be a chain",
    ),
    "language.formats": (30, "documents, as json.loads and PyYAML give them"),
    "language.builtins": (2, "elements that were seen to be of one class"),
    "language.nixpkgs": (30, "options and definitions of modules, which are sets whose fields have a fixed shape"),
    "language.evaluation": (12, "names and constants of generated code; documents"),
    "mesh.tables": (3, "documents"),
    "mesh.schema": (24, "documents while they are converted; cel-python, which has no types"),
    "mesh.model": (9, "fields of a record"),
    "mesh.istio": (9, "parts of a document that a schema describes"),
    "mesh.installation": (2, "Helm values"),
    "mesh.graph": (1, "documents"),
    "mesh.to_nix": (15, "documents"),
    "mesh.service_mesh": (3, "records of builders"),
    "project": (9, "settings, as tomllib gives them"),
    "flakes": (18, "lock files, as json.loads gives them; urllib"),
    "posix_regex": (3, "instructions and nodes: a word and its operands"),
    "tools": (17, "documents"),
    "tools.build": (7, "documents"),
    "tools.golden": (9, "documents; hooks of pytest"),
    "tools.lint": (12, "documents, in rules"),
    "tools.migrate": (1, "documents"),
    "api": (5, "documents; Python functions of the caller"),
    "toolkit": (1, "documents"),
    "playground": (7, "objects of JSON for the page"),
    "lsp": (14, "messages of the protocol; documents"),
    "cli": (31, "values of options, each of which has its own type; click"),
}


def module_name(path: Path) -> str:
    """The dotted name of a file of the package, without `nixbridge`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """`language.runtime.thunk` -> `language.runtime`, `tools.inputs` -> `tools`, `cli.app` -> `cli`."""
    parts = module.split(".")
    return next((name for name in (".".join(parts[:2]), parts[0]) if name in MAY_IMPORT), "")


#: Names that begin like those of modules: a file, a command of the editor.
NOT_MODULES = ("toml", "showManifestChange")

FILES = sorted(ROOT.rglob("*.py"))
MODULES = {module_name(path): path for path in FILES}


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> tuple[tuple[str, bool], ...]:
    """The modules of nixbridge that a file imports, and whether it does so inside a function; those for type checkers left out."""
    tree = tree_of(path)
    inside = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(node)
    }
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
            names = [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        else:
            continue
        inner = [name.removeprefix("nixbridge.") for name in names if name.startswith("nixbridge.")]
        found.extend((name, id(node) in inside) for name in inner if name in MODULES)
    return tuple(found)


def forbidden_imports(path: Path) -> list[str]:
    """Return a sentence for each import of a file that the table does not allow."""
    room = room_of(module_name(path))
    if not room:
        return [] if path.name in ("__init__.py", "__main__.py") else [f"{path} belongs to no room of the table"]
    allowed = {"", room, *MAY_IMPORT[room]}
    if "*" in allowed:
        allowed.update(ORDER[: ORDER.index(room)])
    return [
        f"{path}: {room} must not import {module}" for module, _ in imports_of(path) if room_of(module) not in allowed
    ]


def test_packages_import_only_what_the_table_allows() -> None:
    assert [fault for path in FILES for fault in forbidden_imports(path)] == []


@pytest.mark.parametrize("inside_functions", [False, True], ids=["loaded", "inside-functions-too"])
def test_there_are_no_import_cycles(inside_functions: bool) -> None:
    edges = {
        name: {module for module, late in imports_of(path) if inside_functions or not late}
        for name, path in MODULES.items()
    }
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module in done:
            return
        for imported in edges.get(module, ()):
            if MODULES[imported].name != "__init__.py":
                walk(imported, (*way, module))
        done.add(module)

    for module in edges:
        walk(module, ())


def test_late_imports_are_exactly_those_listed() -> None:
    found = {
        (name, module)
        for name, path in MODULES.items()
        for module, late in imports_of(path)
        if late and room_of(module) != room_of(name)
    }
    assert found == DOORS


def test_late_modules_are_named_whole() -> None:
    """A name that is put together when it is needed is one that neither search nor a tool that moves modules finds."""
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                is_import = node.func.id in ("import_module", "import_late")
                assert not (is_import and isinstance(node.args[0], ast.JoinedStr)), f"{path}:{node.lineno}"
            elif isinstance(node, ast.Constant) and re.fullmatch(r"nixbridge(\.\w+)+", str(node.value)):
                module = str(node.value).removeprefix("nixbridge.")
                assert module in {*MODULES, *NOT_MODULES}, f"{path}:{node.lineno}: no module is called {node.value}"


def test_builtins_are_declared_with_the_arity_of_the_table() -> None:
    for module, functions in FUNCTIONS.items():
        found = declared_in(import_module(module))
        assert {name: run.__code__.co_argcount - bool(needs) for name, (run, needs) in found.items()} == functions


def annotated_any(path: Path) -> list[str]:
    """Return the places of a file where something is annotated as `Any`."""
    lines = [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name) and node.id == "Any"]
    return [f"{path.relative_to(ROOT)}:{line}" for line in lines]


def test_any_is_used_only_where_it_has_a_reason() -> None:
    found: dict[str, list[str]] = {room: [] for room in ("", *MAY_IMPORT)}
    for path in FILES:
        found[room_of(module_name(path))] += annotated_any(path)
    for room, places in found.items():
        most, reason = ANY.get(room, (0, "nothing"))
        assert len(places) <= most, (
            f"{len(places)} annotations in {room} are Any; {most} are accounted for, by {reason}. Say what the value is, or, where it "
            "can really be anything, raise the number in ANY and give the reason.\n" + "\n".join(places)
        )


def test_no_result_is_taken_for_granted() -> None:
    """A result of unknown type gets a name with a type instead: `found: Source = ...; return found`."""
    ignored = "type: ignore[no-any-return]"
    assert [path for path in FILES if ignored in path.read_text(encoding="utf-8")] == []


def test_packages_have_empty_init_files() -> None:
    for path in ROOT.rglob("__init__.py"):
        if path.parent != ROOT:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert len(tree.body) == 1 and ast.get_docstring(tree), f"{path}: a docstring is all that it should have"


def test_the_language_evaluates_without_a_mesh_module() -> None:
    program = (
        "import sys\n"
        "from nixbridge.language.evaluation.evaluator import Evaluator\n"
        "from nixbridge.language.machine.host import Host\n"
        "from nixbridge.source import Source\n"
        "evaluator = Evaluator(Host())\n"
        "value = evaluator.run(lambda: evaluator.evaluate(Source('1 + lib.length [ 2 ]', 'x', '/')))\n"
        "assert value == 2, value\n"
        "for outside in ('nixbridge.mesh', 'nixbridge.tools', 'nixbridge.cli', 'click', 'yaml'):\n"
        "    assert not any(name == outside or name.startswith(outside + '.') for name in sys.modules), outside\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
