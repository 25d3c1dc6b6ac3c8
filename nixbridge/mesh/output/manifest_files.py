"""Manifests as files: one per object, and each chart's values as a plain file; all of them or none."""

from __future__ import annotations

import os
import re

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats.plain_yaml import dump
from nixbridge.mesh.model.config_map import FILE, RELEASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from nixbridge.language.formats.document import JsonObject

#: A manifest that the user wrote may have any name; a file must stay in its folder.
_NOT_IN_A_FILE_NAME = re.compile(r"[^a-z0-9.-]")


def file_name(manifest: JsonObject) -> str:
    """Return `<kind>_<namespace>_<name>.yaml`, in lower case; without namespace `<kind>_<name>.yaml`."""
    metadata = manifest.get("metadata") or {}
    parts = [manifest["kind"], metadata.get("namespace"), metadata.get("name", "")]
    return "_".join(_NOT_IN_A_FILE_NAME.sub("-", str(part).lower()) for part in parts if part) + ".yaml"


def files_of(manifests: list[JsonObject]) -> dict[str, str]:
    """Return the text of every file by its relative path. Raises EvalError for two different objects, or values, of one path."""
    files: dict[str, str] = {}
    for manifest in manifests:
        _add(files, file_name(manifest), dump(manifest), "name")
        annotations = (manifest.get("metadata") or {}).get("annotations") or {}
        if manifest["kind"] == "ConfigMap" and RELEASE in annotations:
            release = _NOT_IN_A_FILE_NAME.sub("-", annotations[RELEASE])
            _add(files, f"values/{release}.yaml", manifest["data"][FILE], "Helm release")
    return files


def _add(files: dict[str, str], path: str, text: str, what: str) -> None:
    if files.setdefault(path, text) != text:
        raise EvalError(
            f"two objects would be written to {path}: their {what} is the same",
            hint="render them one at a time, with -A",
        )


def write_files(files: Mapping[str, str], folder: str) -> None:
    """Write files by their relative paths into `folder`: next to it first, then moved in once all are complete. Raises OSError.

    A folder that is not there yet appears at once. In one that is there, each file is the old or the new one at any time.
    """
    from nixbridge.atomic import scratch_folder  # only `render --output` writes files

    folder = os.path.abspath(folder)
    _expect_no_link(folder)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with scratch_folder(folder) as beside:
        for path, text in files.items():
            target = os.path.join(beside, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())  # before it is moved in, as for every file that replaces another
        if not os.path.lexists(folder):
            os.rename(beside, folder)
            return
        _make_folders(files, folder)
        for path in files:
            os.replace(os.path.join(beside, path), os.path.join(folder, path))


def _make_folders(files: Mapping[str, str], folder: str) -> None:
    """Make the folders that files are moved to. Raises OSError where one is a link, or where a folder is in the way of a file."""
    for path in files:
        below = folder
        for part in path.split("/")[:-1]:
            below = os.path.join(below, part)
            _expect_no_link(below)
        os.makedirs(below, exist_ok=True)
        if os.path.isdir(os.path.join(folder, path)):
            raise IsADirectoryError(21, "Is a directory", os.path.join(folder, path))


def _expect_no_link(folder: str) -> None:
    if os.path.islink(folder):
        raise NotADirectoryError(20, "Is a symbolic link, which is not written through", folder)
