"""nixbridge: Nix and Nixernetes configurations, evaluated in Python, without Nix.

    import nixbridge
    nixbridge.evaluate('mkVirtualService "web" { hosts = [ "web" ]; }')    # -> dict
    nixbridge.evaluate_file("mesh.nix", args={"environment": "staging"})   # -> dict

`loads`, `load`, `dumps`, `dump` are for Nix what the functions of these names in `json` are for JSON. Whatever a user's text
can cause is a `NixError`, with `.message`, `.position`, `.hint`, `.to_dict()`.
"""

from __future__ import annotations

from nixbridge.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.api import dump, dumps, evaluate, evaluate_file, load, loads
    from nixbridge.errors.exceptions import NixError

__all__ = ["NixError", "__version__", "dump", "dumps", "evaluate", "evaluate_file", "load", "loads"]


def __getattr__(name: str) -> object:
    """The public functions, loaded when they are first asked for."""
    if name == "NixError":
        from nixbridge.errors.exceptions import NixError

        return NixError
    if name in __all__:
        from nixbridge import api

        return getattr(api, name)
    raise AttributeError(f"module 'nixbridge' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return the public names, for completion and `help`."""
    return sorted(__all__)
