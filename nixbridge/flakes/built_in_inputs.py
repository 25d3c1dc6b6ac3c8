"""Built-in stand-ins for inputs that most flakes have: used where the real one has been neither given nor fetched.

Each is a file of `stand_ins/`: a function of what it needs from the evaluator that gives the `outputs` function of a flake.
"""

from __future__ import annotations

import os

from nixbridge.language.runtime.function import call
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.flakes.flake_reference import FlakeReference
    from nixbridge.language.evaluation.evaluator import Evaluator
    from nixbridge.language.runtime.values import Lazy, Value

FOLDER = f"{os.path.dirname(os.path.abspath(__file__))}/stand_ins"

#: Repositories (owner and name, lower case) that a stand-in exists for, by its name.
REPOSITORIES = {
    "nixos/nixpkgs": "nixpkgs",
    "nix-community/nixpkgs.lib": "nixpkgs-lib",
    "numtide/flake-utils": "flake-utils",
    "hercules-ci/flake-parts": "flake-parts",
    "nix-systems/default": "systems",
    "nix-systems/default-linux": "systems",
    "nix-systems/default-darwin": "systems",
    "nix-systems/x86_64-linux": "systems",
    "nix-systems/aarch64-linux": "systems",
    "shift/nixernetes": "nixernetes",
}
_LINUX = ["aarch64-linux", "x86_64-linux"]
_DARWIN = ["aarch64-darwin", "x86_64-darwin"]
#: What a repository of nix-systems gives when it is imported.
SYSTEMS = {
    "default": ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"],
    "default-linux": _LINUX,
    "default-darwin": _DARWIN,
    "x86_64-linux": ["x86_64-linux"],
    "aarch64-linux": ["aarch64-linux"],
}


def stand_in_for(reference: FlakeReference) -> str | None:
    """Return the name of the stand-in for a reference; None where there is none.

    A name of the registry has none: only a lock file can define it.
    """
    if reference.type != "github":
        return None
    # forges do not distinguish case in the names of owners and repositories
    repository = f"{reference.source['owner']}/{reference.source['repo']}".lower()
    return REPOSITORIES.get(repository)


def outputs_of(name: str, evaluator: Evaluator) -> Value:
    """Return the `outputs` function of a stand-in."""
    path = f"{FOLDER}/{name}.nix"
    with open(path, encoding="utf-8") as file:
        function = evaluator.evaluate(Source(file.read(), path, FOLDER))
    # thunks: a flake that uses only `lib` must not pay for building the set of packages
    needs: dict[str, Lazy] = {
        "lib": Thunk(evaluator.lib),
        "nixpkgs": Thunk(evaluator.nixpkgs_function),
        "serviceMesh": Thunk(evaluator.prelude_value, "serviceMesh"),
    }
    return call(function, needs)


def importable(name: str, reference: FlakeReference, evaluator: Evaluator) -> dict[str, Thunk]:
    """Return the value of importing a path of a stand-in's source ("" for the source itself)."""
    if name == "nixpkgs":
        return {"": Thunk(evaluator.nixpkgs_function), "/lib": Thunk(evaluator.lib)}
    if name == "nixpkgs-lib":
        return {"/lib": Thunk(evaluator.lib)}
    if name == "systems":
        systems = SYSTEMS[str(reference.source["repo"]).lower()]
        return {"": Thunk(lambda: list(systems))}
    return {}
