"""Nixernetes' service-mesh module as a prelude: its 13 functions in scope, the module under its two names, and its file."""

from __future__ import annotations

from nixbridge.language.prelude import Prelude
from nixbridge.language.runtime.thunk import Thunk
from nixbridge.mesh.tables.builder_list import BUILDERS, builder_value, service_mesh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def service_mesh_prelude(builder_value: Callable[[str], Any] = builder_value) -> Prelude:
    """Return the prelude whose functions `builder_value` gives by name: the builders, or wrappers that record their calls."""
    module: dict[str, object] = {}

    def value_of(name: str, lib: Callable[[], Any]) -> Any:
        if name in ("serviceMesh", "nixernetes"):
            # filled once, so that both names stand for the same set, and only when a file names one of them
            if not module:
                module.update(service_mesh(builder_value))
            return module if name == "serviceMesh" else {"serviceMesh": module, "lib": Thunk(lib)}
        return builder_value(name)

    return Prelude(
        (*BUILDERS, "serviceMesh", "nixernetes"),
        value_of,
        sets={"serviceMesh": BUILDERS},
        arguments=("nixernetes", "serviceMesh"),
        modules={"service-mesh.nix": "serviceMesh"},
    )
