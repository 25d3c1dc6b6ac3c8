"""calculateSidecarOverhead: two arguments, four fields; like upstream's, it calculates nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def calculate_sidecar_overhead(cpu_request: Any) -> Callable[[Any], Any]:
    """Return the result of `calculateSidecarOverhead cpuRequest memoryRequest`; neither argument is evaluated."""
    return lambda memory_request: {
        "cpuOverhead": cpu_request,
        "memoryOverhead": memory_request,
        "estimatedLatencyMs": 5,
        "estimatedThroughputImpact": "< 5%",
    }
