"""Linkerd with high availability, as the chart's values-ha.yaml has it."""

from __future__ import annotations

from nixbridge.mesh.installation.helm_releases import CONTROL_PLANE, VIZ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.mesh.installation.helm_releases import Mesh
    from nixbridge.mesh.model.record_data import Place
    from nixbridge.mesh.model.render_context import Context

VALUES: dict[str, Any] = {
    "highAvailability": True,
    "enablePodAntiAffinity": True,
    "enablePodDisruptionBudget": True,
    "webhookFailurePolicy": "Fail",
    "deploymentStrategy.rollingUpdate.maxUnavailable": 1,
    "deploymentStrategy.rollingUpdate.maxSurge": "25%",
}
#: Part of the control plane -> its memory request.
MEMORY = {
    "destinationResources": "50Mi",
    "heartbeatResources": "50Mi",
    "identityResources": "10Mi",
    "policyControllerResources": "50Mi",
    "proxyInjectorResources": "50Mi",
    "spValidatorResources": "50Mi",
}


def put_high_availability(
    context: Context, mesh: Mesh, place: Place, replicas: int | None, replicas_place: Place
) -> None:
    """Put the values of values-ha.yaml into the mesh's release; a key that the release lacks is not needed there."""
    values = dict(VALUES)
    for part, request in MEMORY.items():
        values |= {
            f"{part}.cpu.limit": "",
            f"{part}.cpu.request": "100m",
            f"{part}.memory.limit": "250Mi",
            f"{part}.memory.request": request,
        }
    for key, value in values.items():
        if mesh.knows(CONTROL_PLANE, key):
            mesh.put(context, CONTROL_PLANE, key, value, place)
    if VIZ in mesh.values:
        mesh.put(context, VIZ, "enablePodAntiAffinity", True, place)
        if replicas is not None:
            mesh.put(context, VIZ, "tap.replicas", replicas, replicas_place)
