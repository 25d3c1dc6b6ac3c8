"""A real Nix on this machine, asked for the value of a file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

from nixbridge.errors.exceptions import UsageError
from nixbridge.tools.evaluation_options import Options, search_entry

#: Seconds that Nix gets for one file.
TIME_LIMIT = 120.0

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

#: nixpkgs' lib on the Nix side: what the search path has, else an error once it is asked for something.
_LIB = """(let found = builtins.tryEval <nixpkgs/lib>; in
  if found.success then builtins.import found.value else throw "the Nix side has no nixpkgs: name one with -I nixpkgs=DIR")"""

#: What is in scope of every file, as under nixbridge: the functions of the module, `lib`, and an `import` that hands on the same.
_SCOPE = """(let
  lib = {lib};
  mesh = builtins.import {module} {{ inherit lib; }};
  import = path:
    if builtins.baseNameOf path == "service-mesh.nix" && !builtins.pathExists path then _: mesh
    else builtins.scopedImport scope path;
  scope = mesh // {{ inherit lib import; serviceMesh = mesh; nixernetes.serviceMesh = mesh; }};
in scope)"""


class NixAnswer:
    """An answer of Nix: a document, or the message of its error."""

    __slots__ = ("document", "error")

    def __init__(self, document: object = None, error: str | None = None) -> None:
        self.document, self.error = document, error


class RealNix:
    """`nix-instantiate` as a process. `nixernetes` is a checkout whose module provides the builders to it.

    Raises UsageError where there is no Nix, or no such module.
    """

    def __init__(self, options: Options, command: str | None = None, nixernetes: str | None = None) -> None:
        wanted = command or os.environ.get("NIXBRIDGE_NIX") or "nix-instantiate"
        found = shutil.which(wanted)
        if found is None:
            raise UsageError(
                f"no real Nix was found: the command '{wanted}' does not exist",
                hint="pass a Nix with --nix COMMAND to compare with",
            )
        self.command = found
        self.options = options
        self.lib = f"(builtins.import {path_text(options.lib)})" if options.lib is not None else _LIB
        self.scope: str | None = None
        if nixernetes is not None:
            self.scope = _SCOPE.format(lib=self.lib, module=path_text(service_mesh_of(nixernetes)))

    def file(self, path: str, arguments: list[tuple[str, str]]) -> NixAnswer:
        """Return the value of a file, called with the arguments that it takes."""
        scope = self.scope
        text = f"import {path_text(path)}" if scope is None else f"({scope}).import {path_text(path)}"
        return self.ask(text, os.path.dirname(path), arguments)

    def text(self, text: str, folder: str, arguments: list[tuple[str, str]]) -> NixAnswer:
        """Return the value of a text whose relative paths begin in `folder`."""
        if self.scope is not None:
            text = f"let inherit ({self.scope}) import; in with {self.scope}; {text}"
        return self.ask(text, folder, arguments)

    def ask(self, expression: str, folder: str, arguments: list[tuple[str, str]]) -> NixAnswer:
        """Return the answer to an expression, or the message of its error."""
        limit = self.options.timeout or TIME_LIMIT
        command = [self.command, "--eval", "--strict", "--json", "--log-format", "internal-json"]
        command += [*self.settings(arguments), "-E", expression]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            return NixAnswer(error=f"no answer after {limit:g} seconds")
        except OSError as error:
            return NixAnswer(error=f"{self.command} cannot be run: {error.strerror}")
        if done.returncode != 0:
            return NixAnswer(error=main_message(done.stderr.decode("utf-8", "replace")))
        try:
            return NixAnswer(json.loads(done.stdout))
        except ValueError:
            return NixAnswer(error=f"{self.command} printed no JSON")

    def settings(self, arguments: list[tuple[str, str]]) -> list[str]:
        """Return the options of nixbridge as those of nix-instantiate; the last ones win."""
        # a file that is a function gets `lib` and the mesh from nixbridge, so Nix has to be given the same
        given = [("--arg", "lib", self.lib)]
        if self.scope is not None:
            given += [("--arg", name, f"({self.scope}).{name}") for name in ("serviceMesh", "nixernetes")]
        given += [("--arg", *pair) for pair in [*arguments, *self.options.arguments]]
        given += [("--argstr", *pair) for pair in self.options.strings]
        settings = [part for option in given for part in option]
        for prefix, path in map(search_entry, self.options.search_path):
            settings += ["-I", f"{prefix}={path}" if prefix else path]
        if self.options.attribute is not None:
            settings += ["-A", self.options.attribute]
        return settings


def path_text(path: str) -> str:
    """Return a path as Nix text, whatever characters are in it."""
    quoted = json.dumps(os.path.abspath(path), ensure_ascii=False).replace("${", "\\${")
    return f"(/. + {quoted})"


def main_message(text: str) -> str:
    """Return the message of Nix's error, out of its log of a JSON object a line."""
    messages = []
    for line in text.splitlines():
        if line.startswith("@nix "):
            entry = json.loads(line.removeprefix("@nix "))
            if entry.get("action") == "msg" and entry.get("level") == 0:
                messages.append(str(entry.get("raw_msg", entry.get("msg", ""))))
    message = messages[-1] if messages else text.strip()[-500:]
    return _COLOUR.sub("", message).strip()


def service_mesh_of(checkout: str) -> str:
    """Return the service-mesh module of a Nixernetes checkout, or of the file itself. Raises UsageError when there is none."""
    if os.path.isfile(checkout):
        return checkout
    for folder, folders, files in os.walk(checkout):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if "service-mesh.nix" in files:
            return os.path.join(folder, "service-mesh.nix")
    raise UsageError(f"no service-mesh.nix in {checkout}: it is not a checkout of Nixernetes")
