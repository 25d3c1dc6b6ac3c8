"""`<name>`: the search path."""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import Thrown
from nixbridge.language.machine.files import BUILT_IN_COREPKGS, BUILT_IN_NIXPKGS, is_built_in
from nixbridge.language.runtime.path import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nixbridge.language.machine.files import Files


def find_file(files: Files, entries: Iterable[tuple[str, str]], name: str) -> str:
    """Return the path that `<name>` means, given (prefix, path) entries, its links resolved. (Nix manual, builtins.findFile)

    `nix/...` and, where no entry has it, `nixpkgs/...` are nixbridge's own. Raises a catchable error when nothing is found.
    """
    for prefix, path in entries:
        if prefix == "":
            rest = name
        elif name == prefix or name.startswith(prefix + "/"):
            rest = name[len(prefix) :]
        else:
            continue
        folder = path if path.startswith("/") else f"{os.getcwd()}/{path}"
        candidate = canonical(folder + canonical("/" + rest))  # `..` does not lead out of the entry
        if is_built_in(candidate):
            return candidate
        # a link that leads nowhere exists, but the next entry may have the file
        if files.path_exists(candidate) and files.leads_to_a_file(candidate):
            return files.follow(candidate)
    if name.startswith("nix/"):
        return BUILT_IN_COREPKGS + name[3:]
    if files.pure:
        raise Thrown(f"cannot look up '<{name}>' in pure evaluation mode (use '--impure' to override)")
    if name == "nixpkgs" or name.startswith("nixpkgs/"):
        return BUILT_IN_NIXPKGS + name[7:]
    raise Thrown(f"file '{name}' was not found in the Nix search path (add it using $NIX_PATH or -I)")
