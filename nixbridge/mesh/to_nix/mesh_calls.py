"""Installations to the calls that render to them: all of their resources at once, or none."""

from __future__ import annotations

from nixbridge.language.formats.nix_source import Call
from nixbridge.mesh.installation import mesh_config as rendering_of_config
from nixbridge.mesh.installation import observability_config as rendering_of_observability
from nixbridge.mesh.installation.helm_releases import ISTIO
from nixbridge.mesh.istio import istio_mesh as rendering_of_istio
from nixbridge.mesh.linkerd import linkerd_mesh as rendering_of_linkerd
from nixbridge.mesh.model.releases import release_of
from nixbridge.mesh.tables.manifest_paths import defaults_of
from nixbridge.mesh.to_nix.candidates import candidate, shortest_call, unsaid
from nixbridge.mesh.to_nix.installation import installations
from nixbridge.mesh.to_nix.istio_mesh_calls import istio_mesh_parameters, mesh_wide_policies
from nixbridge.mesh.to_nix.linkerd_mesh_calls import linkerd_mesh_parameters
from nixbridge.mesh.to_nix.mesh_config_calls import mesh_config_parameters
from nixbridge.mesh.to_nix.observability_calls import (
    added_to_telemetry,
    linkerd_observability_parameters,
    observability_parameters,
)
from nixbridge.mesh.to_nix.verify import missing_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.releases import Release
    from nixbridge.mesh.model.render_context import Options
    from nixbridge.mesh.to_nix.installation import Installation

TELEMETRY = rendering_of_observability.KIND


class MeshCalls:
    """Calls, and the manifests that they render to; `reason`: why they do not, then they are not to be written."""

    def __init__(self, calls: list[Call], claimed: list[JsonObject], reason: str | None) -> None:
        self.calls, self.claimed, self.reason = calls, claimed, reason

    def istio_releases(self) -> list[Release]:
        """Return the releases of Istio that the calls install; a stream is rendered for the smallest."""
        versions = [
            call.parameters.get("version", defaults_of(call.function, {})["version"])
            for call in self.calls
            if call.function == rendering_of_istio.BUILDER
        ]
        return [release for release in map(release_of, versions) if release is not None]


def mesh_calls(manifests: list[JsonObject], options: Options) -> list[MeshCalls]:
    """Return the calls of every installation. Each is verified together with the previous ones, because meshes interact."""
    found: list[MeshCalls] = []
    accepted: list[Call] = []
    for mesh in installations(manifests):
        calls = _istio(mesh) if mesh.kind == ISTIO else _linkerd(mesh)
        claimed, reason = missing_from(manifests, accepted + calls, options)
        if reason is None:
            accepted += calls
        else:
            # its namespaces and policies may still become calls or data on their own
            claimed = mesh.config_maps
        found.append(MeshCalls(calls, claimed, reason))
    return found


def _istio(mesh: Installation) -> list[Call]:
    calls = []
    if mesh.has_record:
        calls.append(shortest_call(rendering_of_istio.BUILDER, mesh.name, istio_mesh_parameters(mesh), {}))
    config = mesh_config_parameters(mesh)
    if mesh.has_record or config is not None:
        calls += [candidate(policy) for policy in mesh_wide_policies(mesh) if not list(unsaid(policy))]
    if config is not None:
        calls.append(shortest_call(rendering_of_config.BUILDER, mesh.name, config, {}))
    for telemetry in filter(lambda manifest: _is_of(mesh, manifest), mesh.others):
        parameters, added = observability_parameters(mesh, telemetry), added_to_telemetry(telemetry)
        name = telemetry["metadata"]["name"]
        calls.append(shortest_call(rendering_of_observability.BUILDER, name, parameters, added))
    return calls


def _is_of(mesh: Installation, manifest: JsonObject) -> bool:
    """Return whether it is a Telemetry of the mesh. A configuration without a mesh writes into values of its own name."""
    metadata = manifest["metadata"]
    if manifest["kind"] != TELEMETRY or metadata.get("namespace") != mesh.namespace:
        return False
    return isinstance(metadata.get("name"), str) and (mesh.has_record or metadata["name"] == mesh.name)


def _linkerd(mesh: Installation) -> list[Call]:
    calls = []
    if mesh.has_record:
        calls.append(shortest_call(rendering_of_linkerd.BUILDER, mesh.name, linkerd_mesh_parameters(mesh), {}))
    for builder, parameters in (
        (rendering_of_config.BUILDER, mesh_config_parameters(mesh)),
        (rendering_of_observability.BUILDER, linkerd_observability_parameters(mesh)),
    ):
        if parameters is not None:
            calls.append(shortest_call(builder, mesh.name, parameters, {}))
    return calls
