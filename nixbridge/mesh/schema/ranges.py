"""The ranges of numbers that fields take, by the field's name. (bounds in the CRDs; istio/istio `pkg/config/validation`)"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.record_data import Path

_UINT32 = 2**32 - 1
_INT32 = 2**31 - 1
_INT64 = 2**63 - 1

#: A number of this field is at least the first and at most the second.
RANGES: dict[str, tuple[float, float]] = {
    "port": (1, 65535),
    "number": (1, 65535),
    "targetPort": (1, 65535),
    "httpStatus": (200, 600),
    "status": (200, 600),
    "percent": (0, 100),
    "value": (0, 100),
    "mirrorPercent": (0, 100),
    "mirror_percent": (0, 100),
    "maxEjectionPercent": (0, 100),
    "minHealthPercent": (0, 100),
    "minimumPercent": (0, 100),
    "randomSamplingPercentage": (0, 100),
    "aggression": (1, float("inf")),
    "consecutive5xxErrors": (0, _UINT32),
    "consecutiveGatewayErrors": (0, _UINT32),
    "consecutiveLocalOriginFailures": (0, _UINT32),
    "minRetryConcurrency": (0, _UINT32),
    "probes": (0, _UINT32),
    "minimumRingSize": (0, _INT64),
    "tableSize": (0, _INT64),
}
#: The same for the values of a free map of this name.
MAP_RANGES: dict[str, tuple[float, float]] = {"ports": (1, 65535), "to": (1, 100)}


def out_of_range(path: Path, number: float, *, whole: bool) -> str | None:
    """Return the fault of a number at a path, or None. No field of Istio's kinds takes a negative one."""
    name = path[-1]
    if len(path) > 1 and path[-2] in MAP_RANGES:
        least, most = MAP_RANGES[str(path[-2])]
    else:
        least, most = RANGES.get(str(name), (0, _INT32 if whole else float("inf")))
    if least <= number <= most:
        return None
    if number < 0 and least == 0:
        return f"{number} is negative"
    return (
        f"{number} is not within {least:g}..{most:g}"
        if most < _INT32
        else f"{number} is not between {int(least)} and {most}"
    )
