"""The CRDs of a cluster, read from a file: `kubectl get crd -o yaml`, or Istio's crd-all.gen.yaml."""

from __future__ import annotations

from nixbridge.errors.exceptions import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from nixbridge.language.formats.document import JsonObject

    #: An openAPIV3Schema of a CRD.
    Schema: TypeAlias = dict[str, Any]


class Crds:
    """Schemas by group and kind, then by served version; None where a version has none."""

    def __init__(self) -> None:
        self.kinds: dict[tuple[str, str], dict[str, Schema | None]] = {}

    @property
    def groups(self) -> set[str]:
        """The API groups that have a CRD here."""
        return {group for group, _ in self.kinds}

    def add(self, crd: JsonObject) -> None:
        """Add a CustomResourceDefinition (apiextensions.k8s.io/v1)."""
        spec = crd["spec"]
        versions = self.kinds.setdefault((spec["group"], spec["names"]["kind"]), {})
        for version in spec["versions"]:
            if version.get("served", True):
                versions[version["name"]] = version.get("schema", {}).get("openAPIV3Schema")


def read_crds(path: str) -> Crds:
    """Return the CRDs in a file of YAML documents, lists among them. Raises OSError; UsageError where there is none in it."""
    from nixbridge.language.formats.yaml import read_stream  # PyYAML is slow to import

    crds = Crds()
    try:
        with open(path, encoding="utf-8") as file:
            documents = read_stream(file.read())
        for document in documents:
            items = document.get("items", [document]) if isinstance(document, dict) else []
            for item in items:
                if isinstance(item, dict) and item.get("kind") == "CustomResourceDefinition":
                    crds.add(item)
    except ValueError as error:
        raise UsageError(f"'{path}' cannot be read: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise UsageError(f"'{path}' has a CustomResourceDefinition without group, kind or versions") from None
    if not crds.kinds:
        raise UsageError(f"'{path}' has no CustomResourceDefinition in it")
    return crds
