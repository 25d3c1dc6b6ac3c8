"""Helm values as ConfigMaps, which any cluster accepts and which Flux's `valuesFrom` and `helm -f` can use.

IstioOperator is not rendered: the in-cluster operator and its CRD are gone since Istio 1.24.
"""

from __future__ import annotations

from nixbridge.language.formats.plain_yaml import dump
from nixbridge.mesh.installation.helm_releases import CHARTS, Mesh
from nixbridge.mesh.model.kubernetes_names import dns_subdomain
from nixbridge.mesh.model.manifest import Manifest, sorted_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nixbridge.mesh.model.render_context import Context

CHART = "nixernetes.io/helm-chart"
RELEASE = "nixernetes.io/helm-release"
MESH_VERSION = "nixernetes.io/mesh-version"
CHART_VERSION = "nixernetes.io/helm-version"
FILE = "values.yaml"


def config_maps(context: Context, mesh: Mesh) -> list[Manifest]:
    """Return one ConfigMap for each Helm release of the mesh."""
    found = []
    for helm_release, values in sorted(mesh.values.items()):
        # repositories of charts are named like their products, as in the products' documentation
        annotations = {CHART: f"{mesh.kind}/{CHARTS[helm_release]}", RELEASE: helm_release}
        if mesh.version:
            annotations[MESH_VERSION] = mesh.version
        version = mesh.chart_version(helm_release)
        if version is not None:
            annotations[CHART_VERSION] = version
        name = f"{mesh.name}-{helm_release}-values"
        # a name that is wrong in itself is reported where the mesh is read
        if mesh.place is not None and dns_subdomain(mesh.name) is None and dns_subdomain(name):
            context.messages.error(mesh.place, f"is too long: '{name}' is the name of a ConfigMap")
        body = {"data": {FILE: dump(sorted_keys(values))}}
        found.append(
            Manifest("ConfigMap", name, mesh.namespace, body, mesh.place, labels=mesh.labels, annotations=annotations)
        )
    return found
