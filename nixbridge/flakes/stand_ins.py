"""Built-in stand-ins for inputs that most flakes have: used where the real one has been neither given nor fetched."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.flakes.flake_reference import FlakeReference

#: Repositories (owner and name, lower case) that a stand-in exists for, by its name.
REPOSITORIES = {
    "nixos/nixpkgs": "nixpkgs",
    "nix-community/nixpkgs.lib": "nixpkgs-lib",
    "numtide/flake-utils": "flake-utils",
    "hercules-ci/flake-parts": "flake-parts",
    "nix-systems/default": "systems",
    "shift/nixernetes": "nixernetes",
}


def stand_in_for(reference: FlakeReference) -> str | None:
    """Return the name of the stand-in for a reference; None where there is none.

    A name for the registry has none: without a lock nothing says what it means.
    """
    if reference.type != "github":
        return None
    repository = f"{reference.source['owner']}/{reference.source['repo']}".lower()
    return REPOSITORIES.get(repository)
