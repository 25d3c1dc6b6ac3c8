"""Releases of Istio and Linkerd, and which API version a release is rendered in."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    #: (1, 17)
    Release: TypeAlias = tuple[int, int]

#: The releases that the tables in data/ know.
OLDEST_ISTIO, NEWEST_ISTIO = (1, 16), (1, 32)
OLDEST_LINKERD, NEWEST_LINKERD = (2, 13), (2, 20)

#: From this release on every kind is rendered as `v1`. Before, one file would need two versions.
FIRST_V1 = (1, 22)

_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?:\.\d+)?(?:[-+.][0-9A-Za-z.+-]*)?")
_EDGE = re.compile(r"(?:edge-)?(\d\d)\.(\d{1,2})\.(\d{1,2})")

#: First edge release (year, month) that is developed towards a Linkerd release (linkerd.io/releases).
_EDGES = (
    ((23, 8), (2, 14)),
    ((24, 2), (2, 15)),
    ((24, 8), (2, 16)),
    ((24, 11), (2, 17)),
    ((25, 4), (2, 18)),
    ((25, 10), (2, 19)),
    ((26, 6), (2, 20)),
)


def release_of(version: object) -> Release | None:
    """Return the minor release of a version, `"1.17.0"` -> (1, 17); None for an invalid version."""
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    return (int(found[1]), int(found[2])) if found else None


def linkerd_release_of(version: object) -> Release | None:
    """Return `"2.14.10"`, `"stable-2.14.10"` -> (2, 14); `"24.2.4"`, `"edge-24.2.4"` -> (2, 15); None for an invalid version."""
    if not isinstance(version, str):
        return None
    if is_edge(version):
        found = _EDGE.fullmatch(version)
        assert found is not None
        month = (int(found[1]), int(found[2]))
        release = OLDEST_LINKERD
        for first, towards in _EDGES:
            if month >= first:
                release = towards
        return release
    return release_of(version.removeprefix("stable-").removeprefix("edge-"))


def is_edge(version: str) -> bool:
    """Return whether it is one of Linkerd's edge releases (`24.2.4`: year, month, number)."""
    return _EDGE.fullmatch(version) is not None


def is_full(version: str) -> bool:
    """Return whether it names a chart's version: X.Y.Z."""
    return re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", version) is not None


def release_text(release: Release) -> str:
    """Return a release as people write it: (1, 17) -> `1.17`."""
    return f"{release[0]}.{release[1]}"


def api_version(kind: str, group: str, release: Release) -> str:
    """Return the `apiVersion` of a kind of Istio in a release: CRDs serve v1 from 1.22 on.

    (istio/api, kubernetes/customresourcedefinitions)
    """
    if release >= FIRST_V1:
        return f"{group}/v1"
    return f"{group}/v1alpha1" if kind == "Telemetry" else f"{group}/v1beta1"
