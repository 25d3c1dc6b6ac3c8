"""The keys of Helm values that a chart has, release by release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nixbridge.language.formats.document import JsonObject

#: Newer charts of Istio keep their users' top-level values under these keys.
_WRAPPERS = ("defaults", "_internal_defaults_do_not_set")
#: Top-level keys of the istiod chart that do not belong to `pilot`; from 1.24 on the chart also has pilot's own keys.
_NOT_PILOT = frozenset(
    (
        *("base", "cni", "experimental", "gatewayClasses", "gateways", "global", "istio_cni", "istiodRemote"),
        *("meshConfig", "ownerName", "pdb", "pilot", "profile", "revision", "revisionTags", "sidecarInjectorWebhook"),
        "telemetry",
    )
)


def keys_of(values: object, prefix: str = "") -> Iterator[str]:
    """Yield the paths of a chart's values: `a.b` for a scalar, `a.b.*` where anything may be below.

    Anything may be below null, a list, an empty map and a map of labels, whose names have dots in them.
    """
    if isinstance(values, dict) and values and not any("." in str(name) or "/" in str(name) for name in values):
        for name, value in values.items():
            yield from keys_of(value, f"{prefix}.{name}" if prefix else str(name))
    elif values is None or isinstance(values, dict | list):
        yield f"{prefix}.*"
    else:
        yield prefix


def user_values(values: Mapping[str, Any]) -> JsonObject:
    """Return a chart's values as users give them, without the wrapper that newer charts have around them."""
    inner = next((values[wrapper] for wrapper in _WRAPPERS if wrapper in values), None)
    return dict(inner) if inner is not None else dict(values)


def istiod_keys(values: Mapping[str, object]) -> set[str]:
    """Return the keys of the istiod chart: pilot's with their prefix, which every release takes, and meshConfig as a whole."""
    given = user_values(values)
    pilot = {name: value for name, value in given.items() if name not in _NOT_PILOT}
    others = {
        name: value for name, value in given.items() if name in _NOT_PILOT and name not in ("meshConfig", "pilot")
    }
    return {*keys_of(others), *keys_of({"pilot": {**given.get("pilot", {}), **pilot}}), "meshConfig.*"}


class ChartKeys:
    """Keys of one chart with the first and the last release that has each."""

    def __init__(self) -> None:
        self.spans: dict[str, list[str]] = {}

    def add(self, release: str, keys: set[str]) -> None:
        """Add the keys of the next release."""
        for key in keys:
            self.spans.setdefault(key, [release, release])[1] = release

    def as_data(self) -> dict[str, list[str]]:
        """Return the keys, sorted, each with its span."""
        return dict(sorted(self.spans.items()))
