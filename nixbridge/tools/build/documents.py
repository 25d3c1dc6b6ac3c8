"""The data in an output: what its JSON and YAML files say."""

from __future__ import annotations

import posixpath

from nixbridge.errors.exceptions import EvalError
from nixbridge.language.formats import json as json_format
from nixbridge.language.formats import yaml as yaml_format
from nixbridge.language.formats.format_table import DATA_SUFFIXES
from nixbridge.tools.build.file_tree import File, Folder, Node
from nixbridge.tools.build.write_result import check_references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def documents_of(node: Node, name: str) -> list[Any]:
    """Return the documents of an output, those of a folder in the order of its files' names.

    A file named otherwise than `*.json`, `*.yaml` or `*.yml` counts where the output is that file alone, and holds JSON or YAML with
    sets or lists. Raises EvalError for an output without documents, Refused for one that refers to a store.
    """
    check_references(node)
    if isinstance(node, File):
        found = _read(node.data, name)
        if posixpath.splitext(name)[1] not in DATA_SUFFIXES and not all(
            isinstance(item, dict | list) for item in found
        ):
            raise EvalError(f"the output of '{name}' is a text file, not JSON or YAML")
        return found
    if isinstance(node, Folder):
        files = [
            (path, child) for path, child in node.walk() if isinstance(child, File) and path.endswith(DATA_SUFFIXES)
        ]
        if not files:
            raise EvalError(f"the output of '{name}' has no .json, .yaml or .yml file")
        return [document for path, file in files for document in _read(file.data, path)]
    raise EvalError(f"the output of '{name}' is a link")


def _read(data: bytes, name: str) -> list[Any]:
    text = data.decode("utf-8", "surrogateescape")
    try:
        if name.endswith(".json"):
            return [json_format.read(text)]
        return [document for document in yaml_format.read_stream(text) if document is not None]
    except ValueError as error:
        raise EvalError(f"'{name}' is neither JSON nor YAML: {str(error).splitlines()[0]}") from None
