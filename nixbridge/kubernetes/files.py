"""Manifests as files: one per object, and each chart's values as a plain file; all of them or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from nixbridge.formats import yaml

RELEASE = "nixernetes.io/helm-release"


def file_name(manifest: dict[str, Any]) -> str:
    """`<kind>_<namespace>_<name>.yaml`, in lower case; without namespace `<kind>_<name>.yaml`."""
    metadata = manifest.get("metadata", {})
    parts = [manifest["kind"], metadata.get("namespace"), metadata.get("name", "")]
    return "_".join(str(part).lower().replace("/", "-") for part in parts if part) + ".yaml"


def files_of(manifests: list[dict[str, Any]]) -> dict[str, str]:
    """Relative path -> text of every file."""
    files: dict[str, str] = {}
    for manifest in manifests:
        files[file_name(manifest)] = yaml.dump(manifest)
        release = manifest.get("metadata", {}).get("annotations", {}).get(RELEASE)
        if manifest["kind"] == "ConfigMap" and release is not None:
            files[f"values/{release}.yaml"] = manifest["data"]["values.yaml"]
    return files


def write_files(manifests: list[dict[str, Any]], folder: str) -> None:
    """Writes the files into `folder`: beside it first, then moved in one by one once all are there. Raises OSError."""
    parent = os.path.dirname(os.path.abspath(folder))
    os.makedirs(parent, exist_ok=True)
    beside = tempfile.mkdtemp(prefix=".nixbridge-", dir=parent)
    try:
        files = files_of(manifests)
        for path, text in files.items():
            target = os.path.join(beside, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)
        for path in files:
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(os.path.join(beside, path), target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
