"""A real Nix on this machine, asked for the value of a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

from nixbridge.errors.kinds import UsageError

#: Seconds that Nix gets for one file.
TIME_LIMIT = 120.0


class NixAnswer:
    """What Nix said: a document, or the message of its error."""

    __slots__ = ("document", "error")

    def __init__(self, document: Any = None, error: str | None = None) -> None:
        self.document, self.error = document, error


class RealNix:
    """`nix-instantiate` as a process. `nixernetes` is a checkout whose own module stands for the builders."""

    def __init__(self, command: str | None = None, nixernetes: str | None = None) -> None:
        found = shutil.which(command or os.environ.get("NIXBRIDGE_NIX") or "nix-instantiate")
        if found is None:
            raise UsageError(
                f"no real Nix was found ({command or 'nix-instantiate'} is not on the PATH)",
                hint="name it with --nix COMMAND; without a Nix there is nothing to compare with",
            )
        self.command = found
        self.module = service_mesh_of(nixernetes) if nixernetes is not None else None

    def evaluate(self, file: str, arguments: tuple[tuple[str, str], ...] = ()) -> NixAnswer:
        """The document of a file, called with what it asks for, as nixbridge calls it."""
        given = "".join(f"{name} = {text}; " for name, text in arguments)
        scope = "{ }"
        offered = f"{{ {given}}}"
        if self.module is not None:
            module = f"(import {_path(self.module)} {{ lib = import <nixpkgs/lib>; }})"
            scope = f"(let m = {module}; in m // {{ serviceMesh = m; nixernetes.serviceMesh = m; }})"
            offered = f"({{ lib = import <nixpkgs/lib>; }} // {scope} // {{ {given}}})"
        expression = (
            f"let f = builtins.scopedImport {scope} {_path(file)}; args = builtins.functionArgs f; in "
            f"if builtins.isFunction f && args != {{ }} then f (builtins.intersectAttrs args {offered}) else f"
        )
        command = [self.command, "--eval", "--strict", "--json", "-E", expression]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return NixAnswer(error=f"no answer after {TIME_LIMIT:.0f} seconds")
        if done.returncode != 0:
            return NixAnswer(error=main_message(done.stderr.decode("utf-8", "replace")))
        return NixAnswer(json.loads(done.stdout))


def _path(path: str) -> str:
    """A path as Nix text, whatever characters are in it."""
    return f"(/. + {json.dumps(os.path.abspath(path))})"


def main_message(text: str) -> str:
    """The last `error:` of Nix's report, which is the one that it is about."""
    messages = [line.strip().removeprefix("error:").strip() for line in text.split("\n") if "error:" in line]
    said = [message for message in messages if message]
    return said[-1] if said else text.strip()[-500:]


def service_mesh_of(checkout: str) -> str:
    """The service-mesh module of a Nixernetes checkout. Raises UsageError when there is none."""
    for folder, folders, files in os.walk(checkout):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if "service-mesh.nix" in files:
            return os.path.join(folder, "service-mesh.nix")
    raise UsageError(f"no service-mesh.nix in {checkout}: it is no checkout of Nixernetes")
