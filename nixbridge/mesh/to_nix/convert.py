"""Documents to an expression: calls for the resources that calls render to, plain data for everything else."""

from __future__ import annotations

from nixbridge.errors.excerpt import printable
from nixbridge.language.formats.nix_source import Call, Commented
from nixbridge.mesh.model.releases import FIRST_V1, NEWEST_ISTIO, OLDEST_ISTIO, api_version, release_of, release_text
from nixbridge.mesh.model.render_context import Options
from nixbridge.mesh.model.resource import BUILDER_OF, is_manifest
from nixbridge.mesh.schema.field_tables import GROUPS
from nixbridge.mesh.to_nix.candidates import candidate, unsaid
from nixbridge.mesh.to_nix.mesh_calls import mesh_calls
from nixbridge.mesh.to_nix.verify import difference
from nixbridge.mesh.to_nix.written_out import written_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from nixbridge.language.formats.document import JsonObject
    from nixbridge.mesh.to_nix.mesh_calls import MeshCalls

ISTIO_GROUPS = ".istio.io"
#: The release before the one from which on every kind is `v1`.
_LAST_BEFORE_V1 = (FIRST_V1[0], FIRST_V1[1] - 1)


class Conversion:
    """`expression` is for nix_source; `kept` names each resource of a mesh that stays data, with the reason."""

    def __init__(self, expression: object, kept: list[str]) -> None:
        self.expression = expression
        self.kept = kept


def convert(
    documents: list[Any],
    options: Options,
    *,
    exact: bool = False,
    each: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> Conversion:
    """Return the documents as one expression: that of the only one, else a list. Lists of Kubernetes are taken apart.

    A resource becomes a call that renders to an equivalent resource, with defaults written out; `exact`: to the same document.
    `each` iterates over the resources, and may show how many are done.
    """
    parts = [part for document in documents for part in _parts(document)]
    manifests = [part for part in parts if is_manifest(part) and isinstance(part.get("metadata"), dict)]
    # meshes first: a mesh claims several documents (namespaces, ConfigMaps), which must not become calls by themselves
    meshes = mesh_calls(manifests, options)
    made = _Parts(meshes, _for_release(meshes, options), exact=exact)
    items = [item for part in each(parts) for item in made.of(part)]
    # a file with one document becomes one expression, not a list of one
    alone = len(items) == 1 and (_is_call(items[0]) or parts[0] is documents[0])
    expression = items[0] if alone else items
    if options.istio_version is not None and any(map(_is_call, items)):
        expression = Commented(expression, [f"nixbridge render --istio-version {options.istio_version}"])
    return Conversion(expression, made.kept)


class _Parts:
    """The items that parts become. `meshes` have claimed some: the first is where their calls stand."""

    def __init__(self, meshes: list[MeshCalls], options: Options, *, exact: bool) -> None:
        self.kept: list[str] = []
        self._options, self._exact = options, exact
        # reversed, so that of two meshes that claim a manifest the first one has it
        self._of_meshes = {id(manifest): mesh for mesh in reversed(meshes) for manifest in mesh.claimed}
        self._written: set[int] = set()

    def of(self, part: Any) -> list[Any]:
        """Return the elements that represent a part."""
        mesh = self._of_meshes.get(id(part))
        if mesh is not None and mesh.reason is None:
            first = id(mesh) not in self._written
            self._written.add(id(mesh))
            return mesh.calls if first else []
        if mesh is not None:
            return [self._data(part, mesh.reason or "")]
        if not is_manifest(part) or not part["apiVersion"].partition("/")[0].endswith(ISTIO_GROUPS):
            return [part]
        whole, changes = part, list[str]()
        if not self._exact and part["kind"] in BUILDER_OF:
            release = release_of(self._options.istio_version) or NEWEST_ISTIO
            whole, changes = written_out(part, api_version(part["kind"], GROUPS[part["kind"]], release))
        reasons = _unsaid(whole)
        # proof by rendering: a call is kept only if it renders back to the resource
        call = candidate(whole) if not reasons else None
        reason = difference(call, whole, self._options) if call is not None else "; ".join(reasons)
        if call is not None and reason is None:
            return [Commented(call, [printable(line) for line in changes]) if changes else call]
        hint = _other_release(call, part) if call is not None else ""
        return [self._data(part, (reason or "") + hint)]

    def _data(self, part: dict[str, object], reason: str) -> Commented:
        self.kept.append(f"{_named(part)} stays data: {reason}")
        return Commented(part, [printable(f"stays data: {reason}")])


def _is_call(item: object) -> bool:
    return isinstance(item.value if isinstance(item, Commented) else item, Call)


def _parts(document: Any) -> list[Any]:
    """Return the items of a List of Kubernetes; any other document is one part."""
    if not is_manifest(document) or (document["apiVersion"], document["kind"]) != ("v1", "List"):
        return [document]
    items = document.get("items")
    return items if isinstance(items, list) and all(map(is_manifest, items)) else [document]


def _for_release(meshes: list[MeshCalls], options: Options) -> Options:
    """Return the options with the release that `render` will take: that of the oldest mesh, where none is given."""
    releases = [release for mesh in meshes if mesh.reason is None for release in mesh.istio_releases()]
    if options.istio_version is not None or not releases:
        return options
    return Options(istio_version=release_text(min(max(min(releases), OLDEST_ISTIO), NEWEST_ISTIO)))


def _unsaid(manifest: dict[str, object]) -> list[str]:
    kind = manifest["kind"]
    return list(unsaid(manifest)) if kind in BUILDER_OF else [f"no builder makes only a {kind}"]


def _other_release(call: Call, manifest: JsonObject) -> str:
    """Return a hint where the resource is one of an older release."""
    kind = manifest["kind"]
    if manifest["apiVersion"] != api_version(kind, GROUPS[kind], _LAST_BEFORE_V1):
        return ""
    version = release_text(_LAST_BEFORE_V1)
    fits = difference(call, manifest, Options(istio_version=version)) is None
    return f" (with --istio-version {version} it becomes a call)" if fits else ""


def _named(manifest: dict[str, object]) -> str:
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    parts = [part for part in (metadata.get("namespace"), metadata.get("name")) if isinstance(part, str)]
    return f'{manifest["kind"]} "{"/".join(parts)}"'
