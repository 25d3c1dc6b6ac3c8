"""A mesh of a render and the Helm values that install it, one set for each Helm release. (data/charts.json)"""

from __future__ import annotations

from nixbridge.mesh.model.record_data import same
from nixbridge.mesh.model.releases import is_full, release_text
from nixbridge.mesh.schema.field_tables import LINKERD_CHART_VERSIONS, chart_releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.model.record_data import Place, Record
    from nixbridge.mesh.model.releases import Release
    from nixbridge.mesh.model.render_context import Context

ISTIO, LINKERD = "istio", "linkerd"
BASE, ISTIOD, INGRESS, EGRESS = "istio-base", "istiod", "istio-ingressgateway", "istio-egressgateway"
CNI, ZTUNNEL = "istio-cni", "ztunnel"
CRDS, CONTROL_PLANE, VIZ, JAEGER = "linkerd-crds", "linkerd-control-plane", "linkerd-viz", "linkerd-jaeger"
#: Helm release -> chart.
CHARTS = {BASE: "base", ISTIOD: "istiod", INGRESS: "gateway", EGRESS: "gateway", CNI: "cni", ZTUNNEL: "ztunnel"} | {
    name: name for name in (CRDS, CONTROL_PLANE, VIZ, JAEGER)
}


class Mesh:
    """A mesh, made by `record`, or by a configuration alone (None). `values`: Helm release -> its values.

    `version` is the version in the annotations of its objects ("" if unknown), `charts_version` what its charts' versions
    follow from, `release` which charts they are. A mesh that is off takes part in nothing (`enabled`).
    """

    def __init__(
        self,
        kind: str,
        name: str,
        namespace: str,
        release: Release,
        *,
        version: str = "",
        charts_version: str = "",
        labels: dict[str, str] | None = None,
        record: Record | None = None,
        enabled: bool = True,
    ) -> None:
        self.kind = kind
        self.name = name
        self.namespace = namespace
        self.release = release
        self.version = version
        self.charts_version = charts_version or version
        self.labels = labels or {}
        self.record = record
        self.enabled = enabled
        self.values: dict[str, JsonObject] = {}
        self.place: Place | None = record / "name" if record is not None else None
        self._given: dict[tuple[str, str], tuple[Any, Place]] = {}

    def install(self, helm_release: str) -> None:
        """Record that a Helm release belongs to the mesh, so that it gets a ConfigMap even if it has no values."""
        self.values.setdefault(helm_release, {})

    def knows(self, helm_release: str, key: str) -> bool:
        """Return whether the chart of the mesh's release has the key."""
        between = chart_releases(CHARTS[helm_release], key)
        return between is not None and between[0] <= self.release <= between[1]

    def put(self, context: Context, helm_release: str, key: str, value: object, place: Place) -> None:
        """Set a value (`global.proxy.image`) that the record at `place` asks for.

        One that the charts of the mesh's release do not have, or of a chart that is not installed, is lost, with a
        message. Of two different values for one key the one that a user set wins over a builder's default; else it is
        an error.
        """
        messages = context.messages
        if helm_release not in self.values:
            messages.lost(place, f"{helm_release} is not installed here")
            return
        if not self.knows(helm_release, key):
            messages.lost(place, self._missing(helm_release, key))
            return
        # Several parameters can lead to one key (a mesh and its mesh-wide configuration). Equal values are no conflict.
        given = self._given.get((helm_release, key))
        if given is not None and not same(given[0], value):
            first = given[1]
            if first.is_set() and place.is_set():
                messages.error(place, f"{first.record}: {first} asks for another {key} of {helm_release}")
                return
            if not place.is_set():
                messages.note(place, f"{first.record}: {first} decides on {key}")
                return
            messages.note(first, f"{place.record}: {place} decides on {key}")
        self._given[helm_release, key] = (value, place)
        where = self.values[helm_release]
        *path, last = key.split(".")
        for name in path:
            where = where.setdefault(name, {})
        where[last] = value

    def _missing(self, helm_release: str, key: str) -> str:
        between = chart_releases(CHARTS[helm_release], key)
        assert between is not None, f"{helm_release} has no {key} in any release"
        product = "Istio" if self.kind == ISTIO else "Linkerd"
        if self.release < between[0]:
            return f"needs {product} {release_text(between[0])} or later ({key} of {helm_release}); this is {release_text(self.release)}"
        return f"{helm_release} has no {key} after {product} {release_text(between[1])}; this is {release_text(self.release)}"

    def chart_version(self, helm_release: str) -> str | None:
        """Return the version of a chart, for the annotation; None where it is not known."""
        if self.kind == ISTIO:
            return self.charts_version if is_full(self.charts_version) else None
        # Istio's charts have the version of Istio; Linkerd's have numbers of their own, four per release
        known = LINKERD_CHART_VERSIONS.get(self.charts_version.removeprefix("stable-"))
        return known[(CRDS, CONTROL_PLANE, VIZ, JAEGER).index(helm_release)] if known else None
