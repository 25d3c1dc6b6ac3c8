"""The building of the playground: one folder of files that any web server can hand out, made of a checkout."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from string import Template
from typing import Any

import yaml

from nixbridge.errors.exceptions import EvalError, UsageError
from nixbridge.mesh.graph.page_style import DARK_DRAWING
from nixbridge.mesh.tables.builder_list import TABLES, table

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).resolve().parent / "page"
EXAMPLES = CHECKOUT / "fixtures" / "documentation"
#: What the example that a visitor sees first is called.
FIRST_EXAMPLE = "Canary Deployment with Traffic Splitting"
#: Group of examples -> the beginning of their names.
GROUPS = {"Configurations": r"[A-Z]", "Builders": r"mk", "Functions": r""}
#: What is taken from npm's packages as it is: file -> its name in the page's folder.
FROM_PACKAGES = {
    **{
        f"pyodide/{name}": f"pyodide/{name}"
        for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
    },
    "@viz-js/viz/dist/viz.js": "viz.js",
}
#: What marks a folder as a playground that may be replaced.
MARK = '<meta name="generator" content="nixbridge playground">'


def build_page(folder: Path, wheel: Path | None = None) -> None:
    """Build the page into `folder`, which is replaced as a whole if it is an earlier playground.

    `wheel` is nixbridge's own, where it is built already. Raises NixError and OSError; then nothing has changed.
    """
    if not EXAMPLES.is_dir():
        raise UsageError("the playground is built from a checkout of nixbridge, which an installed package is not")
    if os.path.lexists(folder) and not _may_be_replaced(folder):
        raise UsageError(f"'{folder}' exists and is not a playground", hint="name a new folder, or remove that one")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".nixbridge-", dir=folder.parent.resolve()) as beside:
        work, made = Path(beside, "work"), Path(beside, "playground")
        shutil.copytree(PAGE, work)
        made.mkdir()
        shutil.copyfile(wheel or _built_wheel(Path(beside)), made / "nixbridge-py3-none-any.whl")
        _write_pyyaml(made / "pyyaml.zip")
        _write_json(work / "examples.json", examples())
        _write_json(work / "builders.json", builders())
        _install_packages(work)
        _write_scripts(work, made)
        nonce = secrets.token_urlsafe(16)
        page = Template((PAGE / "index.html").read_text(encoding="utf-8")).substitute(nonce=nonce)
        (made / "index.html").write_text(page, encoding="utf-8")
        (made / "drawing.css").write_text(DARK_DRAWING, encoding="utf-8")
        for name in ("page.css", "icon.svg", "worker.js"):
            shutil.copyfile(PAGE / name, made / name)
        if folder.exists():
            folder.rename(Path(beside, "old"))
        made.rename(folder)


def _may_be_replaced(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    page = folder / "index.html"
    return not any(folder.iterdir()) or (page.is_file() and MARK in page.read_text(encoding="utf-8", errors="replace"))


def examples() -> list[dict[str, Any]]:
    """Return the examples of the documentation in groups, each with its name and text."""
    texts = {path.stem.replace("-", " "): path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.nix")}
    groups: dict[str, list[dict[str, str]]] = {group: [] for group in GROUPS}
    for name in sorted(texts, key=lambda name: (name != FIRST_EXAMPLE, name)):
        group = next(group for group, beginning in GROUPS.items() if re.match(beginning, name))
        groups[group].append({"name": name, "text": texts[name]})
    return [{"group": group, "items": items} for group, items in groups.items()]


def builders() -> list[dict[str, Any]]:
    """Return what the editor completes: builders and their parameters, with their documentation."""
    return [
        {
            "name": builder.name,
            "doc": builder.doc,
            "parameters": [{"name": one.name, "type": one.type, "doc": one.doc} for one in builder.parameters],
        }
        for builder in map(table, sorted(TABLES))
    ]


def _built_wheel(beside: Path) -> Path:
    wheels = beside / "wheels"
    _run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(wheels),
        str(CHECKOUT),
        cwd=beside,
    )
    return next(wheels.glob("*.whl"))


def _write_pyyaml(path: Path) -> None:
    """Write PyYAML, without the part in C: the one package that nixbridge needs in the page."""
    package = Path(yaml.__file__).parent
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(package.glob("*.py")):
            archive.write(file, f"yaml/{file.name}")


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data), encoding="utf-8")


def _install_packages(work: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError("the playground is built with npm, which was not found", hint="install Node.js")
    # versions are exact in package.json, of indirect dependencies as well, so that there is nothing for a lock file to add
    quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    _run(npm, "install", *quiet, cwd=work)


def _write_scripts(work: Path, made: Path) -> None:
    """Bundle the page's own scripts, and copy what its worker loads."""
    packages = work / "node_modules"
    bundling = (
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--legal-comments=none",
        "--log-level=warning",
    )
    _run(str(packages / ".bin" / "esbuild"), "page.js", *bundling, f"--outfile={made / 'page.js'}", cwd=work)
    for source, target in FROM_PACKAGES.items():
        (made / target).parent.mkdir(exist_ok=True)
        shutil.copyfile(packages / source, made / target)
    # Pyodide could load hundreds of packages that this list names; the page brings its own
    lock = json.loads((packages / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    _write_json(made / "pyodide" / "pyodide-lock.json", lock | {"packages": {}})


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise EvalError(f"'{Path(command[0]).name} {command[1]}' failed with status {done.returncode}:\n{last}")
