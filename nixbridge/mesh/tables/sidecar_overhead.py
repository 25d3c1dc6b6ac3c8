"""calculateSidecarOverhead: two arguments, four fields; it calculates nothing, as upstream's does not."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def calculate_sidecar_overhead(cpu_request: Any) -> Callable[[Any], Any]:
    """`calculateSidecarOverhead cpuRequest memoryRequest`; neither is looked at."""
    return lambda memory_request: {
        "cpuOverhead": cpu_request,
        "memoryOverhead": memory_request,
        "estimatedLatencyMs": 5,
        "estimatedThroughputImpact": "< 5%",
    }
