"""Settings that a VirtualService's HTTP routes share, taken out of them.

A record's timeout and retries are given to every route without its own.
"""

from __future__ import annotations

from nixbridge.mesh.istio.virtual_service.http_route import WITHOUT_REQUEST
from nixbridge.mesh.model.record_data import same
from nixbridge.mesh.tables.builder_list import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.formats.document import JsonObject

SHARED = ("timeout", "retries")


def take_out(routes: object) -> dict[str, object]:
    """Return the record's timeout and retries; routes lose their own where it is the same. Empty where no route takes any."""
    if not isinstance(routes, list):
        return {}
    takers = [
        route for route in routes if isinstance(route, dict) and not any(name in route for name in WITHOUT_REQUEST)
    ]
    if not takers:
        return {}
    taken = {}
    for name in SHARED:
        taken[name] = _shared(name, takers)
        for route in takers:
            if name in route and same(route[name], taken[name]):
                del route[name]
    return taken


def _shared(name: str, routes: list[JsonObject]) -> Any:
    """Return the commonest value, of several the builder's default, else the first; null where a route has none, as it must not get one."""
    if any(name not in route for route in routes):
        return None
    parameter = table("mkVirtualService").parameter(name)
    assert parameter is not None
    values = [route[name] for route in routes]
    return max(values, key=lambda value: (sum(same(value, other) for other in values), same(value, parameter.default)))
