"""kustomization.yaml files: each folder can be built with all that is below it. (kubectl kustomize, kustomize build)

kustomize refuses an object that occurs twice, so a folder whose sources declare the same object gets none: its parts are built one
by one.
"""

from __future__ import annotations

import os

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats import yaml
from nixbridge.tools.migrate.layout import KUSTOMIZATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from nixbridge.language.formats.document import JsonObject

#: How many of the objects that occur twice are named.
_MOST_NAMES = 3


def object_names(manifest: JsonObject) -> list[str]:
    """Return the texts by which kustomize knows an object: kind, group, namespace and name; those in a List are taken by themselves.

    Raises EvalError for an object that kustomize refuses.
    """
    if manifest["kind"].endswith("List") and isinstance(manifest.get("items"), list):
        return [name for item in manifest["items"] if isinstance(item, dict) for name in object_names(item)]
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kind = str(manifest.get("kind", ""))
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        raise EvalError(f"kustomize needs metadata.name, which a manifest of kind {kind} does not have")
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    # kustomize compares objects by it, although only the cluster knows the namespace that is really used
    namespace = metadata.get("namespace") or "default"
    return [f"{f'{kind}.{group}' if group else kind} {namespace}/{metadata['name']}"]


class Folder:
    """A folder of the tree: `resources` are the files and folders in it, `declared` the objects in and below it with their files."""

    def __init__(self) -> None:
        self.resources: set[str] = set()
        self.declared: dict[str, list[str]] = {}

    def twice(self) -> dict[str, list[str]]:
        """Return the objects that are declared more than once."""
        return {name: paths for name, paths in self.declared.items() if len(paths) > 1}


def kustomizations(objects: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, bytes], list[str]]:
    """Return the kustomization files of a tree, given each file's objects, and warnings about folders that get none.

    A file without objects (Helm values) is not a resource.
    """
    files: dict[str, bytes] = {}
    warnings: list[str] = []
    reported: set[str] = set()
    for path, folder in _innermost_first(_folders(objects)):
        twice = folder.twice()
        if not twice:
            files[os.path.join(path, KUSTOMIZATION)] = _kustomization(folder.resources)
        # what occurs twice in a folder does so in those around it, which is not reported again
        elif not twice.keys() <= reported:
            warnings.append(_why_none(path, {name: paths for name, paths in twice.items() if name not in reported}))
            reported |= twice.keys()
    return files, warnings


def _folders(objects: Mapping[str, tuple[str, ...]]) -> dict[str, Folder]:
    folders: dict[str, Folder] = {}
    for file, names in objects.items():
        path = file if names else ""
        while path:
            child, path = path, os.path.dirname(path)
            folder = folders.setdefault(path, Folder())
            folder.resources.add(os.path.basename(child))
            for name in names:
                folder.declared.setdefault(name, []).append(file)
    return folders


def _innermost_first(folders: dict[str, Folder]) -> list[tuple[str, Folder]]:
    return sorted(folders.items(), key=lambda item: (-len(item[0].split("/")) if item[0] else 0, item[0]))


def _kustomization(resources: set[str]) -> bytes:
    document = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted(resources),
    }
    return yaml.dump(document).encode()


def _why_none(folder: str, twice: dict[str, list[str]]) -> str:
    names = sorted(twice)
    shown = ", ".join(f"{name} ({' and '.join(twice[name])})" for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    which = f"'{folder}' and the folders around it get" if folder else "DEST gets"
    reason = f"because these objects occur twice: {shown}{more}"
    return f"{which} no {KUSTOMIZATION}, and the folders below have to be built one by one, {reason}"
